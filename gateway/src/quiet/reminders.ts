import { type Notice, OF_NO_DEVICE, shared } from '../domain/notice.ts';
import type { QuietTime } from '../domain/quiet-rows.ts';
import type { Tx } from '../domain/tx.ts';
import type { FaultyDevice, QuietDeps } from './ports.ts';

const HOUR = 3_600_000;
/** Devices named in a notice; the number says how many there are. */
const NAMED = 20;

/** An hour before its end, or in the last quarter of a short one. */
const warnFrom = ({ startsAt, endsAt }: QuietTime) => endsAt - Math.min(HOUR, (endsAt - startsAt) / 4);

/** The owner of a silence hears that it ends soon, and that it has ended, while what it keeps quiet is still faulty. */
export function createReminders(deps: Pick<QuietDeps, 'store' | 'outbox' | 'clock'>) {
  const { store, outbox, clock } = deps;

  const noticeOf = (
    row: QuietTime,
    what: 'silenceEnding' | 'silenceEnded',
    devices: readonly FaultyDevice[],
  ): Notice => {
    return {
      ...OF_NO_DEVICE,
      key: `silence:${row.id}:${what}`,
      subject: `silence:${row.id}`,
      fault: what,
      severity: 'minor',
      priority: 'normal',
      module: shared(devices, 'module'),
      orgId: shared(devices, 'orgId'),
      assigneeId: row.createdBy,
      devices: devices.slice(0, NAMED).map(({ id, name }) => ({ id, name })),
      deviceCount: devices.length,
      words: row.name,
      reason: null,
      advice: null,
      at: clock.now(),
    };
  };

  return {
    /** Whether the owner is to be warned as soon as something is faulty. */
    isDue: (row: QuietTime, now: number): boolean =>
      row.kind === 'silence' && !row.warnedAt && row.endedAt === null && now >= warnFrom(row) && now < row.endsAt,

    /** Warns once; nothing happens while all of it is well. The row is claimed. */
    async warn(tx: Tx, row: QuietTime): Promise<void> {
      const faulty = await store.quietedNames(tx, `silence:${row.id}`);
      if (faulty.length === 0) return;
      await store.warned(tx, row.id, clock.now());
      await outbox.add(tx, [noticeOf(row, 'silenceEnding', faulty)]);
    },

    /** Whoever ended it himself knows. */
    async ended(tx: Tx, row: QuietTime): Promise<void> {
      if (row.kind !== 'silence' || row.endedAt !== null) return;
      const faulty = await store.quietedNames(tx, `silence:${row.id}`);
      if (faulty.length > 0) await outbox.add(tx, [noticeOf(row, 'silenceEnded', faulty)]);
    },
  };
}

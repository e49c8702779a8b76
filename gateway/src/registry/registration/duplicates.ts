import type { Actor } from '../../domain/actor.ts';
import type { DeviceRecord } from '../../domain/device-record.ts';
import type { DuplicateAsk, DuplicateMatch, DuplicateRow } from '../../domain/duplicates.ts';
import type { Tx } from '../../domain/tx.ts';
import type { DuplicateStore } from './ports.ts';
import { words } from './words.ts';

/** The marks of a device, as they are looked up. */
export const askOf = (
  record: Pick<DeviceRecord, 'serial' | 'vendorId' | 'mac' | 'nationalCode' | 'connection' | 'parentKey'> & {
    readonly key?: number | null;
  },
): DuplicateAsk => ({
  key: record.key ?? null,
  serial: record.serial,
  vendorId: record.vendorId,
  mac: record.mac,
  nationalCode: record.nationalCode,
  connection: record.connection,
  parentKey: record.parentKey,
});

/** Who else carries the marks of these devices; one statement. A vendor never learns whose a foreign device is. */
export async function findDuplicates(
  tx: Tx,
  actor: Actor,
  asks: readonly DuplicateAsk[],
  store: Pick<DuplicateStore, 'duplicates'>,
): Promise<DuplicateMatch[][]> {
  const found = await store.duplicates(tx, asks, actor.scope);
  const byAsk = Map.groupBy(found, ({ ask }) => ask);
  return asks.map((_, index) => {
    const mine = byAsk.get(index) ?? [];
    const sameStream = new Set(mine.filter(({ field }) => field === 'rtspUrl').map(({ key }) => key));
    // The same address says it all; channels of one recorder share address and port by nature.
    const telling = mine.filter(({ field, key, related }) => field !== 'ipPort' || (!sameStream.has(key) && !related));
    const matches = telling.map(matchOf);
    // How many foreign devices carry a mark is theirs to know: one word for all of them.
    return matches.filter(
      (it, at) =>
        it.deviceId !== null || matches.findIndex((other) => other.zh === it.zh && other.level === it.level) === at,
    );
  });
}

function matchOf({ field, visible, id, name, lifecycle, sameVendor, related }: DuplicateRow): DuplicateMatch {
  const exact =
    field === 'rtspUrl' ||
    field === 'nationalCode' ||
    (field === 'serial' && sameVendor) ||
    (field === 'mac' && !related);
  const device = name === id ? id : `${name}（${id}）`;
  return {
    field,
    level: exact ? 'exact' : 'suspect',
    deviceId: visible ? id : null,
    deviceName: visible ? name : null,
    lifecycle: visible ? lifecycle : null,
    ...(visible
      ? words(`duplicate.${field}`, { device })
      : words('duplicate.foreign', { field: words(`duplicate.field.${field}`) })),
  };
}

import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceKey } from '../domain/device.ts';
import { RetirementInput } from '../domain/device-input.ts';
import type { Device } from '../domain/device-record.ts';
import { parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { DeviceFinder } from './device-finder.ts';
import type { DeviceStore } from './ports.ts';

const DAY_MS = 86_400_000;
/** Offline for so long without a word of type or device, somebody is asked. */
const DEFAULT_AFTER_MS = 30 * DAY_MS;
const KEEP_MS = 30 * DAY_MS;

export interface RetirementStore {
  markCandidates(
    tx: Tx,
    limits: { readonly now: number; readonly defaultMs: number; readonly byType: ReadonlyMap<string, number> },
  ): Promise<{ readonly marked: number; readonly cleared: number }>;
  keepCandidate(
    tx: Tx,
    device: DeviceKey,
    kept: { readonly until: number; readonly by: string; readonly reason: string },
  ): Promise<boolean>;
  isCandidate(tx: Tx, device: DeviceKey): Promise<boolean>;
}

export interface Retirement {
  /** Marks what has been offline for too long (疑似退役); run it every hour. */
  sweep(): Promise<{ readonly marked: number; readonly cleared: number }>;
  /** A person confirms (the device is retired) or keeps it for another 30 days. CONFLICT when it is not marked. */
  decide(actor: Actor, id: string, input: RetirementInput): Promise<Device>;
}

export function createRetirement(deps: {
  readonly db: Transactor;
  readonly store: RetirementStore;
  readonly devices: Pick<DeviceStore, 'addTurns'>;
  readonly finder: DeviceFinder;
  readonly retire: (actor: Actor, id: string, reason: string, confirm: boolean) => Promise<Device>;
  /** Milliseconds by type id, of the types that say. */
  readonly byType: () => ReadonlyMap<string, number>;
  readonly audit: AuditPort;
  readonly clock: Clock;
}): Retirement {
  const { db, store, clock, finder } = deps;
  return {
    sweep: () =>
      db.transaction((tx) =>
        store.markCandidates(tx, { now: clock.now(), defaultMs: DEFAULT_AFTER_MS, byType: deps.byType() }),
      ),

    async decide(actor, id, raw) {
      requireRight(actor, 'devices', 'decide');
      const { decision, reason, confirm = false } = parseInput(RetirementInput, raw);
      const notMarked = () => new GatewayError('CONFLICT', bilingual('registry.noCandidate'));
      if (decision === 'retire') {
        const { key } = await db.transaction((tx) => finder.lockOne(tx, actor, id));
        if (!(await store.isCandidate(db.autocommit, key))) throw notMarked();
        return deps.retire(actor, id, reason, confirm);
      }
      await db.transaction(async (tx) => {
        const { key } = await finder.lockOne(tx, actor, id);
        const at = clock.now();
        const by = actorText(actor);
        const until = at + KEEP_MS;
        if (!(await store.keepCandidate(tx, key, { until, by, reason }))) throw notMarked();
        const action = 'keepInService';
        await deps.devices.addTurns(tx, [{ device: key, at, by, what: action, reason, before: null, after: null }]);
        const after = { postponedUntil: new Date(until).toISOString() };
        await deps.audit.append(tx, [{ at, actor, action, resource: 'devices', resourceId: id, reason, after }]);
      });
      return finder.show(actor, id);
    },
  };
}

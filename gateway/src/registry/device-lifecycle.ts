import type { Actor } from '../domain/actor.ts';
import type { LifecycleAction } from '../domain/device.ts';
import { BulkInput, LifecycleInput } from '../domain/device-input.ts';
import type { Device, DeviceRecord } from '../domain/device-record.ts';
import { fieldError, parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { DeviceFinder, DevicesDeps } from './device-finder.ts';
import { refuse } from './refusal.ts';
import { type Change, followTurns, nextLifecycle, saveTurns } from './turns.ts';

export interface BulkResult {
  readonly matched: number;
  readonly done: number;
  readonly failed: readonly { readonly id: string; readonly code: string; readonly allowed?: readonly string[] }[];
}

const BULK_LIMIT = 20_000;

/** Approves, rejects, suspends, retires and reactivates devices, one or many. */
export function createDeviceLifecycle(deps: DevicesDeps, { lockOne, show }: DeviceFinder) {
  const { db, devices, clock } = deps;

  const turnAll = async (
    tx: Tx,
    actor: Actor,
    records: readonly DeviceRecord[],
    action: LifecycleAction,
    reason: string,
  ) => {
    const changes: Change[] = [];
    const refused: { id: string; code: string; allowed: string[] }[] = [];
    for (const before of records) {
      const { next, allowed } = nextLifecycle(before.lifecycle, action);
      if (!next) refused.push({ id: before.id, code: 'TRANSITION_NOT_ALLOWED', allowed });
      else {
        const stage = { lifecycle: next, lifecycleReason: reason, lifecycleAt: clock.now() };
        changes.push({ before, after: { ...before, ...stage, ...(next === 'active' ? { zombieAt: null } : {}) } });
      }
    }
    await saveTurns(tx, actor, changes, { what: action, reason }, deps);
    const retired = changes.filter(({ after }) => after.lifecycle === 'retired').map(({ after }) => after.key);
    if (retired.length > 0) await deps.reactions.onRetired(tx, retired, reason);
    return { changes, refused };
  };

  return {
    async lifecycle(actor: Actor, id: string, action: LifecycleAction, rawReason: string): Promise<Device> {
      requireRight(actor, 'devices', 'decide');
      const { reason } = parseInput(LifecycleInput, { reason: rawReason });
      const { changes } = await db.transaction(async (tx) => {
        const result = await turnAll(tx, actor, [await lockOne(tx, actor, id)], action, reason);
        const [refused] = result.refused;
        if (refused) {
          throw new GatewayError('TRANSITION_NOT_ALLOWED', notAllowed(action, refused.allowed), {
            extra: { allowed: refused.allowed },
          });
        }
        return result;
      });
      await followTurns(changes, null, deps);
      return show(actor, id);
    },

    async bulk(actor: Actor, raw: BulkInput): Promise<BulkResult> {
      requireRight(actor, 'devices', 'decide');
      const { ids, filter, action, reason } = parseInput(BulkInput, raw);
      if ((ids === undefined) === (filter === undefined)) {
        refuse([fieldError('/ids', 'required', 'registry.idsOrFilter')]);
      }
      const which = ids ? { ids: [...new Set(ids)] } : { filter: filter ?? {} };
      const { records, changes, refused } = await db.transaction(async (tx) => {
        const found = await devices.lock(tx, which, actor.scope, BULK_LIMIT + 1);
        if (found.length > BULK_LIMIT)
          refuse([fieldError('/filter', 'tooMany', 'input.tooMany', { limit: BULK_LIMIT })]);
        return { records: found, ...(await turnAll(tx, actor, found, action, reason)) };
      });
      await followTurns(changes, null, deps);
      const known = new Set(records.map((record) => record.id));
      const absent = (which.ids ?? []).filter((id) => !known.has(id)).map((id) => ({ id, code: 'NOT_FOUND' }));
      return { matched: records.length, done: changes.length, failed: [...refused, ...absent] };
    },
  };
}

function notAllowed(action: string, allowed: readonly string[]): string {
  return bilingual('registry.notAllowed', { action, allowed: allowed.join(', ') || '–' });
}

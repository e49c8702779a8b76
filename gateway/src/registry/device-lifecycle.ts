import type { Acceptance } from '../domain/acceptance.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { DeviceKey, LifecycleAction } from '../domain/device.ts';
import { ApproveInput, BulkInput, LifecycleInput, ResubmitInput } from '../domain/device-input.ts';
import type { Device, DeviceRecord } from '../domain/device-record.ts';
import type { Title } from '../domain/device-type/types.ts';
import { fieldError, parseInput, refuseIf } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, bothNames, text } from '../messages/index.ts';
import type { DeviceFinder, DevicesDeps } from './device-finder.ts';
import { refuse } from './refusal.ts';
import { type Accepted, missingChecks } from './registration/acceptance.ts';
import { decidedNotices, isDecided } from './registration/decided.ts';
import { takenOutOfSecurity } from './secured.ts';
import { type Change, followTurns, nextLifecycle, saveTurns } from './turns.ts';

export interface BulkResult {
  readonly matched: number;
  readonly done: number;
  readonly failed: readonly Refused[];
}

interface Refused {
  readonly id: string;
  readonly code: string;
  readonly allowed?: readonly string[];
  /** Names of the checks of an acceptance that are not met. */
  readonly missing?: readonly string[];
  /** The same in words. */
  readonly unmet?: readonly Title[];
  /** The 重保 that would lose the device. */
  readonly security?: string;
}

interface Decision {
  readonly action: LifecycleAction;
  readonly reason: string;
  /** Takes devices into service that have not shown everything. */
  readonly override: boolean;
  /** It is meant although a 重保 goes on there. */
  readonly confirm: boolean;
}

const BULK_LIMIT = 20_000;
const RETURNABLE = ['pending', 'trial'];

/** Approves, rejects, returns, suspends, retires and reactivates devices, one or many. */
export function createDeviceLifecycle(deps: DevicesDeps, { lockOne, show }: DeviceFinder) {
  const { db, devices, clock, registration } = deps;

  const turnAll = async (tx: Tx, actor: Actor, records: readonly DeviceRecord[], decision: Decision) => {
    const { action, reason, override, confirm } = decision;
    const possible: Change[] = [];
    const refused: Refused[] = [];
    const keys = records.map(({ key }) => key);
    const secured = await takenOutOfSecurity(tx, actor, decision, keys, { security: deps.security, now: clock.now() });
    for (const before of records) {
      const { next, allowed } = nextLifecycle(before.lifecycle, action);
      const security = secured.get(before.key);
      if (next && security !== undefined && !confirm) refused.push({ id: before.id, code: 'CONFLICT', security });
      else if (!next) refused.push({ id: before.id, code: 'TRANSITION_NOT_ALLOWED', allowed });
      else if (next === 'active' && deps.types.isApproved?.(before.type) === false) {
        refused.push({ id: before.id, code: 'TYPE_NOT_APPROVED' });
      } else {
        const stage = { lifecycle: next, lifecycleReason: reason, lifecycleAt: clock.now() };
        possible.push({ before, after: { ...before, ...stage, ...(next === 'active' ? { zombieAt: null } : {}) } });
      }
    }
    if (action !== 'approve') {
      if (action === 'reject') await registration.clearReturned(tx, keysOf(possible), null);
      await note(
        tx,
        actor,
        possible.flatMap(({ before }) => (secured.has(before.key) ? [before] : [])),
        'confirmInSecurity',
        reason,
      );
      await saveTurns(tx, actor, possible, { what: action, reason }, deps);
      await tell(tx, action, reason, possible);
      const retired = keysOf(possible.filter(({ after }) => after.lifecycle === 'retired'));
      if (retired.length > 0) await deps.reactions.onRetired(tx, retired, reason);
      return { changes: possible, refused };
    }
    const judged = await registration.judge(
      tx,
      actor,
      possible.map(({ before }) => before),
    );
    const weighed = weigh(possible, judged, reason, override);
    const { changes, overridden, accepted } = weighed;
    await registration.clearReturned(tx, keysOf(overridden), null);
    await saveTurns(tx, actor, changes, { what: action, reason }, deps);
    await saveTurns(tx, actor, overridden, { what: 'approveOverridden', reason }, deps);
    await registration.keepReports(tx, actor, accepted);
    await tell(tx, action, reason, [...changes, ...overridden]);
    return { changes: [...changes, ...overridden], refused: [...refused, ...weighed.refused] };
  };

  /** No stage changes: the device stays reachable, so that its vendor can see what the correction did. */
  const returnAll = async (tx: Tx, actor: Actor, records: readonly DeviceRecord[], reason: string) => {
    const fit = records.filter(({ lifecycle }) => RETURNABLE.includes(lifecycle));
    const at = clock.now();
    const returned = { at, by: actorText(actor), reason };
    await registration.markReturned(
      tx,
      fit.map(({ key }) => key),
      returned,
    );
    await note(tx, actor, fit, 'return', reason);
    await deps.outbox?.add(tx, decidedNotices('return', reason, fit, at));
    const refused = records
      .filter(({ lifecycle }) => !RETURNABLE.includes(lifecycle))
      .map(
        ({ id, lifecycle }): Refused => ({
          id,
          code: 'TRANSITION_NOT_ALLOWED',
          allowed: nextLifecycle(lifecycle, 'approve').allowed,
        }),
      );
    return { changes: fit.map((record): Change => ({ before: record, after: record })), refused };
  };

  const tell = async (tx: Tx, what: string, reason: string, changes: readonly Change[]) => {
    if (!isDecided(what)) return;
    const records = changes.map(({ after }) => after);
    await deps.outbox?.add(tx, decidedNotices(what, reason, records, clock.now()));
  };

  /** History and audit of a turn that changes nothing of the record itself. */
  const note = async (tx: Tx, actor: Actor, records: readonly DeviceRecord[], what: string, reason: string | null) => {
    const at = clock.now();
    await devices.addTurns(
      tx,
      records.map(({ key }) => ({ device: key, at, by: actorText(actor), what, reason, before: null, after: null })),
    );
    await deps.audit.append(
      tx,
      records.map(({ id }) => ({ at, actor, action: what, resource: 'devices', resourceId: id, reason })),
    );
  };

  return {
    async lifecycle(
      actor: Actor,
      id: string,
      action: LifecycleAction,
      rawReason: string,
      options: { readonly override?: boolean; readonly confirm?: boolean } = {},
    ): Promise<Device> {
      requireRight(actor, 'devices', 'decide');
      const { reason } = parseInput(action === 'approve' ? ApproveInput : LifecycleInput, { reason: rawReason });
      const override = mayOverride(actor, action, options.override);
      const { changes } = await db.transaction(async (tx) => {
        const result = await turnAll(tx, actor, [await lockOne(tx, actor, id)], {
          action,
          reason,
          override,
          confirm: options.confirm ?? false,
        });
        const [refused] = result.refused;
        if (refused) throw refusalOf(refused, action);
        return result;
      });
      await followTurns(changes, null, deps);
      return show(actor, id);
    },

    /** Back to the vendor with a reason, in its stage; approved only after the vendor has submitted it again. */
    async giveBack(actor: Actor, id: string, raw: LifecycleInput): Promise<Device> {
      requireRight(actor, 'devices', 'decide');
      const { reason } = parseInput(LifecycleInput, raw);
      await db.transaction(async (tx) => {
        const record = await lockOne(tx, actor, id);
        const [refused] = (await returnAll(tx, actor, [record], reason)).refused;
        if (!refused) return;
        const message = bilingual('acceptance.returnStage', { lifecycle: bothNames('lifecycle', [record.lifecycle]) });
        throw new GatewayError('TRANSITION_NOT_ALLOWED', message, { extra: { allowed: refused.allowed } });
      });
      return show(actor, id);
    },

    /** Corrected and submitted again; a trial counts anew from now on. */
    async resubmit(actor: Actor, id: string, raw: ResubmitInput): Promise<Device> {
      requireRight(actor, 'devices', 'update');
      const { note: words = null } = parseInput(ResubmitInput, raw);
      await db.transaction(async (tx) => {
        const record = await lockOne(tx, actor, id);
        if (!(await registration.returned(tx, [record.key])).has(record.key)) {
          throw new GatewayError('CONFLICT', bilingual('acceptance.notReturned'));
        }
        await registration.clearReturned(tx, [record.key], clock.now());
        await note(tx, actor, [record], 'resubmit', words);
      });
      return show(actor, id);
    },

    async bulk(actor: Actor, raw: BulkInput): Promise<BulkResult> {
      requireRight(actor, 'devices', 'decide');
      const { ids, filter, action, reason, override: wanted, confirm = false } = parseInput(BulkInput, raw);
      if ((ids === undefined) === (filter === undefined)) {
        refuse([fieldError('/ids', 'required', 'registry.idsOrFilter')]);
      }
      const override = mayOverride(actor, action, wanted);
      const which = ids ? { ids: [...new Set(ids)] } : { filter: filter ?? {} };
      const { records, changes, refused } = await db.transaction(async (tx) => {
        const found = await devices.lock(tx, which, actor.scope, BULK_LIMIT + 1);
        if (found.length > BULK_LIMIT)
          refuse([fieldError('/filter', 'tooMany', 'input.tooMany', { limit: BULK_LIMIT })]);
        const turned =
          action === 'return'
            ? await returnAll(tx, actor, found, reason)
            : await turnAll(tx, actor, found, { action, reason, override, confirm });
        return { records: found, ...turned };
      });
      await followTurns(changes, null, deps);
      const known = new Set(records.map((record) => record.id));
      const absent = (which.ids ?? []).filter((id) => !known.has(id)).map((id) => ({ id, code: 'NOT_FOUND' }));
      return { matched: records.length, done: changes.length, failed: [...refused, ...absent] };
    },
  };
}

const keysOf = (changes: readonly Change[]) => changes.map(({ before }) => before.key);

/** Sorts approvals into those that are met, those an administrator insists on, and those that must wait. */
function weigh(
  possible: readonly Change[],
  judged: ReadonlyMap<DeviceKey, Acceptance>,
  reason: string,
  override: boolean,
) {
  const changes: Change[] = [];
  const overridden: Change[] = [];
  const accepted: Accepted[] = [];
  const refused: Refused[] = [];
  for (const change of possible) {
    const { before, after } = change;
    const acceptance = judged.get(before.key);
    const checks = acceptance ? missingChecks(acceptance) : [];
    const missing = acceptance ? checks.map(({ name }) => name) : ['acceptance'];
    if (missing.length > 0 && !override) {
      refused.push({ id: before.id, code: 'ACCEPTANCE_NOT_MET', missing, unmet: checks.map(({ title }) => title) });
      continue;
    }
    (missing.length > 0 ? overridden : changes).push(change);
    if (acceptance && after.lifecycle === 'active') accepted.push({ before, acceptance, reason });
  }
  return { changes, overridden, accepted, refused };
}

function mayOverride(actor: Actor, action: string, wanted: boolean | undefined): boolean {
  if (!wanted) return false;
  if (action !== 'approve') refuseIf([fieldError('/override', 'approveOnly', 'acceptance.overrideApprove')]);
  if (actor.rights !== 'all') throw new GatewayError('FORBIDDEN', bilingual('acceptance.overrideAdmin'));
  return true;
}

function refusalOf({ code, allowed = [], missing = [], unmet = [], security }: Refused, action: string): GatewayError {
  if (security !== undefined) {
    return new GatewayError('CONFLICT', bilingual('registry.secured', { name: security }), { extra: { security } });
  }
  if (code === 'ACCEPTANCE_NOT_MET') {
    const zh = text('zh-CN', 'acceptance.notMet', { missing: unmet.map((check) => check.zh).join('、') });
    const en = text('en', 'acceptance.notMet', { missing: unmet.map((check) => check.en).join(', ') });
    return new GatewayError(code, `${zh} / ${en}`, { extra: { missing } });
  }
  if (code === 'TYPE_NOT_APPROVED') return new GatewayError('CONFLICT', bilingual('mapping.typeNotApproved'));
  const message = bilingual('registry.notAllowed', {
    action: bothNames('deviceAction', [action]),
    allowed: bothNames('deviceAction', allowed),
  });
  return new GatewayError('TRANSITION_NOT_ALLOWED', message, { extra: { allowed } });
}

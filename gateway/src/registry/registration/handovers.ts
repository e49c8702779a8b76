import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import { type Actor, actorText } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { Org } from '../../domain/catalogue-input.ts';
import type { DeviceRecord } from '../../domain/device-record.ts';
import {
  HANDOVER_NEXT,
  type HandedDevice,
  type Handover,
  type HandoverAction,
  HandoverInput,
  HandoverQuery,
  HandoverStep,
  type HandoverWithDevices,
  MAX_HANDOVER_DEVICES,
} from '../../domain/handover.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import type { Page } from '../../domain/page.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Transactor, Tx } from '../../domain/tx.ts';
import { type FieldError, GatewayError } from '../../errors.ts';
import { bilingual, bothNames } from '../../messages/index.ts';
import type { Directory } from '../directory.ts';
import type { DeviceReactions, DeviceStore } from '../ports.ts';
import { type Change, followTurns, saveTurns } from '../turns.ts';
import type { PaperStore, TrialStore } from './ports.ts';
import { paperDay } from './words.ts';

const EVERYWHERE: Scope = { kind: 'all' };
const IN_SERVICE = ['trial', 'active', 'suspended'];

export interface HandoverDeps {
  readonly db: Transactor;
  readonly store: PaperStore & Pick<TrialStore, 'paperNumbers'>;
  readonly devices: DeviceStore;
  readonly orgs: { get(tx: Tx, id: string, scope: Scope): Promise<Org | undefined> };
  readonly directory: Directory;
  readonly reactions: DeviceReactions;
  readonly audit: AuditPort;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** 移交单: devices pass to another organisation, or to a maintenance unit, when somebody there has accepted them. */
export interface Handovers {
  create(actor: Actor, input: HandoverInput): Promise<HandoverWithDevices>;
  get(actor: Actor, id: string): Promise<HandoverWithDevices>;
  list(actor: Actor, query: HandoverQuery): Promise<Page<Handover>>;
  step(actor: Actor, id: string, action: HandoverAction, input: HandoverStep): Promise<HandoverWithDevices>;
}

export function createHandovers(deps: HandoverDeps): Handovers {
  const { db, store, devices, clock } = deps;

  const find = async (tx: Tx, actor: Actor, id: string, lock: boolean) => {
    const found = await store.handover(tx, id, actor.scope, { lock });
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };
  const belongs = async (tx: Tx, actor: Actor, org: string) =>
    actor.orgId !== undefined && (await store.inTree(tx, org, [actor.orgId])).has(actor.orgId);

  /** Ids of devices that the giver may not hand over: not in its custody, or in no stage for it. */
  const foreign = async (tx: Tx, actor: Actor, records: readonly DeviceRecord[], kind: string, from: string) => {
    const kept = await store.inTree(
      tx,
      from,
      records.flatMap(({ orgId }) => orgId ?? []),
    );
    const theirs = ({ orgId, maintenanceUnitId }: DeviceRecord) =>
      orgId === null
        ? actor.rights === 'all' || maintenanceUnitId === from
        : kept.has(orgId) || (kind === 'maintenance' && maintenanceUnitId === from);
    return records.filter((record) => !IN_SERVICE.includes(record.lifecycle) || !theirs(record)).map(({ id }) => id);
  };

  const checkInput = async (tx: Tx, actor: Actor, input: HandoverInput): Promise<DeviceRecord[]> => {
    const { kind, fromOrgId, toOrgId, deviceIds } = input;
    const errors: FieldError[] = [];
    const giver = await deps.orgs.get(tx, fromOrgId, actor.scope);
    if (!giver) errors.push(fieldError('/fromOrgId', 'notFound', 'input.notFound', { value: fromOrgId }));
    // The receiver lies outside of the giver's reach more often than not.
    const receiver = await deps.orgs.get(tx, toOrgId, EVERYWHERE);
    if (!receiver) errors.push(fieldError('/toOrgId', 'notFound', 'input.notFound', { value: toOrgId }));
    else if ((receiver.kind === 'maintenance') !== (kind === 'maintenance')) {
      errors.push(fieldError('/toOrgId', 'kind', 'handover.kind'));
    }
    if (fromOrgId === toOrgId) errors.push(fieldError('/toOrgId', 'same', 'handover.same'));
    if (!isDay(input.date)) errors.push(fieldError('/date', 'date', 'input.date'));
    refuseIf(errors);
    const records = await devices.lock(tx, { ids: deviceIds }, actor.scope, MAX_HANDOVER_DEVICES);
    const known = new Map(records.map((record) => [record.id, record]));
    const notTheirs = new Set(await foreign(tx, actor, records, kind, fromOrgId));
    const open = await store.inOpenHandover(
      tx,
      records.map(({ key }) => key),
    );
    for (const [index, id] of deviceIds.entries()) {
      const path = `/deviceIds/${index}`;
      const record = known.get(id);
      const no = record && open.get(record.key);
      if (!record) errors.push(fieldError(path, 'notFound', 'input.notFound', { value: id }));
      else if (notTheirs.has(id)) errors.push(fieldError(path, 'custody', 'handover.device', { id }));
      else if (no) errors.push(fieldError(path, 'open', 'handover.open', { id, no }));
    }
    refuseIf(errors.slice(0, 100));
    return deviceIds.flatMap((id) => known.get(id) ?? []);
  };

  /** In the transaction of the acceptance: every device changes hands, or the whole is refused. */
  const pass = async (tx: Tx, actor: Actor, handover: HandoverWithDevices): Promise<Change[]> => {
    const ids = handover.devices.map(({ id }) => id);
    const records = await devices.lock(tx, { ids }, EVERYWHERE, MAX_HANDOVER_DEVICES);
    // Nobody's devices could be put on the list by an administrator only, so nobody's they may still be.
    const changed = await foreign(tx, { ...actor, rights: 'all' }, records, handover.kind, handover.fromOrgId);
    if (changed.length > 0) {
      const message = bilingual('handover.changed', { ids: changed.slice(0, 20).join(', ') });
      throw new GatewayError('CONFLICT', message, { extra: { deviceIds: changed } });
    }
    const change = handover.kind === 'custody' ? { orgId: handover.toOrgId } : { maintenanceUnitId: handover.toOrgId };
    return records.map((before) => ({ before, after: { ...before, ...change } }));
  };

  const requireSide = async (tx: Tx, actor: Actor, handover: Handover, action: HandoverAction): Promise<boolean> => {
    const receiving = action === 'accept' || action === 'refuse';
    requireRight(actor, 'handovers', receiving ? 'decide' : 'create');
    if (await belongs(tx, actor, receiving ? handover.toOrgId : handover.fromOrgId)) return false;
    if (!receiving && handover.created.by === actorText(actor)) return false;
    if (actor.rights === 'all') return receiving;
    throw new GatewayError('FORBIDDEN', bilingual(receiving ? 'handover.receiver' : 'handover.giver'));
  };

  return {
    async create(actor, raw) {
      requireRight(actor, 'handovers', 'create');
      const input = parseInput(HandoverInput, raw);
      const id = await db.transaction(async (tx) => {
        const records = await checkInput(tx, actor, input);
        const at = clock.now();
        const [no = ''] = await store.paperNumbers(tx, 'YJ', paperDay(at, deps.timeZone), 1);
        const { deviceIds: _, note = null, ...facts } = input;
        const handover = {
          ...facts,
          note,
          id: randomUUID(),
          no,
          state: 'draft' as const,
          created: { at, by: actorText(actor), byName: actor.name },
        };
        await store.addHandover(
          tx,
          handover,
          records.map((record) => ({ key: record.key, snapshot: snapshotOf(record) })),
        );
        const after = { ...facts, no, deviceIds: input.deviceIds };
        await deps.audit.append(tx, [
          { at, actor, action: 'create', resource: 'handovers', resourceId: handover.id, after },
        ]);
        return handover.id;
      });
      return find(db.autocommit, actor, id, false);
    },

    async get(actor, id) {
      requireRight(actor, 'handovers', 'read');
      return find(db.autocommit, actor, id, false);
    },

    async list(actor, raw) {
      requireRight(actor, 'handovers', 'read');
      const query = parseInput(HandoverQuery, raw);
      return store.handovers(db.autocommit, { ...query, limit: query.limit ?? 50 }, actor.scope);
    },

    async step(actor, id, action, raw) {
      const { reason = null } = parseInput(HandoverStep, raw);
      if (action === 'refuse' && reason === null) refuseIf([fieldError('/reason', 'required', 'input.required')]);
      const changes = await db.transaction(async (tx) => {
        const handover = await find(tx, actor, id, true);
        const onBehalf = await requireSide(tx, actor, handover, action);
        const next = HANDOVER_NEXT[handover.state][action];
        if (!next) throw notAllowed(handover, action);
        const at = clock.now();
        const made = action === 'accept' ? await pass(tx, actor, handover) : [];
        await store.moveHandover(tx, id, next, { at, by: actorText(actor), byName: actor.name, reason, onBehalf });
        await saveTurns(tx, actor, made, { what: 'handover', reason: handover.no }, deps);
        if (action !== 'accept') await tell(tx, actor, handover, next, at);
        await deps.audit.append(tx, [
          {
            at,
            actor,
            action,
            resource: 'handovers',
            resourceId: id,
            reason,
            before: { state: handover.state },
            after: { state: next, no: handover.no, ...(onBehalf ? { onBehalf } : {}) },
          },
        ]);
        return made;
      });
      await followTurns(changes, null, deps);
      return find(db.autocommit, actor, id, false);
    },
  };

  /** A step that changes no device still stands on the timeline of each. */
  async function tell(tx: Tx, actor: Actor, handover: HandoverWithDevices, state: string, at: number): Promise<void> {
    const keys = await devices.keysOf(
      tx,
      handover.devices.map(({ id }) => id),
    );
    const what = `handover.${state}`;
    const turn = { at, by: actorText(actor), what, reason: handover.no, before: null, after: null };
    await devices.addTurns(
      tx,
      [...keys.values()].map((device) => ({ device, ...turn })),
    );
  }
}

function notAllowed({ state }: Handover, action: string): GatewayError {
  const allowed = Object.keys(HANDOVER_NEXT[state]);
  const message = bilingual('handover.state', {
    state: bothNames('handoverState', [state]),
    action: bothNames('handoverAction', [action]),
    allowed: bothNames('handoverAction', allowed),
  });
  return new GatewayError('TRANSITION_NOT_ALLOWED', message, { extra: { allowed } });
}

/** The health stands beside it in the database and is added there. */
function snapshotOf(record: DeviceRecord): HandedDevice {
  const { id, name, type, serial, nationalCode, location, lifecycle } = record;
  return {
    id,
    name,
    type,
    serial,
    nationalCode,
    address: location?.address ?? null,
    lifecycle,
    healthState: 'unknown',
  };
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}

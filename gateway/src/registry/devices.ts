import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { type DeviceKey, LIFECYCLE_RIGHTS, type LifecycleAction } from '../domain/device.ts';
import {
  BulkInput,
  DeviceInput,
  DevicePatch,
  DeviceQuery,
  LifecycleInput,
  ReplaceInput,
} from '../domain/device-input.ts';
import type { Device, DeviceCredentials, DeviceRecord, DeviceStatus, DeviceTurn } from '../domain/device-record.ts';
import { fieldError, parseInput, refuseIf } from '../domain/input.ts';
import type { Page } from '../domain/page.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { checkCandidates, missingReferences, takenNames } from './candidates.ts';
import { readFields } from './device-fields.ts';
import type { Directory } from './directory.ts';
import type { DeviceReactions, DeviceStore, DeviceTypes, Sealing } from './ports.ts';
import { type Change, nextLifecycle, saveTurns } from './turns.ts';

export interface DevicesDeps {
  readonly db: Transactor;
  readonly devices: DeviceStore;
  readonly directory: Directory;
  readonly types: DeviceTypes;
  readonly sealing: Sealing;
  readonly newSecret: () => string;
  readonly audit: AuditPort;
  readonly reactions: DeviceReactions;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface BulkResult {
  readonly matched: number;
  readonly done: number;
  readonly failed: readonly { readonly id: string; readonly code: string; readonly allowed?: readonly string[] }[];
}

/** The registry of devices. Foreign and unknown ids answer the same NOT_FOUND. */
export interface Devices {
  create(actor: Actor, input: DeviceInput): Promise<{ device: Device; credentials: DeviceCredentials }>;
  get(actor: Actor, id: string): Promise<Device>;
  list(actor: Actor, query: DeviceQuery): Promise<Page<Device>>;
  /** The newest turns of the device's life first. */
  turns(actor: Actor, id: string, limit?: number): Promise<DeviceTurn[]>;
  update(actor: Actor, id: string, patch: DevicePatch): Promise<Device>;
  lifecycle(actor: Actor, id: string, action: LifecycleAction, reason: string): Promise<Device>;
  /** 换机: another box at the same point. Id, history and open ticket stay; the secret is new. */
  replace(actor: Actor, id: string, input: ReplaceInput): Promise<{ device: Device; credentials: DeviceCredentials }>;
  rotateCredentials(actor: Actor, id: string): Promise<DeviceCredentials>;
  bulk(actor: Actor, input: BulkInput): Promise<BulkResult>;
}

const BULK_LIMIT = 20_000;

export function createDevices(deps: DevicesDeps): Devices {
  const { db, devices, clock } = deps;

  const lockOne = async (tx: Tx, actor: Actor, id: string): Promise<DeviceRecord> => {
    const [record] = await devices.lock(tx, { ids: [id] }, actor.scope, 1);
    if (!record) throw new GatewayError('NOT_FOUND');
    return record;
  };

  const show = async (actor: Actor, id: string): Promise<Device> => {
    const found = await devices.get(db.autocommit, id, actor.scope);
    if (!found) throw new GatewayError('NOT_FOUND');
    return toDevice(found);
  };

  /** After the commit: memory first, so that a new secret or stage counts before anyone is told. */
  const follow = async (changes: readonly Change[], cut: string | null) => {
    await deps.directory.refresh(
      db.autocommit,
      changes.map(({ after }) => after.key),
    );
    for (const { before, after } of changes) {
      const lost = LIFECYCLE_RIGHTS[before.lifecycle].mayConnect && !LIFECYCLE_RIGHTS[after.lifecycle].mayConnect;
      if (lost || before.secretHash !== after.secretHash) {
        try {
          await deps.reactions.disconnect(after.id, cut ?? after.lifecycle);
        } catch (error) {
          // The change stands and a new secret must reach its owner; the old session has lost its topic rights anyway.
          deps.log.error({ deviceId: after.id, error }, 'the live session could not be cut');
        }
      }
    }
  };

  const renewSecret = (record: DeviceRecord) => {
    const password = deps.newSecret();
    return { secretHash: deps.sealing.hash(password), credentials: { username: record.id, password } };
  };

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
    async create(actor, raw) {
      requireRight(actor, 'devices', 'create');
      const input = parseInput(DeviceInput, raw);
      const password = deps.newSecret();
      const { key, id } = await db.transaction(async (tx) => {
        const now = clock.now();
        const { records, errors } = await checkCandidates(tx, actor, [{ row: 1, input }], deps, now);
        refuse(errors.map(({ row: _, ...error }) => error));
        const made = records.map((record) => ({ ...record, secretHash: deps.sealing.hash(password) }));
        const [record] = made;
        const [newKey] = await devices.insert(tx, made);
        if (!record || newKey === undefined) throw new GatewayError('INTERNAL', 'no device was inserted');
        const { secretHash: _, connectionSecret: __, ...after } = record;
        await devices.addTurns(tx, [
          { device: newKey, at: now, by: actorText(actor), what: 'created', reason: null, before: null, after },
        ]);
        await deps.audit.append(tx, [
          { at: now, actor, action: 'create', resource: 'devices', resourceId: record.id, after },
        ]);
        return { key: newKey, id: record.id };
      });
      await deps.directory.refresh(db.autocommit, [key]);
      const device = await show(actor, id);
      if (device.connection && LIFECYCLE_RIGHTS[device.lifecycle].judged) deps.reactions.probeNow(key);
      return { device, credentials: { username: id, password } };
    },

    async get(actor, id) {
      requireRight(actor, 'devices', 'read');
      return show(actor, id);
    },

    async list(actor, raw) {
      requireRight(actor, 'devices', 'read');
      const query = parseInput(DeviceQuery, raw);
      const { items, nextCursor, total } = await devices.list(
        db.autocommit,
        { ...query, limit: query.limit ?? 50 },
        actor.scope,
      );
      return { items: items.map(toDevice), nextCursor, total };
    },

    async turns(actor, id, limit = 100) {
      const device = await show(actor, id);
      return devices.turns(db.autocommit, device.key, Math.min(limit, 1_000));
    },

    async update(actor, id, raw) {
      requireRight(actor, 'devices', 'update');
      const patch = parseInput(DevicePatch, raw);
      const change = await db.transaction(async (tx) => {
        const before = await lockOne(tx, actor, id);
        requireVendorTurn(actor, before);
        const { fields, errors } = readFields(patch, { id, before, sealing: deps.sealing });
        const { parentId: _, ...rest } = fields;
        let after: DeviceRecord = { ...before, ...rest };
        if (patch.parentId !== undefined)
          after = { ...after, ...(await readParent(tx, before, patch.parentId, errors)) };
        // What was there before may have become foreign or gone; only what is newly named is checked.
        const named = {
          orgId: fresh(before.orgId, after.orgId),
          siteId: fresh(before.siteId, after.siteId),
          vendorId: fresh(before.vendorId, after.vendorId),
          module: fresh(before.module, after.module),
          maintenanceUnitId: fresh(before.maintenanceUnitId, after.maintenanceUnitId),
          parentId: fresh(before.parentId, after.parentId),
          parentKey: null,
        };
        const kept = actor.scope.kind === 'orgs' && after.orgId !== null ? { ...named, orgId: after.orgId } : named;
        errors.push(...(await missingReferences(tx, actor, [kept], [undefined], deps)));
        if (actor.scope.kind === 'vendor' && after.vendorId !== actor.scope.vendorId) {
          errors.push(fieldError('/vendorId', 'notFound', 'input.notFound', { value: String(after.vendorId) }));
        }
        errors.push(...(await takenNames(tx, [after], [undefined], deps)));
        refuse(errors);
        const made: Change = { before, after: { ...after, updatedAt: clock.now() } };
        await saveTurns(tx, actor, [made], { what: 'updated', reason: null }, deps);
        return made;
      });
      await follow([change], null);
      if (patch.connection && LIFECYCLE_RIGHTS[change.after.lifecycle].judged)
        deps.reactions.probeNow(change.after.key);
      return show(actor, id);
    },

    async lifecycle(actor, id, action, rawReason) {
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
      await follow(changes, null);
      return show(actor, id);
    },

    async replace(actor, id, raw) {
      requireRight(actor, 'devices', 'update');
      const { reason, ...input } = parseInput(ReplaceInput, raw);
      const { change, credentials } = await db.transaction(async (tx) => {
        const before = await lockOne(tx, actor, id);
        requireVendorTurn(actor, before);
        if (!LIFECYCLE_RIGHTS[before.lifecycle].mayConnect) {
          throw new GatewayError('CONFLICT', bilingual('registry.notInService', { lifecycle: before.lifecycle }));
        }
        const { fields, errors } = readFields(input, { id, before, sealing: deps.sealing });
        const { secretHash, credentials: made } = renewSecret(before);
        const after: DeviceRecord = { ...before, ...fields, parentId: before.parentId, secretHash };
        errors.push(...(await takenNames(tx, [after], [undefined], deps)));
        refuse(errors);
        await saveTurns(tx, actor, [{ before, after }], { what: 'replaced', reason }, deps);
        return { change: { before, after }, credentials: made };
      });
      await follow([change], 'replaced');
      deps.reactions.probeNow(change.after.key);
      return { device: await show(actor, id), credentials };
    },

    async rotateCredentials(actor, id) {
      requireRight(actor, 'devices', 'update');
      const { change, credentials } = await db.transaction(async (tx) => {
        const before = await lockOne(tx, actor, id);
        const { secretHash, credentials: made } = renewSecret(before);
        const after = { ...before, secretHash };
        await saveTurns(tx, actor, [{ before, after }], { what: 'credentialsRotated', reason: null }, deps);
        return { change: { before, after }, credentials: made };
      });
      await follow([change], 'credentialsRotated');
      return credentials;
    },

    async bulk(actor, raw) {
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
      await follow(changes, null);
      const known = new Set(records.map((record) => record.id));
      const absent = (which.ids ?? []).filter((id) => !known.has(id)).map((id) => ({ id, code: 'NOT_FOUND' }));
      return { matched: records.length, done: changes.length, failed: [...refused, ...absent] };
    },
  };

  async function readParent(
    tx: Tx,
    device: DeviceRecord,
    parentId: string | null,
    errors: ReturnType<typeof fieldError>[],
  ) {
    if (parentId === null) return { parentId, parentKey: null };
    const parentKey: DeviceKey | null = (await devices.keysOf(tx, [parentId])).get(parentId) ?? null;
    if (parentKey !== null && (await devices.ancestors(tx, parentKey)).includes(device.key)) {
      errors.push(fieldError('/parentId', 'cycle', 'registry.cycle', { value: parentId }));
    }
    return { parentId, parentKey };
  }
}

/** The device as it is answered, without secrets. */
export function toDevice(record: DeviceRecord & DeviceStatus): Device {
  const { connectionSecret, secretHash: _, parentKey: __, ...rest } = record;
  return { ...rest, hasConnectionPassword: connectionSecret !== null };
}

const fresh = (before: string | null, after: string | null) => (after === before ? null : after);

/** A vendor describes its device until it is in service; from then on the operations centre does. */
function requireVendorTurn(actor: Actor, device: DeviceRecord): void {
  if (actor.scope.kind !== 'vendor' || ['pending', 'trial', 'rejected'].includes(device.lifecycle)) return;
  throw new GatewayError('FORBIDDEN', bilingual('registry.vendorInService', { lifecycle: device.lifecycle }));
}

function notAllowed(action: string, allowed: readonly string[]): string {
  return bilingual('registry.notAllowed', { action, allowed: allowed.join(', ') || '–' });
}

/** A value that is taken is a conflict with what exists; everything else is a fault of the input. */
function refuse(errors: ReturnType<typeof fieldError>[]): void {
  const [first] = errors;
  if (first && errors.every((error) => error.code === 'duplicate')) {
    throw new GatewayError('CONFLICT', first.message, { errors });
  }
  refuseIf(errors);
}

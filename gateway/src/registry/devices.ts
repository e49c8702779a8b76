import { type Actor, actorText } from '../domain/actor.ts';
import { LIFECYCLE_RIGHTS, type LifecycleAction } from '../domain/device.ts';
import {
  type BulkInput,
  DeviceFilter,
  DeviceInput,
  type DevicePatch,
  DeviceQuery,
  type LifecycleInput,
  type ReplaceInput,
  type ResubmitInput,
} from '../domain/device-input.ts';
import type { Device, DeviceCount, DeviceCountBy, DeviceCredentials, DeviceTurn } from '../domain/device-record.ts';
import { parseInput } from '../domain/input.ts';
import type { Page } from '../domain/page.ts';
import { requireRight } from '../domain/permission.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { checkCandidates } from './candidates.ts';
import { createDeviceCredentials } from './device-credentials.ts';
import { createDeviceFinder, type DevicesDeps, toDevice } from './device-finder.ts';
import { type BulkResult, createDeviceLifecycle } from './device-lifecycle.ts';
import { createDeviceUpdate } from './device-update.ts';
import { refuse } from './refusal.ts';
import type { RegistrationWarning } from './registration/acceptance.ts';
import { type Change, followTurns } from './turns.ts';

/** The registry of devices. Foreign and unknown ids answer the same NOT_FOUND. */
export interface Devices {
  /** `warnings` are what looks wrong about the new device and was taken all the same. */
  create(
    actor: Actor,
    input: DeviceInput,
  ): Promise<{ device: Device; credentials: DeviceCredentials; warnings: readonly RegistrationWarning[] }>;
  get(actor: Actor, id: string): Promise<Device>;
  list(actor: Actor, query: DeviceQuery): Promise<Page<Device>>;
  counts(actor: Actor, filter: DeviceFilter, by?: DeviceCountBy): Promise<readonly DeviceCount[]>;
  /** The newest turns of the device's life first. */
  turns(actor: Actor, id: string, limit?: number): Promise<DeviceTurn[]>;
  update(actor: Actor, id: string, patch: DevicePatch): Promise<Device>;
  /** Into service only with its acceptance met, or by an administrator's `override`; out of a 重保 that goes on only by `confirm`. */
  lifecycle(
    actor: Actor,
    id: string,
    action: LifecycleAction,
    reason: string,
    options?: { readonly override?: boolean; readonly confirm?: boolean },
  ): Promise<Device>;
  /** 退回: waits in its stage until its vendor submits it again. */
  giveBack(actor: Actor, id: string, input: LifecycleInput): Promise<Device>;
  resubmit(actor: Actor, id: string, input: ResubmitInput): Promise<Device>;
  /** 换机: another box at the same point. Id, history and open ticket stay; the secret is new. */
  replace(actor: Actor, id: string, input: ReplaceInput): Promise<{ device: Device; credentials: DeviceCredentials }>;
  rotateCredentials(actor: Actor, id: string): Promise<DeviceCredentials>;
  bulk(actor: Actor, input: BulkInput): Promise<BulkResult>;
  /** A part of a larger change, in its transaction; call {@link Devices.follow} after the commit. */
  change(tx: Tx, actor: Actor, id: string, patch: DevicePatch): Promise<Change>;
  follow(changes: readonly Change[]): Promise<void>;
}

export function createDevices(deps: DevicesDeps): Devices {
  const { db, devices, clock } = deps;
  const finder = createDeviceFinder(deps);
  const { show } = finder;

  return {
    ...createDeviceUpdate(deps, finder),
    ...createDeviceLifecycle(deps, finder),
    ...createDeviceCredentials(deps, finder),
    follow: (changes) => followTurns(changes, null, deps),

    async create(actor, raw) {
      requireRight(actor, 'devices', 'create');
      const input = parseInput(DeviceInput, raw);
      const password = deps.newSecret();
      const { key, id, warnings } = await db.transaction(async (tx) => {
        const now = clock.now();
        const { records, errors } = await checkCandidates(tx, actor, [{ row: 1, input }], deps, now);
        refuse(errors.map(({ row: _, ...error }) => error));
        const made = records.map((record) => ({ ...record, secretHash: deps.sealing.hash(password) }));
        const [record] = made;
        const [newKey] = await devices.insert(tx, made);
        if (!record || newKey === undefined) throw new GatewayError('INTERNAL', 'no device was inserted');
        await deps.reactions.onIssued?.(tx, [{ username: record.id, password }]);
        const { secretHash: _, connectionSecret: __, ...after } = record;
        await devices.addTurns(tx, [
          { device: newKey, at: now, by: actorText(actor), what: 'created', reason: null, before: null, after },
        ]);
        await deps.audit.append(tx, [
          { at: now, actor, action: 'create', resource: 'devices', resourceId: record.id, after },
        ]);
        const [warnings = []] = await deps.registration.warnings(tx, actor, [{ ...record, key: newKey }]);
        return { key: newKey, id: record.id, warnings };
      });
      await deps.directory.refresh(db.autocommit, [key]);
      const device = await show(actor, id);
      if (device.connection && LIFECYCLE_RIGHTS[device.lifecycle].judged) deps.reactions.probeNow(key);
      return { device, credentials: { username: id, password }, warnings };
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

    async counts(actor, raw, by) {
      requireRight(actor, 'devices', 'read');
      return devices.counts(db.autocommit, parseInput(DeviceFilter, raw), actor.scope, by);
    },

    async turns(actor, id, limit = 100) {
      const device = await show(actor, id);
      return devices.turns(db.autocommit, device.key, Math.min(limit, 1_000));
    },
  };
}

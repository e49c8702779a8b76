import type { Actor } from '../domain/actor.ts';
import { type DeviceKey, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import { DevicePatch } from '../domain/device-input.ts';
import type { Device, DeviceRecord } from '../domain/device-record.ts';
import { fieldError, parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Tx } from '../domain/tx.ts';
import type { FieldError } from '../errors.ts';
import { missingReferences, takenNames } from './candidates.ts';
import { readFields } from './device-fields.ts';
import type { DeviceFinder, DevicesDeps } from './device-finder.ts';
import { refuse, requireVendorTurn } from './refusal.ts';
import { type Change, followTurns, saveTurns } from './turns.ts';

/** Changes what is known of a device, not what it may do. */
export function createDeviceUpdate(deps: DevicesDeps, { lockOne, show }: DeviceFinder) {
  const { db, devices, clock } = deps;

  /** In the caller's transaction; {@link followTurns} after its commit. An empty patch only locks the device. */
  const change = async (tx: Tx, actor: Actor, id: string, patch: DevicePatch): Promise<Change> => {
    const before = await lockOne(tx, actor, id);
    requireVendorTurn(actor, before);
    if (Object.keys(patch).length === 0) return { before, after: before };
    const { fields, errors } = readFields(patch, { id, before, sealing: deps.sealing });
    const { parentId: _, ...rest } = fields;
    let after: DeviceRecord = { ...before, ...rest };
    if (patch.parentId !== undefined) after = { ...after, ...(await readParent(tx, before, patch.parentId, errors)) };
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
  };

  return {
    change,
    async update(actor: Actor, id: string, raw: DevicePatch): Promise<Device> {
      requireRight(actor, 'devices', 'update');
      const patch = parseInput(DevicePatch, raw);
      const made = await db.transaction((tx) => change(tx, actor, id, patch));
      await followTurns([made], null, deps);
      if (patch.connection && LIFECYCLE_RIGHTS[made.after.lifecycle].judged) deps.reactions.probeNow(made.after.key);
      return show(actor, id);
    },
  };

  async function readParent(tx: Tx, device: DeviceRecord, parentId: string | null, errors: FieldError[]) {
    if (parentId === null) return { parentId, parentKey: null };
    const parentKey: DeviceKey | null = (await devices.keysOf(tx, [parentId])).get(parentId) ?? null;
    if (parentKey !== null && (await devices.ancestors(tx, parentKey)).includes(device.key)) {
      errors.push(fieldError('/parentId', 'cycle', 'registry.cycle', { value: parentId }));
    }
    return { parentId, parentKey };
  }
}

const fresh = (before: string | null, after: string | null) => (after === before ? null : after);

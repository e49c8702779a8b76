import type { Actor } from '../../domain/actor.ts';
import { parseInput } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Tx } from '../../domain/tx.ts';
import { type Vendor, type VendorSelf, VendorSelfPatch } from '../../domain/vendor-input.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { VendorContext } from './context.ts';
import { showVendor } from './standing.ts';

/** A vendor's view of itself. To everybody else NOT_FOUND. */
export interface VendorSelfService {
  me(actor: Actor): Promise<VendorSelf>;
  /** How to reach them, nothing else; people only, no keys. */
  changeMe(actor: Actor, patch: VendorSelfPatch): Promise<VendorSelf>;
}

/** What a vendor registers: throws QUOTA_EXCEEDED naming the quota. Administrators are not bound by it. */
export interface VendorRoom {
  devices(tx: Tx, actor: Actor, adding: number): Promise<void>;
  /** A type of its own beside those it has; writing one of these again needs no room. */
  deviceTypes(tx: Tx, actor: Actor, typeId: string): Promise<void>;
}

export function createVendorSelf(deps: VendorContext): VendorSelfService & { readonly room: VendorRoom } {
  const { db, store, usage } = deps;

  const own = (actor: Actor): string => {
    if (actor.scope.kind !== 'vendor') throw new GatewayError('NOT_FOUND');
    return actor.scope.vendorId;
  };

  const view = async (vendor: Vendor): Promise<VendorSelf> => ({
    ...showVendor(vendor, deps),
    limits: usage.quotasOf(vendor.id),
    usage: {
      ...usage.today(vendor.id),
      devices: await store.countDevices(db.autocommit, vendor.id),
      quarantine: await store.quarantineOf(db.autocommit, vendor.id),
    },
  });

  const exceeded = (quota: string, limit: number, used: number) =>
    new GatewayError('QUOTA_EXCEEDED', bilingual('vendor.quota', { quota, limit, used }), {
      extra: { quota, limit, used },
    });

  return {
    async me(actor) {
      requireRight(actor, 'vendors', 'read');
      const vendor = await store.get(db.autocommit, own(actor), actor.scope);
      if (!vendor) throw new GatewayError('NOT_FOUND');
      return view(vendor);
    },

    async changeMe(actor, raw) {
      requireRight(actor, 'vendors', 'read');
      const id = own(actor);
      if (actor.apiKeyId) throw new GatewayError('FORBIDDEN');
      const { contact } = parseInput(VendorSelfPatch, raw);
      const after = await db.transaction(async (tx) => {
        const before = await store.get(tx, id, actor.scope, { lock: true });
        if (!before) throw new GatewayError('NOT_FOUND');
        const vendor: Vendor = { ...before, contact };
        await store.update(tx, vendor);
        await deps.audit.append(tx, [
          {
            at: deps.clock.now(),
            actor,
            action: 'update',
            resource: 'vendors',
            resourceId: id,
            before: { contact: before.contact },
            after: { contact },
          },
        ]);
        return vendor;
      });
      await deps.changed();
      return view(after);
    },

    room: {
      async devices(tx, actor, adding) {
        if (actor.scope.kind !== 'vendor') return;
        const { vendorId } = actor.scope;
        const limit = usage.quotasOf(vendorId).maxDevices;
        const used = await store.lockDevices(tx, vendorId);
        if (used + adding > limit) throw exceeded('maxDevices', limit, used);
      },
      async deviceTypes(tx, actor, typeId) {
        if (actor.scope.kind !== 'vendor') return;
        const { vendorId } = actor.scope;
        const limit = usage.quotasOf(vendorId).maxDeviceTypes;
        const { used, known } = await store.lockDeviceTypes(tx, vendorId, typeId);
        if (!known && used >= limit) throw exceeded('maxDeviceTypes', limit, used);
      },
    },
  };
}

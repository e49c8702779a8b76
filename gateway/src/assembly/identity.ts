import { createAccess, randomSecret } from '../access/access.ts';
import { createRegistry, type RegistryDeps } from '../registry/registry.ts';
import type { Foundation } from './foundation.ts';

export type Identity = ReturnType<typeof createIdentity>;

/** What devices are, who may speak, and who may ask. `outside` is told of turns in a device's life. */
export function createIdentity(base: Foundation, outside: Pick<RegistryDeps, 'reactions' | 'deliver'>) {
  const { log, clock, metrics, secrets, types, store, db } = base;
  const registry = createRegistry({
    ...outside,
    log,
    clock,
    db,
    store,
    audit: store.audit,
    types,
    sealing: secrets,
    newSecret: randomSecret,
  });
  const access = createAccess({
    ...store,
    log,
    clock,
    secrets,
    devices: registry.directory,
    vendors: registry.vendorDirectory,
    policy: registry.settings.sessionPolicy,
    counts: metrics.mqtt,
    onUnexpected: registry.unexpected.note,
    ownTopics: types.ownTopics,
    requireVendor: registry.vendors.requireVendor,
    onVendorKeys: registry.onVendorKeys,
  });
  return { registry, access, settings: registry.settings };
}

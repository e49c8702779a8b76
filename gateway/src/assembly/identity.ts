import { join } from 'node:path';
import { type AccessDeps, createAccess, oidcOf, randomSecret } from '../access/access.ts';
import { createRegistry, type RegistryDeps } from '../registry/registry.ts';
import type { Foundation } from './foundation.ts';

export type Identity = ReturnType<typeof createIdentity>;

/** What devices are, who may speak, and who may ask. `outside` is told of turns in a device's life. */
export function createIdentity(
  base: Foundation,
  outside: Pick<RegistryDeps, 'reactions' | 'deliver'> & Pick<AccessDeps, 'notices'>,
) {
  const { config, guard, log, clock, metrics, readiness, secrets, types, store, db } = base;
  const registry = createRegistry({
    ...outside,
    organisationsChanged: () => access.reach.load(),
    log,
    clock,
    db,
    store,
    audit: store.audit,
    types,
    readiness,
    sealing: secrets,
    newSecret: randomSecret,
    commandEnded: metrics.commandEnded,
    timeZone: config.timeZone,
    vendorFiles: join(config.dataDir, 'vendor-files'),
    outbox: { add: outside.notices },
    vendorUsers: {
      prepare: (input) => access.vendorUsers.prepare(input),
      insert: (tx, actor, user, vendorId) => access.vendorUsers.insert(tx, actor, user, vendorId),
      endSessions: (tx, vendorId) => access.vendorUsers.endSessions(tx, vendorId),
    },
  });
  const access = createAccess({
    ...store,
    log,
    clock,
    secrets,
    timeZone: config.timeZone,
    oidc: oidcOf(config),
    checkTarget: guard.resolveUrl,
    notices: outside.notices,
    devices: registry.directory,
    vendors: registry.vendorPart.directory,
    vendorGate: registry.vendorPart.gate,
    policy: registry.settings.sessionPolicy,
    counts: metrics.mqtt,
    onUnexpected: registry.unexpected.note,
    ownTopics: types.ownTopics,
    requireVendor: registry.vendors.requireVendor,
    onVendorKeys: registry.vendorPart.changed,
    ...(outside.reactions.onIssued ? { onIssued: outside.reactions.onIssued } : {}),
  });
  return { registry, access, settings: registry.settings };
}

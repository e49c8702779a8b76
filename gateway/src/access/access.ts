import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceBrief } from '../domain/device.ts';
import type { Transactor } from '../domain/tx.ts';
import { createActors } from './actor.ts';
import { createApiKeys } from './api-keys.ts';
import { createDenials } from './denials.ts';
import {
  createDeviceLogin,
  type DeviceDirectory,
  type LoginCounts,
  type OnVendorDenied,
  type VendorDirectory,
} from './device-login.ts';
import { createKeyUses } from './key-uses.ts';
import type { ApiKeyStore, SessionStore, UserStore } from './ports.ts';
import { createReachCache, type MatrixStore } from './reach.ts';
import { createRoles, type RoleStore } from './roles.ts';
import type { Secrets } from './secrets.ts';
import { createSignIn, type SignInDeps } from './sign-in.ts';
import { createTopicRights } from './topic-rights.ts';
import type { PeopleDirectory } from './user-rules.ts';
import { createUsers } from './users.ts';
import { createUserExport } from './users-export.ts';
import { guardVendors, type VendorGate } from './vendor-gate.ts';
import { createVendorUsers } from './vendor-users.ts';

export interface AccessDeps extends SignInDeps {
  readonly db: Transactor;
  readonly users: UserStore;
  readonly roles: RoleStore & MatrixStore & PeopleDirectory;
  readonly sessions: SessionStore;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditPort;
  readonly secrets: Secrets;
  readonly devices: DeviceDirectory;
  readonly vendors: VendorDirectory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counts: LoginCounts;
  /** A device that must not connect knew its secret. */
  readonly onUnexpected: (device: DeviceBrief, at: number) => void;
  /** MQTT filters of a device's type with the device's identity filled in. */
  readonly ownTopics: (device: DeviceBrief) => readonly string[];
  readonly requireVendor: (vendorId: string) => Promise<void>;
  readonly onVendorKeys: () => Promise<void>;
  /** A vendor's key was made, in its transaction; absent = nobody else has to know. */
  readonly onIssued?: NonNullable<Parameters<typeof createApiKeys>[0]['onIssued']>;
  readonly vendorGate: VendorGate;
}

export { loadSecretKey } from './secret-key.ts';
export { createSecrets, randomSecret } from './secrets.ts';
export { oidcOf } from './sso/oidc.ts';

/** Who people and devices are, and what they may do. */
export function createAccess(deps: AccessDeps) {
  const roles = createRoles(deps);
  const reach = createReachCache({ db: deps.db, store: deps.roles });
  const actors = createActors({ rightsOf: roles.rightsOf, reach: reach.of });
  const users = createUsers({ ...deps, directory: deps.roles });
  const keyUses = createKeyUses(deps);
  const denials = createDenials(deps);
  const onDenied: OnVendorDenied = ({ vendorId, address, ...denial }) =>
    denials.note({ ...denial, actor: actors.vendor(vendorId, { address }) });
  const signIn = createSignIn(deps, { actors, users });
  const refresh = async () => {
    await roles.load();
    await reach.load();
    await keyUses.flush();
    await denials.flush();
  };
  return {
    roles,
    reach,
    actors,
    /**
     * At start, and every few seconds for what other processes changed (rights, tree and duty matrix) and for what was noted
     * here (uses of keys, refusals); once more at the stop.
     */
    refresh,
    users,
    exportUsers: createUserExport(deps),
    ...signIn,
    sessions: guardVendors(signIn.sessions, deps.vendorGate),
    vendorUsers: createVendorUsers(deps),
    onVendorDenied: onDenied,
    noteDenial: denials.note,
    apiKeys: createApiKeys(deps),
    authenticateDevice: createDeviceLogin({
      ...deps,
      onDenied,
      onKeyUsed: keyUses.note,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    }),
    authorizeTopic: createTopicRights({ ...deps, onDenied }),
  };
}

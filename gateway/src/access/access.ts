import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceBrief } from '../domain/device.ts';
import type { Transactor } from '../domain/tx.ts';
import { createApiKeys } from './api-keys.ts';
import { createDeviceLogin, type DeviceDirectory, type LoginCounts, type VendorDirectory } from './device-login.ts';
import type { ApiKeyStore, SessionStore, UserStore } from './ports.ts';
import type { Secrets } from './secrets.ts';
import { createSessions, type SessionPolicy } from './sessions.ts';
import { createTopicRights } from './topic-rights.ts';
import { createUsers } from './users.ts';

export interface AccessDeps {
  readonly db: Transactor;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditPort;
  readonly secrets: Secrets;
  readonly devices: DeviceDirectory;
  readonly vendors: VendorDirectory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly policy: () => SessionPolicy;
  readonly counts: LoginCounts;
  /** A device that must not connect knew its secret. */
  readonly onUnexpected: (device: DeviceBrief, at: number) => void;
  /** MQTT filters of a device's type with the device's identity filled in. */
  readonly ownTopics: (device: DeviceBrief) => readonly string[];
  readonly requireVendor: (vendorId: string) => Promise<void>;
  readonly onVendorKeys: (vendorId: string, change: 'created' | 'revoked') => Promise<void>;
}

export { loadSecretKey } from './secret-key.ts';
export { createSecrets, randomSecret } from './secrets.ts';

/** Who people and devices are, and what they may do. */
export function createAccess(deps: AccessDeps) {
  return {
    users: createUsers(deps),
    sessions: createSessions(deps),
    apiKeys: createApiKeys(deps),
    authenticateDevice: createDeviceLogin({
      ...deps,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    }),
    authorizeTopic: createTopicRights(deps),
  };
}

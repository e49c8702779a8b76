import type { Clock, Credentials, Logger, Principal, Refusal } from '../../../adapters/adapter.ts';
import { addressAllowed } from '../domain/address-list.ts';
import { type DeviceBrief, type DeviceKey, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import type { VendorClosed } from '../domain/vendor-access.ts';
import type { KeyUse } from './ports.ts';
import type { Secrets } from './secrets.ts';
import { createThrottle } from './throttle.ts';

/** The registry's devices as far as logins need them, from memory. */
export interface DeviceDirectory {
  /** False until every device has been read once. */
  readonly loaded: boolean;
  byId(id: string): DeviceBrief | undefined;
  /** HMAC of the device's secret, base64. */
  secretHash(key: DeviceKey): string | undefined;
}

/** Vendors as far as their MQTT logins need them, from memory. */
export interface VendorDirectory {
  byId(id: string): { readonly topics: readonly string[] } | undefined;
  /** Why a vendor may not work now; null = it may. */
  closed(id: string): VendorClosed | null;
  /** The keys that are passwords of its login now. */
  mqttKeys(id: string): readonly MqttKey[];
  /** Whether a live session of this key may go on. */
  keyWorks(vendorId: string, keyId: string): boolean;
}

interface MqttKey {
  readonly id: string;
  /** HMAC of the key, base64. */
  readonly hash: string;
  /** CIDR blocks it may be used from; null = anywhere. */
  readonly addresses: readonly string[] | null;
}

export interface LoginCounts {
  login(result: 'accepted' | Refusal['refused']): void;
}

/** A vendor was refused something over MQTT: for the audit. */
export type OnVendorDenied = (denial: {
  readonly vendorId: string;
  readonly what: 'login' | 'publish' | 'subscribe' | 'device';
  readonly target: string;
  readonly reason: string;
  readonly address: string | null;
}) => void;

export type AuthenticateDevice = (credentials: Credentials) => Promise<Principal | Refusal>;

/** Refusals that wait for their delay at a time; more are answered at once rather than held in memory. */
const MAX_WAITING = 1_000;
const VENDOR = 'vendor:';

/**
 * MQTT login. A right secret is always heard: secrets are 192 random bits, so a lock would stop no thief but let anyone
 * keep a device out by failing in its name. Wrong ones wait ever longer for their refusal, which also calms a
 * misconfigured device that reconnects in a loop.
 */
export function createDeviceLogin(deps: {
  readonly devices: DeviceDirectory;
  readonly vendors: VendorDirectory;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counts: LoginCounts;
  /** A device that must not connect knew its secret: counted and flagged. */
  readonly onUnexpected: (device: DeviceBrief, at: number) => void;
  /** A vendor's key opened its login. */
  readonly onKeyUsed: (use: KeyUse) => void;
  readonly onDenied: OnVendorDenied;
  /** Waits; replaced in tests. */
  readonly sleep: (ms: number) => Promise<void>;
}): AuthenticateDevice {
  const { devices, secrets } = deps;
  const failures = createThrottle({
    clock: deps.clock,
    free: 3,
    firstMs: 250,
    longestMs: 5_000,
    forgetMs: 600_000,
    capacity: 20_000,
  });
  let waiting = 0;

  const refuse = async (refused: Refusal['refused'], detail: string, name: string): Promise<Refusal> => {
    deps.counts.login(refused);
    const delay = failures.fail(name);
    if (delay > 0 && waiting < MAX_WAITING) {
      waiting++;
      try {
        await deps.sleep(delay);
      } finally {
        waiting--;
      }
    }
    return { refused, detail };
  };

  const accept = (principal: Principal, name: string): Principal => {
    failures.clear(name);
    deps.counts.login('accepted');
    return principal;
  };

  const vendorLogin = async (vendorId: string, password: string, remoteAddress: string, name: string) => {
    const keys = deps.vendors.mqttKeys(vendorId);
    // Every key is compared, and one compare happens without any, so time tells nothing of the vendor.
    const right = [...keys, null].filter((key) => secrets.matches(password, key?.hash ?? null))[0];
    if (!right) return refuse('BAD_CREDENTIALS', 'unknown vendor or wrong key', name);
    const closed = deps.vendors.closed(vendorId);
    const refusal = closed ?? (addressAllowed(right.addresses, remoteAddress) ? null : 'addressNotAllowed');
    if (refusal) {
      // Only who knows a key learns why, and is proven to have tried.
      deps.onDenied({ vendorId, what: 'login', target: vendorId, reason: refusal, address: remoteAddress });
      deps.log.warn({ vendorId, reason: refusal, remoteAddress }, 'login of a vendor refused');
      return closed
        ? refuse('ACCESS_ENDED', `the vendor may not work: ${closed}`, name)
        : refuse('BAD_CREDENTIALS', 'the key is not for this address', name);
    }
    deps.onKeyUsed({ id: right.id, at: deps.clock.now(), address: remoteAddress });
    return accept({ kind: 'vendor', vendorId, keyId: right.id }, name);
  };

  return async ({ username, password, remoteAddress }) => {
    const name = `${username.slice(0, 128)} ${remoteAddress}`;
    if (!devices.loaded) {
      deps.counts.login('UNAVAILABLE');
      return { refused: 'UNAVAILABLE', detail: 'the device directory is not loaded yet' };
    }
    if (username.startsWith(VENDOR)) return vendorLogin(username.slice(VENDOR.length), password, remoteAddress, name);
    const device = devices.byId(username);
    const right = secrets.matches(password, device && devices.secretHash(device.key));
    if (!device || !right) return refuse('BAD_CREDENTIALS', 'unknown device or wrong secret', name);
    if (LIFECYCLE_RIGHTS[device.lifecycle].mayConnect) return accept({ kind: 'device', deviceId: device.id }, name);
    deps.onUnexpected(device, deps.clock.now());
    const zombie = device.lifecycle === 'retired';
    deps.log.warn(
      { deviceId: device.id, lifecycle: device.lifecycle, remoteAddress },
      'login of a device not in service',
    );
    return refuse(zombie ? 'ZOMBIE' : 'LIFECYCLE', `the device is ${device.lifecycle}`, name);
  };
}

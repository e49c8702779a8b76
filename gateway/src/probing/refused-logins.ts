import { isDeepStrictEqual } from 'node:util';
import type { CameraConnection } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';

/** Refusals in a row lengthen the wait up to so many times. */
const LONGEST = 6;
/** Wait after the first refusal where no pace is known. */
const USUAL_MS = 300_000;

interface Refusal {
  readonly connection: CameraConnection;
  readonly detail: string;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  /** The wait, in paces of the device. */
  readonly paces: number;
}

/** Which cameras refused the login they are registered with. Cameras lock accounts, so nobody tries it again for a while. */
export interface RefusedLogins {
  /** What the camera said, while the same login is not to be tried again; undefined = it may be tried. */
  standing(
    device: DeviceKey,
    connection: CameraConnection,
  ): { readonly detail: string; readonly waitMs: number } | undefined;
  refused(device: DeviceKey, connection: CameraConnection, detail: string): void;
  accepted(device: DeviceKey): void;
  /** How long the first refusal of a device stands, in milliseconds. */
  pace(device: DeviceKey, ms: number): void;
}

/** `monotonic` in milliseconds, never going back. */
export function createRefusedLogins(monotonic: () => number): RefusedLogins {
  const refusals = new Map<DeviceKey, Refusal>();
  const paces = new Map<DeviceKey, number>();
  const endOf = (device: DeviceKey, { at, paces: count }: Refusal) => at + count * (paces.get(device) ?? USUAL_MS);
  return {
    standing(device, connection) {
      const refusal = refusals.get(device);
      if (!refusal || !isDeepStrictEqual(refusal.connection, connection)) return undefined;
      const waitMs = endOf(device, refusal) - monotonic();
      return waitMs > 0 ? { detail: refusal.detail, waitMs } : undefined;
    },
    refused(device, connection, detail) {
      const before = refusals.get(device);
      const same = before !== undefined && isDeepStrictEqual(before.connection, connection);
      // Two that tried at once were refused once.
      const again = same && monotonic() >= endOf(device, before);
      const count = same ? Math.min(LONGEST, again ? before.paces * 2 : before.paces) : 1;
      refusals.set(device, { connection, detail, at: monotonic(), paces: count });
    },
    accepted: (device) => void refusals.delete(device),
    pace: (device, ms) => void paces.set(device, ms),
  };
}

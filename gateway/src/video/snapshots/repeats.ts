import type { DeviceKey } from '../../domain/device.ts';

/** No lens sees the same bits twice: an HTTP answer that repeats after so long is one the camera kept. */
const SAME_AFTER_MS = 10_000;
/** A camera caught at it is asked for key frames only, for this long. */
const DISTRUST_MS = 600_000;
const REMEMBERED = 20_000;

/** Cameras that answer snapshots from a cache of their own, found by pictures that repeat bit by bit. */
export interface Repeats {
  /** False while the camera's HTTP snapshot is not worth asking for. */
  trusted(device: DeviceKey): boolean;
  /** Whether this HTTP snapshot is the one of long ago once more; remembers it. */
  isOld(device: DeviceKey, sha256: string): boolean;
  forget(device: DeviceKey): void;
}

/** `monotonic` in milliseconds, never going back. */
export function createRepeats(monotonic: () => number): Repeats {
  const seen = new Map<DeviceKey, { readonly sha256: string; readonly since: number }>();
  const distrusted = new Map<DeviceKey, number>();
  return {
    trusted(device) {
      const until = distrusted.get(device);
      if (until === undefined) return true;
      if (monotonic() < until) return false;
      distrusted.delete(device);
      return true;
    },
    isOld(device, sha256) {
      const before = seen.get(device);
      if (before?.sha256 === sha256) {
        if (monotonic() - before.since <= SAME_AFTER_MS) return false;
        distrusted.set(device, monotonic() + DISTRUST_MS);
        return true;
      }
      seen.delete(device);
      seen.set(device, { sha256, since: monotonic() });
      const [oldest] = seen.keys();
      if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
      return false;
    },
    forget(device) {
      seen.delete(device);
      distrusted.delete(device);
    },
  };
}

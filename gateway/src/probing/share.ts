import type { DeviceKey } from '../domain/device.ts';
import type { ProbeTargets, ScheduledTarget } from './ports.ts';

/** Which devices this process works on, where several share the work. */
export interface Share {
  mine(device: DeviceKey): boolean;
  /** Told when others came or went. Returns the unsubscriber. */
  changed(listener: () => void): () => void;
}

/**
 * The targets that are ours. What another process takes over is told as changed, and is then no longer found: the
 * scheduler forgets it and keeps the rest where it is. One for each scheduler, since each has read at its own time.
 */
export function shareOf(targets: ProbeTargets, share: Share): ProbeTargets {
  /** Every device there is, and whether it was ours when it was last read. */
  const seen = new Map<DeviceKey, boolean>();
  const ours = (found: readonly ScheduledTarget[]) =>
    found.filter(({ deviceKey }) => {
      const mine = share.mine(deviceKey);
      seen.set(deviceKey, mine);
      return mine;
    });
  return {
    async list() {
      const found = await targets.list();
      seen.clear();
      return ours(found);
    },
    async find(keys) {
      const found = await targets.find(keys);
      for (const key of keys) seen.delete(key);
      return ours(found);
    },
    onChange(listener) {
      const unsubscribe = targets.onChange(listener);
      const unshare = share.changed(() => {
        const moved = [...seen].flatMap(([key, was]) => (share.mine(key) === was ? [] : [key]));
        if (moved.length > 0) listener(moved);
      });
      return () => {
        unsubscribe();
        unshare();
      };
    },
  };
}

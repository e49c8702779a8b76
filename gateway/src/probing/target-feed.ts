import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import { repeat, type Task } from '../schedule.ts';
import type { ProbeTargets, ScheduledTarget } from './ports.ts';

/** Keeps the scheduler's view equal to the registry's: by notifications, and by a full reading now and then. */
export interface TargetFeed {
  /** Reads everything once; rejects when that fails. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 2_000;

export function createTargetFeed(options: {
  readonly targets: ProbeTargets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reloadMs: number;
  /** `keys` were asked for (undefined = all): a device asked for and not among `found` is to be forgotten. */
  readonly apply: (found: readonly ScheduledTarget[], keys: readonly DeviceKey[] | undefined) => void;
}): TargetFeed {
  const { targets, clock, log, reloadMs, apply } = options;
  const changed = new Set<DeviceKey>();
  let readAt = Number.NEGATIVE_INFINITY;
  let task: Task | undefined;
  let unsubscribe: (() => void) | undefined;
  let stopped = false;

  // One reading at a time: an older full list must never overwrite a newer single reading.
  const read = async () => {
    const keys = clock.monotonic() - readAt >= reloadMs ? undefined : [...changed];
    if (keys?.length === 0) return;
    const asked = [...changed];
    changed.clear();
    try {
      const found = keys ? await targets.find(keys) : await targets.list();
      if (stopped) return;
      apply(found, keys);
      if (!keys) readAt = clock.monotonic();
    } catch (error) {
      for (const key of asked) changed.add(key);
      throw error;
    }
  };

  return {
    async start() {
      unsubscribe = targets.onChange((keys) => {
        for (const key of keys) changed.add(key);
        task?.kick();
      });
      await read();
      task = repeat({ name: 'probe targets', everyMs: LOOK_EVERY_MS, firstAfterMs: 0, log }, read);
    },
    async stop() {
      stopped = true;
      unsubscribe?.();
      await task?.stop();
    },
  };
}

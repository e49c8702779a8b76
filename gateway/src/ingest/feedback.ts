import type { Clock } from '../../../adapters/adapter.ts';
import type { IngestHooks } from './ports.ts';

const PER_MINUTE = 10;
const MINUTE_MS = 60_000;
const MAX_TRACKED = 20_000;

/** Tells a device on its `error` topic why a message was refused, at most ten times a minute. */
export function createFeedback(options: {
  clock: Clock;
  send: (deviceId: string, error: object) => Promise<void>;
}): IngestHooks['reply'] {
  const said = new Map<string, { minute: number; count: number }>();
  return (deviceId, error) => {
    const minute = Math.floor(options.clock.now() / MINUTE_MS);
    const entry = said.get(deviceId);
    if (entry?.minute === minute) {
      if (entry.count >= PER_MINUTE) return;
      entry.count += 1;
    } else {
      if (said.size >= MAX_TRACKED) said.clear();
      said.set(deviceId, { minute, count: 1 });
    }
    // A device that is gone reads the reason in the quarantine instead.
    options.send(deviceId, error).catch(() => undefined);
  };
}

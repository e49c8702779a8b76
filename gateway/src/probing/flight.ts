import type { Clock, ProbeResult } from '../../../adapters/adapter.ts';
import type { PassOptions, ScheduledTarget, TargetProbe } from './ports.ts';

type Why = Pick<PassOptions, 'thorough' | 'urgent'>;

/** An adapter that misses its own deadline by this much is cut off, so a fault there never eats the pool. */
const GRACE_MS = 1_000;

/** Probes in flight: each can be ended, and none outlives its deadline. */
export interface Flights {
  /** Rejects when the probe threw, was ended, or overran its deadline. */
  fly(probe: TargetProbe, target: ScheduledTarget, why: Why, ending: AbortSignal): Promise<ProbeResult>;
  /** Cuts off what has overrun; called from time to time. */
  sweep(): void;
  readonly count: number;
}

export function createFlights(clock: Clock, deadlineMs: number): Flights {
  const overruns = new Map<symbol, { at: number; cut: () => void }>();
  return {
    async fly(probe, { deviceKey, deviceId, connection, intervalMs }, why, ending) {
      ending.throwIfAborted();
      const id = Symbol(deviceId);
      const own = new AbortController();
      const onEnd = () => own.abort(ending.reason);
      ending.addEventListener('abort', onEnd, { once: true });
      try {
        return await new Promise<ProbeResult>((resolve, reject) => {
          // Also when the probe ignores its signal, the place in the pool comes back.
          own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
          const cut = () => own.abort(new Error(`the probe overran its ${deadlineMs} ms`));
          overruns.set(id, { at: clock.monotonic() + deadlineMs + GRACE_MS, cut });
          const pass = { deadline: deadlineMs, signal: own.signal, deviceKey, ...why, intervalMs, life: ending };
          probe({ deviceId, connection }, pass).then(resolve, reject);
        });
      } finally {
        overruns.delete(id);
        ending.removeEventListener('abort', onEnd);
      }
    },
    sweep() {
      const now = clock.monotonic();
      for (const { at, cut } of overruns.values()) if (at <= now) cut();
    },
    get count() {
      return overruns.size;
    },
  };
}

import type { Clock } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';

export interface ThrottleOptions {
  readonly clock: Clock;
  /** Failures that cost nothing. */
  readonly free: number;
  /** Delay after the first failure beyond `free`; doubles with each one. Milliseconds. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** A name without failures for this long starts afresh. Milliseconds. */
  readonly forgetMs: number;
  /** Names kept at most; the oldest are forgotten first. */
  readonly capacity: number;
}

export interface Throttle {
  /** Milliseconds this name still has to wait; 0 = may try. */
  wait(name: string): number;
  /** Counts a failure and answers the delay that follows from it. */
  fail(name: string): number;
  clear(name: string): void;
}

/** Growing delays after failures, bounded in memory and in length: a wait ends by itself, nobody is locked out for good. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const entries = new Map<string, { failures: number; until: number; last: number }>();
  const now = () => options.clock.monotonic();

  return {
    wait(name) {
      const entry = entries.get(name);
      return entry ? Math.max(0, entry.until - now()) : 0;
    },
    fail(name) {
      const at = now();
      const known = entries.get(name);
      const failures = known && at - known.last < options.forgetMs ? known.failures + 1 : 1;
      const beyond = failures - options.free;
      const delay = beyond <= 0 ? 0 : Math.min(options.longestMs, options.firstMs * 2 ** Math.min(beyond - 1, 30));
      // Re-inserting keeps the map in order of last failure.
      entries.delete(name);
      entries.set(name, { failures, until: at + delay, last: at });
      if (entries.size > options.capacity) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
      return delay;
    },
    clear(name) {
      entries.delete(name);
    },
  };
}

/** The refusal of whoever still has to wait. */
export function locked(waitMs: number): GatewayError {
  const seconds = Math.ceil(waitMs / 1000);
  return new GatewayError('TOO_MANY_REQUESTS', bilingual('access.locked', { seconds }), {
    extra: { retryAfter: seconds },
  });
}

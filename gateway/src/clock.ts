import type { Clock } from '../../adapters/adapter.ts';

/** Steps of the system clock smaller than this are left to the next start. */
const STEP_MS = 2_000;

/**
 * Wall time that runs with the monotonic clock, so an NTP step or a wrong hand on the system clock never makes a
 * duration negative or a device silent. A step is taken over only by {@link SystemClock.resync}.
 */
export interface SystemClock extends Clock {
  /** Follows a step of the system clock and returns it in milliseconds (0 = none). */
  resync(): number;
}

export function createSystemClock(): SystemClock {
  let anchor = Date.now() - performance.now();
  return {
    now: () => Math.round(anchor + performance.now()),
    monotonic: () => performance.now(),
    resync() {
      const step = Date.now() - performance.now() - anchor;
      if (Math.abs(step) < STEP_MS) return 0;
      anchor += step;
      return step;
    },
  };
}

/** A clock that tests move by hand. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function createManualClock(start = Date.UTC(2026, 10, 23, 0, 0, 0)): ManualClock {
  let elapsed = 0;
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    advance(ms) {
      elapsed += ms;
    },
  };
}

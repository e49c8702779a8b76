/** Doubling from two seconds to ten minutes; life safety from one second to half a minute. */
const USUAL = { first: 2_000, most: 600_000 };
const LIFE_SAFETY = { first: 1_000, most: 30_000 };

/** Milliseconds until the next try; `spread` in [0, 1) keeps rows that failed together from coming back together. */
export function backoff(attempts: number, lifeSafety: boolean, spread: number): number {
  const { first, most } = lifeSafety ? LIFE_SAFETY : USUAL;
  const full = Math.min(most, first * 2 ** Math.min(attempts - 1, 30));
  return Math.round(full * (0.5 + spread / 2));
}

/** Milliseconds a whole channel rests after `failures` batches in a row in which nothing got through. */
export function channelPause(failures: number, lifeSafety: boolean): number {
  return Math.min(lifeSafety ? 2_000 : 30_000, 250 * 2 ** Math.min(failures, 20));
}

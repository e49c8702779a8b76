/** When a target is probed next. All times are milliseconds of one monotonic clock. */
export interface Cadence {
  readonly intervalMs: number;
  readonly retryMs: number;
  /** How long after a change of verdict the faster cadence lasts. */
  readonly settleMs: number;
}

/**
 * The first slot of the target's own grid after `now`. Slots come from the schedule, so a slow probe never shifts the
 * next ones, and slots missed by a stall are skipped, not made up for.
 */
export function nextSlot(intervalMs: number, phase: number, now: number): number {
  const offset = phase * intervalMs;
  return (Math.floor((now - offset) / intervalMs) + 1) * intervalMs + offset;
}

/**
 * After a change of verdict (also: a first verdict that is bad) the device is probed faster until it has settled, so
 * that "3 failures over 90 seconds" or "2 successes" need no three intervals. Otherwise the next slot.
 */
export function nextDue(
  cadence: Cadence,
  phase: number,
  times: { startedAt: number; now: number; changedAt: number | undefined },
): number {
  // A quarter of the interval must lie between: the first probe of a new device is off its grid.
  const slot = nextSlot(cadence.intervalMs, phase, Math.max(times.now, times.startedAt + cadence.intervalMs / 4));
  if (times.changedAt === undefined || times.startedAt - times.changedAt >= cadence.settleMs) return slot;
  // A probe that ran longer than the cadence is followed at once, not in the past.
  return Math.min(slot, Math.max(times.startedAt + Math.min(cadence.retryMs, cadence.intervalMs), times.now));
}

/** A number in [0, 1) that is always the same for a device and spreads neighbours in an id range evenly. */
export function hashPhase(deviceId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < deviceId.length; at += 1) hash = Math.imul(hash ^ deviceId.charCodeAt(at), 0x01000193);
  // FNV leaves the high bits of short, similar ids alike; two rounds of mixing spread them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

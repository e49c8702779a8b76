import type { History } from './device-type/expression.ts';
import { COUNT_MOST } from './device-type/expression-parser.ts';

/** Points kept of one metric and window: enough to be right to a sixteenth of the window, and bounded. */
const STEPS = 16;
/** A change is known when half of its window was seen. */
const SEEN_SHARE = 2;

/**
 * Values of one metric within one window, thinned: the newest, and older ones a sixteenth of the window apart. Times are
 * milliseconds of one clock and never go back.
 */
export interface Trend {
  readonly windowMs: number;
  /** Pairs of time and value, oldest first. */
  readonly points: number[];
}

export function noteTrend({ windowMs, points }: Trend, at: number, value: number): void {
  const n = points.length;
  const newest = points[n - 2];
  if (newest !== undefined && at < newest) return;
  const before = points[n - 4];
  // The newest is replaced until it stands a step after the one before it.
  if (newest === at || (before !== undefined && newest !== undefined && newest - before < windowMs / STEPS)) {
    points[n - 2] = at;
    points[n - 1] = value;
  } else points.push(at, value);
  while (points.length > 2 && (points[0] ?? 0) < at - windowMs) points.splice(0, 2);
}

/** From the oldest point within the window to the newest; undefined until half of the window lies between them. */
export function changeOf(
  { windowMs, points }: Trend,
  now: number,
): { readonly delta: number; readonly overMs: number } | undefined {
  const n = points.length;
  const end = points[n - 2];
  if (end === undefined || end < now - windowMs) return undefined;
  for (let i = 0; i < n - 2; i += 2) {
    const from = points[i] ?? 0;
    if (from < now - windowMs) continue;
    const overMs = end - from;
    if (overMs * SEEN_SHARE < windowMs) return undefined;
    return { delta: (points[n - 1] ?? 0) - (points[i + 1] ?? 0), overMs };
  }
  return undefined;
}

/** When a metric or event of one device came; `since` is when watching it began, while it has not come. */
export interface Watch {
  since: number;
  /** Newest first known times of an event, oldest first; empty for metrics. */
  readonly times: number[];
  /** `since` as it was written down; null = it was not. */
  saved: number | null;
}

export function noteWatch(watch: Watch, at: number, keepTimes: boolean): void {
  watch.since = Math.max(watch.since, at);
  if (!keepTimes) return;
  // Device clocks are not asked: these are times of receipt and come in order, but for a restart.
  watch.times.push(at);
  if (watch.times.length > COUNT_MOST + 1) watch.times.shift();
}

export function countOf(watch: Watch | undefined, now: number, windowMs: number): number {
  let count = 0;
  for (const at of watch?.times ?? []) if (at > now - windowMs) count += 1;
  return count;
}

/** All that is remembered of one device for its rules that look back; nothing for a device without such rules. */
export interface DeviceHistory {
  /** By metric and window. */
  readonly trends: Map<string, Trend>;
  /** By metric or event. */
  readonly watches: Map<string, Watch>;
  /** The device was silent: its absences count from its return. */
  away: boolean;
  /** Its absences were looked at while it was not heard: its next sign of life decides. */
  waiting: boolean;
  /** When it is to be looked at again without a message; 0 = not. */
  wakeAt: number;
}

export const blankHistory = (): DeviceHistory => ({
  trends: new Map(),
  watches: new Map(),
  away: false,
  waiting: false,
  wakeAt: 0,
});

export const trendKey = (metric: string, windowMs: number) => `${metric}@${windowMs}`;

/**
 * What expressions ask, at one moment. `alive` is when the device was heard last: whoever says nothing at all has not left
 * out a metric.
 */
export function historyAt(history: DeviceHistory, now: number, alive: number): History {
  return {
    change(metric, windowMs) {
      const trend = history.trends.get(trendKey(metric, windowMs));
      return trend && changeOf(trend, now);
    },
    count: (event, windowMs) => countOf(history.watches.get(event), now, windowMs),
    silence(name) {
      const watch = history.watches.get(name);
      return watch && !history.away ? Math.max(0, Math.min(now, alive) - watch.since) : undefined;
    },
  };
}

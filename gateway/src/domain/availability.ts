import { PICTURE_FAULTS } from './camera-faults.ts';
import { LIFECYCLE_RIGHTS, type Lifecycle } from './device.ts';
import type { HealthState } from './health.ts';

/** `[from, to)` in epoch milliseconds; null = not over yet. */
export type Interval = readonly [from: number, to: number | null];

/** What is on record of one device in a period. All lists in the order in which it happened. */
export interface DeviceHistory {
  readonly createdAt: number;
  /** Lifecycle at the beginning of the period. */
  readonly lifecycle: Lifecycle;
  readonly turns: readonly { readonly at: number; readonly lifecycle: Lifecycle }[];
  /** Verdict at the beginning of the period. */
  readonly state: HealthState;
  readonly reason: string;
  readonly changes: readonly { readonly at: number; readonly state: HealthState; readonly reason: string }[];
  /** When the path over which the device is heard was blind. */
  readonly blind: readonly Interval[];
  /** Approved maintenance of this device. */
  readonly maintenance: readonly Interval[];
}

/**
 * How a moment counts. `outside` = not in service; `maintenance` and `blind` are excluded from the expected time; the
 * rest is expected: `good`, `flawed` (a bad picture, or going up and down) and `stale` are online; `offline`, `unseen`
 * (no verdict yet: it was never heard of) and `suspended` are not.
 */
export const TIME_CLASSES = [
  'outside',
  'maintenance',
  'blind',
  'good',
  'flawed',
  'stale',
  'offline',
  'unseen',
  'suspended',
] as const;
export type TimeClass = (typeof TIME_CLASSES)[number];

/** Reasons of `degraded` that mean the picture is not good; anything else (an alarm, a wrong clock) leaves a device fit. */
export const PICTURE_FLAWS: ReadonlySet<string> = new Set(PICTURE_FAULTS);

/** Milliseconds by class; the classes add up to the period. */
export type TimeSums = Record<TimeClass, number>;

export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly class: TimeClass;
}

export function classOf(
  lifecycle: Lifecycle,
  state: HealthState,
  reason: string,
  excluded: 'maintenance' | 'blind' | null,
): TimeClass {
  if (!LIFECYCLE_RIGHTS[lifecycle].counted) return 'outside';
  if (excluded !== null) return excluded;
  if (lifecycle === 'suspended') return 'suspended';
  switch (state) {
    case 'online':
      return 'good';
    case 'degraded':
      return PICTURE_FLAWS.has(reason) ? 'flawed' : 'good';
    // While a device goes up and down, its silences stand in the history as `offline`; the rest it was there.
    case 'flapping':
      return 'flawed';
    case 'stale':
      return 'stale';
    case 'offline':
      return 'offline';
    case 'unknown':
      return 'unseen';
  }
}

/** Cuts `[from, to)` where anything changes and says how each piece counts; neighbours of one class are joined. */
export function segments(history: DeviceHistory, from: number, to: number): Segment[] {
  const maintenance = merged(history.maintenance, from, to);
  const blind = merged(history.blind, from, to);
  const borders = new Set([from, to]);
  const border = (at: number) => {
    if (at > from && at < to) borders.add(at);
  };
  border(history.createdAt);
  for (const { at } of history.turns) border(at);
  for (const { at } of history.changes) border(at);
  for (const [begin, end] of [...maintenance, ...blind]) {
    border(begin);
    border(end);
  }
  const points = [...borders].sort((a, b) => a - b);
  const lifecycleAt = walker(history.turns, history);
  const verdictAt = walker(history.changes, history);
  const inMaintenance = inside(maintenance);
  const inBlind = inside(blind);

  const found: Segment[] = [];
  for (let i = 1; i < points.length; i++) {
    const begin = points[i - 1] ?? from;
    const end = points[i] ?? to;
    const { lifecycle } = lifecycleAt(begin);
    const { state, reason } = verdictAt(begin);
    const away = inMaintenance(begin) ? 'maintenance' : inBlind(begin) ? 'blind' : null;
    const kind = begin < history.createdAt ? 'outside' : classOf(lifecycle, state, reason, away);
    const last = found.at(-1);
    if (last?.class === kind) found[found.length - 1] = { ...last, to: end };
    else found.push({ from: begin, to: end, class: kind });
  }
  return found;
}

export function noTime(): TimeSums {
  return {
    outside: 0,
    maintenance: 0,
    blind: 0,
    good: 0,
    flawed: 0,
    stale: 0,
    offline: 0,
    unseen: 0,
    suspended: 0,
  };
}

export function sumsOf(found: readonly Segment[]): TimeSums {
  const sums = noTime();
  for (const segment of found) sums[segment.class] += segment.to - segment.from;
  return sums;
}

/** The figures people read, from the sums of any number of devices and days. */
export interface AvailabilityFigures {
  /** Milliseconds in service: expected + maintenance + blind. */
  readonly countedMs: number;
  readonly maintenanceMs: number;
  readonly blindMs: number;
  /** Denominator of both rates. */
  readonly expectedMs: number;
  readonly onlineMs: number;
  readonly fitMs: number;
  readonly staleMs: number;
  readonly flawedMs: number;
  readonly offlineMs: number;
  readonly neverSeenMs: number;
  readonly suspendedMs: number;
  /** 在线率, 0 to 1; null = nothing was expected. */
  readonly onlineRate: number | null;
  /** 完好率, 0 to 1; null = nothing was expected. */
  readonly fitRate: number | null;
}

export function figuresOf(sums: Readonly<Omit<TimeSums, 'outside'>>): AvailabilityFigures {
  const onlineMs = sums.good + sums.flawed + sums.stale;
  const offlineMs = sums.offline + sums.unseen + sums.suspended;
  const expectedMs = onlineMs + offlineMs;
  return {
    countedMs: expectedMs + sums.maintenance + sums.blind,
    maintenanceMs: sums.maintenance,
    blindMs: sums.blind,
    expectedMs,
    onlineMs,
    fitMs: sums.good,
    staleMs: sums.stale,
    flawedMs: sums.flawed,
    offlineMs,
    neverSeenMs: sums.unseen,
    suspendedMs: sums.suspended,
    onlineRate: expectedMs === 0 ? null : onlineMs / expectedMs,
    fitRate: expectedMs === 0 ? null : sums.good / expectedMs,
  };
}

/** Overlapping intervals as one, clipped to the period. */
/** Parts of the intervals in the period, joined where they overlap, in order. */
export function merged(intervals: readonly Interval[], from: number, to: number): [number, number][] {
  const clipped = intervals
    .map(([begin, end]): [number, number] => [Math.max(begin, from), Math.min(end ?? to, to)])
    .filter(([begin, end]) => begin < end)
    .sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [begin, end] of clipped) {
    const last = joined.at(-1);
    if (last && begin <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([begin, end]);
  }
  return joined;
}

/** The value in force at ever later moments. */
function walker<T extends object>(
  steps: readonly (T & { readonly at: number })[],
  start: Omit<T, 'at'>,
): (at: number) => Omit<T, 'at'> {
  let next = 0;
  let current = start;
  return (at) => {
    for (let step = steps[next]; step && step.at <= at; step = steps[next]) {
      current = step;
      next += 1;
    }
    return current;
  };
}

function inside(intervals: readonly (readonly [number, number])[]): (at: number) => boolean {
  let next = 0;
  return (at) => {
    while ((intervals[next]?.[1] ?? Number.POSITIVE_INFINITY) <= at) next += 1;
    const current = intervals[next];
    return current !== undefined && current[0] <= at;
  };
}

import { ceilDay, ceilHour, DAY_MS, floorDay, floorHour, HOUR_MS, type RollupState } from './rollup-state.ts';
import type { SeriesQuery } from './timeseries.ts';

/** From inclusive, to exclusive; epoch milliseconds. */
export type Span = readonly [from: number, to: number];

/** What of a range is read where. The spans do not overlap and leave nothing out. */
export interface Plan {
  readonly raw: readonly Span[];
  readonly hourly: readonly Span[];
  readonly daily: readonly Span[];
}

/** What is known of one metric and device besides the state of all. */
export interface Kept {
  /** Readings before this are not whole any more. */
  readonly raw: number;
  /** Hourly sums before this are gone. */
  readonly hourly: number;
  /** Hours changed since they were summed up, ascending. */
  readonly dirty: readonly number[];
}

/** Below this the readings themselves are quick enough, and there is nothing to explain. */
const WORTHWHILE_MS = 2 * DAY_MS;

/** Whether sums can answer at all: every hour must fall into one bucket whole. */
export function fitsHours({ from, to, bucket }: SeriesQuery, rawFrom: number): boolean {
  if (!bucket || bucket.ms % HOUR_MS !== 0 || (bucket.origin ?? 0) % HOUR_MS !== 0) return false;
  return to - from >= WORTHWHILE_MS || from < rawFrom;
}

/**
 * Sums for whole hours and days, readings for the rest: the parts of an hour at both ends, hours not summed up yet, hours
 * changed since. Where readings are gone the end is widened to the whole hour, where hours are gone to the whole day.
 */
export function planSpans(
  { from, to, bucket }: Pick<SeriesQuery, 'from' | 'to' | 'bucket'>,
  state: RollupState,
  kept: Kept,
): Plan {
  const first = from < kept.raw ? floorHour(from) : ceilHour(from);
  const last = Math.min(to < kept.raw ? ceilHour(to) : floorHour(to), state.hourlyUntil);
  if (first >= last) return { raw: [[from, to]], hourly: [], daily: [] };

  const raw: Span[] = [];
  const hourly: Span[] = [];
  const daily: Span[] = [];
  const wholeDays =
    bucket !== undefined && bucket.ms % DAY_MS === 0 && ((bucket.origin ?? 0) - state.dayStart) % DAY_MS === 0;
  const sums = (start: number, end: number) => {
    if (start >= end) return;
    const noHours = start < kept.hourly;
    const a = noHours ? floorDay(start, state.dayStart) : ceilDay(start, state.dayStart);
    const b = Math.min(
      end < kept.hourly ? ceilDay(end, state.dayStart) : floorDay(end, state.dayStart),
      state.dailyUntil,
    );
    if (!wholeDays || a >= b) {
      hourly.push([start, end]);
      return;
    }
    if (start < a) hourly.push([start, a]);
    daily.push([a, b]);
    if (b < end) hourly.push([b, end]);
  };

  if (from < first) raw.push([from, first]);
  let start = first;
  for (const hour of kept.dirty) {
    if (hour < start || hour < kept.raw || hour >= last) continue;
    sums(start, hour);
    const before = raw.at(-1);
    if (before && before[1] === hour) raw[raw.length - 1] = [before[0], hour + HOUR_MS];
    else raw.push([hour, hour + HOUR_MS]);
    start = hour + HOUR_MS;
  }
  sums(start, last);
  if (last < to) raw.push([Math.max(last, from), to]);
  return { raw, hourly, daily };
}

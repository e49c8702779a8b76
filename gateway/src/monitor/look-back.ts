import { blankHistory, noteTrend, noteWatch, trendKey, type Watch } from '../domain/alarm-history.ts';
import type { AlarmRule } from '../domain/device-type/types.ts';
import type { WatchRow } from '../domain/health-rows.ts';
import type { Value } from '../domain/reading.ts';
import type { DeviceMemory } from './memory.ts';
import type { MonitoredType } from './ports.ts';

/** What the rules of a type want to know of the past. */
export interface Looks {
  /** Windows of numbers whose change is asked for, by metric. */
  readonly trends: ReadonlyMap<string, readonly number[]>;
  /** Shortest silence asked for, by metric or event. */
  readonly absences: ReadonlyMap<string, number>;
  /** Events that are counted or looked for by a pair. */
  readonly events: ReadonlySet<string>;
  /** Rules that change with nothing but time. */
  readonly timed: readonly AlarmRule[];
  /** Longest window of anything that counts events, milliseconds. */
  readonly longest: number;
}

const looks = new WeakMap<MonitoredType, Looks | null>();
/** A pair may look this far back. */
export const PAIR_WITHIN_MOST_MS = 86_400_000;

/** Made once a type; null = its rules look at the newest values only. */
export function looksOf(type: MonitoredType): Looks | null {
  const known = looks.get(type);
  if (known !== undefined) return known;
  const made = lookInto(type);
  looks.set(type, made);
  return made;
}

function lookInto(type: MonitoredType): Looks | null {
  const trends = new Map<string, number[]>();
  const absences = new Map<string, number>();
  const events = new Set<string>(type.pairedEvents);
  const timed: AlarmRule[] = [];
  for (const { own } of type.pairs ?? []) if ('event' in own) events.add(own.event);
  let longest = events.size > 0 ? PAIR_WITHIN_MOST_MS : 0;
  for (const rule of type.alarms) {
    const parts = [...rule.when.temporal, ...rule.clear.temporal];
    for (const { kind, name, windowMs } of parts) {
      if (kind === 'count') {
        events.add(name);
        longest = Math.max(longest, windowMs);
      } else if (kind === 'absent') absences.set(name, Math.min(absences.get(name) ?? windowMs, windowMs));
      else if (!trends.get(name)?.includes(windowMs)) trends.set(name, [...(trends.get(name) ?? []), windowMs]);
    }
    if (parts.some(({ kind }) => kind === 'count' || kind === 'absent')) timed.push(rule);
  }
  if (trends.size + absences.size + events.size === 0) return null;
  return { trends, absences, events, timed, longest };
}

/** Watching begins with the first sign of life after the rule was made. */
export function beginWatching(device: DeviceMemory, { absences }: Looks, at: number): boolean {
  device.history ??= blankHistory();
  const { watches } = device.history;
  let begun = false;
  for (const name of absences.keys()) {
    if (watches.has(name)) continue;
    watches.set(name, { since: at, times: [], saved: null });
    begun = true;
  }
  return begun;
}

/** A device that was away owes nothing for the time it was. */
export function noteReturn(device: DeviceMemory, at: number): boolean {
  const { history } = device;
  if (!history) return false;
  if (device.linkBad) {
    history.away = true;
    return false;
  }
  if (!history.away) return false;
  history.away = false;
  for (const watch of history.watches.values()) watch.since = Math.max(watch.since, at);
  return true;
}

export function lookAtValue(
  device: DeviceMemory,
  { trends, absences }: Looks,
  metric: string,
  value: Value,
  at: number,
) {
  const history = device.history;
  if (!history) return;
  if (absences.has(metric)) noteWatch(watchOf(history.watches, metric), at, false);
  if (typeof value !== 'number') return;
  for (const windowMs of trends.get(metric) ?? []) {
    const key = trendKey(metric, windowMs);
    let trend = history.trends.get(key);
    if (!trend) {
      trend = { windowMs, points: [] };
      history.trends.set(key, trend);
    }
    noteTrend(trend, at, value);
  }
}

export function lookAtEvent(device: DeviceMemory, { absences, events }: Looks, code: string, at: number): void {
  const history = device.history;
  if (history && (absences.has(code) || events.has(code))) {
    noteWatch(watchOf(history.watches, code), at, events.has(code));
  }
}

function watchOf(watches: Map<string, Watch>, name: string): Watch {
  let watch = watches.get(name);
  if (!watch) {
    watch = { since: 0, times: [], saved: null };
    watches.set(name, watch);
  }
  return watch;
}

/** Silences and counts keep their age when another clock takes over; what was changing is seen anew. */
export function shiftHistory(device: DeviceMemory, shift: number): void {
  if (!device.history) return;
  device.history.trends.clear();
  for (const watch of device.history.watches.values()) {
    if (watch.since > 0) watch.since += shift;
    for (let i = 0; i < watch.times.length; i++) watch.times[i] = (watch.times[i] ?? 0) + shift;
    watch.saved = null;
  }
}

/** When something that looks back changes by time alone, after `now`; null = never. */
export function nextTurn(device: DeviceMemory, looked: Looks, now: number): number | null {
  const { history } = device;
  if (!history) return null;
  let next = Number.POSITIVE_INFINITY;
  const soonest = (at: number) => {
    if (at > now && at < next) next = at;
  };
  for (const rule of looked.timed) {
    for (const { kind, name, windowMs } of [...rule.when.temporal, ...rule.clear.temporal]) {
      const watch = history.watches.get(name);
      if (!watch) continue;
      if (kind === 'absent' && !history.away) soonest(watch.since + windowMs);
      if (kind === 'count') for (const at of watch.times) soonest(at + windowMs);
    }
  }
  return next === Number.POSITIVE_INFINITY ? null : next;
}

/** A crash loses what was not flushed, and a silence is written down each time it has moved by this share of its window. */
const SAVE_SHARE = 20;
const FLUSH_LOSS_MS = 3_000;
const lagOf = (windowMs: number | undefined) => Math.max(FLUSH_LOSS_MS, (windowMs ?? 0) / SAVE_SHARE);

/** Rows to write of one device; what is counted is written at once, a silence when it has moved far enough. */
export function watchesToSave(device: DeviceMemory, looked: Looks | null): WatchRow[] {
  const rows: WatchRow[] = [];
  for (const [name, watch] of device.history?.watches ?? []) {
    const { since, times, saved } = watch;
    const counted = looked?.events.has(name) ?? false;
    const moved =
      saved === null ||
      (counted ? since !== saved : since - saved >= lagOf(looked?.absences.get(name)) - FLUSH_LOSS_MS);
    if (moved && since !== saved) rows.push({ device: device.key, name, path: device.path, since, times: [...times] });
  }
  return rows;
}

/** Never too old: a restart may make an absence late, not false. */
export function restoreWatches(
  device: DeviceMemory,
  rows: readonly WatchRow[],
  looked: Looks | null,
  now: number,
): void {
  if (!looked) return;
  for (const { name, since, times } of rows) {
    const windowMs = looked.absences.get(name);
    if (windowMs === undefined && !looked.events.has(name)) continue;
    device.history ??= blankHistory();
    const loss = windowMs === undefined ? 0 : lagOf(windowMs);
    const least = Math.max(since, Math.min(since + loss, now));
    device.history.watches.set(name, { since: least, times: [...times], saved: since });
  }
}

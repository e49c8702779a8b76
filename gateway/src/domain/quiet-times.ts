import type { Zone } from './working-time.ts';

/** How a window comes again, by local time. A day that a month does not have is left out; -1 is its last day. */
export type Repeat =
  | { readonly every: 'day' }
  /** ISO days of the week, 1 = Monday. */
  | { readonly every: 'week'; readonly days: readonly number[] }
  | { readonly every: 'month'; readonly days: readonly number[] };

/** When something holds. Epoch milliseconds; spans are half open. */
export interface Timing {
  /** The first occurrence, whatever the rule says of its day. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** null = once. */
  readonly repeats: Repeat | null;
  /** The last moment an occurrence may begin; null = once. */
  readonly repeatsUntil: number | null;
  /** Nothing from here on, although its time is not over. */
  readonly endedAt: number | null;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

const DAY = 86_400_000;
const MINUTE = 60_000;

/**
 * Occurrences that overlap `[from, to)`, in order. They begin and end at the same local times, whatever the clocks do
 * in between: on the day an hour is skipped a night window is an hour shorter.
 */
export function occurrences(timing: Timing, from: number, to: number, zone: Zone): Span[] {
  const { startsAt, endsAt, repeats, endedAt } = timing;
  const stop = Math.min(to, endedAt ?? Number.POSITIVE_INFINITY);
  const found: Span[] = [];
  const add = (start: number, end: number) => {
    const span = { from: start, to: Math.min(end, endedAt ?? end) };
    if (span.to > span.from && start < stop && span.to > from) found.push(span);
  };
  add(startsAt, endsAt);
  if (!repeats) return found;

  const first = zone.day(startsAt);
  const minute = zone.minute(startsAt);
  const nights = zone.day(endsAt) - first;
  const endMinute = zone.minute(endsAt);
  const until = Math.min(timing.repeatsUntil ?? startsAt, stop);
  // Two days of margin: an occurrence that began before `from` may still last.
  const begin = Math.max(first + 1, zone.day(from) - nights - 2);
  for (let day = begin; day <= zone.day(until); day++) {
    if (!falls(repeats, day)) continue;
    const start = zone.instant(day, minute);
    if (start <= until) add(start, zone.instant(day + nights, endMinute));
  }
  return found;
}

/** Whether a local day (days since 1970-01-01) is one of the rule. */
function falls(repeat: Repeat, day: number): boolean {
  if (repeat.every === 'day') return true;
  if (repeat.every === 'week') return repeat.days.includes(((((day + 3) % 7) + 7) % 7) + 1);
  const date = new Date(day * DAY);
  const isLast = new Date((day + 1) * DAY).getUTCDate() === 1;
  return repeat.days.includes(date.getUTCDate()) || (isLast && repeat.days.includes(-1));
}

/** When the last occurrence is over; the sweep need not look after it. */
export function lastEnd(timing: Timing, zone: Zone): number {
  if (timing.endedAt !== null) return Math.max(timing.endedAt, timing.startsAt);
  const { repeatsUntil, endsAt } = timing;
  if (!timing.repeats || repeatsUntil === null) return endsAt;
  const spans = occurrences(timing, repeatsUntil - 62 * DAY, repeatsUntil + MINUTE, zone);
  return spans.reduce((latest, span) => Math.max(latest, span.to), endsAt);
}

/** The occurrence a fault belongs to: it began inside, or its device was not heard since the end. */
export function spanOfFault(
  spans: readonly Span[],
  fault: { readonly openedAt: number; readonly seenAt?: number },
): Span | undefined {
  return spans.find(({ from, to }) => {
    if (fault.openedAt < from) return false;
    return fault.openedAt < to || (fault.seenAt !== undefined && fault.seenAt < to);
  });
}

import { fieldError } from '../domain/input.ts';
import type { QuietKind, QuietTime } from '../domain/quiet-rows.ts';
import { lastEnd } from '../domain/quiet-times.ts';
import type { Zone } from '../domain/working-time.ts';
import type { FieldError } from '../errors.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The longest each may last at once; what repeats lasts a day at most. */
const LONGEST: Record<QuietKind, number> = {
  maintenance: 30 * DAY,
  silence: 30 * DAY,
  security: 90 * DAY,
  drill: DAY,
};
/** Nothing is planned further ahead. */
const AHEAD = 366 * DAY;

/** What is wrong with the times of something new; empty = nothing. */
export function checkTiming(row: QuietTime, now: number, zone: Zone): FieldError[] {
  const { kind, startsAt, endsAt, repeats, repeatsUntil } = row;
  if (endsAt <= startsAt) return [fieldError('/endsAt', 'range', 'quiet.order')];
  const longest = repeats ? DAY : LONGEST[kind];
  if (endsAt - startsAt > longest) {
    return [fieldError('/endsAt', 'range', 'quiet.tooLong', { hours: longest / HOUR })];
  }
  if (startsAt > now + AHEAD) return [fieldError('/startsAt', 'range', 'quiet.ahead', { days: AHEAD / DAY })];
  if (repeats) {
    if (repeatsUntil === null) return [fieldError('/repeatsUntil', 'required', 'quiet.repeatsUntil')];
    if (repeatsUntil < startsAt || repeatsUntil > now + AHEAD)
      return [fieldError('/repeatsUntil', 'range', 'quiet.repeatsUntil')];
  }
  if (lastEnd(row, zone) <= now) return [fieldError('/endsAt', 'range', 'quiet.past')];
  return [];
}

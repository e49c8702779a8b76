import { fieldError, refuseIf } from '../domain/input.ts';
import type { DayRange, ReportCalendar } from '../domain/report-period.ts';

/** Days of a request; absent ones are the last 30 through today. */
export interface PeriodInput {
  /** `YYYY-MM-DD`, both included. */
  readonly from?: string;
  readonly to?: string;
}

export const MOST_DAYS = 400;
const USUAL_DAYS = 30;

/** Throws INVALID_INPUT naming the field. */
export function readPeriod({ from, to }: PeriodInput, calendar: ReportCalendar, now: number): DayRange {
  const today = calendar.dayOf(now);
  const last = to === undefined ? today : readDay(to, 'to', calendar, today);
  const first = from === undefined ? last - USUAL_DAYS + 1 : readDay(from, 'from', calendar, today);
  if (first > last || last - first >= MOST_DAYS) {
    refuseIf([fieldError('from', 'range', 'report.badRange', { days: MOST_DAYS })]);
  }
  return { first, last };
}

export function readDay(value: string, path: string, calendar: ReportCalendar, today: number): number {
  const day = calendar.parse(value);
  if (day !== undefined && day <= today) return day;
  refuseIf([fieldError(path, 'date', 'report.badDate')]);
  return today;
}

export interface PageInput {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Lists that are made whole and cut: the cursor is the place in the list. */
export function cut<T>(
  list: readonly T[],
  { limit = 50, cursor }: PageInput,
): { items: readonly T[]; nextCursor: string | null } {
  const start = readOffset(cursor);
  const end = start + limit;
  return { items: list.slice(start, end), nextCursor: end < list.length ? String(end) : null };
}

export function readOffset(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) refuseIf([fieldError('cursor', 'cursor', 'report.badCursor')]);
  return Number(cursor);
}

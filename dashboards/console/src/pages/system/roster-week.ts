import type { Answer } from '../../api/client.ts';

type Shift = Answer<'Shift'>;
export type Day = Answer<'CalendarYear'>['days'][number];

const DAY = 24 * 3_600_000;
const iso = (at: number) => new Date(at).toISOString().slice(0, 10);

/** 1 = Monday. */
export const weekdayOf = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay() || 7;

/** The seven days, from Monday, of the week that is so many weeks after the one of `date`. */
export function weekOf(date: string, after = 0): string[] {
  const monday = Date.parse(`${date}T00:00:00Z`) - (weekdayOf(date) - 1) * DAY + after * 7 * DAY;
  return [0, 1, 2, 3, 4, 5, 6].map((n) => iso(monday + n * DAY));
}

/** `HH:MM` of a minute of the day; the end of a day is 24:00. */
export const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Minute of the day; null = not a time. */
export function minuteOf(text: string): number | null {
  const found = /^(\d{1,2})[:：](\d{2})$/.exec(text.trim());
  if (!found) return null;
  const minute = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[2]) < 60 && minute <= 1440 ? minute : null;
}

/** Whether a shift begins on a day, as the calendar has it; `working` are the week days one works on. */
export function beginsOn(shift: Shift, date: string, entered: Day | undefined, working: readonly number[]): boolean {
  if (shift.validFrom !== null && date < shift.validFrom) return false;
  if (shift.validTo !== null && date > shift.validTo) return false;
  const weekday = weekdayOf(date);
  const works = entered ? entered.kind === 'workday' : working.includes(weekday);
  switch (shift.on ?? 'always') {
    case 'always':
      return shift.days.includes(weekday);
    case 'workdays':
      return works;
    case 'restDays':
      return !works;
    case 'holidays':
      return entered?.kind === 'holiday';
    case 'makeUpDays':
      return entered?.kind === 'workday';
  }
}

/** All days of a month, with empty places before the first so that the weeks begin on Monday. */
export function monthOf(year: number, month: number): (string | null)[] {
  const first = Date.UTC(year, month - 1, 1);
  const count = (Date.UTC(year, month, 1) - first) / DAY;
  const before = Array.from({ length: weekdayOf(iso(first)) - 1 }, () => null);
  return [...before, ...Array.from({ length: count }, (_, n) => iso(first + n * DAY))];
}

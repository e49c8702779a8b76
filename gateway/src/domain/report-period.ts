import { createZone, type Zone } from './working-time.ts';

/** Calendar days of a zone, as `YYYY-MM-DD` outside and as days since 1970-01-01 inside. */
export interface ReportCalendar {
  readonly zone: Zone;
  /** First moment of a day. */
  start(day: number): number;
  dayOf(at: number): number;
  text(day: number): string;
  /** undefined when the text is no date. */
  parse(text: string): number | undefined;
}

const DAY_MS = 86_400_000;

export function createReportCalendar(zoneName: string): ReportCalendar {
  const zone = createZone(zoneName);
  return {
    zone,
    start: (day) => zone.instant(day, 0),
    dayOf: (at) => zone.day(at),
    text: (day) => new Date(day * DAY_MS).toISOString().slice(0, 10),
    parse(text) {
      if (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(text)) return undefined;
      const at = Date.parse(`${text}T00:00:00Z`);
      // 02-30 reads as a day of March, or not at all.
      return Number.isFinite(at) && new Date(at).toISOString().startsWith(text) ? at / DAY_MS : undefined;
    },
  };
}

/** Days of a period, the last one included. */
export interface DayRange {
  readonly first: number;
  readonly last: number;
}

/** First day of the month that holds the day. */
export function monthStart(day: number): number {
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS;
}

/** First day of the month `count` months after the one that holds the day; negative = before. */
export function addMonths(day: number, count: number): number {
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1) / DAY_MS;
}

/** ISO week day, 1 = Monday. */
export function weekday(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** As many days as the range, right before it. Of a whole month the whole month before. */
export function periodBefore({ first, last }: DayRange): DayRange {
  if (first === monthStart(first) && last === addMonths(first, 1) - 1) {
    return { first: addMonths(first, -1), last: first - 1 };
  }
  return { first: first - (last - first + 1), last: first - 1 };
}

/**
 * The days at whose ends running sums of a month are read to get the sum of a range: `plus` minus `minus`. Running sums
 * begin anew with every month.
 */
export function runningEnds({ first, last }: DayRange): { plus: number[]; minus: number[] } {
  const plus: number[] = [];
  for (let month = monthStart(first); month <= last; month = addMonths(month, 1)) {
    plus.push(Math.min(last, addMonths(month, 1) - 1));
  }
  return { plus, minus: first === monthStart(first) ? [] : [first - 1] };
}

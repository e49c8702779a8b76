import type { WorkingHours } from './working-time.ts';

/** A day that is not what its weekday says: 法定节假日 or 调休上班. */
export interface CalendarDay {
  /** `YYYY-MM-DD` in the gateway's zone. */
  readonly date: string;
  readonly kind: 'holiday' | 'workday';
  /** 春节, 国庆节 …; null = nobody named it. */
  readonly name: string | null;
}

/** What a day is to a duty roster. */
export type DayKind = 'workday' | 'makeUp' | 'weekend' | 'holiday';

/** Dates by what they are, as working hours want them. */
export function datesOf(days: readonly CalendarDay[]): Pick<WorkingHours, 'holidays' | 'extraDays'> {
  const of = (kind: CalendarDay['kind']) => days.filter((day) => day.kind === kind).map((day) => day.date);
  return { holidays: of('holiday'), extraDays: of('workday') };
}

/** Local date of a day counted since 1970-01-01. */
export function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** ISO week day, 1 = Monday, of a day counted since 1970-01-01. */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** What each day is; a make-up day is one that works although its week day rests. */
export function createDayKinds(hours: Pick<WorkingHours, 'days' | 'holidays' | 'extraDays'>): (day: number) => DayKind {
  const holidays = new Set(hours.holidays);
  const extra = new Set(hours.extraDays);
  return (day) => {
    const date = dateOf(day);
    if (holidays.has(date)) return 'holiday';
    if (hours.days.includes(weekdayOf(day))) return 'workday';
    return extra.has(date) ? 'makeUp' : 'weekend';
  };
}

export function isDate(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    Number.isFinite(Date.parse(text)) &&
    dateOf(Date.parse(text) / 86_400_000) === text
  );
}

export interface CalendarLine {
  /** Line of the file, the header being 1. */
  readonly line: number;
  readonly field: 'header' | 'date' | 'kind' | 'name' | 'repeated';
  readonly value: string;
}

const KINDS: Readonly<Record<string, CalendarDay['kind']>> = {
  holiday: 'holiday',
  放假: 'holiday',
  节假日: 'holiday',
  法定节假日: 'holiday',
  休: 'holiday',
  workday: 'workday',
  上班: 'workday',
  调休上班: 'workday',
  班: 'workday',
};
const HEADERS: Readonly<Record<string, keyof CalendarDay>> = {
  date: 'date',
  日期: 'date',
  kind: 'kind',
  类型: 'kind',
  name: 'name',
  名称: 'name',
};

/** Reads `日期,类型,名称` (or `date,kind,name`); every line that cannot be read is named, and then no day is answered. */
export function parseCalendar(csv: string): { days: CalendarDay[]; wrong: CalendarLine[] } {
  const lines = csv
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((text, index) => ({
      line: index + 1,
      cells: text.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')),
    }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const [head, ...rows] = lines;
  const columns = (head?.cells ?? []).map((cell) => HEADERS[cell.toLowerCase()]);
  if (!columns.includes('date') || !columns.includes('kind'))
    return { days: [], wrong: [{ line: head?.line ?? 1, field: 'header', value: (head?.cells ?? []).join(',') }] };
  const wrong: CalendarLine[] = [];
  const days = new Map<string, CalendarDay>();
  for (const { line, cells } of rows) {
    const cell = (field: keyof CalendarDay) => cells[columns.indexOf(field)] ?? '';
    const date = cell('date')
      .replaceAll('/', '-')
      .replace(/-(\d)(?!\d)/g, '-0$1');
    const kind = KINDS[cell('kind').toLowerCase()];
    const name = columns.includes('name') ? cell('name') : '';
    if (!isDate(date)) wrong.push({ line, field: 'date', value: cell('date') });
    else if (!kind) wrong.push({ line, field: 'kind', value: cell('kind') });
    else if (name.length > 40) wrong.push({ line, field: 'name', value: name.slice(0, 40) });
    else if (days.has(date)) wrong.push({ line, field: 'repeated', value: date });
    else days.set(date, { date, kind, name: name || null });
  }
  return { days: wrong.length > 0 ? [] : [...days.values()], wrong };
}

/** Every day between two dates, both included. */
function span(from: string, to: string, name: string): CalendarDay[] {
  const first = Date.parse(from) / 86_400_000;
  const last = Date.parse(to) / 86_400_000;
  return Array.from({ length: last - first + 1 }, (_, n) => ({ date: dateOf(first + n), kind: 'holiday', name }));
}

const works = (name: string, ...dates: string[]): CalendarDay[] =>
  dates.map((date) => ({ date, kind: 'workday', name }));

/**
 * A year of which no holiday is entered and which concerns somebody by now: the running one, in December the coming one,
 * whose notice is out by then; null = none. `today` is a local date.
 */
export function missingYear(days: readonly CalendarDay[], today: string): number | null {
  const year = Number(today.slice(0, 4));
  const needed = today.slice(5, 7) === '12' ? [year, year + 1] : [year];
  const known = new Set(days.filter(({ kind }) => kind === 'holiday').map(({ date }) => Number(date.slice(0, 4))));
  return needed.find((one) => !known.has(one)) ?? null;
}

/**
 * Held against the notices of the State Council's office (国务院办公厅关于部分节假日安排的通知), holidays and make-up days:
 * 2025 国办发明电〔2024〕12号 of 2024-11-12, 2026 国办发明电〔2025〕7号 of 2025-11-04. A later year is entered when its notice is
 * out, each November; until then `missingYear` tells of it.
 */
export const SHIPPED_CALENDAR: readonly CalendarDay[] = [
  ...span('2025-01-01', '2025-01-01', '元旦'),
  ...span('2025-01-28', '2025-02-04', '春节'),
  ...works('春节', '2025-01-26', '2025-02-08'),
  ...span('2025-04-04', '2025-04-06', '清明节'),
  ...span('2025-05-01', '2025-05-05', '劳动节'),
  ...works('劳动节', '2025-04-27'),
  ...span('2025-05-31', '2025-06-02', '端午节'),
  ...span('2025-10-01', '2025-10-08', '国庆节、中秋节'),
  ...works('国庆节、中秋节', '2025-09-28', '2025-10-11'),
  ...span('2026-01-01', '2026-01-03', '元旦'),
  ...works('元旦', '2026-01-04'),
  ...span('2026-02-15', '2026-02-23', '春节'),
  ...works('春节', '2026-02-14', '2026-02-28'),
  ...span('2026-04-04', '2026-04-06', '清明节'),
  ...span('2026-05-01', '2026-05-05', '劳动节'),
  ...works('劳动节', '2026-05-09'),
  ...span('2026-06-19', '2026-06-21', '端午节'),
  ...span('2026-09-25', '2026-09-27', '中秋节'),
  ...span('2026-10-01', '2026-10-07', '国庆节'),
  ...works('国庆节', '2026-09-20', '2026-10-10'),
];

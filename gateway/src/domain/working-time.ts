const DAY = 86_400_000;
const MINUTE = 60_000;
/** Longest run of days looked ahead; a calendar without a working day in it has no deadlines. */
const HORIZON_DAYS = 3_660;

/** When people work. Dates are `YYYY-MM-DD` and times `HH:MM`, both in `zone`. */
export interface WorkingHours {
  readonly zone: string;
  /** ISO days of the week, 1 = Monday. */
  readonly days: readonly number[];
  readonly from: string;
  readonly to: string;
  /** 法定节假日: no work although it is one of `days`. */
  readonly holidays: readonly string[];
  /** 调休上班: work although it is none of `days`. */
  readonly extraDays: readonly string[];
}

export const DEFAULT_WORKING_HOURS: WorkingHours = {
  zone: 'Asia/Shanghai',
  days: [1, 2, 3, 4, 5],
  from: '08:30',
  to: '17:30',
  holidays: [],
  extraDays: [],
};

/** Arithmetic of passing time; all instants and durations in milliseconds. */
export interface WorkingTime {
  /** Counted time in [from, to). */
  between(from: number, to: number): number;
  /** The instant at which `duration` of counted time has passed since `from`; null = never. */
  after(from: number, duration: number): number | null;
}

/** Every minute counts: the clock of critical tickets. */
export const ALWAYS: WorkingTime = {
  between: (from, to) => Math.max(0, to - from),
  after: (from, duration) => from + duration,
};

/** Throws a RangeError naming the field when the hours make no sense. */
export function createWorkingTime(hours: WorkingHours): WorkingTime {
  const from = minuteOf(hours.from, 'from');
  const to = minuteOf(hours.to, 'to');
  if (from >= to) throw new RangeError('working hours: `from` must lie before `to`');
  if (!hours.days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7))
    throw new RangeError('working hours: `days` holds ISO week days 1 to 7');
  const zone = createZone(hours.zone);
  const days = new Set(hours.days);
  const holidays = new Set(hours.holidays);
  const extraDays = new Set(hours.extraDays);

  /** Working window of a local day (days since 1970-01-01), or nothing. */
  const windowOf = (day: number): { start: number; end: number } | undefined => {
    const date = new Date(day * DAY).toISOString().slice(0, 10);
    const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
    if (holidays.has(date) || !(days.has(weekday) || extraDays.has(date))) return undefined;
    return { start: zone.instant(day, from), end: zone.instant(day, to) };
  };

  return {
    between(start, end) {
      let sum = 0;
      const last = zone.day(end);
      for (let day = zone.day(start); day <= last; day++) {
        const window = windowOf(day);
        if (window) sum += Math.max(0, Math.min(end, window.end) - Math.max(start, window.start));
      }
      return sum;
    },
    after(start, duration) {
      let left = duration;
      const first = zone.day(start);
      for (let day = first; day < first + HORIZON_DAYS; day++) {
        const window = windowOf(day);
        if (!window) continue;
        const begin = Math.max(start, window.start);
        if (begin > window.end) continue;
        if (left <= window.end - begin) return begin + left;
        left -= window.end - begin;
      }
      return null;
    },
  };
}

/** Local calendar of a time zone. Day = days since 1970-01-01 in local time. */
export interface Zone {
  day(at: number): number;
  /** Minutes since local midnight. */
  minute(at: number): number;
  /** The instant of a local day and minute. */
  instant(day: number, minute: number): number;
}

/** Throws a RangeError for an unknown zone name. */
export function createZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  /** Offset by UTC hour; zones change theirs on full or half hours, far apart. */
  const offsets = new Map<number, number>();
  const offset = (at: number): number => {
    const slot = Math.floor(at / (30 * MINUTE));
    const known = offsets.get(slot);
    if (known !== undefined) return known;
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
    const local = Date.UTC(
      parts.year ?? 0,
      (parts.month ?? 1) - 1,
      parts.day ?? 1,
      parts.hour ?? 0,
      parts.minute ?? 0,
      parts.second ?? 0,
    );
    const found = local - Math.floor(at / 1_000) * 1_000;
    if (offsets.size > 10_000) offsets.clear();
    offsets.set(slot, found);
    return found;
  };
  return {
    day: (at) => Math.floor((at + offset(at)) / DAY),
    minute: (at) => Math.floor(((((at + offset(at)) % DAY) + DAY) % DAY) / MINUTE),
    instant(day, minute) {
      const local = day * DAY + minute * MINUTE;
      // The offset at the guess decides; a second look corrects it next to a change of the clocks.
      const guess = local - offset(local);
      return local - offset(guess);
    },
  };
}

function minuteOf(time: string, field: string): number {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(time);
  if (!match) throw new RangeError(`working hours: \`${field}\` must look like 08:30`);
  return Number(match[1]) * 60 + Number(match[2]);
}

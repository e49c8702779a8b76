import type { Actor } from '../domain/actor.ts';
import { type AvailabilityFigures, figuresOf, noTime, type Segment, segments, sumsOf } from '../domain/availability.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import { addMonths, type DayRange, monthStart } from '../domain/report-period.ts';
import type { AvailabilityBy, AvailabilityFilter, GroupSums } from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import { GatewayError } from '../errors.ts';
import { type Language, text } from '../messages/index.ts';
import type { ReportsContext } from './context.ts';
import { cut, type PageInput, type PeriodInput, readDay, readPeriod } from './input.ts';
import { namer } from './names.ts';

export interface AvailabilityQuery extends PeriodInput, PageInput {
  readonly by: AvailabilityBy;
  readonly filter: AvailabilityFilter;
  /** Worst first (`rate`), best first (`-rate`), or by name. */
  readonly sort?: 'rate' | '-rate' | 'key';
}

export interface AvailabilityRow extends AvailabilityFigures {
  readonly key: string | null;
  readonly name: string;
  readonly deviceDays: number;
}

export interface AvailabilityReport {
  readonly from: string;
  readonly to: string;
  /** Up to when it was counted, epoch milliseconds; null = nothing yet. */
  readonly through: number | null;
  /** Days of the period that are not computed (before the first device, or not yet). */
  readonly missingDays: number;
  readonly by: AvailabilityBy;
  readonly rules: readonly string[];
  readonly total: AvailabilityFigures & { readonly deviceDays: number };
  readonly items: readonly AvailabilityRow[];
  readonly nextCursor: string | null;
}

export interface DeviceAvailability {
  readonly deviceId: string;
  readonly from: number;
  readonly to: number;
  readonly rules: readonly string[];
  readonly figures: AvailabilityFigures;
  /** How every moment was counted, from the raw rows. */
  readonly segments: readonly Segment[];
}

export interface TrendMonth extends AvailabilityFigures {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly deviceDays: number;
}

export interface DaysQuery {
  readonly days: number;
  /** Absent = everything in reach in one line. */
  readonly by?: AvailabilityBy;
  readonly filter: AvailabilityFilter;
}

export interface DaysReport {
  readonly from: string;
  readonly to: string;
  readonly rules: readonly string[];
  readonly items: readonly {
    readonly key: string | null;
    readonly name: string;
    /** Days that were counted; a rate is null when nothing was expected. */
    readonly days: readonly {
      readonly day: string;
      readonly onlineRate: number | null;
      readonly fitRate: number | null;
    }[];
  }[];
}

/** A month of one device holds what a proof needs; longer would only be slow. */
const MOST_PROOF_DAYS = 62;
const DAY_MS = 86_400_000;
const { outside: _outside, ...NO_TIME } = noTime();
const NOTHING: GroupSums = { key: null, deviceDays: 0, ...NO_TIME };

export function createAvailability(context: ReportsContext) {
  const { store, transactor, calendar, clock } = context;
  const rulesIn = (language: Language) => [
    text(language, 'report.rule.availability'),
    text(language, 'report.rule.fit'),
  ];

  /** Sums of everything in reach. */
  const totalOf = async (scope: Scope, days: DayRange, filter: AvailabilityFilter) => {
    const [sums = NOTHING] = await store.groupSums(transactor.autocommit, scope, days, null, filter);
    return { ...figuresOf(sums), deviceDays: sums.deviceDays };
  };

  const rowsOf = async (
    scope: Scope,
    days: DayRange,
    by: AvailabilityBy,
    filter: AvailabilityFilter,
    language: Language,
  ): Promise<AvailabilityRow[]> => {
    const sums = await store.groupSums(transactor.autocommit, scope, days, by, filter);
    const nameOf = await namer(context, by, sums, language);
    return sums.map((row) => ({ key: row.key, name: nameOf(row.key), ...figuresOf(row), deviceDays: row.deviceDays }));
  };

  const coverage = async (days: DayRange) => {
    const runs = await store.runs(transactor.autocommit, days);
    return {
      through: runs.at(-1)?.through ?? null,
      missingDays: days.last - days.first + 1 - runs.length,
    };
  };

  /** A moment as it is; of a day its beginning, or with `days` = 1 its end. */
  const momentOf = (value: number | string | undefined, path: string, days: 0 | 1): number | undefined => {
    if (typeof value !== 'string') return value;
    return calendar.start(readDay(value, path, calendar, calendar.dayOf(clock.now())) + days);
  };

  return {
    totalOf,
    rowsOf,

    async report(actor: Actor, query: AvailabilityQuery, language: Language): Promise<AvailabilityReport> {
      requireRight(actor, 'reports', 'read');
      const days = readPeriod(query, calendar, clock.now());
      const rows = await rowsOf(actor.scope, days, query.by, query.filter, language);
      const total = sumOf(rows);
      return {
        from: calendar.text(days.first),
        to: calendar.text(days.last),
        ...(await coverage(days)),
        by: query.by,
        rules: rulesIn(language),
        total,
        ...cut(ranked(rows, query.sort ?? 'rate'), query),
      };
    },

    /** One device from its raw rows, with every stretch of time: what a number is defended with. */
    async device(
      actor: Actor,
      id: string,
      range: { readonly from?: number | string; readonly to?: number | string },
      language: Language,
    ): Promise<DeviceAvailability> {
      requireRight(actor, 'reports', 'read');
      const now = clock.now();
      const to = Math.min(momentOf(range.to, 'to', 1) ?? now, now);
      const from = momentOf(range.from, 'from', 0) ?? to - 7 * DAY_MS;
      if (from >= to || to - from > MOST_PROOF_DAYS * DAY_MS) {
        refuseIf([fieldError('from', 'range', 'report.badTimes', { days: MOST_PROOF_DAYS })]);
      }
      const tx = transactor.autocommit;
      const [history] = await store.histories(tx, from, to, { id, scope: actor.scope });
      if (!history) throw new GatewayError('NOT_FOUND');
      const windows = await context.maintenance.intervals(tx, [history.device], from, to);
      const maintenance = windows.map((window) => [window.from, window.to] as const);
      const found = segments({ ...history, maintenance }, from, to);
      return { deviceId: id, from, to, rules: rulesIn(language), figures: figuresOf(sumsOf(found)), segments: found };
    },

    /** Single days up to today, oldest first: of each group, or of everything in reach. */
    async days(actor: Actor, query: DaysQuery, language: Language): Promise<DaysReport> {
      requireRight(actor, 'reports', 'read');
      const today = calendar.dayOf(clock.now());
      const range = { first: today - query.days + 1, last: today };
      const sums = await store.daySums(transactor.autocommit, actor.scope, range, query.by ?? null, query.filter);
      const nameOf = query.by ? await namer(context, query.by, sums, language) : () => '';
      const groups = new Map<string | null, DaysReport['items'][number]['days'][number][]>();
      for (const row of sums) {
        const { onlineRate, fitRate } = figuresOf(row);
        const days = groups.get(row.key) ?? [];
        days.push({ day: calendar.text(row.day), onlineRate, fitRate });
        groups.set(row.key, days);
      }
      const items = [...groups].map(([key, days]) => ({ key, name: nameOf(key), days }));
      return { from: calendar.text(range.first), to: calendar.text(range.last), rules: rulesIn(language), items };
    },

    /** Whole months up to the running one, oldest first. */
    async trend(
      actor: Actor,
      query: { readonly months: number; readonly filter: AvailabilityFilter },
      language: Language,
    ): Promise<{ readonly rules: readonly string[]; readonly items: readonly TrendMonth[] }> {
      requireRight(actor, 'reports', 'read');
      const today = calendar.dayOf(clock.now());
      const ends = Array.from({ length: query.months }, (_, i) =>
        Math.min(today, addMonths(monthStart(today), i - query.months + 2) - 1),
      );
      const sums = await store.monthSums(transactor.autocommit, actor.scope, ends, query.filter);
      const items = sums.map((row) => ({
        month: calendar.text(row.day).slice(0, 7),
        ...figuresOf(row),
        deviceDays: row.deviceDays,
      }));
      return { rules: rulesIn(language), items };
    },
  };
}

export type Availability = ReturnType<typeof createAvailability>;

/** Groups do not overlap, so their sums are the whole. */
function sumOf(rows: readonly AvailabilityRow[]): AvailabilityFigures & { readonly deviceDays: number } {
  const add = (pick: (row: AvailabilityRow) => number) => rows.reduce((sum, row) => sum + pick(row), 0);
  const figures = figuresOf({
    maintenance: add((row) => row.maintenanceMs),
    blind: add((row) => row.blindMs),
    good: add((row) => row.fitMs),
    flawed: add((row) => row.flawedMs),
    stale: add((row) => row.staleMs),
    offline: add((row) => row.offlineMs - row.neverSeenMs - row.suspendedMs),
    unseen: add((row) => row.neverSeenMs),
    suspended: add((row) => row.suspendedMs),
  });
  return { ...figures, deviceDays: add((row) => row.deviceDays) };
}

/** What nothing was expected of stands last either way. */
function ranked(rows: readonly AvailabilityRow[], sort: 'rate' | '-rate' | 'key'): AvailabilityRow[] {
  if (sort === 'key') return [...rows];
  const sign = sort === 'rate' ? 1 : -1;
  return [...rows].sort(
    (a, b) =>
      Number(a.onlineRate === null) - Number(b.onlineRate === null) ||
      sign * ((a.onlineRate ?? 0) - (b.onlineRate ?? 0)) ||
      ((a.key ?? '') < (b.key ?? '') ? -1 : 1),
  );
}

import type { Actor } from '../domain/actor.ts';
import { requireRight } from '../domain/permission.ts';
import type { DayRange } from '../domain/report-period.ts';
import type { AvailabilityFilter, TicketFiguresBy, TicketRange, TicketSums } from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import { type Language, text } from '../messages/index.ts';
import type { ReportsContext } from './context.ts';
import { cut, type PageInput, type PeriodInput, readPeriod } from './input.ts';
import { namer } from './names.ts';

/** The figures of tickets as people read them; durations in milliseconds, shares 0 to 1, null = nothing to divide by. */
export interface TicketFigures extends Omit<TicketSums, 'key' | 'elapsedMs' | 'workingMs' | 'toVerifyMs' | 'medianMs'> {
  /** 平均修复时长: opening to closing, self-recovered ones aside. */
  readonly mttrMs: number | null;
  readonly mttrMedianMs: number | null;
  /** The same in working time. */
  readonly mttrWorkingMs: number | null;
  /** Opening to the last hand-over to 核查. */
  readonly repairMs: number | null;
  readonly reopenRate: number | null;
  readonly falseAlarmRate: number | null;
  readonly selfRecoveryShare: number | null;
  readonly onTimeRate: number | null;
}

export interface TicketFiguresRow extends TicketFigures {
  readonly key: string | null;
  readonly name: string;
}

export interface TicketsQuery extends PeriodInput, PageInput {
  readonly by: TicketFiguresBy;
  readonly filter: AvailabilityFilter;
}

export interface TicketsReport {
  readonly from: string;
  readonly to: string;
  readonly by: TicketFiguresBy;
  /** When `open`, `overdue` and `stages` were counted, whatever the period; epoch milliseconds. */
  readonly openAsOf: number;
  readonly rules: readonly string[];
  readonly total: TicketFigures;
  readonly stages: Readonly<Record<string, number>>;
  readonly items: readonly TicketFiguresRow[];
  readonly nextCursor: string | null;
}

const BATCH = 1_000;
/** What is left over is measured at the next call. */
const MOST_ROUNDS = 500;
/** A ticket may be written a little after the time it carries. */
const OVERLAP_MS = 600_000;

export function createTicketFigures(context: ReportsContext) {
  const { store, transactor, calendar, clock } = context;
  let measuredThrough = 0;
  const time = createZonedTime(context.timeZone);

  /** Day sums tell nobody's part from another's, so only figures of everything are read from them; sites have none. */
  const range = async (
    scope: Scope,
    days: DayRange,
    by: TicketFiguresBy | null,
    filter: AvailabilityFilter,
  ): Promise<TicketRange> => {
    const [from, to, now] = [calendar.start(days.first), calendar.start(days.last + 1), clock.now()];
    const whole = scope.kind === 'all' && by !== 'site' && Object.values(filter).every((value) => value === undefined);
    const summed = whole ? unbroken(await store.ticketDays(transactor.autocommit, days)) : null;
    if (!summed) return { summed: null, raw: [{ from, to }], now };
    const raw = [
      { from, to: calendar.start(summed.first) },
      { from: calendar.start(summed.last + 1), to },
    ];
    return { summed, raw: raw.filter((span) => span.from < span.to), now };
  };

  const totalOf = async (scope: Scope, days: DayRange, filter: AvailabilityFilter): Promise<TicketFigures> => {
    const asked = await range(scope, days, null, filter);
    const { total } = await store.ticketSums(transactor.autocommit, { scope }, asked, null, filter);
    return figures(total ?? NO_TICKETS);
  };

  const tableOf = async (
    scope: Scope,
    days: DayRange,
    by: TicketFiguresBy,
    filter: AvailabilityFilter,
    language: Language,
  ): Promise<{ total: TicketFigures; rows: TicketFiguresRow[] }> => {
    const asked = await range(scope, days, by, filter);
    const sums = await store.ticketSums(transactor.autocommit, { scope }, asked, by, filter);
    const nameOf = await namer(context, by, sums.rows, language);
    const rows = sums.rows
      .map((row) => ({ key: row.key, name: nameOf(row.key), ...figures(row) }))
      .sort((a, b) => b.opened - a.opened || (a.name < b.name ? -1 : 1));
    return { total: figures(sums.total ?? NO_TICKETS), rows };
  };

  return {
    totalOf,
    rowsOf: async (...asked: Parameters<typeof tableOf>) => (await tableOf(...asked)).rows,

    async report(actor: Actor, query: TicketsQuery, language: Language): Promise<TicketsReport> {
      requireRight(actor, 'reports', 'read');
      const now = clock.now();
      const days = readPeriod(query, calendar, now);
      const past = days.last < calendar.dayOf(now);
      const [{ total, rows }, stages] = await Promise.all([
        tableOf(actor.scope, days, query.by, query.filter, language),
        store.openByStage(transactor.autocommit, actor.scope),
      ]);
      return {
        from: calendar.text(days.first),
        to: calendar.text(days.last),
        by: query.by,
        openAsOf: now,
        rules: [
          text(language, 'report.rule.tickets'),
          ...(past ? [text(language, 'report.rule.ticketsNow', { at: time(now).slice(0, 16).replace('T', ' ') })] : []),
        ],
        total,
        stages,
        ...cut(rows, query),
      };
    },

    /** Measures what has ended since the last call; the first call looks at everything. */
    async measure(signal?: AbortSignal): Promise<void> {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        signal?.throwIfAborted();
        const since = measuredThrough === 0 ? 0 : measuredThrough - OVERLAP_MS;
        const found = await store.unmeasured(transactor.autocommit, since, BATCH);
        const working = context.working();
        await store.saveFigures(
          transactor.autocommit,
          found.map(({ id, openedAt, endedAt, verifyingAt, reopened }) => ({
            id,
            endedAt,
            elapsedMs: Math.max(0, endedAt - openedAt),
            workingMs: working.between(openedAt, Math.max(openedAt, endedAt)),
            repairedMs: verifyingAt === null ? null : Math.max(0, verifyingAt - openedAt),
            reopened,
          })),
        );
        measuredThrough = Math.max(measuredThrough, found.at(-1)?.endedAt ?? clock.now());
        if (found.length < BATCH) return;
      }
    },
  };
}

export type TicketFiguresPart = ReturnType<typeof createTicketFigures>;

/** The newest summed days without a gap between them; null = none. */
function unbroken(days: readonly { readonly day: number }[]): DayRange | null {
  const last = days.at(-1)?.day;
  if (last === undefined) return null;
  let first = last;
  for (let i = days.length - 2; i >= 0 && days[i]?.day === first - 1; i--) first--;
  return { first, last };
}

const share = (part: number, of: number) => (of === 0 ? null : part / of);

export function figures(sums: TicketSums): TicketFigures {
  const { key: _, elapsedMs, medianMs, workingMs, toVerifyMs, ...counts } = sums;
  const ended = sums.closed + sums.falseAlarms + sums.cancelled;
  return {
    ...counts,
    mttrMs: elapsedMs,
    mttrMedianMs: medianMs,
    mttrWorkingMs: workingMs,
    repairMs: toVerifyMs,
    reopenRate: share(sums.reopened, sums.closed),
    falseAlarmRate: share(sums.falseAlarms, ended),
    selfRecoveryShare: share(sums.selfRecovered, sums.closed),
    onTimeRate: share(sums.onTime, sums.closed),
  };
}

export const NO_TICKETS: TicketSums = {
  key: null,
  opened: 0,
  closed: 0,
  falseAlarms: 0,
  cancelled: 0,
  selfRecovered: 0,
  reopened: 0,
  onTime: 0,
  repaired: 0,
  elapsedMs: null,
  medianMs: null,
  workingMs: null,
  toVerifyMs: null,
  open: 0,
  overdue: 0,
};

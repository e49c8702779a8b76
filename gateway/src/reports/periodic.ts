import type { Actor } from '../domain/actor.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import { addMonths, type DayRange, periodBefore } from '../domain/report-period.ts';
import type { ReportKind } from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import { type Language, text } from '../messages/index.ts';
import type { Availability, AvailabilityRow } from './availability.ts';
import type { ReportsContext } from './context.ts';
import type { DueReport } from './due.ts';
import { cut, type PageInput, type PeriodInput, readDay, readPeriod } from './input.ts';
import type { TicketFigures, TicketFiguresPart, TicketFiguresRow } from './ticket-figures.ts';
import { hours, hoursDelta, percent, rateDelta } from './words.ts';

export type PeriodKind = Exclude<ReportKind, 'daily'>;

/** One side of the comparison. */
export interface PeriodFigures {
  readonly from: string;
  readonly to: string;
  readonly availability: Awaited<ReturnType<Availability['totalOf']>>;
  readonly tickets: TicketFigures;
}

export interface PeriodRow extends AvailabilityRow {
  /** Place by 在线率, 1 = best; null = nothing was expected. */
  readonly rank: number | null;
  /** The same key in the period before. */
  readonly before: { readonly onlineRate: number | null; readonly fitRate: number | null } | null;
  readonly tickets: TicketFigures | null;
}

export interface PeriodReport {
  readonly kind: PeriodKind;
  readonly rules: readonly string[];
  readonly now: PeriodFigures;
  readonly before: PeriodFigures;
  readonly modules: readonly PeriodRow[];
  readonly vendors: readonly PeriodRow[];
  readonly units: readonly PeriodRow[];
  readonly orgs: readonly PeriodRow[];
}

export type RankedBy = 'module' | 'org' | 'vendor' | 'unit' | 'project';

export interface RankingReport {
  readonly from: string;
  readonly to: string;
  readonly rules: readonly string[];
  readonly items: readonly PeriodRow[];
  readonly nextCursor: string | null;
}

const FORTNIGHT = 14;
const WORST = 3;

/** Biweekly and monthly reports and the league tables in them: figures of a period beside those of the one before. */
export function createPeriodic(context: ReportsContext, availability: Availability, tickets: TicketFiguresPart) {
  const { calendar, clock } = context;
  const rulesIn = (language: Language) => [
    text(language, 'report.rule.availability'),
    text(language, 'report.rule.fit'),
    text(language, 'report.rule.tickets'),
    text(language, 'report.rule.ticketsMade'),
  ];

  const side = async (scope: Scope, days: DayRange): Promise<PeriodFigures> => ({
    from: calendar.text(days.first),
    to: calendar.text(days.last),
    availability: await availability.totalOf(scope, days, {}),
    tickets: await tickets.totalOf(scope, days, {}),
  });

  /** Best first; every row beside its own past and its tickets. */
  const ranking = async (scope: Scope, days: DayRange, by: RankedBy, language: Language): Promise<PeriodRow[]> => {
    const [rows, past, figures] = await Promise.all([
      availability.rowsOf(scope, days, by, {}, language),
      availability.rowsOf(scope, periodBefore(days), by, {}, language),
      tickets.rowsOf(scope, days, by, {}, language),
    ]);
    const pastOf = new Map(past.map((row) => [row.key, row]));
    const ticketsOf = new Map<string | null, TicketFiguresRow>(figures.map((row) => [row.key, row]));
    const sorted = [...rows].sort((a, b) => (b.onlineRate ?? -1) - (a.onlineRate ?? -1) || (a.name < b.name ? -1 : 1));
    return sorted.map((row, index) => {
      const before = pastOf.get(row.key);
      const better = sorted.findIndex((other) => other.onlineRate === row.onlineRate);
      return {
        ...row,
        rank: row.onlineRate === null ? null : Math.min(better, index) + 1,
        before: before ? { onlineRate: before.onlineRate, fitRate: before.fitRate } : null,
        tickets: ticketsOf.get(row.key) ?? null,
      };
    });
  };

  const build = async (scope: Scope, kind: PeriodKind, days: DayRange, language: Language): Promise<PeriodReport> => {
    const [now, before, modules, vendors, units, orgs] = await Promise.all([
      side(scope, days),
      side(scope, periodBefore(days)),
      ranking(scope, days, 'module', language),
      ranking(scope, days, 'vendor', language),
      ranking(scope, days, 'unit', language),
      ranking(scope, days, 'org', language),
    ]);
    return { kind, rules: rulesIn(language), now, before, modules, vendors, units, orgs };
  };

  const words = (report: PeriodReport, language: Language) => {
    const { now, before } = report;
    const title = text(language, 'report.period.title', {
      kind: text(language, `report.kind.${report.kind}`),
      from: now.from,
      to: now.to,
    });
    const [a, t] = [now.availability, now.tickets];
    const mttr = t.mttrMs === null ? text(language, 'report.noFigure') : hours(t.mttrMs);
    const lines = [
      text(language, 'report.period.availability', {
        online: percent(a.onlineRate, language),
        onlineDelta: rateDelta(a.onlineRate, before.availability.onlineRate, language),
        fit: percent(a.fitRate, language),
        fitDelta: rateDelta(a.fitRate, before.availability.fitRate, language),
      }),
      text(language, 'report.period.excluded', { blind: hours(a.blindMs), maintenance: hours(a.maintenanceMs) }),
      text(language, 'report.period.tickets', { ...counts(t) }),
      text(language, 'report.period.repair', {
        mttr,
        mttrDelta: hoursDelta(t.mttrMs, before.tickets.mttrMs, language),
        reopen: percent(t.reopenRate, language),
        falseRate: percent(t.falseAlarmRate, language),
        onTime: percent(t.onTimeRate, language),
      }),
      ...worst(report.vendors, 'report.by.vendor', language),
      ...worst(report.units, 'report.by.unit', language),
      text(language, 'report.period.file'),
    ];
    return { title, text: lines.join('\n') };
  };

  const daysOf = (kind: PeriodKind, period: string | undefined): DayRange => {
    const today = calendar.dayOf(clock.now());
    if (kind === 'biweekly') {
      const first = period === undefined ? today - FORTNIGHT : readDay(period, 'period', calendar, today);
      return { first, last: first + FORTNIGHT - 1 };
    }
    const month = period === undefined ? addMonths(today, -1) : calendar.parse(`${period}-01`);
    if (month === undefined || month > today) refuseIf([fieldError('period', 'month', 'report.badMonth')]);
    const first = month ?? today;
    return { first, last: addMonths(first, 1) - 1 };
  };

  return {
    /** The league table of any period. */
    async table(
      actor: Actor,
      query: PeriodInput & PageInput & { readonly by: RankedBy },
      language: Language,
    ): Promise<RankingReport> {
      requireRight(actor, 'reports', 'read');
      const days = readPeriod(query, calendar, clock.now());
      return {
        from: calendar.text(days.first),
        to: calendar.text(days.last),
        rules: rulesIn(language),
        ...cut(await ranking(actor.scope, days, query.by, language), query),
      };
    },

    async make(due: DueReport & { readonly kind: PeriodKind }) {
      const days = { first: due.period, last: due.last };
      const zh = await build({ kind: 'all' }, due.kind, days, 'zh-CN');
      const en = await build({ kind: 'all' }, due.kind, days, 'en');
      const [chinese, english] = [words(zh, 'zh-CN'), words(en, 'en')];
      return {
        title: { zh: chinese.title, en: english.title },
        text: { zh: chinese.text, en: english.text },
        content: { zh, en },
      };
    },

    /** The figures of the reader's own reach. `period`: `YYYY-MM` of a month, first day of a fortnight. */
    async report(
      actor: Actor,
      query: { readonly kind: PeriodKind; readonly period?: string },
      language: Language,
    ): Promise<PeriodReport> {
      requireRight(actor, 'reports', 'read');
      const days = daysOf(query.kind, query.period);
      // What was made stands as it was sent; parts of it are counted for who sees a part.
      const made =
        actor.scope.kind === 'all'
          ? await context.store.find(context.transactor.autocommit, query.kind, days.first)
          : undefined;
      if (made?.last === days.last && isPair(made.content)) return made.content[language === 'en' ? 'en' : 'zh'];
      return build(actor.scope, query.kind, days, language);
    },
  };
}

export type Periodic = ReturnType<typeof createPeriodic>;

function isPair(content: unknown): content is Readonly<Record<'zh' | 'en', PeriodReport>> {
  return typeof content === 'object' && content !== null && 'zh' in content && 'en' in content;
}

function counts({ opened, closed, selfRecovered, falseAlarms, open, overdue }: TicketFigures) {
  return { opened, closed, selfRecovered, falseAlarms, open, overdue };
}

/** The last few of a league table, worst first; nothing when there is no table to speak of. */
function worst(rows: readonly PeriodRow[], by: 'report.by.vendor' | 'report.by.unit', language: Language): string[] {
  const known = rows.filter((row) => row.key !== null && row.onlineRate !== null);
  if (known.length < 2) return [];
  const list = known
    .slice(-WORST)
    .reverse()
    .map((row) => `${row.name} ${percent(row.onlineRate, language)}`);
  return [
    text(language, 'report.period.ranking', {
      by: text(language, by),
      list: list.join(language === 'en' ? ', ' : '、'),
    }),
  ];
}

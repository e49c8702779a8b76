import { randomUUID } from 'node:crypto';
import type { Actor } from '../domain/actor.ts';
import { type Notice, OF_NO_DEVICE } from '../domain/notice.ts';
import { requireRight } from '../domain/permission.ts';
import { createReportCalendar } from '../domain/report-period.ts';
import type { ReportKind, ReportRow } from '../domain/report-rows.ts';
import { GatewayError } from '../errors.ts';
import { createAvailability } from './availability.ts';
import type { ReportsContext } from './context.ts';
import { createDaily } from './daily.ts';
import { type DueReport, dueReports } from './due.ts';
import { createReportFiles } from './files.ts';
import { createPeriodic } from './periodic.ts';
import { NO_INSPECTIONS, NO_MAINTENANCE } from './ports.ts';
import { createRollup } from './rollup.ts';
import { createTicketFigures } from './ticket-figures.ts';
import { createTicketRollup } from './ticket-rollup.ts';

export type ReportsOptions = Omit<ReportsContext, 'calendar' | 'maintenance' | 'missedInspections'> &
  Partial<Pick<ReportsContext, 'maintenance' | 'missedInspections'>>;

export type Reports = ReturnType<typeof createReports>;

/** Figures and reports. `tick` does all that is to be done by itself; any number of gateways may call it. */
export function createReports(options: ReportsOptions) {
  const context: ReportsContext = {
    maintenance: NO_MAINTENANCE,
    missedInspections: NO_INSPECTIONS,
    ...options,
    calendar: createReportCalendar(options.timeZone),
  };
  const { store, transactor, calendar, clock, log } = context;
  const owner = randomUUID();
  const rollup = createRollup({ ...context, owner });
  const sumTickets = createTicketRollup({ ...context, owner });
  const availability = createAvailability(context);
  const tickets = createTicketFigures(context);
  const daily = createDaily(context);
  const periodic = createPeriodic(context, availability, tickets);

  /** The row of the report, its lines and its notice in one transaction: made means told, once. */
  const make = async (due: DueReport): Promise<boolean> => {
    const made =
      due.kind === 'daily'
        ? await daily.make(due)
        : { ...(await periodic.make({ ...due, kind: due.kind })), items: [] };
    const head = { kind: due.kind, period: due.period, last: due.last, madeAt: clock.now() };
    return transactor.transaction(async (tx) => {
      if (!(await store.claim(tx, head))) return false;
      const row: ReportRow = { ...head, title: made.title, text: made.text, content: made.content };
      await store.finish(tx, row, made.items);
      await context.outbox.add(tx, [noticeOf(row)]);
      return true;
    });
  };

  const noticeOf = ({ kind, period, title, text, madeAt }: ReportRow): Notice => {
    const date = calendar.text(period);
    return {
      ...OF_NO_DEVICE,
      key: `report:${kind}:${date}`,
      subject: `report:${kind}:${date}`,
      event: 'report',
      fault: `report.${kind}`,
      severity: 'info',
      priority: 'normal',
      assigneeId: null,
      handlerOrgId: null,
      report: { kind, period: date, title, text },
      reason: null,
      advice: null,
      at: madeAt,
    };
  };

  /** Nothing is told of a time before there was a device. */
  const makeDue = async (kinds: readonly ReportKind[]): Promise<void> => {
    const due = dueReports(clock.now(), calendar, context.settings()).filter(({ kind }) => kinds.includes(kind));
    for (const report of due) {
      if (await store.made(transactor.autocommit, report.kind, report.period)) continue;
      const firstAt = await store.firstDeviceAt(transactor.autocommit);
      const until = report.kind === 'daily' ? report.dueAt : calendar.start(report.last + 1);
      if (firstAt === null || firstAt >= until) continue;
      if (report.kind !== 'daily' && !(await isCounted(report.last))) continue;
      if (await make(report)) log.info({ kind: report.kind, period: calendar.text(report.period) }, 'report made');
    }
  };

  const isCounted = async (day: number) => {
    const [run] = await store.runs(transactor.autocommit, { first: day, last: day });
    return run !== undefined && run.through >= calendar.start(day + 1);
  };

  return {
    availability: availability.report,
    deviceAvailability: availability.device,
    trend: availability.trend,
    days: availability.days,
    tickets: tickets.report,
    daily: daily.report,
    dailySection: daily.section,
    periodic: periodic.report,
    ranking: periodic.table,
    ...createReportFiles(context, { availability, tickets, daily, periodic }),

    /** Reports as they were sent, newest first; they speak of everything, so only whoever sees everything reads them. */
    async sent(actor: Actor, query: { readonly kind?: ReportKind; readonly limit?: number; readonly before?: number }) {
      requireRight(actor, 'reports', 'read');
      if (actor.scope.kind !== 'all') return { items: [] };
      const page = { before: query.before ?? null, limit: query.limit ?? 50 };
      const items = await store.list(transactor.autocommit, query.kind ?? null, page);
      return {
        items: items.map((row) => ({ ...row, period: calendar.text(row.period), last: calendar.text(row.last) })),
      };
    },

    async sentOne(actor: Actor, query: { readonly kind: ReportKind; readonly period: string }) {
      requireRight(actor, 'reports', 'read');
      const day = calendar.parse(query.period);
      const row =
        actor.scope.kind === 'all' && day !== undefined
          ? await store.find(transactor.autocommit, query.kind, day)
          : undefined;
      if (!row) throw new GatewayError('NOT_FOUND');
      const { title, text, kind, madeAt } = row;
      return { kind, madeAt, title, text, period: calendar.text(row.period), last: calendar.text(row.last) };
    },

    async tick(signal?: AbortSignal): Promise<void> {
      // Each on its own: a computation that fails must not keep the morning's report back.
      const steps = [
        () => tickets.measure(signal),
        () => sumTickets(signal),
        () => rollup.run(signal),
        () => makeDue(['daily']),
        () => makeDue(['biweekly', 'monthly']),
      ];
      const failed: unknown[] = [];
      for (const step of steps) await step().catch((error: unknown) => failed.push(error));
      if (failed.length > 0) throw failed[0];
    },
  };
}

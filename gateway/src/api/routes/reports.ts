import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { ExportPurpose } from '../../domain/export-mark.ts';
import {
  AVAILABILITY_BY,
  type AvailabilityFilter,
  DAILY_SECTIONS,
  REPORT_KINDS,
  TICKET_FIGURES_BY,
} from '../../domain/report-rows.ts';
import type { RouteContext } from '../deps.ts';
import { sendFile } from '../files.ts';
import { listQuery } from '../lists.ts';
import type { ReportFileView } from '../ports/reports.ts';
import { route } from '../route.ts';
import { Enum, IdParams, Strict, TimeIn } from '../schema.ts';
import {
  AvailabilityView,
  DailySectionView,
  DailyView,
  DaysView,
  DeviceAvailabilityView,
  PeriodView,
  RankingView,
  SentReportsView,
  SentReportView,
  TicketsReportView,
  TrendView,
} from '../schemas/report.ts';

const Day = Type.Optional(Type.String({ maxLength: 10, examples: ['2026-11-23'] }));
const period = { from: Day, to: Day };
const paged = { limit: listQuery.limit, cursor: listQuery.cursor };
const Id = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));
const filters = { module: Id, orgId: Id, vendorId: Id, maintenanceUnitId: Id, project: Id, siteId: Id };
const purpose = { purpose: ExportPurpose };
const availabilityBy = { by: Enum(AVAILABILITY_BY, { default: 'module' }) };
const ticketsBy = { by: Enum(TICKET_FIGURES_BY, { default: 'module' }) };
const sort = { sort: Type.Optional(Enum(['rate', '-rate', 'key'], { description: 'Worst first unless told' })) };
const periodic = {
  kind: Enum(['biweekly', 'monthly']),
  period: Type.Optional(
    Type.String({ maxLength: 10, description: 'Month `YYYY-MM`, or first day of a fortnight `YYYY-MM-DD`' }),
  ),
};
const Xlsx = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' });
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** What of a query narrows the figures, apart from the rest. */
function narrowed<Q extends AvailabilityFilter>(query: Q) {
  const { module, orgId, vendorId, maintenanceUnitId, project, siteId, ...rest } = query;
  const all = { module, orgId, vendorId, maintenanceUnitId, project, siteId };
  const filter: AvailabilityFilter = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return { ...rest, filter };
}

const sendReport = (reply: FastifyReply, file: ReportFileView) => sendFile(reply, file.name, 'xlsx', file);

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DayOrTime = Type.Optional(
  Type.String({ maxLength: 40, examples: ['2026-11-23'], description: 'A day, both included, or a time with offset' }),
);

export const reportRoutes = ({ services: { reports }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/reports/daily',
    access: 'reports:read',
    operationId: 'getDailyReport',
    tag: 'reports',
    summary: '巡检日报 of a day as it was made, within reach; that of today before its time as it stands now (`live`)',
    description:
      'Absent `date` = today. Lists begin with their first 20 lines; the rest by `GET /reports/daily/items`.',
    query: Strict({ date: Day }),
    ok: DailyView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, query, language }) => reports.daily(caller, query, language),
  }),
  route({
    method: 'GET',
    url: '/reports/daily/items',
    access: 'reports:read',
    operationId: 'listDailyReportItems',
    tag: 'reports',
    summary: 'One list of a daily report',
    query: Strict({ date: Day, section: Enum(DAILY_SECTIONS), ...paged }),
    ok: DailySectionView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, query }) => reports.dailySection(caller, query),
  }),
  route({
    method: 'GET',
    url: '/reports/daily.xlsx',
    access: 'reports:export',
    operationId: 'exportDailyReport',
    tag: 'reports',
    summary: 'The daily report as a workbook',
    query: Strict({ date: Day, ...purpose }),
    ok: Xlsx,
    produces: XLSX,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, query, reply, language }) =>
      sendReport(reply, await reports.dailyFile(caller, query, language)),
  }),
  route({
    method: 'GET',
    url: '/reports/availability',
    access: 'reports:read',
    operationId: 'getAvailability',
    tag: 'reports',
    summary: '在线率 and 完好率 of a period, with what they are made of',
    description: 'Days are included; absent = the last 30 through today. Today is counted up to `through`.',
    query: Strict({ ...period, ...availabilityBy, ...filters, ...sort, ...paged }),
    ok: AvailabilityView,
    handler: ({ caller, query, language }) => reports.availability(caller, narrowed(query), language),
  }),
  route({
    method: 'GET',
    url: '/reports/availability.xlsx',
    access: 'reports:export',
    operationId: 'exportAvailability',
    tag: 'reports',
    summary: 'Availability as a workbook',
    query: Strict({ ...period, ...availabilityBy, ...filters, ...sort, ...purpose }),
    ok: Xlsx,
    produces: XLSX,
    handler: async ({ caller, query, reply, language }) =>
      sendReport(reply, await reports.availabilityFile(caller, narrowed(query), language)),
  }),
  route({
    method: 'GET',
    url: '/reports/availability/trend',
    access: 'reports:read',
    operationId: 'getAvailabilityTrend',
    tag: 'reports',
    summary: 'Availability by month, the running one last',
    query: Strict({ months: Type.Integer({ minimum: 1, maximum: 36, default: 12 }), ...filters }),
    ok: TrendView,
    handler: ({ caller, query, language }) => reports.trend(caller, narrowed(query), language),
  }),
  route({
    method: 'GET',
    url: '/reports/availability/days',
    access: 'reports:read',
    operationId: 'getAvailabilityDays',
    tag: 'reports',
    summary: 'Availability by day, today last: of each group, or of everything in reach when `by` is absent',
    query: Strict({
      days: Type.Integer({ minimum: 2, maximum: 62, default: 30 }),
      by: Type.Optional(Enum(AVAILABILITY_BY)),
      ...filters,
    }),
    ok: DaysView,
    handler: ({ caller, query, language }) => reports.days(caller, narrowed(query), language),
  }),
  route({
    method: 'GET',
    url: '/reports/availability/devices/:id',
    access: 'reports:read',
    operationId: 'getDeviceAvailability',
    tag: 'reports',
    summary: 'Availability of one device from the raw records, and how every moment counted',
    description: 'Days (both included) or any times, at most 62 days; absent = the last 7 days.',
    params: IdParams,
    query: Strict({ from: DayOrTime, to: DayOrTime }),
    ok: DeviceAvailabilityView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, query: { from, to }, language }) =>
      reports.deviceAvailability(
        caller,
        params.id,
        {
          ...(from === undefined ? {} : { from: DATE.test(from) ? from : times.parse(from, '/from') }),
          ...(to === undefined ? {} : { to: DATE.test(to) ? to : times.parse(to, '/to') }),
        },
        language,
      ),
  }),
  route({
    method: 'GET',
    url: '/reports/tickets',
    access: 'reports:read',
    operationId: 'getTicketFigures',
    tag: 'reports',
    summary: 'MTTR, re-open, false-alarm and on-time rate of a period; open and overdue now',
    query: Strict({ ...period, ...ticketsBy, ...filters, ...paged }),
    ok: TicketsReportView,
    handler: ({ caller, query, language }) => reports.tickets(caller, narrowed(query), language),
  }),
  route({
    method: 'GET',
    url: '/reports/tickets.xlsx',
    access: 'reports:export',
    operationId: 'exportTicketFigures',
    tag: 'reports',
    summary: 'Figures of tickets as a workbook',
    query: Strict({ ...period, ...ticketsBy, ...filters, ...purpose }),
    ok: Xlsx,
    produces: XLSX,
    handler: async ({ caller, query, reply, language }) =>
      sendReport(reply, await reports.ticketsFile(caller, narrowed(query), language)),
  }),
  route({
    method: 'GET',
    url: '/reports/ranking',
    access: 'reports:read',
    operationId: 'getRanking',
    tag: 'reports',
    summary: 'League table of a period: 在线率 beside the period before, and tickets; best first',
    query: Strict({
      ...period,
      by: Enum(['vendor', 'unit', 'org', 'module', 'project'], { default: 'vendor' }),
      ...paged,
    }),
    ok: RankingView,
    handler: ({ caller, query, language }) => reports.ranking(caller, query, language),
  }),
  route({
    method: 'GET',
    url: '/reports/periodic',
    access: 'reports:read',
    operationId: 'getPeriodicReport',
    tag: 'reports',
    summary: 'Biweekly or monthly report (双周报, 月报) within reach, beside the period before',
    query: Strict(periodic),
    ok: PeriodView,
    handler: ({ caller, query, language }) => reports.periodic(caller, query, language),
  }),
  route({
    method: 'GET',
    url: '/reports/periodic.xlsx',
    access: 'reports:export',
    operationId: 'exportPeriodicReport',
    tag: 'reports',
    summary: 'Biweekly or monthly report as a workbook',
    query: Strict({ ...periodic, ...purpose }),
    ok: Xlsx,
    produces: XLSX,
    handler: async ({ caller, query, reply, language }) =>
      sendReport(reply, await reports.periodicFile(caller, query, language)),
  }),
  route({
    method: 'GET',
    url: '/reports/sent',
    access: 'reports:read',
    operationId: 'listSentReports',
    tag: 'reports',
    summary: 'Reports as they were sent, newest first; empty for who does not see everything',
    query: Strict({
      kind: Type.Optional(Enum(REPORT_KINDS)),
      before: Type.Optional(TimeIn),
      limit: listQuery.limit,
    }),
    ok: SentReportsView,
    handler: ({ caller, query: { before, ...query } }) =>
      reports.sent(caller, { ...query, ...(before === undefined ? {} : { before: times.parse(before, '/before') }) }),
  }),
  route({
    method: 'GET',
    url: '/reports/sent/:kind/:period',
    access: 'reports:read',
    operationId: 'getSentReport',
    tag: 'reports',
    summary: 'The words of one report as they were sent',
    params: Type.Object({ kind: Enum(REPORT_KINDS), period: Type.String({ minLength: 10, maxLength: 10 }) }),
    unfittingPathIsUnknown: true,
    ok: SentReportView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => reports.sentOne(caller, params),
  }),
];

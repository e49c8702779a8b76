import Type, { type TSchema } from 'typebox';
import { TIME_CLASSES } from '../../domain/availability.ts';
import { AVAILABILITY_BY, DAILY_SECTIONS, REPORT_KINDS, TICKET_FIGURES_BY } from '../../domain/report-rows.ts';
import { Dict, Enum, List, Named, Nullable, TimeOut, Title } from '../schema.ts';

const Ms = (description?: string) => Type.Number(description === undefined ? {} : { description });
const Rate = (description: string) => Nullable(Type.Number({ minimum: 0, maximum: 1, description }));
const Rules = List(Type.String({ description: 'How the numbers are made, in words' }));
const Day = Type.String({ examples: ['2026-11-23'] });
const keyed = { key: Nullable(Type.String({ description: 'null = none is assigned' })), name: Type.String() };
const OptionalText = Type.Optional(Nullable(Type.String()));

const figures = {
  countedMs: Ms('In service'),
  maintenanceMs: Ms('Excluded: approved maintenance'),
  blindMs: Ms('Excluded: the gateway itself could not hear'),
  expectedMs: Ms('Denominator of both rates: in service less what is excluded'),
  onlineMs: Ms(),
  fitMs: Ms('Online with fresh data and a good picture'),
  staleMs: Ms('Online, data not updated'),
  flawedMs: Ms('Online, bad picture or flapping'),
  offlineMs: Ms('With neverSeenMs and suspendedMs'),
  neverSeenMs: Ms(),
  suspendedMs: Ms(),
  onlineRate: Rate('在线率; null = nothing was expected'),
  fitRate: Rate('完好率'),
};
const counted = { ...figures, deviceDays: Type.Integer({ description: 'Devices × days in service' }) };

const tickets = {
  opened: Type.Integer(),
  closed: Type.Integer(),
  falseAlarms: Type.Integer(),
  cancelled: Type.Integer(),
  selfRecovered: Type.Integer(),
  reopened: Type.Integer(),
  onTime: Type.Integer(),
  repaired: Type.Integer({ description: 'Closed and not recovered by themselves: what the times are of' }),
  open: Type.Integer({ description: 'Now' }),
  overdue: Type.Integer({ description: 'Now' }),
  mttrMs: Nullable(Ms('Opening to closing, mean')),
  mttrMedianMs: Nullable(Ms()),
  mttrWorkingMs: Nullable(Ms('The same in working time')),
  repairMs: Nullable(Ms('Opening to the last hand-over to 核查')),
  reopenRate: Rate('reopened ÷ closed'),
  falseAlarmRate: Rate('falseAlarms ÷ (closed + falseAlarms + cancelled)'),
  selfRecoveryShare: Rate('selfRecovered ÷ closed'),
  onTimeRate: Rate('onTime ÷ closed'),
};
const TicketFigures = Named('TicketFigures', Type.Object(tickets));

const paged = <T extends TSchema>(item: T) => ({ items: List(item), nextCursor: Nullable(Type.String()) });

export const AvailabilityView = Named(
  'AvailabilityReport',
  Type.Object({
    from: Day,
    to: Day,
    through: Nullable(TimeOut),
    missingDays: Type.Integer({ description: 'Days without figures: before the first device, or not computed yet' }),
    by: Enum(AVAILABILITY_BY),
    rules: Rules,
    total: Type.Object(counted),
    ...paged(Type.Object({ ...keyed, ...counted })),
  }),
);

export const DeviceAvailabilityView = Named(
  'DeviceAvailability',
  Type.Object({
    deviceId: Type.String(),
    from: TimeOut,
    to: TimeOut,
    rules: Rules,
    figures: Type.Object(figures),
    segments: List(Type.Object({ from: TimeOut, to: TimeOut, class: Enum(TIME_CLASSES) })),
  }),
);

export const DaysView = Named(
  'AvailabilityDays',
  Type.Object({
    from: Type.String({ examples: ['2026-10-25'] }),
    to: Type.String({ examples: ['2026-11-23'] }),
    rules: Rules,
    items: List(
      Type.Object({
        key: Nullable(Type.String()),
        name: Type.String(),
        days: List(
          Type.Object(
            {
              day: Type.String({ examples: ['2026-11-23'] }),
              onlineRate: Rate('在线率; null = nothing was expected'),
              fitRate: Rate('完好率'),
            },
            { description: 'A day that was not counted is absent' },
          ),
        ),
      }),
    ),
  }),
);
export const TrendView = Named(
  'AvailabilityTrend',
  Type.Object({
    rules: Rules,
    items: List(Type.Object({ month: Type.String({ examples: ['2026-11'] }), ...counted })),
  }),
);

export const TicketsReportView = Named(
  'TicketsReport',
  Type.Object({
    from: Day,
    to: Day,
    by: Enum(TICKET_FIGURES_BY),
    openAsOf: TimeOut,
    rules: Rules,
    total: TicketFigures,
    stages: Dict(Type.Integer()),
    ...paged(Type.Object({ ...keyed, ...tickets })),
  }),
);

const totals = {
  total: Type.Integer(),
  online: Type.Integer(),
  offline: Type.Integer(),
  degraded: Type.Integer({ description: 'Online with a fault, or data not updated' }),
  neverSeen: Type.Integer(),
  suspended: Type.Integer(),
};
const DailyItemView = Named(
  'DailyReportItem',
  Type.Object({
    section: Enum([...DAILY_SECTIONS, 'totals']),
    module: Nullable(Type.String()),
    orgId: Nullable(Type.String()),
    vendorId: Nullable(Type.String()),
    maintenanceUnitId: Nullable(Type.String()),
    handlerOrgId: Nullable(Type.String()),
    content: Type.Object({
      deviceId: Type.Optional(Type.String()),
      name: OptionalText,
      siteName: OptionalText,
      orgName: OptionalText,
      unitName: OptionalText,
      reason: OptionalText,
      since: Type.Optional(Nullable(TimeOut)),
      until: Type.Optional(Nullable(TimeOut)),
      ticketNo: Type.Optional(Type.String()),
      fault: Type.Optional(Type.String()),
      dueAt: Type.Optional(Nullable(TimeOut)),
      stage: Type.Optional(Type.String()),
      task: Type.Optional(Type.String()),
    }),
  }),
);

export const DailyView = Named(
  'DailyReport',
  Type.Object({
    date: Day,
    madeAt: TimeOut,
    live: Type.Boolean({ description: 'Not made yet: what it would say now' }),
    rules: Rules,
    totals: Type.Object(totals),
    modules: List(Type.Object({ ...keyed, ...totals })),
    sections: List(
      Type.Object({
        section: Enum(DAILY_SECTIONS),
        name: Type.String(),
        count: Type.Integer(),
        items: List(DailyItemView),
      }),
    ),
  }),
);
export const DailySectionView = Type.Object(paged(DailyItemView));

const side = Type.Object({ from: Day, to: Day, availability: Type.Object(counted), tickets: TicketFigures });
const RankedView = Named(
  'RankedRow',
  Type.Object({
    ...keyed,
    rank: Nullable(Type.Integer()),
    ...counted,
    before: Nullable(Type.Object({ onlineRate: Rate('在线率'), fitRate: Rate('完好率') })),
    tickets: Nullable(TicketFigures),
  }),
);
export const PeriodView = Named(
  'PeriodReport',
  Type.Object({
    kind: Enum(['biweekly', 'monthly']),
    rules: Rules,
    now: side,
    before: side,
    modules: List(RankedView),
    vendors: List(RankedView),
    units: List(RankedView),
    orgs: List(RankedView),
  }),
);
export const RankingView = Named('Ranking', Type.Object({ from: Day, to: Day, rules: Rules, ...paged(RankedView) }));

const sent = { kind: Enum(REPORT_KINDS), period: Day, last: Day, madeAt: TimeOut, title: Title };
export const SentReportsView = Type.Object({ items: List(Type.Object(sent)) });
export const SentReportView = Named('SentReport', Type.Object({ ...sent, text: Title }));

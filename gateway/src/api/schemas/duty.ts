import Type from 'typebox';
import { ESCALATION_REASONS } from '../../domain/escalation.ts';
import { Enum, List, Named, Nullable, Strict, TimeIn, TimeOut } from '../schema.ts';

const Text = Type.String();
const Id = Type.String({ minLength: 1, maxLength: 64 });
const LocalDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2026-10-01'] });

const day = {
  date: LocalDate,
  kind: Enum(['holiday', 'workday'], { description: '法定节假日, 调休上班' }),
  name: Nullable(Type.String({ minLength: 1, maxLength: 40 })),
};
export const CalendarQuery = Strict({ year: Type.Optional(Type.Integer({ minimum: 2_000, maximum: 2_200 })) });
export const CalendarView = Named(
  'CalendarYear',
  Type.Object({
    year: Type.Integer(),
    days: List(Type.Object(day)),
    known: Type.Boolean({ description: 'Whether any holiday of the year is entered' }),
    warning: Nullable(Type.String({ description: 'That week days alone decide, as long as it is not known' })),
  }),
);
export const CalendarBody = Named(
  'CalendarChange',
  Strict({
    csv: Type.Optional(
      Type.String({ maxLength: 200_000, description: '日期,类型,名称 or date,kind,name, a day a line' }),
    ),
    days: Type.Optional(
      Type.Array(Strict({ ...day, name: Type.Optional(day.name) }), { minItems: 1, maxItems: 2_000 }),
    ),
    remove: Type.Optional(Type.Array(LocalDate, { minItems: 1, maxItems: 2_000 })),
    replaceYears: Type.Optional(Type.Boolean({ description: 'The years named lose what they held before' })),
  }),
);
export const CalendarChangedView = Type.Object({
  entered: Type.Integer(),
  removed: Type.Integer(),
  years: List(Type.Integer()),
});

export const DutyQuery = Strict({ orgId: Id, module: Type.Optional(Id), at: Type.Optional(TimeIn) });
export const DutyView = Named(
  'DutyNow',
  Type.Object({
    orgId: Text,
    module: Nullable(Text),
    at: TimeOut,
    userId: Nullable(Text),
    why: Enum(['shift', 'substitute', 'responsible', 'responsibleSubstitute', 'dutyDesk', 'nobody']),
    text: Text,
    shiftId: Nullable(Text),
    insteadOf: List(Text),
  }),
);
export const GapQuery = Strict({
  orgId: Id,
  module: Type.Optional(Id),
  from: Type.Optional(TimeIn),
  to: Type.Optional(TimeIn),
});
export const GapView = Named('DutyGap', Type.Object({ from: TimeOut, to: TimeOut, text: Text }));

export const AbsenceView = Named(
  'Absence',
  Type.Object({
    id: Text,
    userId: Text,
    from: TimeOut,
    to: TimeOut,
    substituteId: Nullable(Text),
    reason: Nullable(Text),
  }),
);
export const AbsenceQuery = Strict({ userId: Type.Optional(Id) });
export const AbsenceBody = Named(
  'NewAbsence',
  Strict({
    userId: Id,
    from: TimeIn,
    to: TimeIn,
    substituteId: Type.Optional(Nullable(Id)),
    reason: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200 }))),
  }),
);

export const EscalationView = Named(
  'Escalation',
  Type.Object({
    level: Type.Integer({ description: '1 = 承办单位负责人 and 牵头部门, 2 = 城运中心, 3 = 分管领导' }),
    round: Type.String({ description: 'Stage and beginning of its clock' }),
    reason: Enum(ESCALATION_REASONS),
    state: Enum(['done', 'pending', 'confirmed', 'declined']),
    orgIds: List(Text),
    at: TimeOut,
    decidedBy: Nullable(Text),
    decidedAt: Nullable(TimeOut),
    decisionNote: Nullable(Text),
  }),
);
export const EscalationBody = Named(
  'EscalationDecision',
  Strict({
    decision: Enum(['confirm', 'decline', 'raise'], {
      description: 'What waits goes higher or does not (视情); `raise` goes higher before its time',
    }),
    reason: Type.String({ minLength: 1, maxLength: 2_000 }),
  }),
);

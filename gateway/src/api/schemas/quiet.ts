import Type from 'typebox';
import { ObjectId } from '../../domain/device-input.ts';
import { QUIET_NAME, QUIET_REASON, QuietScopeInput, RepeatInput, SilenceScopeInput } from '../../domain/quiet-input.ts';
import { QUIET_KINDS } from '../../domain/quiet-rows.ts';
import { Dict, Enum, List, Named, Nullable, Strict, TimeIn, TimeOut } from '../schema.ts';

const Text = Type.String();
const Texts = Type.Optional(List(Text));
const states = ['proposed', 'approved', 'refused'] as const;
const confirm = Type.Optional(Type.Boolean({ description: 'It is meant although a 重保 goes on there' }));

const ScopeView = Type.Object(
  {
    devices: Texts,
    sites: Texts,
    orgs: Texts,
    modules: Texts,
    vendors: Texts,
    types: Texts,
    labels: Type.Optional(Dict(Text)),
    faults: Texts,
  },
  { description: 'A device is in each list there is; orgs reach all below them' },
);

export const QuietTimeView = Named(
  'QuietTime',
  Type.Object({
    id: Text,
    kind: Enum(QUIET_KINDS),
    name: Text,
    reason: Text,
    scope: ScopeView,
    partial: Type.Boolean({ description: 'The scope names more than you may see' }),
    startsAt: TimeOut,
    endsAt: TimeOut,
    repeats: Nullable(
      Type.Object({ every: Enum(['day', 'week', 'month']), days: Type.Optional(List(Type.Integer())) }),
    ),
    repeatsUntil: Nullable(TimeOut),
    state: Enum(states, { description: 'Only an approved one keeps quiet and excuses time from 在线率' }),
    active: Type.Boolean({ description: 'It holds at this moment' }),
    createdBy: Text,
    createdByName: Type.Optional(Nullable(Text)),
    createdAt: TimeOut,
    decidedBy: Nullable(Text),
    decidedAt: Nullable(TimeOut),
    decisionNote: Nullable(Text),
    endedAt: Nullable(TimeOut),
    endedBy: Nullable(Text),
    remark: Type.Optional({ ...Text, description: 'What it does not hold back; in the answer to its creation' }),
  }),
);

export const MaintenanceInput = Strict({
  name: Type.Optional(QUIET_NAME),
  reason: QUIET_REASON,
  scope: QuietScopeInput,
  startsAt: TimeIn,
  endsAt: TimeIn,
  repeats: Type.Optional(RepeatInput),
  repeatsUntil: Type.Optional(TimeIn),
  confirm,
});
export const SilenceInput = Strict({
  name: Type.Optional(QUIET_NAME),
  reason: QUIET_REASON,
  scope: SilenceScopeInput,
  startsAt: Type.Optional(TimeIn),
  endsAt: TimeIn,
});
export const SecurityInput = Strict({
  name: QUIET_NAME,
  reason: QUIET_REASON,
  scope: QuietScopeInput,
  startsAt: Type.Optional(TimeIn),
  endsAt: TimeIn,
});
export const DrillInput = Strict({ name: QUIET_NAME, reason: QUIET_REASON, scope: QuietScopeInput, endsAt: TimeIn });

export const QuietPreviewInput = Strict({
  scope: SilenceScopeInput,
  startsAt: Type.Optional(TimeIn),
  endsAt: Type.Optional(TimeIn),
  repeats: Type.Optional(RepeatInput),
  repeatsUntil: Type.Optional(TimeIn),
});
const Span = { from: TimeOut, to: TimeOut };
export const QuietPreviewView = Named(
  'QuietPreview',
  Type.Object({
    total: Type.Integer({ description: 'Devices it is about, of those you see' }),
    devices: List(Type.Object({ id: Text, name: Text })),
    occurrences: List(Type.Object(Span)),
  }),
);
export const CalendarView = Type.Object({
  items: List(Type.Object({ id: Text, kind: Enum(QUIET_KINDS), name: Text, state: Enum(states), ...Span })),
});

export const QuietEndInput = Strict({ reason: QUIET_REASON });
export const WindowDecisionInput = Strict({ note: Type.Optional(QUIET_REASON), confirm });
export const WindowRefusalInput = Strict({ note: QUIET_REASON });

export const DrillFaultsInput = Strict({
  faults: Type.Array(
    Strict({
      deviceId: ObjectId,
      fault: Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z][A-Za-z0-9._-]*$' }),
    }),
    { minItems: 1, maxItems: 100 },
  ),
});
export const DrillFaultsView = Type.Object({
  items: List(Type.Object({ deviceId: Text, fault: Text, ticketId: Text, by: Text, at: TimeOut })),
});

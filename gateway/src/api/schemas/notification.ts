import Type from 'typebox';
import { Name } from '../../domain/device-input.ts';
import { NOTICE_EVENTS } from '../../domain/notice.ts';
import type { RuleTimes } from '../../domain/notification-rows.ts';
import { SEVERITIES } from '../../domain/reading.ts';
import { TICKET_STAGES } from '../../domain/ticket.ts';
import { Enum, List, Named, Nullable, Secret, Strict, TimeIn, TimeOut } from '../schema.ts';

const Text = Type.String();
const LANGUAGES = ['zh-CN', 'en'] as const;
export const ChannelView = Named(
  'NotificationChannel',
  Type.Object({
    id: Text,
    name: Text,
    kind: Text,
    config: Type.Unsafe<unknown>({ description: 'Settings of the kind; values of headers are hidden' }),
    enabled: Type.Boolean(),
    hasSecret: Type.Boolean(),
  }),
);
export const ChannelWithSecret = Type.Object({ channel: ChannelView, secret: Secret('Shown once') });
const channel = {
  name: Name,
  kind: Type.String({
    minLength: 1,
    maxLength: 40,
    examples: ['wecom', 'dingtalk', 'feishu', 'smtp', 'webhook', 'deadMan'],
  }),
  config: Type.Unsafe<unknown>({ type: 'object', examples: [{ url: 'https://ops.example/hook' }] }),
  enabled: Type.Optional(Type.Boolean()),
  secret: Type.Optional(
    Type.String({
      minLength: 4,
      maxLength: 512,
      description:
        'Key of the platform, password of the mail account, or HMAC-SHA256 key; absent = made where it can be',
    }),
  ),
};
export const ChannelInput = Strict(channel);
export const ChannelPatch = Strict({
  ...channel,
  name: Type.Optional(channel.name),
  kind: Type.Optional(channel.kind),
  config: Type.Optional(channel.config),
});
const words = Nullable(Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100 }));
const stages = Nullable(Type.Array(Enum(TICKET_STAGES), { maxItems: TICKET_STAGES.length }));
export const RuleView = Named(
  'NotificationRule',
  Type.Object({
    id: Text,
    channelId: Text,
    enabled: Type.Boolean(),
    faults: Nullable(List(Text)),
    minSeverity: Enum(SEVERITIES),
    stages: Nullable(List(Enum(TICKET_STAGES))),
    modules: Nullable(List(Text)),
    orgIds: Nullable(List(Text)),
    lifeSafety: Nullable(Type.Boolean()),
    level: Type.Integer(),
    events: Nullable(List(Enum(NOTICE_EVENTS))),
    times: Nullable(Type.Unsafe<RuleTimes>({ description: 'As given' })),
    language: Nullable(Enum(LANGUAGES)),
  }),
);
const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['08:30'] });
const Times = Type.Union([
  Strict({ when: Enum(['working', 'off'] as const, { description: 'Working hours, or all the rest' }) }),
  Strict({
    days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7, description: '1 = Monday' }),
    from: Clock,
    to: Clock,
  }),
]);
const rule = {
  enabled: Type.Optional(Type.Boolean()),
  faults: Type.Optional(words),
  minSeverity: Type.Optional(Enum(SEVERITIES)),
  stages: Type.Optional(stages),
  modules: Type.Optional(words),
  orgIds: Type.Optional(words),
  lifeSafety: Type.Optional(Nullable(Type.Boolean())),
  level: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 3,
      default: 1,
      description: '2 and 3 are told when nobody acknowledges, and of what was escalated',
    }),
  ),
  events: Type.Optional(
    Nullable(
      Type.Array(Enum(NOTICE_EVENTS), { maxItems: NOTICE_EVENTS.length, description: 'null = all but `stage`' }),
    ),
  ),
  times: Type.Optional(Nullable(Times)),
  language: Type.Optional(Nullable(Enum(LANGUAGES))),
};
export const RuleInput = Strict({ channelId: Type.String({ minLength: 1, maxLength: 64 }), ...rule });
export const RulePatch = Strict({ channelId: Type.Optional(RuleInput.properties.channelId), ...rule });

const OUTBOX_STATES = ['pending', 'sent', 'dead', 'skipped'] as const;
const rowFields = {
  id: Type.Integer(),
  channelId: Text,
  state: Enum(OUTBOX_STATES),
  attempts: Type.Integer(),
  detail: Nullable(Text),
  sentAt: Nullable(TimeOut),
  repeated: Type.Integer({ description: 'How often it was said again' }),
  message: Nullable(Type.String({ description: 'The message it went out in; rows of one digest share it' })),
  acknowledgedAt: Nullable(TimeOut),
  acknowledgedBy: Nullable(Text),
};
export const OutboxRowView = Named(
  'Notification',
  Type.Object({
    ...rowFields,
    key: Text,
    event: Enum(NOTICE_EVENTS),
    lifeSafety: Type.Boolean(),
    level: Type.Integer(),
    notice: Type.Unsafe<object>({ description: 'The facts it tells' }),
    createdAt: TimeOut,
    nextAt: TimeOut,
  }),
);
export const OutboxQuery = Strict({
  state: Type.Optional(Enum(OUTBOX_STATES, { description: '`dead` = the dead letters' })),
  channelId: Type.Optional(Type.String({ maxLength: 64 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: '`nextCursor` of the page before' })),
});
export const ResendInput = Strict({ ids: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 1_000 }) });
export const SendOutcome = Type.Object({ outcome: Enum(['sent', 'retry', 'permanent']), detail: Text });
export const AcknowledgementView = Type.Object({
  at: TimeOut,
  by: Text,
  until: Type.Optional(TimeOut),
});
export const AcknowledgementInput = Strict({
  note: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })),
  until: Type.Optional(TimeIn),
});

const RuleReading = Type.Object({
  ruleId: Text,
  channelId: Text,
  channelName: Nullable(Text),
  matched: Type.Boolean(),
  why: Nullable(
    Type.String({
      description:
        'First reason against it: disabled, channelDisabled, event, stage, level, lifeSafety, fault, severity, module, org, times, notTold, notThen (made, changed or enabled since); or otherRuleFirst, widened',
    }),
  ),
});
export const AnalysisView = Named(
  'NotificationAnalysis',
  Type.Object({
    neverRaised: Type.Boolean({ description: 'Held, quiet, or nothing that files a ticket' }),
    quiet: List(Type.Object({ incidentId: Text, state: Text, reasons: List(Text) })),
    notices: List(
      Type.Object({
        key: Text,
        event: Enum(NOTICE_EVENTS),
        at: TimeOut,
        title: Text,
        lifeSafety: Type.Boolean(),
        level: Type.Integer(),
        channels: Type.Integer({ description: 'How many channels it was meant for when it was raised' }),
        rules: List(RuleReading),
        sent: List(Type.Object({ ...rowFields, channelName: Nullable(Text), nextAt: Nullable(TimeOut) })),
      }),
    ),
  }),
);
export const AnalysisQuery = Strict({
  ticketId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  incidentId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});
/** A notice as far as rules look at it. */
export const RuleTestInput = Strict({
  event: Type.Optional(Enum(NOTICE_EVENTS)),
  fault: Type.String({ minLength: 1, maxLength: 100, examples: ['offline', 'smoke'] }),
  severity: Type.Optional(Enum(SEVERITIES)),
  lifeSafety: Type.Optional(Type.Boolean()),
  module: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 64 }))),
  orgId: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 64 }))),
  stage: Type.Optional(Nullable(Enum(TICKET_STAGES))),
  level: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
  at: Type.Optional(TimeIn),
});
export const RuleTestView = Type.Object({ title: Text, rules: List(RuleReading) });

import Type from 'typebox';
import { Name } from '../../domain/device-input.ts';
import { SEVERITIES } from '../../domain/reading.ts';
import { TICKET_STAGES } from '../../domain/ticket.ts';
import { Enum, List, Named, Nullable, Secret, Strict } from '../schema.ts';

const Text = Type.String();
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
export const ChannelWithSecret = Type.Object({ channel: ChannelView, secret: Secret('HMAC-SHA256 key; shown once') });
const channel = {
  name: Name,
  kind: Type.String({ minLength: 1, maxLength: 40, examples: ['webhook'] }),
  config: Type.Unsafe<unknown>({ type: 'object', examples: [{ url: 'https://ops.example/hook' }] }),
  enabled: Type.Optional(Type.Boolean()),
  secret: Type.Optional(Type.String({ minLength: 16, maxLength: 256, description: 'HMAC-SHA256 key; absent = made' })),
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
  }),
);
const rule = {
  enabled: Type.Optional(Type.Boolean()),
  faults: Type.Optional(words),
  minSeverity: Type.Optional(Enum(SEVERITIES)),
  stages: Type.Optional(stages),
  modules: Type.Optional(words),
  orgIds: Type.Optional(words),
  lifeSafety: Type.Optional(Nullable(Type.Boolean())),
};
export const RuleInput = Strict({ channelId: Type.String({ minLength: 1, maxLength: 64 }), ...rule });
export const RulePatch = Strict({ channelId: Type.Optional(RuleInput.properties.channelId), ...rule });

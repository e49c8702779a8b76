import Type from 'typebox';
import { ORG_KINDS, OrgInput } from '../../domain/catalogue-input.ts';
import { Name, ObjectId } from '../../domain/device-input.ts';
import { HEALTH_STATES } from '../../domain/health.ts';
import { ROLES } from '../../domain/permission.ts';
import { SEVERITIES } from '../../domain/reading.ts';
import { SettingsInput } from '../../domain/settings.ts';
import { TICKET_STAGES } from '../../domain/ticket.ts';
import { Anything, Dict, Enum, List, Named, Nullable, Secret, Strict, TimeIn, TimeOut } from '../schema.ts';
import { LocationView } from './device.ts';

const Text = Type.String();
const Title = Type.Object({ zh: Text, en: Text });
export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });

// ── people ──
export const UserView = Named(
  'User',
  Type.Object({
    id: Text,
    username: Text,
    name: Text,
    role: Enum(ROLES),
    orgId: Nullable(Text),
    scopeOrgIds: Nullable(List(Text)),
    vendorId: Nullable(Text),
    phone: Nullable(Text),
    email: Nullable(Text),
    mustChangePassword: Type.Boolean(),
    passwordChangedAt: TimeOut,
    disabled: Type.Boolean(),
    createdAt: TimeOut,
  }),
);
export const UserWithPassword = Type.Object({
  user: UserView,
  password: Secret('Made by the gateway; shown once'),
});
export const ApiKeyView = Named(
  'ApiKey',
  Type.Object({
    id: Text,
    name: Text,
    userId: Nullable(Text),
    vendorId: Nullable(Text),
    createdAt: TimeOut,
    expiresAt: Nullable(TimeOut),
    lastUsedAt: Nullable(TimeOut),
    revokedAt: Nullable(TimeOut),
  }),
);
export const ApiKeyBody = Strict({ name: Name, expiresAt: Type.Optional(TimeIn) });
export const NewKey = Named(
  'NewApiKey',
  Type.Object({
    id: Text,
    name: Text,
    createdAt: TimeOut,
    expiresAt: Nullable(TimeOut),
    key: Secret('Shown once'),
  }),
);
export const SessionInfoView = Named(
  'SessionInfo',
  Type.Object({
    id: Text,
    createdAt: TimeOut,
    lastSeenAt: TimeOut,
    expiresAt: TimeOut,
    address: Nullable(Text),
    agent: Nullable(Text),
  }),
);

// ── what people enter ──
const ContactView = Nullable(
  Type.Object({
    name: Type.Optional(Text),
    phone: Type.Optional(Text),
    email: Type.Optional(Text),
    userId: Type.Optional(Text),
  }),
);
export const OrgView = Named(
  'Org',
  Type.Object({
    id: Text,
    parentId: Nullable(Text),
    kind: Enum(ORG_KINDS),
    level: Nullable(Type.Integer({ minimum: 1, maximum: 5 })),
    name: Text,
    code: Nullable(Text),
    responsible: ContactView,
    contact: ContactView,
    contractFrom: Nullable(Type.String({ format: 'date' })),
    contractTo: Nullable(Type.String({ format: 'date' })),
  }),
);
const { kind: _kind, level: _level, ...unitFields } = OrgInput.properties;
export const MaintenanceUnitInput = Type.Object(unitFields, { additionalProperties: false });
export const ModuleView = Named(
  'Module',
  Type.Object({ id: Text, name: Title, leadOrgId: Nullable(Text), cooperatingOrgIds: List(Text) }),
);
export const SiteView = Named(
  'Site',
  Type.Object({
    id: Text,
    name: Text,
    kind: Nullable(Text),
    orgId: Nullable(Text),
    location: Nullable(LocationView),
    createdAt: TimeOut,
  }),
);
export const VendorView = Named(
  'Vendor',
  Type.Object({
    id: Text,
    name: Text,
    contact: ContactView,
    topics: List(Text),
    hasKey: Type.Boolean(),
    createdAt: TimeOut,
  }),
);

const shift = {
  orgId: ObjectId,
  module: Nullable(ObjectId),
  userId: Type.String({ minLength: 1, maxLength: 64 }),
  days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7, description: '1 = Monday' }),
  fromMinute: Type.Integer({ minimum: 0, maximum: 1439, description: 'Minute of the day' }),
  toMinute: Type.Integer({ minimum: 0, maximum: 1440, description: 'Below fromMinute = over midnight' }),
  validFrom: Nullable(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  validTo: Nullable(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  position: Type.Integer({ minimum: 0, maximum: 1000, description: 'Lower is asked first' }),
};
export const ShiftView = Named('Shift', Type.Object({ id: Text, ...shift, days: List(Type.Integer()) }));
export const ShiftInput = Strict({
  orgId: shift.orgId,
  userId: shift.userId,
  module: Type.Optional(shift.module),
  days: Type.Optional(shift.days),
  fromMinute: Type.Optional(shift.fromMinute),
  toMinute: Type.Optional(shift.toMinute),
  validFrom: Type.Optional(shift.validFrom),
  validTo: Type.Optional(shift.validTo),
  position: Type.Optional(shift.position),
});
export const ShiftPatch = Type.Partial(ShiftInput, { additionalProperties: false });

export const SettingsView = Named('Settings', Type.Object(SettingsInput.properties, { additionalProperties: false }));

// ── device types ──
export const DeviceTypeView = Named(
  'DeviceType',
  Type.Object({ id: Text, title: Title, module: Text, adapter: Text, builtIn: Type.Boolean() }),
);
export const DeviceTypeDetail = Named(
  'DeviceTypeDetail',
  Type.Object({ ...DeviceTypeView.properties, definition: Anything }),
);
export const DecodeBody = Strict({
  topic: Type.String({ minLength: 1, maxLength: 1_000 }),
  payload: Anything,
  payloadEncoding: Type.Optional(Enum(['json', 'text', 'base64', 'hex'], { default: 'json' })),
});
export const DecodeResult = Named(
  'DecodeResult',
  Type.Object({
    readings: Dict(Anything),
    events: List(
      Type.Object({
        code: Text,
        component: Type.Optional(Text),
        severity: Enum(SEVERITIES),
        lifeSafety: Type.Boolean(),
        time: Type.Optional(TimeOut),
        data: Type.Optional(Anything),
      }),
    ),
    refused: List(Type.Object({ code: Text, path: Type.Optional(Text), detail: Text })),
  }),
);

// ── what went wrong ──
export const QuarantineView = Named(
  'QuarantinedMessage',
  Type.Object({
    id: Text,
    receivedAt: TimeOut,
    via: Text,
    principal: Text,
    topic: Text,
    payload: Type.String({ description: 'Text when it is UTF-8, else base64; see payloadEncoding' }),
    payloadEncoding: Enum(['text', 'base64']),
    code: Text,
    detail: Text,
    deviceId: Nullable(Text),
    replayedAt: Nullable(TimeOut),
  }),
);
export const QuarantineReplayBody = Strict({
  ids: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { minItems: 1, maxItems: 5_000 })),
  filter: Type.Optional(
    Strict({ code: Type.Optional(Type.String({ maxLength: 100 })), deviceId: Type.Optional(ObjectId) }),
  ),
});
export const ReplayResult = Type.Object({ replayed: Type.Integer() });

export const IncidentView = Named(
  'Incident',
  Type.Object({
    id: Text,
    kind: Enum(['device', 'group']),
    key: Text,
    fault: Text,
    component: Nullable(Text),
    reason: Text,
    cause: Nullable(Text),
    severity: Enum(SEVERITIES),
    lifeSafety: Type.Boolean(),
    state: Enum(['held', 'open', 'resolved', 'dismissed']),
    openedAt: TimeOut,
    resolvedAt: Nullable(TimeOut),
    members: List(Type.Object({ deviceId: Text, state: Text, since: TimeOut })),
    suppressed: List(Anything),
    evidence: List(Anything),
  }),
);

// ── notifications ──
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

// ── overview ──
const counts = (names: readonly string[]) =>
  Type.Unsafe<Readonly<Record<string, number>>>({
    type: 'object',
    additionalProperties: { type: 'integer' },
    examples: [Object.fromEntries(names.map((name) => [name, 0]))],
  });
export const OverviewView = Named(
  'Overview',
  Type.Object({
    at: TimeOut,
    devices: Type.Object({ total: Type.Integer(), byState: counts(HEALTH_STATES), byLifecycle: counts([]) }),
    messages: Nullable(
      Type.Object(
        {
          received: Type.Integer(),
          recovered: Type.Integer(),
          stored: Type.Integer(),
          duplicate: Type.Integer(),
          rejected: Type.Integer(),
          quarantined: Type.Integer(),
          spooled: Type.Integer(),
        },
        {
          description:
            'received + recovered = stored + duplicate + rejected + quarantined + spooled; null for callers who see a part only',
        },
      ),
    ),
    tickets: Type.Object({ open: Type.Integer(), byStage: counts(TICKET_STAGES) }),
    incidents: Type.Object({ open: Type.Integer() }),
  }),
);

export const BulkResult = Named(
  'BulkResult',
  Type.Object({
    matched: Type.Integer(),
    done: Type.Integer(),
    failed: List(Type.Object({ id: Text, code: Text, allowed: Type.Optional(List(Text)) })),
  }),
);

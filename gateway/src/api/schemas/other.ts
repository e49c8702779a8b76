import Type from 'typebox';
import { Name, ObjectId } from '../../domain/device-input.ts';
import { HEALTH_STATES } from '../../domain/health.ts';
import { ROLES } from '../../domain/permission.ts';
import { SEVERITIES } from '../../domain/reading.ts';
import { TICKET_STAGES } from '../../domain/ticket.ts';
import { Anything, Dict, Enum, List, Named, Nullable, Secret, Strict, TimeIn, TimeOut } from '../schema.ts';

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
export const OrgView = Named(
  'Org',
  Type.Object({
    id: Text,
    parentId: Nullable(Text),
    kind: Enum(['area', 'department', 'maintenance']),
    level: Nullable(Type.Integer({ minimum: 1, maximum: 5 })),
    name: Text,
    code: Nullable(Text),
    responsible: Nullable(Anything),
    contact: Nullable(Anything),
    contractFrom: Nullable(Text),
    contractTo: Nullable(Text),
  }),
);
const Person = Strict({
  name: Name,
  phone: Type.Optional(Type.String({ maxLength: 40 })),
  userId: Type.Optional(ObjectId),
});
const orgFields = {
  code: Type.Optional(Type.String({ maxLength: 40 })),
  responsible: Type.Optional(Person),
  contact: Type.Optional(Person),
};
export const OrgBody = Strict({
  id: Type.Optional(ObjectId),
  parentId: Type.Optional(ObjectId),
  kind: Enum(['area', 'department']),
  level: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  name: Name,
  ...orgFields,
});
export const MaintenanceUnitBody = Strict({
  id: Type.Optional(ObjectId),
  name: Name,
  ...orgFields,
  contractFrom: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  contractTo: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
});
export const ModuleView = Named(
  'Module',
  Type.Object({ id: Text, name: Title, leadOrgId: Nullable(Text), cooperatingOrgIds: List(Text) }),
);
export const ModuleBody = Strict({
  id: ObjectId,
  name: Strict({ zh: Name, en: Name }),
  leadOrgId: Type.Optional(ObjectId),
  cooperatingOrgIds: Type.Optional(Type.Array(ObjectId, { maxItems: 100 })),
});
export const SiteView = Named(
  'Site',
  Type.Object({
    id: Text,
    name: Text,
    kind: Nullable(Text),
    orgId: Nullable(Text),
    location: Nullable(Anything),
    createdAt: TimeOut,
  }),
);
export const SiteBody = Strict({
  id: Type.Optional(ObjectId),
  name: Name,
  kind: Type.Optional(Type.String({ maxLength: 64 })),
  orgId: Type.Optional(ObjectId),
  location: Type.Optional(
    Strict({
      lat: Type.Number({ minimum: -90, maximum: 90 }),
      lon: Type.Number({ minimum: -180, maximum: 180 }),
      crs: Type.Optional(Enum(['wgs84', 'gcj02', 'cgcs2000'])),
      address: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    }),
  ),
});
export const VendorView = Named(
  'Vendor',
  Type.Object({
    id: Text,
    name: Text,
    contact: Nullable(Anything),
    topics: List(Text),
    hasKey: Type.Boolean(),
    createdAt: TimeOut,
  }),
);
export const VendorBody = Strict({
  id: Type.Optional(ObjectId),
  name: Name,
  contact: Type.Optional(Person),
  topics: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 100 })),
});
export const RosterView = Named(
  'Roster',
  Type.Object({
    id: Text,
    orgId: Text,
    module: Nullable(Text),
    userId: Text,
    from: TimeOut,
    to: TimeOut,
  }),
);
export const RosterBody = Strict({
  orgId: ObjectId,
  module: Type.Optional(ObjectId),
  userId: ObjectId,
  from: TimeIn,
  to: TimeIn,
});
export const SettingsView = Dict(Anything);

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
    kind: Enum(['webhook']),
    url: Text,
    enabled: Type.Boolean(),
    hasSecret: Type.Boolean(),
  }),
);
export const ChannelBody = Strict({
  name: Name,
  kind: Enum(['webhook']),
  url: Type.String({ minLength: 8, maxLength: 1_000, pattern: '^https?://' }),
  secret: Type.Optional(Type.String({ minLength: 16, maxLength: 256, description: 'HMAC-SHA256 key; never returned' })),
  enabled: Type.Optional(Type.Boolean()),
});
export const RuleView = Named(
  'NotificationRule',
  Type.Object({
    id: Text,
    channelId: Text,
    on: List(Text),
    module: Nullable(Text),
    minPriority: Nullable(Text),
    enabled: Type.Boolean(),
  }),
);
export const RuleBody = Strict({
  channelId: ObjectId,
  on: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 50 }),
  module: Type.Optional(ObjectId),
  minPriority: Type.Optional(Enum(['normal', 'urgent', 'critical'])),
  enabled: Type.Optional(Type.Boolean()),
});

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

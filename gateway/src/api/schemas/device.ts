import Type, { type Static } from 'typebox';
import { COORDINATE_CODES } from '../../domain/coordinates.ts';
import { DEVICE_FLAGS, LIFECYCLES } from '../../domain/device.ts';
import { DUPLICATE_FIELDS } from '../../domain/duplicates.ts';
import { CRS } from '../../domain/geo.ts';
import { HEALTH_STATES } from '../../domain/health.ts';
import { SEVERITIES, type Value } from '../../domain/reading.ts';
import { Anything, Dict, DurationOut, Enum, List, Named, Nullable, Secret, TimeOut } from '../schema.ts';

const Text = Type.String();
export const DeviceParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64, description: 'Device id' }) });

export const HealthView = Type.Object({
  state: Enum(HEALTH_STATES),
  reason: Type.String({ description: 'Stable code' }),
  since: TimeOut,
  suspect: Type.Boolean({ description: 'A fault (or recovery) seen but not yet confirmed' }),
});

export const LocationView = Type.Object({
  lat: Type.Number(),
  lon: Type.Number(),
  crs: Enum(CRS),
  address: Type.Optional(Text),
  source: Type.Optional(Type.Object({ lat: Type.Number(), lon: Type.Number(), crs: Enum(CRS) })),
});

/** Times and durations are numbers in the handler and text on the wire. */
export const DeviceView = Named(
  'Device',
  Type.Object({
    id: Text,
    type: Text,
    name: Text,
    nickname: Nullable(Text),
    serial: Nullable(Text),
    externalId: Nullable(Text),
    module: Nullable(Text),
    vendorId: Nullable(Text),
    orgId: Nullable(Text),
    siteId: Nullable(Text),
    nationalCode: Nullable(Text),
    mac: Nullable(Text),
    location: Nullable(LocationView),
    connection: Nullable(
      Type.Object(
        {
          protocol: Enum(['rtsp', 'onvif']),
          url: Type.Optional(Text),
          host: Type.Optional(Text),
          port: Type.Optional(Type.Integer()),
          tls: Type.Optional(Type.Boolean()),
          username: Type.Optional(Text),
        },
        { description: 'The password is never returned' },
      ),
    ),
    hasConnectionPassword: Type.Boolean(),
    maintenanceUnitId: Nullable(Text),
    parentId: Nullable(Text),
    installedOn: Nullable(Type.String({ format: 'date' })),
    healthPolicy: Nullable(
      Type.Object({
        interval: Type.Optional(DurationOut),
        offlineAfter: Type.Optional(DurationOut),
        hold: Type.Optional(DurationOut),
        recoverAfter: Type.Optional(DurationOut),
        retirementCandidateAfter: Type.Optional(DurationOut),
        learn: Type.Optional(Type.Boolean()),
        freshWithin: Type.Optional(Dict(DurationOut)),
      }),
    ),
    labels: Dict(Text),
    lifecycle: Enum(LIFECYCLES),
    lifecycleReason: Nullable(Text),
    lifecycleAt: TimeOut,
    flags: List(Enum(DEVICE_FLAGS)),
    health: HealthView,
    link: Nullable(Type.Object({ state: Text, reason: Text, since: TimeOut })),
    lastSeenAt: Nullable(TimeOut),
    zombieCount: Type.Integer(),
    zombieAt: Nullable(TimeOut),
    revision: Type.Integer({ description: 'Grows by one with every change' }),
    createdAt: TimeOut,
    updatedAt: TimeOut,
  }),
);

const Count = Dict(Type.Integer());
export const DeviceCountsView = Named(
  'DeviceCounts',
  Type.Object({
    total: Type.Integer(),
    byState: Count,
    byLifecycle: Count,
    suspect: Type.Integer({ description: 'Whose state is not confirmed yet (待确认)' }),
    byOrg: Type.Optional(
      List(
        Type.Object(
          { orgId: Nullable(Text), byState: Count },
          { description: 'Where `by=org` asks for it: the states of an organisation’s own devices' },
        ),
      ),
    ),
  }),
);

export const CredentialsView = Named(
  'DeviceCredentials',
  Type.Object({ username: Text, password: Secret('Shown once; absent in an idempotent replay') }),
);
export const DuplicateMatchView = Type.Object({
  field: Enum(DUPLICATE_FIELDS),
  level: Enum(['exact', 'suspect'], { description: '`exact` = the same device; `suspect` = worth a look' }),
  deviceId: Nullable(Type.String({ description: 'null = registered, but not for these eyes' })),
  deviceName: Nullable(Text),
  lifecycle: Nullable(Enum(LIFECYCLES)),
  zh: Text,
  en: Text,
});
export const CoordinateWarningView = Type.Object({
  field: Enum(['location']),
  code: Enum(COORDINATE_CODES),
  proposed: Nullable(Type.Object({ lat: Type.Number(), lon: Type.Number(), crs: Enum(CRS) })),
  zh: Text,
  en: Text,
});
/** What looks wrong about a new device and was taken all the same: a mark or a place. */
const RegistrationWarningView = Type.Object({
  field: Text,
  level: Type.Optional(Enum(['exact', 'suspect'])),
  deviceId: Type.Optional(Nullable(Text)),
  code: Type.Optional(Enum(COORDINATE_CODES)),
  proposed: Type.Optional(Nullable(Type.Object({ lat: Type.Number(), lon: Type.Number(), crs: Enum(CRS) }))),
  zh: Text,
  en: Text,
});

export const DeviceWithCredentials = Type.Object({ device: DeviceView, credentials: CredentialsView });
export const NewDeviceView = Type.Object({
  device: DeviceView,
  credentials: CredentialsView,
  warnings: Type.Unsafe<readonly Static<typeof RegistrationWarningView>[]>({
    type: 'array',
    description: 'Taken all the same: marks that other devices carry, places that look wrong',
    items: RegistrationWarningView,
  }),
});

export const ValueView = Type.Unsafe<Value>({ anyOf: [{ type: 'number' }, { type: 'string' }, { type: 'boolean' }] });

export const AGGREGATES = ['avg', 'min', 'max', 'last', 'count'] as const;
export const TelemetryView = Named(
  'Telemetry',
  Type.Object({
    deviceId: Text,
    from: TimeOut,
    to: TimeOut,
    bucket: Nullable(DurationOut),
    agg: Nullable(Enum(AGGREGATES)),
    source: Enum(['raw', 'hourly', 'daily'], {
      description:
        'What the points were made of: readings, or sums by hour or day; the newest hours are always readings',
    }),
    series: List(
      Type.Object({
        metric: Text,
        unit: Nullable(Text),
        points: Type.Unsafe<readonly (readonly [number, Value | null])[]>({
          type: 'array',
          description: '[time, value] pairs, oldest first',
          items: {
            type: 'array',
            minItems: 2,
            maxItems: 2,
            prefixItems: [{ type: 'string', format: 'date-time' }],
            items: { type: ['string', 'number', 'boolean', 'null'] },
          },
        }),
      }),
    ),
    nextCursor: Nullable(Text),
  }),
);

export const LatestView = Named(
  'Latest',
  Type.Object({
    metrics: Dict(
      Type.Object({
        value: ValueView,
        unit: Nullable(Text),
        time: TimeOut,
        receivedAt: TimeOut,
        fresh: Type.Boolean(),
        flags: List(Text),
      }),
    ),
  }),
);

export const FactView = Type.Object({
  state: Enum(['unknown', 'good', 'suspect', 'bad']),
  reason: Text,
  evidence: Anything,
  since: TimeOut,
  deadline: Nullable(TimeOut),
});

const FLAPPING = {
  score: Type.Number({ description: 'Turns between dead and alive, each fading with time' }),
  active: Type.Boolean({ description: 'Nothing new is told on account of it, unless it lasts' }),
  unstable: Type.Boolean({ description: 'It has flapped for a day: 设备不稳定' }),
  flips: Type.Integer(),
  startsAt: Type.Number(),
  endsAt: Type.Number(),
};
const UNSTEADY_FAULT = Type.String({ description: '`data:<metric>` or `alarm:<code>`' });

export const DeviceHealthView = Named(
  'DeviceHealth',
  Type.Object({
    state: Enum(HEALTH_STATES),
    reason: Text,
    since: TimeOut,
    suspect: Type.Boolean(),
    flags: List(Enum(DEVICE_FLAGS)),
    flapping: Type.Object(FLAPPING),
    unsteady: Type.Array(Type.Object({ fault: UNSTEADY_FAULT, ...FLAPPING }), {
      description: 'Faults of a device that is there which come and go; life safety is never among them',
    }),
    facts: Type.Object({
      link: Type.Optional(FactView),
      data: Dict(FactView),
      probe: Type.Optional(FactView),
    }),
  }),
);

export const DeviceEventView = Named(
  'DeviceEvent',
  Type.Object({
    code: Text,
    /** In the reader's language; null = neither the device type nor the gateway knows the code. */
    title: Nullable(Text),
    component: Nullable(Text),
    time: TimeOut,
    receivedAt: TimeOut,
    severity: Enum(SEVERITIES),
    lifeSafety: Type.Boolean(),
    data: Anything,
  }),
);

export const TimelineEntryView = Named(
  'TimelineEntry',
  Type.Object({
    at: TimeOut,
    kind: Enum(['lifecycle', 'health', 'event', 'incident', 'ticket', 'change']),
    what: Text,
    by: Nullable(Text),
    reason: Nullable(Text),
    detail: Anything,
  }),
);

export const BulkResult = Named(
  'BulkResult',
  Type.Object({
    matched: Type.Integer(),
    done: Type.Integer(),
    failed: List(
      Type.Object({
        id: Text,
        code: Text,
        allowed: Type.Optional(List(Text)),
        missing: Type.Optional(List(Text)),
        unmet: Type.Optional(List(Type.Object({ zh: Text, en: Text }))),
        security: Type.Optional(
          Type.String({ description: 'CONFLICT: the 重保 that goes on there; `confirm` takes the device out of it' }),
        ),
      }),
    ),
  }),
);

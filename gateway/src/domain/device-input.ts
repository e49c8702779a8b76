import { type Static, Type } from 'typebox';
import { DEVICE_ID_PATTERN, LIFECYCLE_ACTIONS } from './device.ts';
import { DURATION_PATTERN } from './duration.ts';
import { CRS } from './geo.ts';

/** One line, no blank at either end. */
const LINE = '^\\S(.*\\S)?$';
/** Six octets with colons, hyphens or nothing between them; kept in lower case with colons. */
const MAC_PATTERN = '^([0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{12})$';
/** Serial numbers and external ids stand in MQTT topics, so no level separator or wildcard may be in them. */
const EXTERNAL = '^[^+#/\\s\\u0000]+$';

export const Name = Type.String({ minLength: 1, maxLength: 100, pattern: LINE });
export const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' });
export const ObjectId = Type.String({ minLength: 1, maxLength: 64, pattern: DEVICE_ID_PATTERN });
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Duration = Type.String({ pattern: DURATION_PATTERN });

const LocationInput = Type.Object(
  {
    lat: Type.Number({ minimum: -180, maximum: 180 }),
    lon: Type.Number({ minimum: -180, maximum: 180 }),
    crs: Type.Optional(Type.Enum([...CRS])),
    address: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: LINE })),
  },
  { additionalProperties: false },
);
export type LocationInput = Static<typeof LocationInput>;

const Login = {
  username: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  password: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
};

export const ConnectionInput = Type.Union([
  Type.Object(
    { protocol: Type.Literal('rtsp'), url: Type.String({ minLength: 8, maxLength: 1_000 }), ...Login },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      protocol: Type.Literal('onvif'),
      host: Type.String({ minLength: 1, maxLength: 253 }),
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
      tls: Type.Optional(Type.Boolean()),
      ...Login,
    },
    { additionalProperties: false },
  ),
]);
export type ConnectionInput = Static<typeof ConnectionInput>;

const HealthPolicyInput = Type.Object(
  {
    interval: Type.Optional(Duration),
    offlineAfter: Type.Optional(Duration),
    hold: Type.Optional(Duration),
    recoverAfter: Type.Optional(Duration),
    retirementCandidateAfter: Type.Optional(Duration),
    learn: Type.Optional(Type.Boolean()),
    freshWithin: Type.Optional(
      Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Duration, { maxProperties: 200 }),
    ),
  },
  { additionalProperties: false },
);
export type HealthPolicyInput = Static<typeof HealthPolicyInput>;

const Labels = Type.Record(Type.String({ pattern: '^[\\p{L}\\p{N}_.-]{1,40}$' }), Type.String({ maxLength: 200 }), {
  maxProperties: 32,
});

const shared = {
  serial: Type.String({ minLength: 1, maxLength: 64, pattern: EXTERNAL }),
  externalId: Type.String({ minLength: 1, maxLength: 128, pattern: EXTERNAL }),
  module: ObjectId,
  vendorId: ObjectId,
  orgId: ObjectId,
  siteId: ObjectId,
  nickname: Name,
  nationalCode: Type.String({ maxLength: 20 }),
  mac: Type.String({ pattern: MAC_PATTERN }),
  location: LocationInput,
  connection: ConnectionInput,
  maintenanceUnitId: ObjectId,
  parentId: ObjectId,
  installedOn: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  healthPolicy: HealthPolicyInput,
} as const;

/** Body of `POST /devices`. */
export const DeviceInput = Type.Object(
  {
    type: Type.String({ minLength: 1, maxLength: 100 }),
    name: Name,
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 64, pattern: DEVICE_ID_PATTERN })),
    serial: Type.Optional(shared.serial),
    externalId: Type.Optional(shared.externalId),
    module: Type.Optional(shared.module),
    vendorId: Type.Optional(shared.vendorId),
    orgId: Type.Optional(shared.orgId),
    siteId: Type.Optional(shared.siteId),
    nickname: Type.Optional(shared.nickname),
    nationalCode: Type.Optional(shared.nationalCode),
    mac: Type.Optional(shared.mac),
    location: Type.Optional(shared.location),
    connection: Type.Optional(shared.connection),
    maintenanceUnitId: Type.Optional(shared.maintenanceUnitId),
    parentId: Type.Optional(shared.parentId),
    installedOn: Type.Optional(shared.installedOn),
    healthPolicy: Type.Optional(shared.healthPolicy),
    labels: Type.Optional(Labels),
  },
  { additionalProperties: false },
);
export type DeviceInput = Static<typeof DeviceInput>;

/** Body of `PATCH /devices/{id}`: what is absent stays, null clears. Type and lifecycle have their own ways. */
export const DevicePatch = Type.Object(
  {
    name: Type.Optional(Name),
    serial: Type.Optional(nullable(shared.serial)),
    externalId: Type.Optional(nullable(shared.externalId)),
    module: Type.Optional(nullable(shared.module)),
    vendorId: Type.Optional(nullable(shared.vendorId)),
    orgId: Type.Optional(nullable(shared.orgId)),
    siteId: Type.Optional(nullable(shared.siteId)),
    nickname: Type.Optional(nullable(shared.nickname)),
    nationalCode: Type.Optional(nullable(shared.nationalCode)),
    mac: Type.Optional(nullable(shared.mac)),
    location: Type.Optional(nullable(shared.location)),
    connection: Type.Optional(nullable(shared.connection)),
    maintenanceUnitId: Type.Optional(nullable(shared.maintenanceUnitId)),
    parentId: Type.Optional(nullable(shared.parentId)),
    installedOn: Type.Optional(nullable(shared.installedOn)),
    healthPolicy: Type.Optional(nullable(shared.healthPolicy)),
    labels: Type.Optional(Labels),
  },
  { additionalProperties: false },
);
export type DevicePatch = Static<typeof DevicePatch>;

/** Body of reject, suspend, retire, reactivate, and of a return to the vendor. */
export const LifecycleInput = Type.Object({ reason: Reason }, { additionalProperties: false });
export type LifecycleInput = Static<typeof LifecycleInput>;

/** It is meant although a 重保 goes on there. */
const Confirm = Type.Optional(Type.Boolean());

/** Body of what takes a device out of service. */
export const OutOfServiceInput = Type.Object({ reason: Reason, confirm: Confirm }, { additionalProperties: false });
export type OutOfServiceInput = Static<typeof OutOfServiceInput>;

/** Body of a decision on a device that was offline for so long that it may be gone (疑似退役). */
export const RetirementInput = Type.Object(
  { decision: Type.Enum(['retire', 'keep']), reason: Reason, confirm: Confirm },
  { additionalProperties: false },
);
export type RetirementInput = Static<typeof RetirementInput>;

/** Body of approve. `override` takes a device into service that has not shown everything; an administrator's only. */
export const ApproveInput = Type.Object(
  { reason: Reason, override: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);
export type ApproveInput = Static<typeof ApproveInput>;

/** Body of `POST /devices/{id}/resubmit`. */
export const ResubmitInput = Type.Object({ note: Type.Optional(Reason) }, { additionalProperties: false });
export type ResubmitInput = Static<typeof ResubmitInput>;

/** Body of `POST /devices/{id}/replace` (换机). */
export const ReplaceInput = Type.Object(
  {
    serial: Type.Optional(shared.serial),
    externalId: Type.Optional(shared.externalId),
    connection: Type.Optional(shared.connection),
    reason: Reason,
  },
  { additionalProperties: false },
);
export type ReplaceInput = Static<typeof ReplaceInput>;

/** Filters of `GET /devices`, `POST /devices/bulk` and the export; all must fit. Several values are alternatives. */
export const DeviceFilter = Type.Object(
  {
    q: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    lifecycle: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 6 })),
    type: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 50 })),
    module: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 50 })),
    orgId: Type.Optional(Type.String({ maxLength: 64 })),
    siteId: Type.Optional(Type.String({ maxLength: 64 })),
    vendorId: Type.Optional(Type.String({ maxLength: 64 })),
    maintenanceUnitId: Type.Optional(Type.String({ maxLength: 64 })),
    healthState: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 6 })),
    flag: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 5 })),
    /** Seen to be wrong (or well again), and not confirmed yet. */
    suspect: Type.Optional(Type.Boolean()),
    /** Whether a ticket about it is open; drills are none. */
    openTicket: Type.Optional(Type.Boolean()),
    /** Given back to its vendor, who has not submitted it again. */
    returned: Type.Optional(Type.Boolean()),
    /** In its state since before this moment, epoch milliseconds. */
    unchangedSince: Type.Optional(Type.Integer({ minimum: 0 })),
    /** In its state since this moment or later, epoch milliseconds. */
    changedSince: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
);
export type DeviceFilter = Static<typeof DeviceFilter>;

export const DEVICE_SORTS = [
  'id',
  '-id',
  'name',
  '-name',
  'createdAt',
  '-createdAt',
  'stateSince',
  '-stateSince',
] as const;

/** Query of `GET /devices`. */
export const DeviceQuery = Type.Object(
  {
    ...DeviceFilter.properties,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
    sort: Type.Optional(Type.Enum([...DEVICE_SORTS])),
  },
  { additionalProperties: false },
);
export type DeviceQuery = Static<typeof DeviceQuery>;

/** Body of `POST /devices/bulk`: either ids or a filter. */
export const BulkInput = Type.Object(
  {
    ids: Type.Optional(Type.Array(ObjectId, { minItems: 1, maxItems: 5_000 })),
    filter: Type.Optional(DeviceFilter),
    action: Type.Enum([...LIFECYCLE_ACTIONS, 'return']),
    reason: Reason,
    /** With `approve`, see {@link ApproveInput}. */
    override: Type.Optional(Type.Boolean()),
    /** With `suspend` and `retire`, see {@link OutOfServiceInput}. */
    confirm: Confirm,
  },
  { additionalProperties: false },
);
export type BulkInput = Static<typeof BulkInput>;

import type { HealthPolicy, Lifecycle } from '../domain/device.ts';
import type { DeviceRecord, DeviceStatus, NewDevice } from '../domain/device-record.ts';
import type { HealthState } from '../domain/health.ts';

/** How a device record stands in the table: column, field, and how jsonb_to_recordset reads it. */
const COLUMNS = [
  ['id', 'id', 'text'],
  ['type', 'type', 'text'],
  ['name', 'name', 'text'],
  ['nickname', 'nickname', 'text'],
  ['serial', 'serial', 'text'],
  ['external_id', 'externalId', 'text'],
  ['module', 'module', 'text'],
  ['vendor_id', 'vendorId', 'text'],
  ['org_id', 'orgId', 'text'],
  ['site_id', 'siteId', 'text'],
  ['national_code', 'nationalCode', 'text'],
  ['mac', 'mac', 'text'],
  ['location', 'location', 'jsonb'],
  ['connection', 'connection', 'jsonb'],
  ['connection_secret', 'connectionSecret', 'base64'],
  ['maintenance_unit_id', 'maintenanceUnitId', 'text'],
  ['parent_key', 'parentKey', 'integer'],
  ['installed_on', 'installedOn', 'date'],
  ['health_policy', 'healthPolicy', 'jsonb'],
  ['labels', 'labels', 'jsonb'],
  ['lifecycle', 'lifecycle', 'text'],
  ['lifecycle_reason', 'lifecycleReason', 'text'],
  ['lifecycle_at', 'lifecycleAt', 'ms'],
  ['secret_hash', 'secretHash', 'base64'],
] as const;

type ColumnKind = (typeof COLUMNS)[number][2];

/** Values travel as text or numbers in one JSON document and get their type here. */
function typed(column: string, kind: ColumnKind): string {
  if (kind === 'base64') return `decode(n.${column}, 'base64')`;
  return kind === 'ms' ? `to_timestamp(n.${column} / 1000::float8)` : `n.${column}`;
}

const NAMES = COLUMNS.map(([column]) => column);
const TYPED = COLUMNS.map(([column, , kind]) => typed(column, kind));
const RECORDSET = COLUMNS.map(
  ([column, , kind]) => `${column} ${kind === 'base64' ? 'text' : kind === 'ms' ? 'float8' : kind}`,
).join(', ');

/** Inserts the records of `$1` (a JSON array); `ord` keeps their order for the answer. */
export const INSERT_DEVICES = `
  insert into device (${NAMES.join(', ')}, created_at, updated_at, secret_rotated_at)
  select ${TYPED.join(', ')}, to_timestamp(n.created / 1000::float8), clock_timestamp(), to_timestamp(n.created / 1000::float8)
  from jsonb_to_recordset($1::jsonb) as n (ord integer, created float8, ${RECORDSET})
  order by n.ord
  returning key, id`;

/** Writes the records of `$1` back by key. */
export const SAVE_DEVICES = `
  update device d set
    ${COLUMNS.filter(([column]) => column !== 'id')
      .map(([column, , kind]) => `${column} = ${typed(column, kind)}`)
      .join(', ')},
    zombie_at = to_timestamp(n.zombie_at / 1000::float8),
    secret_rotated_at = case when d.secret_hash is distinct from ${typed('secret_hash', 'base64')}
      then clock_timestamp() else d.secret_rotated_at end,
    revision = d.revision + 1,
    updated_at = clock_timestamp()
  from jsonb_to_recordset($1::jsonb) as n (key integer, zombie_at float8, ${RECORDSET})
  where d.key = n.key`;

/** One record as the JSON the statements above read. */
export function toJsonRow(record: NewDevice | DeviceRecord): Record<string, unknown> {
  return Object.fromEntries(COLUMNS.map(([column, field]) => [column, record[field]]));
}

/** Selects everything {@link readRecord} needs from `device d`. */
export const RECORD_COLUMNS = `d.key, ${NAMES.filter((name) => name !== 'connection_secret' && name !== 'secret_hash')
  .map((name) => `d.${name}`)
  .join(
    ', ',
  )}, encode(d.connection_secret, 'base64') as connection_secret, encode(d.secret_hash, 'base64') as secret_hash,
  d.zombie_count::float8 as zombie_count, d.zombie_at, d.revision::float8 as revision, d.created_at, d.updated_at,
  (select p.id from device p where p.key = d.parent_key) as parent_id`;

export interface DeviceRow {
  key: number;
  id: string;
  type: string;
  name: string;
  nickname: string | null;
  serial: string | null;
  external_id: string | null;
  module: string | null;
  vendor_id: string | null;
  org_id: string | null;
  site_id: string | null;
  national_code: string | null;
  mac: string | null;
  location: DeviceRecord['location'];
  connection: DeviceRecord['connection'];
  connection_secret: string | null;
  maintenance_unit_id: string | null;
  parent_key: number | null;
  parent_id: string | null;
  installed_on: string | null;
  health_policy: HealthPolicy | null;
  labels: Record<string, string>;
  lifecycle: Lifecycle;
  lifecycle_reason: string | null;
  lifecycle_at: number;
  zombie_count: number;
  zombie_at: number | null;
  secret_hash: string | null;
  revision: number;
  created_at: number;
  updated_at: number;
}

/** base64 as PostgreSQL writes it is broken into lines. */
const joined = (text: string | null) => text?.replaceAll('\n', '') ?? null;

export function readRecord(row: DeviceRow): DeviceRecord {
  return {
    key: row.key,
    id: row.id,
    type: row.type,
    name: row.name,
    nickname: row.nickname,
    serial: row.serial,
    externalId: row.external_id,
    module: row.module,
    vendorId: row.vendor_id,
    orgId: row.org_id,
    siteId: row.site_id,
    nationalCode: row.national_code,
    mac: row.mac,
    location: row.location,
    connection: row.connection,
    connectionSecret: joined(row.connection_secret),
    maintenanceUnitId: row.maintenance_unit_id,
    parentKey: row.parent_key,
    parentId: row.parent_id,
    installedOn: row.installed_on,
    healthPolicy: row.health_policy,
    labels: row.labels,
    lifecycle: row.lifecycle,
    lifecycleReason: row.lifecycle_reason,
    lifecycleAt: row.lifecycle_at,
    zombieCount: row.zombie_count,
    zombieAt: row.zombie_at,
    secretHash: joined(row.secret_hash),
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Joins what the monitor knows to `device d`. */
export const STATUS_JOINS = `
  left join health h on h.device = d.key
  left join device_seen s on s.device = d.key
  left join health_fact f on f.device = d.key and f.name = 'link'`;

export const STATUS_COLUMNS = `h.state as health_state, h.reason as health_reason, h.since as health_since, h.suspect, h.flags,
  (select true from retirement_candidate c where c.device = d.key and c.postponed_until is null) as retirement_candidate,
  s.seen_at, f.state as link_state, f.reason as link_reason, f.since as link_since`;

export interface StatusRow {
  health_state: HealthState | null;
  health_reason: string | null;
  health_since: number | null;
  suspect: boolean | null;
  flags: DeviceStatus['flags'] | null;
  retirement_candidate: boolean | null;
  seen_at: number | null;
  link_state: string | null;
  link_reason: string | null;
  link_since: number | null;
}

/** Flags that follow from the registry's own facts come on top of the monitor's. */
export function readStatus(row: DeviceRow & StatusRow): DeviceStatus {
  const own: DeviceStatus['flags'][number][] = [];
  if (row.zombie_at !== null && row.lifecycle === 'retired') own.push('zombie');
  if (row.zombie_at !== null && (row.lifecycle === 'pending' || row.lifecycle === 'rejected')) {
    own.push('plannedButSending');
  }
  if (row.seen_at === null && (row.lifecycle === 'active' || row.lifecycle === 'trial')) own.push('neverSeen');
  if (row.retirement_candidate) own.push('retirementCandidate');
  return {
    health: {
      state: row.health_state ?? 'unknown',
      reason: row.health_reason ?? 'noEvidence',
      since: row.health_since ?? row.created_at,
      suspect: row.suspect ?? false,
    },
    link:
      row.link_state === null
        ? null
        : { state: row.link_state, reason: row.link_reason ?? '', since: row.link_since ?? row.created_at },
    lastSeenAt: row.seen_at,
    flags: [...new Set([...own, ...(row.flags ?? [])])],
  };
}

import type { DeviceKey } from '../domain/device.ts';
import type { DeviceFilter, DeviceQuery } from '../domain/device-input.ts';
import type {
  DeviceCount,
  DeviceCountBy,
  DeviceRecord,
  DeviceStatus,
  DeviceTurn,
  NewDevice,
} from '../domain/device-record.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { sql } from './database.ts';
import {
  type DeviceRow,
  INSERT_DEVICES,
  RECORD_COLUMNS,
  readRecord,
  readStatus,
  SAVE_DEVICES,
  STATUS_COLUMNS,
  STATUS_JOINS,
  type StatusRow,
  toJsonRow,
} from './device-rows.ts';
import { isUniqueViolation } from './pg-errors.ts';
import { createParams, decodeCursor, deviceInScope, encodeCursor, type Params, wholeNumber } from './scope.ts';
import { searched } from './search.ts';
import { at } from './time.ts';
import { totalOf } from './totals.ts';

/** Since when a device is in its state; one without a verdict has none since it came. */
const STATE_SINCE = 'coalesce(h.since, d.created_at)';
const SORTS = {
  id: ['d.id', 'text'],
  name: ['d.name', 'text'],
  createdAt: ['d.created_at', 'ms'],
  stateSince: [STATE_SINCE, 'ms'],
} as const;

/** Statements on devices and their history. */
export function createDeviceStore() {
  return {
    async insert(tx: Tx, devices: readonly NewDevice[]): Promise<DeviceKey[]> {
      const rows = devices.map((device, ord) => ({ ord, created: device.createdAt, ...toJsonRow(device) }));
      const { rows: made } = await unique(
        sql(tx).query<{ key: number; id: string }>(INSERT_DEVICES, [JSON.stringify(rows)]),
      );
      const keys = new Map(made.map(({ id, key }) => [id, key]));
      return devices.flatMap(({ id }) => keys.get(id) ?? []);
    },

    async save(tx: Tx, devices: readonly DeviceRecord[]): Promise<void> {
      const rows = devices.map((device) => ({ key: device.key, zombie_at: device.zombieAt, ...toJsonRow(device) }));
      await unique(sql(tx).query(SAVE_DEVICES, [JSON.stringify(rows)]));
    },

    async lock(
      tx: Tx,
      which: { ids: readonly string[] } | { filter: DeviceFilter },
      scope: Scope,
      limit: number,
    ): Promise<DeviceRecord[]> {
      const params = createParams();
      const chosen =
        'ids' in which ? `d.id = any (${params.add(which.ids)}::text[])` : filterCondition(which.filter, params);
      const { rows } = await sql(tx).query<DeviceRow>(
        `select ${RECORD_COLUMNS} from device d
         where d.key in (
           select d.key from device d left join health h on h.device = d.key
           where ${chosen} and ${deviceInScope(scope, params)})
         order by d.key limit ${params.add(limit)} for update of d`,
        params.values,
      );
      return rows.map(readRecord);
    },

    async get(tx: Tx, id: string, scope: Scope): Promise<(DeviceRecord & DeviceStatus) | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<DeviceRow & StatusRow>(
        `select ${RECORD_COLUMNS}, ${STATUS_COLUMNS} from device d ${STATUS_JOINS}
         where d.id = $1 and ${deviceInScope(scope, params)}`,
        params.values,
        { kept: true },
      );
      return rows[0] && { ...readRecord(rows[0]), ...readStatus(rows[0]) };
    },

    async list(
      tx: Tx,
      query: DeviceQuery & { limit: number },
      scope: Scope,
    ): Promise<{ items: (DeviceRecord & DeviceStatus)[]; nextCursor: string | null; total: number | null }> {
      const params = createParams();
      const condition = `${filterCondition(query, params)} and ${deviceInScope(scope, params)}`;
      // Without a value in the condition one plan is the best for all; with some it may hang on them.
      const kept = params.values.length === 0;
      const total = await totalOf(
        tx,
        `from device d left join health h on h.device = d.key where ${condition}`,
        params.values,
      );
      if (total === 0) return { items: [], nextCursor: null, total };
      const sort = query.sort ?? 'id';
      const descending = sort.startsWith('-');
      const name = (descending ? sort.slice(1) : sort) as keyof typeof SORTS;
      const [column, kind] = SORTS[name];
      const beyond = query.cursor ? beyondCursor(query.cursor, sort, column, kind, params) : 'true';
      const order = descending ? 'desc' : 'asc';
      const { rows } = await sql(tx).query<DeviceRow & StatusRow>(
        `select ${RECORD_COLUMNS}, ${STATUS_COLUMNS} from device d ${STATUS_JOINS}
         where ${condition} and ${beyond}
         order by ${column} ${order}, d.key ${order} limit ${wholeNumber(query.limit + 1)}`,
        params.values,
        { kept },
      );
      const items = rows.slice(0, query.limit).map((row) => ({ ...readRecord(row), ...readStatus(row) }));
      const last = items.at(-1);
      const nextCursor =
        rows.length > query.limit && last
          ? encodeCursor([sort, name === 'stateSince' ? last.health.since : last[name], last.key])
          : null;
      return { items, nextCursor, total };
    },

    /** How many of the filter are in each state, by lifecycle, and how many are not confirmed yet. */
    async counts(tx: Tx, filter: DeviceFilter, scope: Scope, by?: DeviceCountBy): Promise<DeviceCount[]> {
      const params = createParams();
      const { rows } = await sql(tx).query<DeviceCount>(
        `select coalesce(h.state, 'unknown') as state, d.lifecycle, count(*)::int as n,
           count(*) filter (where h.suspect)::int as suspect${by ? ', d.org_id as "orgId"' : ''}
         from device d left join health h on h.device = d.key
         where ${filterCondition(filter, params)} and ${deviceInScope(scope, params)} group by 1, 2${by ? ', d.org_id' : ''}`,
        params.values,
      );
      return rows;
    },

    async addTurns(tx: Tx, turns: readonly DeviceTurn[]): Promise<void> {
      await sql(tx).query(
        `insert into device_history (device, at, by, what, reason, before, after)
         select device, ${at('at')}, by, what, reason, before, after
         from jsonb_to_recordset($1::jsonb)
           as t (device integer, at float8, by text, what text, reason text, before jsonb, after jsonb)`,
        [JSON.stringify(turns)],
      );
    },

    async turns(tx: Tx, key: DeviceKey, limit: number): Promise<DeviceTurn[]> {
      const { rows } = await sql(tx).query<DeviceTurn>(
        `select device, at, by, what, reason, before, after from device_history
         where device = $1 order by at desc, id desc limit $2`,
        [key, limit],
      );
      return rows;
    },

    async addUnexpected(tx: Tx, counts: readonly { key: DeviceKey; count: number; at: number }[]): Promise<void> {
      await sql(tx).query(
        `update device d set zombie_count = d.zombie_count + n.count, zombie_at = greatest(d.zombie_at, ${at('n.at')})
         from unnest($1::int[], $2::bigint[], $3::float8[]) as n (key, count, at)
         where d.key = n.key and d.lifecycle in ('retired', 'pending', 'rejected')`,
        [counts.map(({ key }) => key), counts.map(({ count }) => count), counts.map((entry) => entry.at)],
      );
    },
  };
}

/** Two writers may pass the friendly check at once; the index decides, and the second hears of a conflict. */
async function unique<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isUniqueViolation(cause)) throw new GatewayError('CONFLICT', undefined, { cause });
    throw cause;
  }
}

function beyondCursor(text: string, sort: string, column: string, kind: 'text' | 'ms', params: Params): string {
  const [cursorSort, value, key, ...rest] = decodeCursor(text) ?? [];
  const fits =
    cursorSort === sort &&
    typeof value === (kind === 'ms' ? 'number' : 'string') &&
    Number.isInteger(key) &&
    rest.length === 0;
  if (!fits) {
    refuseIf([fieldError('/cursor', 'invalid', 'input.cursor')]);
  }
  const placeholder = params.add(value);
  const typedValue = kind === 'ms' ? at(placeholder) : `${placeholder}::text`;
  return `(${column}, d.key) ${sort.startsWith('-') ? '<' : '>'} (${typedValue}, ${params.add(key)}::int)`;
}

/** Of a list's or a bulk action's filter; needs `device d` and `health h`. */
export function filterCondition(filter: DeviceFilter, params: Params): string {
  const parts: string[] = ['true'];
  const among = (column: string, values: readonly string[] | undefined) => {
    if (values) parts.push(`${column} = any (${params.add(values)}::text[])`);
  };
  const equal = (column: string, value: string | undefined) => {
    if (value !== undefined) parts.push(`${column} = ${params.add(value)}`);
  };
  among('d.lifecycle', filter.lifecycle);
  among('d.type', filter.type);
  among('d.module', filter.module);
  // The planner knows how many have a state, and nothing of the expression that stands for having none.
  among(filter.healthState?.includes('unknown') ? `coalesce(h.state, 'unknown')` : 'h.state', filter.healthState);
  if (filter.flag) parts.push(flagCondition(filter.flag));
  if (filter.suspect !== undefined) parts.push(filter.suspect ? 'h.suspect' : 'not coalesce(h.suspect, false)');
  if (filter.openTicket !== undefined) parts.push(`${filter.openTicket ? '' : 'not '}${HAS_OPEN_TICKET}`);
  if (filter.returned !== undefined) parts.push(`${filter.returned ? '' : 'not '}${IS_RETURNED}`);
  if (filter.unchangedSince !== undefined) parts.push(`${STATE_SINCE} < ${at(params.add(filter.unchangedSince))}`);
  if (filter.changedSince !== undefined) parts.push(`${STATE_SINCE} >= ${at(params.add(filter.changedSince))}`);
  equal('d.site_id', filter.siteId);
  equal('d.vendor_id', filter.vendorId);
  equal('d.maintenance_unit_id', filter.maintenanceUnitId);
  if (filter.orgId !== undefined) {
    parts.push(`d.org_id in (select org_subtree(array[${params.add(filter.orgId)}::text]))`);
  }
  if (filter.q !== undefined) {
    parts.push(searched(filter.q, params, 'd'));
  }
  return parts.join(' and ');
}

const HAS_OPEN_TICKET = `(d.key in (select m.device from ticket t join ticket_device m on m.ticket_id = t.id
  where t.stage not in ('closed', 'falseAlarm', 'cancelled') and not t.drill))`;

const IS_RETURNED = '(d.key in (select g.device from device_registration g where g.returned_at is not null))';

/** What each flag means in rows; the same as `readStatus` reads. */
const FLAG_CONDITIONS: Readonly<Record<string, string>> = {
  neverSeen: `d.lifecycle in ('active', 'trial')
    and not exists (select 1 from device_seen n where n.device = d.key and n.seen_at is not null)`,
  zombie: `d.zombie_at is not null and d.lifecycle = 'retired'`,
  plannedButSending: `d.zombie_at is not null and d.lifecycle in ('pending', 'rejected')`,
  clockSkew: `h.flags @> array['clockSkew'] and h.flags <> '{}'`,
  retirementCandidate: `exists (select 1 from retirement_candidate c where c.device = d.key and c.postponed_until is null)`,
};

function flagCondition(flags: readonly string[]): string {
  const known = flags.flatMap((flag) => (Object.hasOwn(FLAG_CONDITIONS, flag) ? `(${FLAG_CONDITIONS[flag]})` : []));
  return known.length === 0 ? 'false' : `(${known.join(' or ')})`;
}

import type { DeviceKey } from '../domain/device.ts';
import type { DuplicateAsk, DuplicateField, DuplicateRow } from '../domain/duplicates.ts';
import type { Point } from '../domain/geo.ts';
import type { Polygon } from '../domain/polygon.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope } from './scope.ts';

/** A mark that hundreds of devices carry is a default of their maker; the first ones show it. */
const MOST = 10;
/** Who else is a living device; a national code stays with its archive for good. */
const OTHER = `d.key is distinct from n.key and d.lifecycle <> 'rejected'`;
const LIVING = `${OTHER} and d.lifecycle <> 'retired'`;
const FIELDS = [
  ['serial', `device d where lower(d.serial) = lower(n.serial) and ${LIVING}`],
  ['mac', `device d where d.mac = regexp_replace(mac_key(n.mac), '(..)(?=.)', '\\1:', 'g') and ${LIVING}`],
  [
    'mac',
    `camera c join device d on d.key = c.device
     where mac_key(c.archive ->> 'mac') = mac_key(n.mac) and c.archive ->> 'mac' is not null and ${LIVING}`,
  ],
  ['nationalCode', `device d where d.national_code = n."nationalCode" and ${OTHER}`],
  [
    'rtspUrl',
    `device d where connection_stream(d.connection) = connection_stream(n.connection) and d.connection is not null and ${LIVING}`,
  ],
  [
    'ipPort',
    `device d where connection_endpoint(d.connection) = connection_endpoint(n.connection) and d.connection is not null
       and ${LIVING}`,
  ],
] as const satisfies readonly (readonly [DuplicateField, string])[];
const HITS = FIELDS.map(
  ([field, from]) =>
    `select n.ask, '${field}' as field, x.key from n cross join lateral (select d.key from ${from} limit ${MOST}) x`,
).join(' union ');

const NEIGHBOURS = 200;

/** Where the devices of an organisation should be. */
export interface OrgPlace {
  readonly orgId: string;
  readonly boundary: { readonly name: string; readonly polygon: Polygon } | null;
  readonly neighbours: readonly (Point & { readonly key: DeviceKey })[];
}

/** Devices that carry the same marks, and what stands around a place. Fixed statements, however many ask. */
export function createDuplicateStore() {
  return {
    /** Up to ten for each mark of each device that asks. */
    async duplicates(tx: Tx, asks: readonly DuplicateAsk[], scope: Scope): Promise<DuplicateRow[]> {
      if (asks.length === 0) return [];
      const params = createParams(JSON.stringify(asks.map((ask, index) => ({ ask: index, ...ask }))));
      const { rows } = await sql(tx).query<DuplicateRow>(
        `with n as materialized (
           select n.ask, n.key, n.serial, n."vendorId", n."nationalCode", n.connection, n."parentKey",
             coalesce(n.mac, c.archive ->> 'mac') as mac
           from jsonb_to_recordset($1::jsonb) as n (ask integer, key integer, serial text, "vendorId" text, mac text,
             "nationalCode" text, connection jsonb, "parentKey" integer)
           left join camera c on c.device = n.key
         ), hit as (
           ${HITS}
         )
         select h.ask, h.field, d.key, d.id, d.name, d.lifecycle,
           d.vendor_id is not distinct from n."vendorId" as "sameVendor",
           coalesce(d.key = n."parentKey" or d.parent_key = n.key or d.parent_key = n."parentKey", false) as related,
           ${deviceInScope(scope, params)} as visible
         from hit h join n on n.ask = h.ask join device d on d.key = h.key order by h.ask, d.key, h.field`,
        params.values,
      );
      return rows;
    },

    /** Where devices of these organisations should be: the nearest boundary up the tree, and the newest 200 of the same. */
    async orgPlaces(tx: Tx, orgIds: readonly string[]): Promise<OrgPlace[]> {
      if (orgIds.length === 0) return [];
      const { rows } = await sql(tx).query<OrgPlace>(
        `with recursive n as materialized (
           select distinct u.id from unnest($1::text[]) as u (id)
         ), up (org, parent_id, name, boundary, depth) as (
           select n.id, o.parent_id, o.name, o.boundary, 0 from n join org o on o.id = n.id
           union all
           select up.org, o.parent_id, o.name, o.boundary, up.depth + 1 from up join org o on o.id = up.parent_id
           where up.boundary is null and up.depth < 16
         )
         select n.id as "orgId",
           (select jsonb_build_object('name', up.name, 'polygon', up.boundary) from up
            where up.org = n.id and up.boundary is not null order by up.depth limit 1) as boundary,
           coalesce((select jsonb_agg(jsonb_build_object('key', x.key, 'lat', x.location -> 'lat', 'lon', x.location -> 'lon'))
            from (
              select d.key, d.location from device d where d.org_id = n.id and d.location is not null
                and d.lifecycle in ('active', 'trial', 'suspended')
              order by d.key desc limit ${NEIGHBOURS}) x), '[]') as neighbours
         from n`,
        [orgIds],
      );
      return rows;
    },

    async sitePlaces(tx: Tx, siteIds: readonly string[]): Promise<ReadonlyMap<string, Point>> {
      if (siteIds.length === 0) return new Map();
      const { rows } = await sql(tx).query<Point & { id: string }>(
        `select id, (location ->> 'lat')::float8 as lat, (location ->> 'lon')::float8 as lon from site
         where id = any ($1::text[]) and location is not null`,
        [siteIds],
      );
      return new Map(rows.map(({ id, lat, lon }) => [id, { lat, lon }]));
    },

    /** Names of organisations, for what is printed. */
    async orgNames(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
      const { rows } = await sql(tx).query<{ id: string; name: string }>(
        'select id, name from org where id = any ($1::text[])',
        [[...new Set(ids)]],
      );
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  };
}

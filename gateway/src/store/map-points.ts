import type { DeviceFilter } from '../domain/device-input.ts';
import type { MapPointRows } from '../domain/map-points.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { filterCondition } from './devices.ts';
import { createParams, deviceInScope } from './scope.ts';

/** What is on the map is in use or will be; who wants to see what is gone asks for it. */
const STANDING = `d.lifecycle not in ('retired', 'rejected')`;

/**
 * Every device of a filter that has a place, as columns: one row of arrays made by the database costs a tenth of what a
 * hundred thousand rows do.
 */
export async function mapPoints(tx: Tx, scope: Scope, filter: DeviceFilter, limit: number): Promise<MapPointRows> {
  const params = createParams();
  const condition = [
    filterCondition(filter, params),
    deviceInScope(scope, params),
    ...(filter.lifecycle ? [] : [STANDING]),
  ].join(' and ');
  const { rows } = await sql(tx).query<MapPointRows>(
    `with found as (
       select d.key, d.id, d.name, d.type, d.location, coalesce(h.state, 'unknown') as state,
         coalesce(h.suspect, false) as suspect
       from device d left join health h on h.device = d.key
       where ${condition}
     ), placed as (
       select * from found where location is not null order by key limit ${params.add(limit)}
     )
     select coalesce(json_agg(id), '[]') as ids, coalesce(json_agg(name), '[]') as names,
       coalesce(json_agg(type), '[]') as types, coalesce(json_agg(state), '[]') as states,
       coalesce(json_agg(suspect), '[]') as suspects,
       coalesce(json_agg(round((location->>'lon')::numeric, 6)), '[]') as lon,
       coalesce(json_agg(round((location->>'lat')::numeric, 6)), '[]') as lat,
       (select count(*)::int from found) as total,
       (select count(*)::int from found where location is null) as unplaced
     from placed`,
    params.values,
  );
  const [row] = rows;
  if (!row) throw new Error('an aggregate without a row');
  return row;
}

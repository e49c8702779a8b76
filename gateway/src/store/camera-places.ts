import type { CameraDevice, StreetCode } from '../domain/camera-record.ts';
import type { Point } from '../domain/geo.ts';
import { LAST_SERIAL } from '../domain/national-code.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { CAMERA_COLUMNS, CAMERA_JOINS, type CameraRow, isCamera, readCamera } from './camera-rows.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope } from './scope.ts';

const STREET = `street, name, region8, case when lat is null then null else jsonb_build_object('lat', lat, 'lon', lon) end
  as centre, radius_m as radius`;

/** Where cameras stand: codes of streets, serials under them, and what stands nearby. */
export function createCameraPlaceStore() {
  return {
    async streets(tx: Tx): Promise<StreetCode[]> {
      return (await sql(tx).query<StreetCode>(`select ${STREET} from street_code order by street`)).rows;
    },

    async street(tx: Tx, street: string): Promise<StreetCode | undefined> {
      return (await sql(tx).query<StreetCode>(`select ${STREET} from street_code where street = $1`, [street])).rows[0];
    },

    async putStreet(tx: Tx, row: StreetCode): Promise<void> {
      await sql(tx).query(
        `insert into street_code (street, name, region8, lat, lon, radius_m) values ($1, $2, $3, $4, $5, $6)
         on conflict (street) do update set name = excluded.name, region8 = excluded.region8, lat = excluded.lat,
           lon = excluded.lon, radius_m = excluded.radius_m`,
        [row.street, row.name, row.region8, row.centre?.lat ?? null, row.centre?.lon ?? null, row.radius],
      );
    },

    /** Division codes of an organisation and everything above it, the nearest first. */
    async divisions(tx: Tx, orgId: string): Promise<string[]> {
      const { rows } = await sql(tx).query<{ code: string }>(
        `with recursive up (id, parent_id, code, depth) as (
           select id, parent_id, code, 0 from org where id = $1
           union all
           select o.id, o.parent_id, o.code, up.depth + 1 from org o join up on o.id = up.parent_id where up.depth < 16
         )
         select code from up where code is not null order by depth`,
        [orgId],
      );
      return rows.map(({ code }) => code);
    },

    /** Takes the next serial under 14 digits for good; null when all are taken. Concurrent callers wait for each other. */
    async takeSerial(tx: Tx, prefix: string): Promise<number | null> {
      const { rows: held } = await sql(tx).query<{ last: number }>(
        `insert into national_code_serial as s (prefix, last) values ($1, 0)
         on conflict (prefix) do update set last = s.last returning last`,
        [prefix],
      );
      const last = held[0]?.last ?? 0;
      // Codes typed in by hand are stepped over: the first gap after the last serial is at a taken number plus one.
      const { rows } = await sql(tx).query<{ n: number | null }>(
        `with taken as (
           select right(national_code, 6)::int as n from device
           where national_code > $1::text || lpad($2::int::text, 6, '0') and national_code <= $1::text || '999999'
         )
         select min(n) as n from (select $2::int + 1 as n union all select n + 1 from taken) as candidate
         where n <= ${LAST_SERIAL} and not exists (select from taken where taken.n = candidate.n)`,
        [prefix, last],
      );
      const serial = rows[0]?.n ?? null;
      if (serial !== null) {
        await sql(tx).query('update national_code_serial set last = $2 where prefix = $1', [prefix, serial]);
      }
      return serial;
    },

    /** Cameras in a box of degrees around a point, at most `limit`; who is near enough is the caller's to say. */
    async inBox(
      tx: Tx,
      box: { centre: Point; dLat: number; dLon: number; limit: number },
      types: readonly string[],
      scope: Scope,
    ): Promise<CameraDevice[]> {
      const { centre, dLat, dLon, limit } = box;
      const params = createParams(
        types,
        centre.lat - dLat,
        centre.lat + dLat,
        centre.lon - dLon,
        centre.lon + dLon,
        limit,
      );
      const { rows } = await sql(tx).query<CameraRow>(
        `select ${CAMERA_COLUMNS} from device d ${CAMERA_JOINS}
         where d.location is not null and (d.location ->> 'lat')::float8 between $2 and $3
           and (d.location ->> 'lon')::float8 between $4 and $5
           and d.lifecycle <> 'rejected' and ${isCamera('$1')} and ${deviceInScope(scope, params)}
         order by abs((d.location ->> 'lat')::float8 - ($2::float8 + $3) / 2)
           + abs((d.location ->> 'lon')::float8 - ($4::float8 + $5) / 2), d.key limit $6`,
        params.values,
      );
      return rows.map(readCamera);
    },

    /** Where the site of a device is; null when it has none or the site has no place. */
    async placeOfSite(tx: Tx, siteId: string): Promise<Point | null> {
      const { rows } = await sql(tx).query<{ location: Point | null }>('select location from site where id = $1', [
        siteId,
      ]);
      return rows[0]?.location ?? null;
    },
  };
}

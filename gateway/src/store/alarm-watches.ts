import type { DeviceKey } from '../domain/device.ts';
import type { WatchRow } from '../domain/health-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** When what alarm rules wait for or count came. */
export const alarmWatches = {
  async watches(tx: Tx, after: DeviceKey, limit: number): Promise<readonly WatchRow[]> {
    // Whole devices only: a page never cuts one in two.
    const { rows } = await sql(tx).query<WatchRow>(
      `select w.device, w.name, w.path, w.since, w.times::float8[] as times from alarm_watch w
       where w.device in (select distinct device from alarm_watch where device > $1 order by device limit $2)
       order by w.device, w.name`,
      [after, limit],
    );
    return rows;
  },

  async saveWatches(tx: Tx, rows: readonly WatchRow[]): Promise<void> {
    if (rows.length === 0) return;
    await sql(tx).query(
      `insert into alarm_watch (device, name, path, since, times)
       select d, n, p, s, coalesce((select array_agg(t::bigint order by o) from jsonb_array_elements_text(x::jsonb) with ordinality as e (t, o)), '{}')
       from unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $5::text[]) as r (d, n, p, s, x)
       where exists (select from device where key = d)
       on conflict (device, name) do update set path = excluded.path, since = excluded.since, times = excluded.times`,
      [
        rows.map((row) => row.device),
        rows.map((row) => row.name),
        rows.map((row) => row.path),
        rows.map((row) => Math.floor(row.since)),
        rows.map((row) => JSON.stringify(row.times.map(Math.floor))),
      ],
    );
  },
};

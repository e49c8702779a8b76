import type { DeviceKey } from '../domain/device.ts';
import type { FactRow, FactWrite, Nows, Rearm } from '../domain/health-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { toJsonOrNull } from './storable.ts';

/** Columns of a fact `f`. */
export const FACT = 'f.device, f.name, f.state, f.reason, f.path, f.deadline, f.turning, f.evidence';
/** Observed time by path as a table `p (path, now)`. */
export const NOWS = 'unnest($1::text[], $2::bigint[]) as p (path, now)';
export const nowsParams = (nows: Nows) => [[...nows.keys()], [...nows.values()].map(Math.floor)];

/** Link, probe and data freshness of each device, with their deadlines in observed time. */
export function createHealthFactStore() {
  return {
    async due(tx: Tx, nows: Nows, limit: number): Promise<readonly FactRow[]> {
      const { rows } = await sql(tx).query<FactRow>(
        `select ${FACT} from ${NOWS} cross join lateral (
           select * from health_fact h where h.path = p.path and h.deadline <= p.now order by h.deadline limit $3
         ) f limit $3`,
        [...nowsParams(nows), limit],
      );
      return rows;
    },

    async rearm(tx: Tx, rows: readonly Rearm[]): Promise<void> {
      await sql(tx).query(
        `update health_fact f set deadline = n.deadline, state = n.state, reason = n.reason
         from unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
           as n (device, name, was, deadline, state, reason)
         where f.device = n.device and f.name = n.name and f.deadline = n.was and f.state = 'good'`,
        [
          rows.map((row) => row.device),
          rows.map((row) => row.name),
          rows.map((row) => row.was),
          rows.map((row) => row.deadline),
          rows.map((row) => row.state),
          rows.map((row) => row.reason),
        ],
      );
    },

    async facts(
      tx: Tx,
      devices: readonly DeviceKey[],
      nows: Nows,
      whole: readonly DeviceKey[],
    ): Promise<readonly FactRow[]> {
      const { rows } = await sql(tx).query<FactRow>(
        `select ${FACT} from health_fact f left join ${NOWS} on p.path = f.path
         where f.device = any($3::int[])
           and (f.name in ('link', 'probe') or f.state <> 'good' or f.deadline <= p.now or f.device = any($4::int[]))`,
        [...nowsParams(nows), devices, whole],
      );
      return rows;
    },

    async saveFacts(tx: Tx, rows: readonly FactWrite[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `insert into health_fact as f (device, name, state, reason, evidence, since, path, deadline, turning)
         select d, n, s, r, coalesce(e::jsonb, '{}'), coalesce(to_timestamp(i / 1000), now()), p, dl, t
         from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::text[], $8::bigint[],
           $9::bigint[]) as w (d, n, s, r, e, i, p, dl, t)
         order by d, n
         on conflict (device, name) do update set state = excluded.state, reason = excluded.reason,
           since = case when f.state = excluded.state then f.since else excluded.since end,
           evidence = case when excluded.evidence = '{}' then f.evidence else excluded.evidence end,
           path = excluded.path, deadline = excluded.deadline, turning = excluded.turning`,
        [
          rows.map((row) => row.device),
          rows.map((row) => row.name),
          rows.map((row) => row.state),
          rows.map((row) => row.reason),
          rows.map((row) => toJsonOrNull(row.evidence)),
          rows.map((row) => row.since),
          rows.map((row) => row.path),
          rows.map((row) => row.deadline),
          rows.map((row) => row.turning),
        ],
      );
    },

    async dropFacts(tx: Tx, devices: readonly DeviceKey[]): Promise<void> {
      if (devices.length === 0) return;
      await sql(tx).query('delete from health_fact where device = any($1::int[])', [devices]);
    },
  };
}

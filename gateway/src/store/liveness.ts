import type { DeviceKey } from '../domain/device.ts';
import type { AlarmRow, FactRow, LoadedDevice, Nows, SeenRow } from '../domain/health-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { ALARM } from './alarm-states.ts';
import { sql } from './database.ts';
import { FACT, NOWS, nowsParams } from './health-facts.ts';
import { toJsonOrNull } from './storable.ts';

/** When each device was heard last, as the monitor reads it at its start. */
export function createLivenessStore() {
  return {
    async forgetSessions(tx: Tx, nows: Nows): Promise<void> {
      await sql(tx).query(
        `update device_seen s set session = 'unknown', session_reason = 'restart', session_observed = p.now
         from ${NOWS} where s.path = p.path and s.session = 'up'`,
        nowsParams(nows),
      );
    },

    async load(tx: Tx, after: DeviceKey, limit: number): Promise<readonly LoadedDevice[]> {
      const seen = await sql(tx).query<SeenRow & { key: DeviceKey; skewed: boolean; known: boolean }>(
        `select d.key, s.device is not null as known, s.device, coalesce(s.path, 'mqtt') as path,
           coalesce((extract(epoch from s.seen_at) * 1000)::float8, 0) as "seenAt", coalesce(s.observed, 0) as observed,
           coalesce(s.session, 'none') as session, coalesce(s.session_reason, '') as "sessionReason",
           coalesce((extract(epoch from s.session_at) * 1000)::float8, 0) as "sessionAt",
           coalesce(s.session_observed, 0) as "sessionObserved", s.lag, coalesce('clockSkew' = any(h.flags), false) as skewed
         from device d left join device_seen s on s.device = d.key left join health h on h.device = d.key
         where d.key > $1 order by d.key limit $2`,
        [after, limit],
      );
      const keys = seen.rows.map((row) => row.key);
      const facts = await sql(tx).query<FactRow>(`select ${FACT} from health_fact f where f.device = any($1::int[])`, [
        keys,
      ]);
      const alarms = await sql(tx).query<AlarmRow>(
        `select ${ALARM} from alarm_state a where a.device = any($1::int[])`,
        [keys],
      );
      const factsOf = Map.groupBy(facts.rows, (row) => row.device);
      const alarmsOf = Map.groupBy(alarms.rows, (row) => row.device);
      return seen.rows.map(({ key, skewed, known, ...row }) => ({
        device: key,
        seen: known ? row : null,
        facts: factsOf.get(key) ?? [],
        alarms: alarmsOf.get(key) ?? [],
        skewed,
      }));
    },

    async saveSeen(tx: Tx, rows: readonly SeenRow[]): Promise<void> {
      await sql(tx).query(
        `insert into device_seen as s (device, seen_at, observed, path, session, session_reason, session_at,
           session_observed, lag)
         select d, to_timestamp(nullif(t, 0) / 1000), nullif(o, 0), p, e, r, to_timestamp(nullif(st, 0) / 1000),
           nullif(so, 0), l::jsonb
         from unnest($1::int[], $2::float8[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::float8[],
           $8::bigint[], $9::text[]) as n (d, t, o, p, e, r, st, so, l)
         order by d
         on conflict (device) do update set seen_at = excluded.seen_at, observed = excluded.observed,
           path = excluded.path, session = excluded.session, session_reason = excluded.session_reason,
           session_at = excluded.session_at, session_observed = excluded.session_observed, lag = excluded.lag`,
        [
          rows.map((row) => row.device),
          rows.map((row) => row.seenAt),
          rows.map((row) => row.observed),
          rows.map((row) => row.path),
          rows.map((row) => row.session),
          rows.map((row) => row.sessionReason),
          rows.map((row) => row.sessionAt),
          rows.map((row) => row.sessionObserved),
          rows.map((row) => toJsonOrNull(row.lag)),
        ],
      );
    },
  };
}

import type { DeviceKey } from '../domain/device.ts';
import type {
  AlarmRow,
  BlindInterval,
  FactRow,
  FactWrite,
  HealthChange,
  HealthRow,
  LoadedDevice,
  MissedEvent,
  Nows,
  Rearm,
  SeenRow,
} from '../domain/health-rows.ts';
import type { ObservedMark } from '../domain/observed-clock.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { storableJson } from './storable.ts';

export const toJson = (value: unknown): string => storableJson(value) ?? 'null';
const toJsonOrNull = (value: unknown) => (value === null || value === undefined ? null : toJson(value));

const FACT = 'f.device, f.name, f.state, f.reason, f.path, f.deadline, f.turning, f.evidence';
const ALARM = 'a.device, a.code, a.component, a.state, a.since, a.path, a.deadline, a.evidence';
/** Observed time by path as a table `p (path, now)`. */
const NOWS = 'unnest($1::text[], $2::bigint[]) as p (path, now)';
const nowsParams = (nows: Nows) => [[...nows.keys()], [...nows.values()].map(Math.floor)];

/** Statements of liveness and health for the monitor. All set-based; times cross as epoch milliseconds. */
export function createHealthStore() {
  return {
    async marks(tx: Tx): Promise<ReadonlyMap<string, ObservedMark>> {
      const { rows } = await sql(tx).query<{ path: string; observed: number; wall: number }>(
        'select path, observed, wall from observed_clock',
      );
      return new Map(rows.map(({ path, observed, wall }) => [path, { observed, wall }]));
    },

    /** A clock never goes back, whoever writes it last. */
    async saveMarks(tx: Tx, marks: ReadonlyMap<string, ObservedMark>): Promise<void> {
      const all = [...marks];
      await sql(tx).query(
        `insert into observed_clock as c (path, observed, wall)
         select p, o, to_timestamp(w / 1000) from unnest($1::text[], $2::bigint[], $3::float8[]) as m (p, o, w)
         on conflict (path) do update set observed = excluded.observed, wall = excluded.wall
         where excluded.observed >= c.observed`,
        [all.map(([path]) => path), all.map(([, mark]) => mark.observed), all.map(([, mark]) => mark.wall)],
      );
    },

    async saveBlind(tx: Tx, intervals: readonly BlindInterval[]): Promise<void> {
      // The same beginning may stand twice in a batch (begun and ended); the ended one wins.
      const last = new Map(intervals.map((interval) => [`${interval.path}|${interval.from}`, interval]));
      for (const interval of intervals)
        if (interval.to !== null) last.set(`${interval.path}|${interval.from}`, interval);
      const rows = [...last.values()];
      await sql(tx).query(
        `insert into blind_interval as b (path, from_at, to_at, reason)
         select p, to_timestamp(f / 1000), to_timestamp(t / 1000), r
         from unnest($1::text[], $2::float8[], $3::float8[], $4::text[]) as i (p, f, t, r)
         on conflict (path, from_at) do update set to_at = greatest(b.to_at, excluded.to_at)`,
        [
          rows.map((row) => row.path),
          rows.map((row) => row.from),
          rows.map((row) => row.to),
          rows.map((row) => row.reason),
        ],
      );
    },

    async closeBlind(tx: Tx): Promise<void> {
      await sql(tx).query(
        `update blind_interval b set to_at = greatest(b.from_at, c.wall)
         from observed_clock c where c.path = b.path and b.to_at is null`,
      );
    },

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

    async lock(tx: Tx, devices: readonly DeviceKey[], now: number): Promise<ReadonlyMap<DeviceKey, HealthRow>> {
      await sql(tx).query(
        `insert into health (device, state, reason, since)
         select d.key, 'unknown', 'neverSeen', to_timestamp($2::float8 / 1000) from device d
         where d.key = any($1::int[]) and not exists (select 1 from health h where h.device = d.key)
         order by d.key on conflict do nothing`,
        [devices, now],
      );
      const { rows } = await sql(tx).query<HealthRow>(
        `select device, state, reason, since, suspect, flags from health where device = any($1::int[])
         order by device for update`,
        [devices],
      );
      return new Map(rows.map((row) => [row.device, row]));
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

    async saveHealth(tx: Tx, rows: readonly HealthRow[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `update health h set state = n.s, reason = n.r, since = to_timestamp(n.i / 1000), suspect = n.u,
           flags = array(select jsonb_array_elements_text(n.f::jsonb))
         from unnest($1::int[], $2::text[], $3::text[], $4::float8[], $5::bool[], $6::text[]) as n (d, s, r, i, u, f)
         where h.device = n.d`,
        [
          rows.map((row) => row.device),
          rows.map((row) => row.state),
          rows.map((row) => row.reason),
          rows.map((row) => row.since),
          rows.map((row) => row.suspect),
          rows.map((row) => toJson(row.flags)),
        ],
      );
    },

    async addHistory(tx: Tx, changes: readonly HealthChange[]): Promise<void> {
      if (changes.length === 0) return;
      await sql(tx).query(
        `insert into health_history (device, at, was, state, reason)
         select d, to_timestamp(a / 1000), w, s, r
         from unnest($1::int[], $2::float8[], $3::text[], $4::text[], $5::text[]) as n (d, a, w, s, r)`,
        [
          changes.map((change) => change.device),
          changes.map((change) => change.at),
          changes.map((change) => change.was),
          changes.map((change) => change.state),
          changes.map((change) => change.reason),
        ],
      );
    },

    async alarms(tx: Tx, devices: readonly DeviceKey[]): Promise<readonly AlarmRow[]> {
      const { rows } = await sql(tx).query<AlarmRow>(
        `select ${ALARM} from alarm_state a where a.device = any($1::int[])`,
        [devices],
      );
      return rows;
    },

    async saveAlarms(tx: Tx, rows: readonly AlarmRow[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `insert into alarm_state (device, code, component, state, since, path, deadline, evidence)
         select d, c, m, s, to_timestamp(i / 1000), p, l, e::jsonb
         from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::bigint[], $8::text[])
           as n (d, c, m, s, i, p, l, e)
         on conflict (device, code, component) do update set state = excluded.state, since = excluded.since,
           path = excluded.path, deadline = excluded.deadline, evidence = excluded.evidence`,
        [
          rows.map((row) => row.device),
          rows.map((row) => row.code),
          rows.map((row) => row.component),
          rows.map((row) => row.state),
          rows.map((row) => row.since),
          rows.map((row) => row.path),
          rows.map((row) => row.deadline),
          rows.map((row) => toJson(row.evidence)),
        ],
      );
    },

    async dropAlarms(tx: Tx, rows: readonly { device: DeviceKey; code: string; component: string }[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `delete from alarm_state a using unnest($1::int[], $2::text[], $3::text[]) as n (d, c, m)
         where a.device = n.d and a.code = n.c and a.component = n.m`,
        [rows.map((row) => row.device), rows.map((row) => row.code), rows.map((row) => row.component)],
      );
    },

    async missedEvents(tx: Tx, since: number, limit: number) {
      const { rows } = await sql(tx).query<MissedEvent>(
        `select e.device, e.code, e.component, e.time, e.received_at as "receivedAt", e.severity,
           e.life_safety as "lifeSafety", e.data
         from device_event e
         where e.received_at > to_timestamp($1::float8 / 1000) and not exists (
           select 1 from incident i where i.device = e.device and i.fault = e.code and i.component = e.component
             and i.last_at >= e.received_at)
         order by e.id limit $2`,
        [since, limit],
      );
      return rows;
    },
  };
}

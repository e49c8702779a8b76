import { randomUUID } from 'node:crypto';
import type {
  AcceptanceReport,
  AcceptanceReportHead,
  Returned,
  TrialFacts,
  TrialMetric,
} from '../domain/acceptance.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { ReadingsElsewhere } from '../domain/readings-elsewhere.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

/** Counting further says nothing more, and a trial of months would cost. */
const COUNTED = 1_000;
/** Clocks that run behind by a time zone are still seen; what is older came from a memory (补报). */
const LATE = `interval '1 day'`;
const LATE_MS = 86_400_000;

const HEAD = `id, no, result, at, by, by_name as "byName", reason`;

/** What was seen of devices on trial, and the reports that were written. */
export function createTrialStore(elsewhere?: ReadingsElsewhere) {
  return {
    /** One row a device, in one statement; `since` is the begin of its stage. */
    async trialFacts(tx: Tx, asks: readonly { key: DeviceKey; since: number }[]): Promise<TrialFacts[]> {
      if (asks.length === 0) return [];
      const { rows } = await sql(tx).query<TrialFacts>(
        `with q as materialized (
           select u.device, g.returned_at, g.returned_by, g.returned_reason,
             greatest(${at('u.since')}, g.resubmitted_at) as since
           from unnest($1::int[], $2::float8[]) as u (device, since) left join device_registration g on g.device = u.device
         )
         select q.device, q.since, s.seen_at as "seenAt",
           case when s.session = 'up' then s.session_at end as "sessionAt",
           e.events, e.last as "lastEventAt", c.first_frame_at as "firstFrameAt", p.taken_at as "pictureAt",
           coalesce(z.codes, '{}') as quarantined, coalesce(i.conflicts, 0)::int as conflicts,
           coalesce('clockSkew' = any (h.flags), false) as "clockSkew", q.returned_at as "returnedAt",
           q.returned_by as "returnedBy", q.returned_reason as "returnedReason"
         from q
         left join device_seen s on s.device = q.device
         left join camera c on c.device = q.device
         left join health h on h.device = q.device
         cross join lateral (
           select count(*)::int as events, max(x.received_at) as last from (
             select received_at from device_event where device = q.device and received_at >= q.since limit ${COUNTED}) x) e
         left join lateral (
           select max(taken_at) as taken_at from picture where device = q.device and taken_at >= q.since) p on true
         left join lateral (
           select jsonb_object_agg(y.code, y.n) as codes from (
             select x.code, count(*)::int as n from (
               select code from quarantine where device = q.device and received_at >= q.since limit ${COUNTED}) x
             group by x.code) y) z on true
         left join lateral (
           select sum(count)::int as conflicts from ingest_note
           where device = q.device and code = 'CONFLICT' and last_at >= q.since) i on true`,
        [asks.map(({ key }) => key), asks.map(({ since }) => since)],
      );
      return rows;
    },

    /** Readings stored since, by metric; `*` in a name stands for any part. Metrics never sent have no row. */
    async trialMetrics(
      tx: Tx,
      asks: readonly { key: DeviceKey; metric: string; since: number }[],
    ): Promise<TrialMetric[]> {
      if (asks.length === 0) return [];
      if (elsewhere) return elsewhere.received(tx, asks, { most: COUNTED, lateMs: LATE_MS });
      const mine = `r.device = q.device and r.metric = m.key and r.time >= ${at('q.since')} - ${LATE}
        and r.received_at >= ${at('q.since')}`;
      const { rows } = await sql(tx).query<TrialMetric>(
        `select q.device, q.metric, m.name, c.n as readings, least(a.received_at, z.received_at) as first,
           greatest(a.received_at, z.received_at) as last
         from unnest($1::int[], $2::text[], $3::text[], $4::float8[]) as q (device, metric, pattern, since)
         join device_metric dm on dm.device = q.device
         join metric m on m.key = dm.metric and m.name like q.pattern
         cross join lateral (select count(*)::int as n from (select from reading r where ${mine} limit ${COUNTED}) x) c
         left join lateral (select r.received_at from reading r where ${mine} order by r.time limit 1) a on true
         left join lateral (select r.received_at from reading r where ${mine} order by r.time desc limit 1) z on true`,
        [
          asks.map(({ key }) => key),
          asks.map(({ metric }) => metric),
          asks.map(({ metric }) => metric.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')),
          asks.map(({ since }) => since),
        ],
      );
      return rows;
    },

    async returned(tx: Tx, keys: readonly DeviceKey[]): Promise<ReadonlyMap<DeviceKey, Returned>> {
      const { rows } = await sql(tx).query<Returned & { device: DeviceKey }>(
        `select device, returned_at as at, returned_by as by, returned_reason as reason from device_registration
         where device = any ($1::int[]) and returned_at is not null`,
        [keys],
      );
      return new Map(rows.map(({ device, ...rest }) => [device, rest]));
    },

    async markReturned(tx: Tx, keys: readonly DeviceKey[], returned: Returned): Promise<void> {
      await sql(tx).query(
        `insert into device_registration (device, returned_at, returned_by, returned_reason)
         select u.device, ${at('$2')}, $3, $4 from unnest($1::int[]) as u (device)
         on conflict (device) do update set returned_at = excluded.returned_at, returned_by = excluded.returned_by,
           returned_reason = excluded.returned_reason`,
        [keys, returned.at, returned.by, returned.reason],
      );
    },

    /** The mark of a return goes; `resubmittedAt` null = by a decision of the centre, evidence keeps counting. */
    async clearReturned(tx: Tx, keys: readonly DeviceKey[], resubmittedAt: number | null): Promise<void> {
      await sql(tx).query(
        `update device_registration set returned_at = null, returned_by = null, returned_reason = null,
           resubmitted_at = coalesce(${at('$2')}, resubmitted_at) where device = any ($1::int[])`,
        [keys, resubmittedAt],
      );
    },

    async restartTrial(tx: Tx, key: DeviceKey, now: number): Promise<void> {
      await sql(tx).query(
        `insert into device_registration (device, resubmitted_at) values ($1, ${at('$2')})
         on conflict (device) do update set resubmitted_at = excluded.resubmitted_at`,
        [key, now],
      );
    },

    async addReports(
      tx: Tx,
      reports: readonly (Omit<AcceptanceReport, 'id'> & { readonly device: DeviceKey })[],
    ): Promise<void> {
      if (reports.length === 0) return;
      const rows = reports.map((report) => ({ ...report, id: randomUUID() }));
      await sql(tx).query(
        `insert into acceptance_report (id, device, no, result, at, by, by_name, reason, report)
         select r.id, r.device, r.no, r.result, ${at('r.at')}, r.by, r."byName", r.reason, r.report
         from jsonb_to_recordset($1::jsonb) as r (id text, device integer, no text, result text, at float8, by text,
           "byName" text, reason text, report jsonb)`,
        [JSON.stringify(rows)],
      );
    },

    async reportHead(tx: Tx, device: DeviceKey): Promise<AcceptanceReportHead | null> {
      const { rows } = await sql(tx).query<AcceptanceReportHead>(
        `select ${HEAD} from acceptance_report where device = $1 order by at desc, id desc limit 1`,
        [device],
      );
      return rows[0] ?? null;
    },

    async report(tx: Tx, device: DeviceKey): Promise<AcceptanceReport | undefined> {
      const { rows } = await sql(tx).query<AcceptanceReport>(
        `select ${HEAD}, report from acceptance_report where device = $1 order by at desc, id desc limit 1`,
        [device],
      );
      return rows[0];
    },

    /** The next `count` numbers of a series and day, e.g. `YS-20261123-0001`. */
    async paperNumbers(tx: Tx, series: string, day: string, count: number): Promise<string[]> {
      const { rows } = await sql(tx).query<{ last: number }>(
        `insert into paper_number as p (series, day, last) values ($1, $2, $3)
         on conflict (series, day) do update set last = p.last + excluded.last returning last`,
        [series, day, count],
      );
      const last = rows[0]?.last ?? count;
      return Array.from(
        { length: count },
        (_, index) => `${series}-${day}-${String(last - count + 1 + index).padStart(4, '0')}`,
      );
    },
  };
}

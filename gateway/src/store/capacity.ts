import type { CapacitySample, DiskState, ModuleReadings } from '../domain/capacity.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

/** How large everything is and was. */
export function createCapacityStore() {
  return {
    /** Bytes with indexes and toast, and the engine's estimate of rows, of every table; partitions stand for themselves. */
    async tables(tx: Tx): Promise<readonly { name: string; bytes: number; rows: number }[]> {
      const { rows } = await sql(tx).query<{ name: string; bytes: number; rows: number }>(
        `select c.relname as name, pg_total_relation_size(c.oid)::float8 as bytes, greatest(c.reltuples, 0)::float8 as rows
         from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`,
      );
      return rows;
    },

    async databaseBytes(tx: Tx): Promise<number> {
      const { rows } = await sql(tx).query<{ bytes: number }>(
        'select pg_database_size(current_database())::float8 as bytes',
      );
      return rows[0]?.bytes ?? 0;
    },

    /** Messages ever drained, and when the newest hour of all was counted. */
    async messages(tx: Tx): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>(
        'select coalesce(sum(drained), 0)::float8 as n from ingest_ledger',
      );
      return rows[0]?.n ?? 0;
    },

    /** The first sample of an hour stays. */
    async sample(tx: Tx, samples: readonly CapacitySample[]): Promise<void> {
      await sql(tx).query(
        `insert into capacity_sample (area, at, bytes, rows)
         select a, to_timestamp(t / 1000), b, r from unnest($1::text[], $2::float8[], $3::bigint[], $4::bigint[]) as s (a, t, b, r)
         on conflict (area, at) do nothing`,
        [
          samples.map(({ area }) => area),
          samples.map((sample) => sample.at),
          samples.map(({ bytes }) => whole(bytes)),
          samples.map(({ rows }) => whole(rows)),
        ],
      );
    },

    async samples(tx: Tx, since: number): Promise<readonly CapacitySample[]> {
      const { rows } = await sql(tx).query<CapacitySample>(
        `select area, at, bytes::float8 as bytes, rows::float8 as rows from capacity_sample where at >= ${at('$1')} order by area, at`,
        [since],
      );
      return rows;
    },

    /** Beyond `hourly` one sample a day stays; beyond `daily` none. */
    async thinSamples(tx: Tx, hourly: number, daily: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `delete from capacity_sample s where s.at < ${at('$2')} or (s.at < ${at('$1')} and exists (
           select from capacity_sample n where n.area = s.area and n.at > s.at
             and n.at < (date_trunc('day', s.at at time zone 'UTC') + interval '1 day') at time zone 'UTC'))`,
        [hourly, daily],
      );
      return rowCount;
    },

    async disks(tx: Tx): Promise<readonly DiskState[]> {
      const { rows } = await sql(tx).query<DiskState>(
        `select node, area, used_bytes::float8 as "usedBytes", total_bytes::float8 as "totalBytes", level, since,
           measured_at as "measuredAt", growth_per_day as "growthPerDay", full_in_days as "fullInDays"
         from disk_state order by area, node`,
      );
      return rows;
    },

    async saveDisk(tx: Tx, disk: DiskState): Promise<void> {
      await sql(tx).query(
        `insert into disk_state (node, area, used_bytes, total_bytes, level, since, measured_at, growth_per_day, full_in_days)
         values ($1, $2, $3::bigint, $4::bigint, $5, ${at('$6')}, ${at('$7')}, $8::float8, $9::float8)
         on conflict (node, area) do update set used_bytes = excluded.used_bytes, total_bytes = excluded.total_bytes,
           level = excluded.level, since = excluded.since, measured_at = excluded.measured_at,
           growth_per_day = excluded.growth_per_day, full_in_days = excluded.full_in_days`,
        [
          disk.node,
          disk.area,
          whole(disk.usedBytes),
          whole(disk.totalBytes),
          disk.level,
          disk.since,
          disk.measuredAt,
          disk.growthPerDay,
          disk.fullInDays,
        ],
      );
    },

    /** The level people were told of, locked until the end of the transaction; undefined = never measured. */
    async lockDisk(tx: Tx, node: string, area: string): Promise<Pick<DiskState, 'level' | 'since'> | undefined> {
      const { rows } = await sql(tx).query<Pick<DiskState, 'level' | 'since'>>(
        'select level, since from disk_state where node = $1 and area = $2 for update',
        [node, area],
      );
      return rows[0];
    },

    /** Disks of processes that have not been heard of for long. */
    async forgetDisks(tx: Tx, before: number): Promise<number> {
      const { rowCount } = await sql(tx).query(`delete from disk_state where measured_at < ${at('$1')}`, [before]);
      return rowCount;
    },

    /**
     * Readings and devices of each module on one whole day, from the sums by hour; none where the readings live outside
     * the database.
     */
    async modules(tx: Tx, from: number, to: number): Promise<readonly ModuleReadings[]> {
      const { rows } = await sql(tx).query<ModuleReadings>(
        `select d.module, count(*)::int as devices, sum(h.readings)::float8 as readings,
           sum(h.hours)::float8 as "hourlyRows", sum(h.metrics)::float8 as "dailyRows"
         from (select device, sum(n) as readings, count(*) as hours, count(distinct metric) as metrics
           from reading_hourly where hour >= ${at('$1')} and hour < ${at('$2')} group by device) h
         join device d on d.key = h.device group by d.module order by readings desc`,
        [from, to],
      );
      return rows;
    },
  };
}

function whole(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

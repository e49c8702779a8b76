import type { Clock } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import { type Database, sql } from '../store/database.ts';
import { createReadingDays, dayName, listDays } from './sql-days.ts';
import { createMetricKeys } from './sql-keys.ts';
import { queryLatest, querySeries } from './sql-query.ts';
import { createReadingWriter } from './sql-write.ts';
import type { TimeSeriesStats, TimeSeriesStore } from './timeseries.ts';

const DAY_MS = 86_400_000;

export interface SqlTimeSeriesOptions {
  readonly db: Database;
  readonly clock: Clock;
  /** UCUM unit of a device's metric by its type, kept beside the readings; undefined = none known. */
  readonly unitOf?: (device: DeviceKey, metric: string) => string | undefined;
}

/** Readings as narrow rows in daily partitions of the gateway's own database. */
export function createSqlTimeSeries(options: SqlTimeSeriesOptions): TimeSeriesStore {
  const { db, clock } = options;
  const keys = createMetricKeys(db, options.unitOf ?? (() => undefined));
  const days = createReadingDays(db);
  return {
    transactional: true,
    async prepare(readings) {
      await keys.prepare(readings);
      await days.prepare(readings);
    },
    write: createReadingWriter(keys, days),
    query: (query) => querySeries(db, query),
    latest: (device) => queryLatest(db, device),
    async retention({ rawDays }) {
      return { droppedDays: await days.drop(clock.now() - rawDays * DAY_MS) };
    },
    stats: () => stats(db),
  };
}

async function stats(db: Database): Promise<TimeSeriesStats> {
  const session = sql(db.autocommit);
  const days = await listDays(session);
  // A partition never analysed has no row count; 85 bytes is a numeric reading with its row header.
  const { rows } = await session.query<{ rows: number; bytes: number }>(
    `select coalesce(sum(case when c.reltuples < 0 then pg_relation_size(c.oid) / 85 else c.reltuples end), 0)::float8 as rows,
       coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes
     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'reading'::regclass`,
  );
  const [oldest] = days;
  return {
    rows: Math.round(rows[0]?.rows ?? 0),
    bytes: rows[0]?.bytes ?? 0,
    oldestDay: oldest === undefined ? null : dayName(oldest),
    days: days.length,
  };
}

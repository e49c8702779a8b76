import type { DeviceKey } from '../domain/device.ts';
import type { Database } from '../store/database.ts';
import { type Session, sql } from '../store/database.ts';
import { at } from '../store/time.ts';
import { pageSeries, type SeriesMetric } from './series-page.ts';
import { coarser, mayUseSums, readSumsOf, type Source, summedPoints } from './sql-query-sums.ts';
import { mean, NUMBER, SUMMAND } from './sql-sums.ts';
import { type PointRow, readingValue, type ValueColumns } from './sql-values.ts';
import type { Aggregate, LatestReading, SeriesPage, SeriesQuery } from './timeseries.ts';

interface DeviceMetric extends SeriesMetric {
  readonly key: number;
}

const RANGE = `device = $1 and metric = $2 and time >= ${at('$3')} and time < ${at('$4')}`;
const BUCKET = `date_bin($6::float8 * interval '1 millisecond', time, ${at('$7')})`;

const BUCKETED = {
  avg: grouped(mean(`sum(${SUMMAND})`, 'count(*)'), `${NUMBER} is not null`),
  min: grouped(`min(${NUMBER})`, `${NUMBER} is not null`),
  max: grouped(`max(${NUMBER})`, `${NUMBER} is not null`),
  count: grouped('count(*)::float8', 'true'),
  last: `select distinct on (1) ${BUCKET} as time, num, bool, txt from reading where ${RANGE}
         order by 1, reading.time desc limit $5`,
} as const satisfies Record<Aggregate, string>;

function grouped(value: string, condition: string): string {
  return `select ${BUCKET} as time, ${value} as num, null as bool, null as txt from reading
          where ${RANGE} and ${condition} group by 1 order by 1 limit $5`;
}

const RAW = `select time, num, bool, txt from reading where ${RANGE} order by time limit $5`;

/** In each metric's time order, which is the order of the primary key: a page costs what it shows. */
export async function querySeries(db: Database, query: SeriesQuery): Promise<SeriesPage> {
  const session = sql(db.autocommit);
  const sums = query.bucket && mayUseSums(query.bucket) ? await readSumsOf(session, query) : undefined;
  let source: Source = 'raw';
  const page = await pageSeries(
    query,
    () => metricsOf(session, query.device, query.metrics),
    async (metric, from, limit) => {
      if (metric.key === 0) return [];
      const plan = sums?.plan(metric.key, from);
      if (plan && query.bucket) {
        source = coarser(source, plan);
        const rows = await summedPoints(session, query.device, metric.key, query.bucket, plan, limit);
        return rows.map((row) => [row.time, readingValue(row)] as const);
      }
      const rows = await points(session, query, metric.key, from, limit);
      return rows.map((row) => [row.time, readingValue(row)] as const);
    },
  );
  return source === 'raw' ? page : { ...page, source };
}

async function points(session: Session, query: SeriesQuery, metric: number, from: number, limit: number) {
  const range = [query.device, metric, from, query.to, limit];
  const { bucket } = query;
  const { rows } = bucket
    ? await session.query<PointRow>(BUCKETED[bucket.agg], [...range, bucket.ms, bucket.origin ?? 0])
    : await session.query<PointRow>(RAW, range);
  return rows;
}

/** Wanted metrics in the order asked for; a name the device never sent has key 0 and yields an empty series. */
export async function metricsOf(
  session: Session,
  device: DeviceKey,
  names: readonly string[] | undefined,
): Promise<DeviceMetric[]> {
  const { rows } = await session.query<DeviceMetric>(
    `select m.key, m.name, dm.unit from device_metric dm join metric m on m.key = dm.metric
     where dm.device = $1 and ($2::text[] is null or m.name = any($2::text[])) order by m.name`,
    [device, names ?? null],
  );
  if (!names) return rows;
  const known = new Map(rows.map((row) => [row.name, row]));
  return [...new Set(names)].map((name) => known.get(name) ?? { key: 0, name, unit: null });
}

export async function queryLatest(db: Database, device: DeviceKey): Promise<LatestReading[]> {
  // One index probe a metric and day, newest day first, instead of sorting everything the device ever sent.
  const { rows } = await sql(db.autocommit).query<
    ValueColumns & { metric: string; unit: string | null; time: number; received_at: number; flags: number }
  >(
    `select m.name as metric, dm.unit, r.time, r.received_at, r.num, r.bool, r.txt, r.flags
     from device_metric dm join metric m on m.key = dm.metric
     cross join lateral (
       select time, received_at, num, bool, txt, flags from reading
       where device = dm.device and metric = dm.metric order by time desc limit 1) r
     where dm.device = $1 order by m.name`,
    [device],
  );
  return rows.map((row) => ({
    metric: row.metric,
    unit: row.unit,
    value: readingValue(row),
    time: row.time,
    receivedAt: row.received_at,
    flags: row.flags & 1 ? ['skew'] : [],
  }));
}

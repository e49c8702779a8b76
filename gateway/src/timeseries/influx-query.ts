import type { DeviceKey } from '../domain/device.ts';
import type { Value } from '../domain/reading.ts';
import { type Database, sql } from '../store/database.ts';
import type { InfluxClient } from './influx-client.ts';
import type { InfluxDatabase } from './influx-database.ts';
import type { DeviceIds } from './influx-devices.ts';
import { literal, metricName, metricTag, micros, pointValue, timeIn, VALUE_FIELDS } from './influx-lines.ts';
import { pageSeries } from './series-page.ts';
import { metricsOf } from './sql-query.ts';
import type { Aggregate, LatestReading, SeriesPage, SeriesQuery } from './timeseries.ts';

interface Deps {
  readonly client: InfluxClient;
  readonly database: InfluxDatabase;
  readonly db: Database;
  readonly ids: DeviceIds;
}

/** What a bucket shows; every reading has a receive time, which makes it what is counted and whose newest is taken. */
const SHOWN = {
  avg: 'mean(value)',
  min: 'min(value)',
  max: 'max(value)',
  count: 'count(receivedAt)',
  last: `last(receivedAt), ${VALUE_FIELDS}`,
} as const satisfies Record<Aggregate, string>;

export async function queryInflux(deps: Deps, query: SeriesQuery): Promise<SeriesPage> {
  const { client, database, db, ids } = deps;
  await ids.load(db.autocommit, [query.device]);
  const id = ids.get(query.device);
  return pageSeries(
    query,
    () => metricsOf(sql(db.autocommit), query.device, query.metrics),
    async (metric, from, limit) => {
      if (id === undefined || metric.key === 0) return [];
      const { bucket, to } = query;
      const table = await database.readings();
      const place = `from ${table} where device = ${literal(id)} and metric = ${literal(metricTag(metric.name))}`;
      const shown = bucket ? SHOWN[bucket.agg] : VALUE_FIELDS;
      const grouped = bucket ? ` ${grouping(bucket)}` : '';
      const [tables] = await client.query([
        `select ${shown} ${place} and ${timeIn(from, to)}${grouped} order by time limit ${limit}`,
      ]);
      return (tables?.[0]?.rows ?? []).map((row) => [Number(row[0]) / 1_000, cell(row, bucket?.agg)] as const);
    },
  );
}

function cell(row: readonly unknown[], agg: Aggregate | undefined): Value {
  if (agg === undefined) return pointValue(row[1], row[2], row[3]);
  if (agg === 'last') return pointValue(row[2], row[3], row[4]);
  return typeof row[1] === 'number' ? row[1] : 0;
}

function grouping({ ms, origin = 0 }: { readonly ms: number; readonly origin?: number }): string {
  const step = micros(ms);
  const offset = ((micros(origin) % step) + step) % step;
  return `group by time(${step}u, ${offset}u) fill(none)`;
}

export async function latestInflux(deps: Deps, device: DeviceKey): Promise<LatestReading[]> {
  const { client, database, db, ids } = deps;
  await ids.load(db.autocommit, [device]);
  const id = ids.get(device);
  if (id === undefined) return [];
  const [tables] = await client.query([
    `select last(receivedAt), ${VALUE_FIELDS}, flags from ${await database.readings()} where device = ${literal(id)} group by metric`,
  ]);
  const rows = new Map(tables?.map(({ tags, rows: [row] }) => [metricName(tags.metric ?? ''), row]));
  const metrics = await metricsOf(sql(db.autocommit), device, undefined);
  return metrics.flatMap(({ name, unit }): LatestReading[] => {
    const row = rows.get(name);
    if (!row) return [];
    const [time, receivedAt, value, flag, text, flags] = row;
    return [
      {
        metric: name,
        unit,
        value: pointValue(value, flag, text),
        time: Number(time) / 1_000,
        receivedAt: Number(receivedAt) / 1_000,
        flags: Number(flags ?? 0) & 1 ? ['skew'] : [],
      },
    ];
  });
}

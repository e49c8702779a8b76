import type { DeviceKey } from '../domain/device.ts';
import type { Value } from '../domain/reading.ts';
import { GatewayError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { type Session, sql } from '../store/database.ts';
import { at } from '../store/time.ts';
import type { Aggregate, LatestReading, Series, SeriesPage, SeriesQuery } from './timeseries.ts';

/** A reading's value whatever its type; exactly one of the columns is set. */
interface ValueColumns {
  readonly num: number | null;
  readonly bool: boolean | null;
  readonly txt: string | null;
}

interface PointRow extends ValueColumns {
  readonly time: number;
}

interface DeviceMetric {
  readonly key: number;
  readonly name: string;
  readonly unit: string | null;
}

const RANGE = `device = $1 and metric = $2 and time >= ${at('$3')} and time < ${at('$4')}`;
const BUCKET = `date_bin($6::float8 * interval '1 millisecond', time, ${at('$7')})`;
/** Booleans count as 0 and 1. */
const NUMBER = 'coalesce(num, bool::int)';

const BUCKETED = {
  avg: grouped(`avg(${NUMBER})`, `${NUMBER} is not null`),
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

/**
 * Reads one metric after the other, each in time order: that is the order of the primary key, so a page costs what it
 * shows. The cursor names the metric and the time to go on from.
 */
export async function querySeries(db: Database, query: SeriesQuery): Promise<SeriesPage> {
  checkQuery(query);
  const session = sql(db.autocommit);
  const metrics = await metricsOf(session, query.device, query.metrics);
  const start = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const first = start === undefined ? 0 : metrics.findIndex((metric) => metric.name === start.metric);
  if (first < 0) throw badCursor();

  const series: Series[] = [];
  let room = query.limit;
  for (const [position, metric] of metrics.slice(first).entries()) {
    const from = position === 0 && start ? start.from : query.from;
    // One more than fits tells whether there is a next page.
    const rows = metric.key === 0 ? [] : await points(session, query, metric.key, from, room + 1);
    const shown = rows.slice(0, room);
    series.push({
      metric: metric.name,
      unit: metric.unit,
      points: shown.map((row) => [row.time, readingValue(row)] as const),
    });
    const next = rows[shown.length];
    if (next) return { series, nextCursor: cursorOf(metric.name, Math.max(next.time, from)) };
    room -= shown.length;
  }
  return { series, nextCursor: null };
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
async function metricsOf(
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

function readingValue(row: ValueColumns): Value {
  return row.num ?? row.bool ?? row.txt ?? '';
}

function checkQuery({ from, to, limit, bucket }: SeriesQuery): void {
  const refuse = (path: string, message: string) => {
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path, code: 'RANGE', message }] });
  };
  if (!Number.isFinite(from) || !Number.isFinite(to)) refuse('from', 'from and to must be times');
  if (!Number.isInteger(limit) || limit < 1) refuse('limit', 'limit must be a whole number of at least 1');
  if (bucket && !(bucket.ms >= 1 && Number.isFinite(bucket.ms))) refuse('bucket', 'bucket must be at least 1 ms long');
}

function cursorOf(metric: string, from: number): string {
  return Buffer.from(JSON.stringify([metric, from])).toString('base64url');
}

function parseCursor(cursor: string): { metric: string; from: number } {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw badCursor();
  }
  const [metric, from] = Array.isArray(content) ? (content as unknown[]) : [];
  if (typeof metric !== 'string' || typeof from !== 'number' || !Number.isFinite(from)) throw badCursor();
  return { metric, from };
}

function badCursor(): GatewayError {
  const message = 'cursor must be the nextCursor of the same query';
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'cursor', code: 'FORMAT', message }] });
}

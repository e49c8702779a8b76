import type { DeviceKey } from '../domain/device.ts';
import type { Session } from '../store/database.ts';
import { at } from '../store/time.ts';
import { fitsHours, type Plan, planSpans, type Span } from './rollup-plan.ts';
import { DAY_MS, HOUR_MS, readState } from './rollup-state.ts';
import { mean, NUMBER, SUMMAND } from './sql-sums.ts';
import type { PointRow } from './sql-values.ts';
import type { Aggregate, SeriesPage, SeriesQuery } from './timeseries.ts';

export type Source = NonNullable<SeriesPage['source']>;
type Bucket = NonNullable<SeriesQuery['bucket']>;

const spans = (starts: string, ends: string) => `unnest(${starts}::float8[], ${ends}::float8[]) as w (start, "end")`;
const within = (column: string) =>
  `device = $1 and metric = $2 and ${column} >= to_timestamp(w.start / 1000) and ${column} < to_timestamp(w."end" / 1000)`;
const summed = (table: string, start: string) =>
  `select ${start} as time, n, numbers, sum, min, max, last_time, last_num as num, last_bool as bool, last_txt as txt from ${table}`;

/** Readings look like sums of one, so that all three levels add up in one statement. */
const PIECES = `
  select p.* from ${spans('$6', '$7')} cross join lateral (
    select time, 1 as n, (${NUMBER} is not null)::int as numbers, ${SUMMAND} as sum, ${NUMBER} as min, ${NUMBER} as max,
      time as last_time, num, bool, txt from reading where ${within('time')}) p
  union all
  select p.* from ${spans('$8', '$9')} cross join lateral (${summed('reading_hourly', 'hour')} where ${within('hour')}) p
  union all
  select p.* from ${spans('$10', '$11')} cross join lateral (${summed('reading_daily', 'day')} where ${within('day')}) p`;
const BUCKET = `date_bin($4::float8 * interval '1 millisecond', time, ${at('$5')})`;

const SUMMED = {
  avg: grouped(mean('sum(sum)', 'sum(numbers)'), 'sum(numbers) > 0'),
  min: grouped('min(min)', 'sum(numbers) > 0'),
  max: grouped('max(max)', 'sum(numbers) > 0'),
  count: grouped('sum(n)::float8', 'true'),
  last: `select distinct on (1) ${BUCKET} as time, num, bool, txt from (${PIECES}) p order by 1, last_time desc limit $3`,
} as const satisfies Record<Aggregate, string>;

function grouped(value: string, condition: string): string {
  return `select ${BUCKET} as time, (${value})::float8 as num, null::bool as bool, null::text as txt from (${PIECES}) p
    group by 1 having ${condition} order by 1 limit $3`;
}

export const mayUseSums = ({ ms, origin = 0 }: Bucket) => ms % HOUR_MS === 0 && origin % HOUR_MS === 0;

/** What is known of the sums of one device, read once a page. */
export async function readSumsOf(session: Session, query: SeriesQuery) {
  const state = await readState(session);
  const { rows: expired } = await session.query<{ level: string; metric: number; until: number }>(
    `select e.level, e.metric, e.until from reading_expired e join device_metric dm on dm.metric = e.metric
     where dm.device = $1 and e.level in ('raw', 'hourly')`,
    [query.device],
  );
  const { rows: marked } = await session.query<{ hour: number }>(
    `select distinct hour from reading_dirty
     where device = $1 and hour >= ${at('$2')} and hour < ${at('$3')} order by hour`,
    [query.device, query.from - DAY_MS, query.to + DAY_MS],
  );
  const dirty = marked.map(({ hour }) => hour).filter((hour) => hour >= state.frozenBefore);
  const until = (level: string, metric: number) =>
    expired.find((row) => row.level === level && row.metric === metric)?.until ?? 0;
  return {
    /** Undefined = readings are the better answer. */
    plan(metric: number, from: number): Plan | undefined {
      const raw = Math.max(state.rawFrom, until('raw', metric));
      // A further page is answered from the same level as the first.
      if (!fitsHours(query, raw)) return undefined;
      const plan = planSpans({ ...query, from }, state, { raw, hourly: until('hourly', metric), dirty });
      return plan.hourly.length + plan.daily.length > 0 ? plan : undefined;
    },
  };
}

export async function summedPoints(
  session: Session,
  device: DeviceKey,
  metric: number,
  bucket: Bucket,
  plan: Plan,
  limit: number,
): Promise<PointRow[]> {
  const edges = (list: readonly Span[]) => [list.map(([start]) => start), list.map(([, end]) => end)];
  const levels = [plan.raw, plan.hourly, plan.daily].flatMap(edges);
  const { rows } = await session.query<PointRow>(SUMMED[bucket.agg], [
    device,
    metric,
    limit,
    bucket.ms,
    bucket.origin ?? 0,
    ...levels,
  ]);
  return rows;
}

export function coarser(source: Source, plan: Plan): Source {
  if (source === 'daily' || plan.daily.length > 0) return 'daily';
  return source === 'hourly' || plan.hourly.length > 0 ? 'hourly' : 'raw';
}

import { at } from '../store/time.ts';

/** Columns of both tables of sums after device, metric and the start of the hour or day. */
const SUMS = ['n', 'numbers', 'sum', 'min', 'max', 'last_time', 'last_num', 'last_bool', 'last_txt'] as const;
/** Booleans count as 0 and 1. */
export const NUMBER = 'coalesce(num, bool::int)';
/**
 * What is added up. PostgreSQL refuses a sum that no double holds, so two readings of 1e308 by one device would stop the sums, and with
 * them the retention, of all. No quantity comes near what is cut off here.
 */
export const SUMMAND = `case when abs(${NUMBER}) > float8 '1e290' then sign(${NUMBER}) * float8 '1e290' else ${NUMBER} end`;
/** A quotient too small for a double is refused as well. */
export const mean = (sum: string, n: string) => `case when abs(${sum}) < float8 '1e-290' then 0 else ${sum} / ${n} end`;

/** Metrics of the devices from `$1` (exclusive) to `$2`, each with the span `$3` to `$4`. */
const PAIRS_OF_SPAN = `select device, metric, ${at('$3')} as start, ${at('$4')} as "end" from device_metric where device > $1 and device <= $2`;
/** Metrics of device `$1[i]` with the span of `$3` milliseconds from `$2[i]` on. */
const PAIRS_OF_LIST = `select dm.device, dm.metric, d.start, d.start + $3::float8 * interval '1 millisecond' as "end"
  from (select unnest($1::int[]) as device, to_timestamp(unnest($2::float8[]) / 1000) as start) d
  join device_metric dm on dm.device = d.device`;

/**
 * Sums of hours from readings. One probe of the index a metric, because only the primary key leads to an hour; the newest
 * value is looked up once more instead of sorting the hour.
 */
const hours = (pairs: string) =>
  upsert(
    'reading_hourly',
    'hour',
    `select p.device, p.metric, s.hour, s.n, s.numbers, s.sum, s.min, s.max, s.last_time, l.num, l.bool, l.txt
     from (${pairs}) p
     cross join lateral (
       select date_bin('1 hour', time, 'epoch') as hour, count(*) as n, count(${NUMBER}) as numbers, sum(${SUMMAND}) as sum,
         min(${NUMBER}) as min, max(${NUMBER}) as max, max(time) as last_time
       from reading where device = p.device and metric = p.metric and time >= p.start and time < p."end" group by 1) s
     cross join lateral (
       select num, bool, txt from reading where device = p.device and metric = p.metric and time = s.last_time) l`,
  );

/** Sums of days from hours; a span is one day. */
const days = (pairs: string) =>
  upsert(
    'reading_daily',
    'day',
    `select p.device, p.metric, p.start, s.n, s.numbers, s.sum, s.min, s.max, l.last_time, l.last_num, l.last_bool, l.last_txt
     from (${pairs}) p
     cross join lateral (
       select sum(n)::bigint as n, sum(numbers)::bigint as numbers, sum(sum) as sum, min(min) as min, max(max) as max
       from reading_hourly where device = p.device and metric = p.metric and hour >= p.start and hour < p."end") s
     cross join lateral (
       select last_time, last_num, last_bool, last_txt from reading_hourly
       where device = p.device and metric = p.metric and hour >= p.start and hour < p."end" order by hour desc limit 1) l`,
  );

function upsert(table: string, start: string, select: string): string {
  return `insert into ${table} (device, metric, ${start}, ${SUMS.join(', ')}) ${select}
    on conflict (device, metric, ${start}) do update set ${SUMS.map((name) => `${name} = excluded.${name}`).join(', ')}`;
}

export const SUM_HOURS = hours(PAIRS_OF_SPAN);
export const SUM_HOURS_AGAIN = hours(PAIRS_OF_LIST);
export const SUM_DAYS = days(PAIRS_OF_SPAN);
export const SUM_DAYS_AGAIN = days(PAIRS_OF_LIST);

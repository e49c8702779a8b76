import type { MetricSum } from '../domain/readings-elsewhere.ts';
import { at } from './time.ts';

/** What the metrics of the devices `d` delivered between $2 and $3; $15 = the texts that are counted apart. */
export const SUMS_HERE = `select r.device, r.metric, count(*)::int as n, (count(*) filter (where r.flags & 1 = 1))::int as skewed,
    count(r.num) as nums, min(r.num) as lo, max(r.num) as hi, count(r.txt)::int as texts,
    (count(*) filter (where r.txt = any ($15::text[])))::int as taken
  from reading r where r.time >= ${at('$2')} and r.time < ${at('$3')} and r.device = any (array(select key from d))
  group by r.device, r.metric`;
/** The same as {@link SUMS_HERE}, added up by the store that has the readings. */
export const SUMS_GIVEN = `select s.device, k.key as metric, s.n, s.skewed, s.nums, s.lo, s.hi, s.texts, s.taken
  from unnest($15::int[], $16::text[], $17::int[], $18::int[], $19::bigint[], $20::float8[], $21::float8[], $22::int[], $23::int[])
    as s (device, name, n, skewed, nums, lo, hi, texts, taken) join metric k on k.name = s.name`;

/** Parameters from $15 on of {@link SUMS_GIVEN}. */
export function sumColumns(sums: readonly MetricSum[]): unknown[][] {
  const names = [
    ...['device', 'metric', 'readings', 'skewed', 'numbers', 'least', 'most', 'texts', 'chosen'],
  ] as readonly (keyof MetricSum)[];
  return names.map((name) => sums.map((sum) => sum[name]));
}

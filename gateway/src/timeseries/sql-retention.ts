import { type Database, sql } from '../store/database.ts';
import { at } from '../store/time.ts';
import { advance, DAY_MS, readState } from './rollup-state.ts';
import type { SeriesEngine } from './series-engine.ts';
import { withSumsLocked } from './sql-rollup.ts';
import type { RetentionPolicy } from './timeseries.ts';

/** Hours outlast readings by this much: a day that is summed up anew needs its hours, and those of its neighbours. */
const HOURS_LONGER = 3;
/** Days of one level deleted row by row in one run; the next run goes on. */
const STEPS = 31;

type Level = 'raw' | 'hourly' | 'daily';
type Bounds = Readonly<Record<Level, number>>;

/** Deletes what the policy no longer wants and that is summed up; whole days at once where no metric is wanted longer. */
export async function retain(db: Database, engine: SeriesEngine, policy: RetentionPolicy, now: number) {
  const session = sql(db.autocommit);
  const { rows: metrics } = await session.query<{ key: number; name: string }>('select key, name from metric');
  const bounds = new Map(metrics.map(({ key, name }) => [key, boundsOf(policy, name, now)]));
  const wanted = [boundsOf(policy, undefined, now), ...bounds.values()];

  const { frozen, dailyUntil } = await freeze(db, Math.max(...wanted.map(({ raw }) => raw)));
  const dropBefore = Math.min(frozen, ...wanted.map(({ raw }) => raw));
  // Told before it is done: whoever asks meanwhile gets sums.
  await advance(session, 'rawFrom', dropBefore);
  const dropped = await engine.drop(dropBefore);

  const oldestDay = ((await engine.days())[0] ?? Number.POSITIVE_INFINITY) * DAY_MS;
  const tables = await engine.sumTables();
  const until = await readExpired(db);
  const levels = [
    { level: 'raw', table: 'reading', column: 'time', most: frozen, gone: dropBefore },
    {
      level: 'hourly',
      table: tables.hourly,
      column: 'hour',
      most: Math.min(frozen - HOURS_LONGER * DAY_MS, dailyUntil),
      gone: 0,
    },
    { level: 'daily', table: tables.daily, column: 'day', most: Math.min(frozen, dailyUntil), gone: 0 },
  ] as const;
  for (const { level, table, column, most, gone } of levels) {
    const oldest = level === 'raw' ? oldestDay : await oldestSum(db, table, column, level, until);
    const groups = new Map<string, { keys: number[]; from: number; to: number }>();
    for (const [key, bound] of bounds) {
      const from = Math.max(until.get(`${level} ${key}`) ?? oldest, gone);
      const to = Math.min(bound[level], most);
      if (from >= to || !Number.isFinite(from)) continue;
      const group = groups.get(`${from} ${to}`) ?? { keys: [], from, to };
      group.keys.push(key);
      groups.set(`${from} ${to}`, group);
    }
    for (const { keys, from, to } of groups.values()) await expire(db, { level, table, column, keys, from, to });
  }
  return dropped;
}

/** Class and policy, each level at least as long as the finer one; whole days. */
function boundsOf(policy: RetentionPolicy, metric: string | undefined, now: number): Bounds {
  const found =
    metric === undefined
      ? undefined
      : policy.classes?.find(({ metrics }) =>
          metrics.some((name) => (name.endsWith('*') ? metric.startsWith(name.slice(0, -1)) : metric === name)),
        );
  const raw = found?.rawDays ?? policy.rawDays;
  const hourly = Math.max(raw + HOURS_LONGER, found?.hourlyDays ?? policy.hourlyDays ?? Number.POSITIVE_INFINITY);
  const daily = Math.max(hourly, found?.dailyDays ?? policy.dailyDays ?? Number.POSITIVE_INFINITY);
  const before = (days: number) => Math.floor(now / DAY_MS - days) * DAY_MS;
  return { raw: before(raw), hourly: before(hourly), daily: before(daily) };
}

/** From here on backwards sums no longer change: only as far as everything is summed up. */
async function freeze(db: Database, to: number): Promise<{ frozen: number; dailyUntil: number }> {
  return withSumsLocked(db, async (session) => {
    const { hourlyUntil } = await readState(session);
    const { rows } = await session.query<{ hour: number }>(
      'select hour from reading_dirty where hour >= (select frozen_before from reading_rollup) order by hour limit 1',
    );
    const sure = Math.min(to, hourlyUntil, rows[0]?.hour ?? hourlyUntil);
    await advance(session, 'frozenBefore', Math.max(0, Math.floor(sure / DAY_MS) * DAY_MS));
    const { frozenBefore, dailyUntil } = await readState(session);
    return { frozen: frozenBefore, dailyUntil };
  });
}

interface Expiry {
  readonly level: Level;
  readonly table: string;
  readonly column: string;
  readonly keys: readonly number[];
  readonly from: number;
  readonly to: number;
}

async function expire(db: Database, { level, table, column, keys, from, to }: Expiry): Promise<void> {
  let at0 = from;
  for (let step = 0; step < STEPS && at0 < to; step++) {
    const end = Math.min(to, at0 + DAY_MS);
    await (db.patient ?? db).transaction(async (tx) => {
      await sql(tx).query(
        `delete from ${table} where metric = any($1::int[]) and ${column} >= ${at('$2')} and ${column} < ${at('$3')}`,
        [keys, at0, end],
      );
      await sql(tx).query(
        `insert into reading_expired (level, metric, until) select $1, unnest($2::int[]), ${at('$3')}
         on conflict (level, metric) do update set until = greatest(reading_expired.until, excluded.until)`,
        [level, keys, end],
      );
    });
    at0 = end;
  }
}

async function readExpired(db: Database): Promise<Map<string, number>> {
  const { rows } = await sql(db.autocommit).query<{ level: string; metric: number; until: number }>(
    'select level, metric, until from reading_expired',
  );
  return new Map(rows.map(({ level, metric, until }) => [`${level} ${metric}`, until]));
}

/** A metric that was never deleted has nothing older than the others had; the table is searched the first time only. */
async function oldestSum(
  db: Database,
  table: string,
  column: string,
  level: Level,
  until: ReadonlyMap<string, number>,
): Promise<number> {
  const known = [...until].filter(([key]) => key.startsWith(`${level} `)).map(([, time]) => time);
  if (known.length > 0) return Math.min(...known);
  const { rows } = await sql((db.patient ?? db).autocommit).query<{ oldest: number | null }>(
    `select min(${column}) as oldest from ${table}`,
  );
  const oldest = rows[0]?.oldest ?? null;
  return oldest === null ? Number.POSITIVE_INFINITY : Math.floor(oldest / DAY_MS) * DAY_MS;
}

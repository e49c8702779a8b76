import { type Database, type Session, sql } from '../store/database.ts';
import { at } from '../store/time.ts';
import type { Span } from './rollup-plan.ts';
import { ceilDay, DAY_MS, floorDay, HOUR_MS, readState } from './rollup-state.ts';
import type { SeriesEngine } from './series-engine.ts';
import { withSumsLocked } from './sql-rollup.ts';
import { NUMBER, SUMMAND } from './sql-sums.ts';

/** Days younger than this are written to and stay as they are. */
const COMPRESS_AFTER_MS = 7 * DAY_MS;
const MARKS_AT_ONCE = 1_000;

interface Chunk {
  readonly name: string;
  /** Days since 1970. */
  readonly day: number;
}

const CHUNKS = `select format('%I.%I', chunk_schema, chunk_name) as name,
    floor(extract(epoch from range_start) / 86400)::int as day
  from timescaledb_information.chunks
  where hypertable_schema = 'public' and hypertable_name = 'reading' order by range_start`;

/**
 * Readings in a hypertable, sums in continuous aggregates. Nothing relies on the background workers of the extension:
 * refreshing, compressing and dropping are calls of ours, because only we know which hours may still be summed up.
 */
export function createHypertable(db: Database): SeriesEngine {
  const session = sql(db.autocommit);
  // A day of a large gateway takes minutes to sum up or to compress.
  const patience = db.patient ?? db;
  const patient = sql(patience.autocommit);
  const chunks = async () => (await session.query<Chunk>(CHUNKS)).rows;
  const days = async () => [...new Set((await chunks()).map(({ day }) => day))];

  // The procedure commits on its own, so it cannot stand in a transaction of ours.
  async function refresh(view: string, [from, to]: Span): Promise<boolean> {
    await patient.query(`call refresh_continuous_aggregate('${view}', ${at('$1')}, ${at('$2')})`, [from, to]);
    return true;
  }

  // Windows are held against days of UTC by some versions and against ours by others; whole days of both suit them all.
  const refreshDays = ([from, to]: Span) => refresh('reading_daily', [floorDay(from, 0), ceilDay(to, 0)]);

  return {
    kind: 'hypertable',
    days,
    sumHours: (span) => refresh('reading_hourly', span),
    sumDays: refreshDays,
    async sumMarked() {
      const { frozenBefore, dailyUntil, dayStart } = await readState(session);
      const { rows } = await session.query<{ id: number; hour: number }>(
        'select id, hour from reading_dirty order by id limit $1',
        [MARKS_AT_ONCE],
      );
      if (rows.length === 0) return false;
      const hours = rows.map(({ hour }) => hour).filter((hour) => hour >= frozenBefore);
      for (const span of joined(hours, HOUR_MS)) await refresh('reading_hourly', span);
      const whole = hours.map((hour) => floorDay(hour, dayStart)).filter((day) => day < dailyUntil);
      for (const span of joined(whole, DAY_MS)) await refreshDays(span);
      // Exactly those seen before the refreshing: what came meanwhile has marks of its own.
      await session.query('delete from reading_dirty where id = any($1::bigint[])', [rows.map(({ id }) => id)]);
      return true;
    },
    async drop(before) {
      const dropped = (await days()).filter((day) => (day + 1) * DAY_MS <= before);
      if (dropped.length === 0) return [];
      await withSumsLocked(db, (locked) =>
        locked.query(`select drop_chunks('reading', older_than => ${at('$1')})`, [before]),
      );
      return dropped;
    },
    async compress(now, signal) {
      for (const { name, day } of await chunks()) {
        if ((day + 1) * DAY_MS > now - COMPRESS_AFTER_MS) continue;
        if (signal?.aborted) return;
        // A compressed day that got late readings is compressed again; one that got none costs nothing.
        await patient.query('select compress_chunk($1::regclass, true)', [name]);
      }
    },
    async sumTables() {
      const { rows } = await session.query<{ view: string; name: string }>(
        `select view_name as view, format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name) as name
         from timescaledb_information.continuous_aggregates where view_schema = 'public'`,
      );
      const of = (view: string) => rows.find((row) => row.view === view)?.name ?? view;
      return { hourly: of('reading_hourly'), daily: of('reading_daily') };
    },
  };
}

/** Hours (days) as few spans that hold them all and nothing else. */
function joined(starts: readonly number[], length: number): Span[] {
  const spans: [number, number][] = [];
  for (const start of [...new Set(starts)].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last && last[1] === start) last[1] = start + length;
    else spans.push([start, start + length]);
  }
  return spans;
}

/** Makes `reading` a hypertable and its sums continuous aggregates, in place of tables that are gone or renamed. */
export async function createTimescaleTables(session: Session, dayStart: number): Promise<void> {
  // A cut for days must be the cut for hours too, or the one cannot be made from the other.
  const bucket = (width: string, column: string) =>
    `time_bucket(interval '${width}', ${column}, "offset" => interval '${dayStart / HOUR_MS} hours')`;
  await session.query(`create table reading (
    time        timestamptz not null,
    received_at timestamptz not null,
    device      integer not null,
    metric      integer not null,
    num         double precision,
    bool        boolean,
    flags       smallint not null default 0,
    txt         text,
    primary key (device, metric, time),
    constraint reading_check check (num_nonnulls(num, bool, txt) = 1))`);
  await session.query(
    "select create_hypertable('reading', by_range('time', interval '1 day'), create_default_indexes => false)",
  );
  // Finds an hour of all devices for the sums, and costs writers next to nothing.
  await session.query('create index reading_time on reading using brin (time)');
  await session.query(
    "alter table reading set (timescaledb.compress, timescaledb.compress_segmentby = 'device, metric', timescaledb.compress_orderby = 'time')",
  );
  const options =
    'timescaledb.continuous, timescaledb.materialized_only = true, timescaledb.create_group_indexes = false';
  await session.query(`create materialized view reading_hourly with (${options}) as
    select device, metric, ${bucket('1 hour', 'time')} as hour, count(*) as n, count(${NUMBER}) as numbers,
      sum(${SUMMAND}) as sum, min(${NUMBER}) as min, max(${NUMBER}) as max, max(time) as last_time,
      last(num, time) as last_num, last(bool, time) as last_bool, last(txt, time) as last_txt
    from reading group by 1, 2, 3 with no data`);
  await session.query(`create materialized view reading_daily with (${options}) as
    select device, metric, ${bucket('1 day', 'hour')} as day, sum(n)::bigint as n, sum(numbers)::bigint as numbers,
      sum(sum) as sum, min(min) as min, max(max) as max, max(last_time) as last_time,
      last(last_num, last_time) as last_num, last(last_bool, last_time) as last_bool, last(last_txt, last_time) as last_txt
    from reading_hourly group by 1, 2, 3 with no data`);
  await session.query('create index reading_hourly_key on reading_hourly (device, metric, hour)');
  await session.query('create index reading_daily_key on reading_daily (device, metric, day)');
}

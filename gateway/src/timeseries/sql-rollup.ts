import { type Database, type Session, sql } from '../store/database.ts';
import type { RollupEngine } from './rollup-job.ts';
import type { Span } from './rollup-plan.ts';
import { DAY_MS, floorDay, HOUR_MS, readState } from './rollup-state.ts';
import { listDays } from './sql-days.ts';
import { SUM_DAYS, SUM_DAYS_AGAIN, SUM_HOURS, SUM_HOURS_AGAIN } from './sql-sums.ts';

/** Whoever writes sums holds this: what one reads, nobody else changes before it is written. */
const LOCK = 7_411_201_610;
/** Hours of a metric in one transaction: some hundred thousand readings, a moment even in PGlite. */
const HOURS_AT_ONCE = 6_000;
const MARKS_AT_ONCE = 1_000;

/** Sums in tables of our own, on any PostgreSQL. */
export function createTableRollup(db: Database): RollupEngine {
  const alone = <T>(work: (session: Session) => Promise<T>) => withSumsLocked(db, work);

  /** Device by device, so that no transaction grows with their number. A kill leaves the span to be done again. */
  async function slices(statement: string, span: Span, pairsAtOnce: number, signal?: AbortSignal): Promise<boolean> {
    for (let after = 0; ; ) {
      if (signal?.aborted) return false;
      const { rows } = await sql(db.autocommit).query<{ upTo: number | null }>(
        `select max(device) as "upTo" from (select device from device_metric where device > $1 order by device limit $2) d`,
        [after, pairsAtOnce],
      );
      const upTo = rows[0]?.upTo ?? null;
      if (upTo === null) return true;
      await alone((session) => session.query(statement, [after, upTo, ...span]));
      after = upTo;
    }
  }

  return {
    days: () => listDays(sql(db.autocommit)),
    sumHours: (span, signal) =>
      slices(SUM_HOURS, span, Math.max(1, Math.floor((HOURS_AT_ONCE * HOUR_MS) / (span[1] - span[0]))), signal),
    sumDays: (span, signal) => slices(SUM_DAYS, span, HOURS_AT_ONCE / 24, signal),
    sumMarked: () =>
      alone(async (session) => {
        const { frozenBefore, dailyUntil, dayStart } = await readState(session);
        const { rows } = await session.query<{ device: number; hour: number }>(
          `with gone as (delete from reading_dirty where id in (select id from reading_dirty order by id limit $1) returning device, hour)
           select distinct device, hour from gone order by 1, 2`,
          [MARKS_AT_ONCE],
        );
        const marked = rows.filter(({ hour }) => hour >= frozenBefore);
        if (marked.length > 0) {
          await session.query(SUM_HOURS_AGAIN, [
            marked.map(({ device }) => device),
            marked.map(({ hour }) => hour),
            HOUR_MS,
          ]);
        }
        const days = new Map<string, { device: number; day: number }>();
        for (const { device, hour } of marked) {
          const day = floorDay(hour, dayStart);
          if (day < dailyUntil) days.set(`${device} ${day}`, { device, day });
        }
        if (days.size > 0) {
          const list = [...days.values()];
          await session.query(SUM_DAYS_AGAIN, [list.map(({ device }) => device), list.map(({ day }) => day), DAY_MS]);
        }
        return rows.length > 0;
      }),
  };
}

/** A transaction in which nobody else changes sums; gives way to writers that wait for us. */
export function withSumsLocked<T>(db: Database, work: (session: Session) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    const session = sql(tx);
    await session.query("set local lock_timeout = '3s'");
    await session.query(`select pg_advisory_xact_lock(${LOCK})`);
    return work(session);
  });
}

/** Whoever sums up or drops holds this meanwhile: refreshing the same hours twice at once is an error to TimescaleDB. */
const JOB = 7_411_201_611;

/**
 * Undefined when another process is at it. PGlite has one process and one session, so nothing to hold. The lock goes with its
 * connection; should that break, steps are still safe to repeat.
 */
export async function byOneProcess<T>(db: Database, work: () => Promise<T>): Promise<T | undefined> {
  if (db.kind === 'pglite') return work();
  return db.transaction(async (tx) => {
    await sql(tx).query('set local idle_in_transaction_session_timeout = 0');
    const { rows } = await sql(tx).query<{ mine: boolean }>(`select pg_try_advisory_xact_lock(${JOB}) as mine`);
    return rows[0]?.mine ? work() : undefined;
  });
}

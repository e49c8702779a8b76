import type { Clock } from '../../../adapters/adapter.ts';
import { type Database, sql } from '../store/database.ts';
import type { Span } from './rollup-plan.ts';
import { advance, DAY_MS, floorDay, floorHour, readState, settleDayStart } from './rollup-state.ts';

/** Readings come a little late as a rule; an hour is summed up this long after its end. */
const GRACE_MS = 10 * 60_000;
const BUDGET_MS = 60_000;
/** Writers hold it shared, see `reading_open_from`. */
const WRITERS_LOCK = 7_411_201_609;

/** How one kind of database keeps sums. Every step may be repeated, by us after a kill as by another process meanwhile. */
export interface RollupEngine {
  /** Days that hold readings, oldest first, as days since 1970. */
  days(): Promise<number[]>;
  /** Sums up whole hours within one UTC day; false = stopped before the end. */
  sumHours(span: Span, signal?: AbortSignal): Promise<boolean>;
  /** Sums up one day whose hours are summed up. */
  sumDays(span: Span, signal?: AbortSignal): Promise<boolean>;
  /** Sums up some marked hours and their days anew; false = none were marked. */
  sumMarked(): Promise<boolean>;
}

export interface RollUpOptions {
  /** Stops between two steps after so many milliseconds. Default one minute. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
}

/** Sums up what is due and answers whether nothing was left. Readings stay right meanwhile: queries know how far it is. */
export async function rollUp(
  db: Database,
  clock: Clock,
  engine: RollupEngine,
  dayStart: number,
  { budgetMs = BUDGET_MS, signal }: RollUpOptions,
): Promise<boolean> {
  const session = sql(db.autocommit);
  const endsAt = clock.monotonic() + budgetMs;
  const over = () => signal?.aborted === true || clock.monotonic() > endsAt;
  await settleDayStart(session, dayStart);
  const newest = (await engine.days()).at(-1);
  if (newest === undefined) return true;

  // Not past the newest readings: a clock that jumped ahead would make everything that comes late.
  const due = Math.min(floorHour(clock.now() - GRACE_MS), (newest + 1) * DAY_MS);
  await closeHours(db, due);

  const before = await readState(session);
  // Asked after closing: a day may have been made by a batch that closing waited for.
  const days = await engine.days();
  for (const day of days) {
    const span = [Math.max(day * DAY_MS, before.hourlyUntil), Math.min((day + 1) * DAY_MS, before.openFrom)] as const;
    if (span[0] >= span[1]) continue;
    if (over() || !(await engine.sumHours(span, signal))) return false;
    await advance(session, 'hourlyUntil', span[1]);
  }
  await advance(session, 'hourlyUntil', before.openFrom);

  const { hourlyUntil, dailyUntil, dayStart: start } = await readState(session);
  const whole = floorDay(hourlyUntil, start);
  const local = new Set(days.flatMap((day) => [day * DAY_MS, (day + 1) * DAY_MS - 1].map((t) => floorDay(t, start))));
  for (const day of [...local].sort((a, b) => a - b)) {
    if (day < dailyUntil || day >= whole) continue;
    if (over() || !(await engine.sumDays([day, day + DAY_MS], signal))) return false;
    await advance(session, 'dailyUntil', day + DAY_MS);
  }
  await advance(session, 'dailyUntil', whole);

  do {
    if (over()) return false;
  } while (await engine.sumMarked());
  return true;
}

/**
 * From now on writers mark what they add to hours before this. Waits for those that do not know yet, so that what is summed
 * up afterwards has either been there or is marked.
 */
async function closeHours(db: Database, before: number): Promise<void> {
  if ((await readState(sql(db.autocommit))).openFrom >= before) return;
  await db.transaction(async (tx) => {
    // Writers queue up behind us while we wait for one that is slow.
    await sql(tx).query("set local lock_timeout = '3s'");
    await sql(tx).query(`select pg_advisory_xact_lock(${WRITERS_LOCK})`);
    await advance(sql(tx), 'openFrom', before);
  });
}

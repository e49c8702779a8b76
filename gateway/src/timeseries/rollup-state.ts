import type { Session } from '../store/database.ts';
import { at } from '../store/time.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** How far summing up and retention have come; epoch milliseconds on whole hours, 0 = not begun. */
export interface RollupState {
  /** Milliseconds after midnight UTC at which days of the daily sums begin. */
  readonly dayStart: number;
  /** Who writes a reading before this marks its hour. */
  readonly openFrom: number;
  /** Hours before this are summed up, but for the marked ones. */
  readonly hourlyUntil: number;
  readonly dailyUntil: number;
  /** Sums before this stay as they are. */
  readonly frozenBefore: number;
  /** Readings before this are dropped, whatever the metric. */
  readonly rawFrom: number;
  /** Days wait to be moved into the hypertable. */
  readonly converting: boolean;
}

const COLUMNS = {
  openFrom: 'open_from',
  hourlyUntil: 'hourly_until',
  dailyUntil: 'daily_until',
  frozenBefore: 'frozen_before',
  rawFrom: 'raw_from',
} as const;

export async function readState(session: Session): Promise<RollupState> {
  const { rows } = await session.query<RollupState>(
    `select coalesce(day_start, 0) as "dayStart", open_from as "openFrom", hourly_until as "hourlyUntil",
       daily_until as "dailyUntil", frozen_before as "frozenBefore", raw_from as "rawFrom", converting
     from reading_rollup`,
  );
  const [state] = rows;
  if (!state) throw new Error('reading_rollup is empty');
  return state;
}

/** Moves one of the moments forward; they never go back, whatever a clock says. */
export async function advance(session: Session, moment: keyof typeof COLUMNS, to: number): Promise<void> {
  const column = COLUMNS[moment];
  await session.query(`update reading_rollup set ${column} = greatest(${column}, ${at('$1')})`, [to]);
}

/** Days begin where the first gateway said: sums of days cannot be cut anew. */
export async function settleDayStart(session: Session, dayStart: number): Promise<number> {
  await session.query('update reading_rollup set day_start = $1 where day_start is null', [dayStart]);
  return (await readState(session)).dayStart;
}

export const floorHour = (time: number) => Math.floor(time / HOUR_MS) * HOUR_MS;
export const ceilHour = (time: number) => Math.ceil(time / HOUR_MS) * HOUR_MS;
export const floorDay = (time: number, dayStart: number) => Math.floor((time - dayStart) / DAY_MS) * DAY_MS + dayStart;
export const ceilDay = (time: number, dayStart: number) => Math.ceil((time - dayStart) / DAY_MS) * DAY_MS + dayStart;

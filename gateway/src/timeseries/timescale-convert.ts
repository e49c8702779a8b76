import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { type Database, type Session, sql } from '../store/database.ts';
import { at } from '../store/time.ts';
import { DAY_MS, readState, settleDayStart } from './rollup-state.ts';
import { readFacts } from './sql-engine.ts';
import { createHypertable, createTimescaleTables } from './timescale.ts';

/** Names of what is replaced, until its last row has moved. */
const OLD = ['reading', 'reading_hourly', 'reading_daily'] as const;

export interface ConvertOptions {
  readonly dayStart: number;
  readonly now: number;
  /** A day, as `20261123`, has moved; `left` = days still to move. */
  readonly onDay?: (day: string, left: number) => void;
}

/**
 * Moves readings out of daily partitions into a hypertable while no gateway runs. Day by day, newest first, each in a
 * transaction that also drops the day where it came from: stopped at any moment it goes on where it was, and no reading is
 * ever in neither place. Answers how many days moved.
 */
export async function convertToTimescale(db: Database, options: ConvertOptions): Promise<number> {
  const session = sql(db.autocommit);
  const facts = await readFacts(session);
  if (!facts.installed || !facts.loaded) throw new GatewayError('INVALID_CONFIG', bilingual('timescale.notInstalled'));
  if (facts.kind === 'r' && !facts.converting) return 0;
  if (!facts.converting) await db.transaction((tx) => replaceTables(sql(tx), options.dayStart));

  const days = await oldDays(session);
  for (const [index, name] of days.entries()) {
    await db.transaction(async (tx) => {
      await sql(tx).query('set local statement_timeout = 0');
      await sql(tx).query(`insert into reading select * from ${name} on conflict (device, metric, time) do nothing`);
      await sql(tx).query(`drop table ${name}`);
    });
    options.onDay?.(name.slice(-8), days.length - index - 1);
  }
  await moveSums(db);
  await db.transaction(async (tx) => {
    await sql(tx).query(`drop table ${OLD.map((name) => `${name}_old`).join(', ')}`);
    await sql(tx).query('update reading_rollup set converting = false');
  });
  await createHypertable(db).compress?.(options.now);
  return days.length;
}

async function replaceTables(session: Session, dayStart: number): Promise<void> {
  const start = await settleDayStart(session, dayStart);
  for (const name of OLD) {
    await session.query(`alter table ${name} rename to ${name}_old`);
    await session.query(`alter table ${name}_old rename constraint ${name}_pkey to ${name}_old_pkey`);
  }
  await createTimescaleTables(session, start);
  await session.query('update reading_rollup set converting = true');
}

async function oldDays(session: Session): Promise<string[]> {
  const { rows } = await session.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'reading_old'::regclass order by 1 desc`,
  );
  return rows.map(({ name }) => name);
}

/** Sums readings up as far as they were, and moves the sums whose readings are gone. */
async function moveSums(db: Database): Promise<void> {
  const session = sql(db.autocommit);
  const engine = createHypertable(db);
  const { frozenBefore, hourlyUntil, dailyUntil } = await readState(session);
  for (const day of await engine.days()) {
    const [from, to] = [Math.max(day * DAY_MS, frozenBefore), Math.min((day + 1) * DAY_MS, hourlyUntil)];
    if (from < to) await engine.sumHours([from, to]);
  }
  const tables = await engine.sumTables();
  const move = (table: string, old: string, column: string, before: number) =>
    session.query(
      `insert into ${table} select * from ${old} o where ${column} < ${at('$1')}
         and not exists (select from ${table} t where t.device = o.device and t.metric = o.metric and t.${column} = o.${column})`,
      [before],
    );
  await move(tables.hourly, 'reading_hourly_old', 'hour', frozenBefore);
  // Whole days with hours that were only moved are moved too; the others are made from hours.
  await move(tables.daily, 'reading_daily_old', 'day', dailyUntil);
}

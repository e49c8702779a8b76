import { type Database, type Session, sql } from '../store/database.ts';

const DAY_MS = 86_400_000;

/** Readings outside never get a partition: a device's wild clock must not fill the catalogue. */
export const EARLIEST = Date.UTC(2000, 0, 1);
export const LATEST = Date.UTC(2100, 0, 1);

/** Makers and droppers of days take turns. */
const LOCK = 'select pg_advisory_xact_lock(7411201608)';

/** Partitions of `reading`, one a day (UTC). */
export interface ReadingDays {
  /** Makes the missing days of these times; outside any transaction. */
  prepare(readings: readonly { readonly time: number }[]): Promise<void>;
  /** The same inside a transaction, for a day that vanished since. */
  repair(session: Session, readings: readonly { readonly time: number }[]): Promise<void>;
  /** Name of the partition that holds all of them, if one does. */
  only(readings: readonly { readonly time: number }[]): string | undefined;
  /** Drops days that end before; answers them as days since 1970. */
  drop(before: number): Promise<number[]>;
}

export function createReadingDays(db: Database): ReadingDays {
  const known = new Set<number>();

  function daysOf(readings: readonly { readonly time: number }[]): Set<number> {
    const days = new Set<number>();
    let last = Number.NaN;
    for (const { time } of readings) {
      const day = Math.floor(time / DAY_MS);
      if (day === last) continue;
      last = day;
      if (time >= EARLIEST && time < LATEST) days.add(day);
    }
    return days;
  }

  return {
    async prepare(readings) {
      const missing = [...daysOf(readings)].filter((day) => !known.has(day));
      if (missing.length === 0) return;
      await db.transaction((tx) => createDays(sql(tx), missing));
      for (const day of missing) known.add(day);
    },
    async repair(session, readings) {
      const days = [...daysOf(readings)];
      // The caller may still roll back, so these are not known to exist.
      for (const day of days) known.delete(day);
      await createDays(session, days);
    },
    only(readings) {
      const days = daysOf(readings);
      const [day] = days;
      return days.size === 1 && day !== undefined && known.has(day) ? partitionName(day) : undefined;
    },
    async drop(before) {
      const limit = Math.floor(before / DAY_MS);
      const dropped: number[] = [];
      for (const day of await listDays(sql(db.autocommit))) {
        if (day >= limit) break;
        known.delete(day);
        await db.transaction(async (tx) => {
          // Waiting behind a long reader would hold up every writer queued behind us.
          await sql(tx).query("set local lock_timeout = '3s'");
          await sql(tx).query(LOCK);
          await sql(tx).query(`drop table if exists ${partitionName(day)}`);
        });
        dropped.push(day);
      }
      return dropped;
    },
  };
}

/** Existing days, oldest first, as days since 1970. */
export async function listDays(session: Session): Promise<number[]> {
  const { rows } = await session.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'reading'::regclass order by 1`,
  );
  return rows.flatMap(({ name }) => {
    const match = /^reading_(\d{4})(\d\d)(\d\d)$/.exec(name);
    return match ? [Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / DAY_MS] : [];
  });
}

async function createDays(session: Session, days: readonly number[]): Promise<void> {
  await session.query(LOCK);
  for (const day of days) {
    const name = partitionName(day);
    const { rows } = await session.query<{ there: boolean }>('select to_regclass($1) is not null as there', [name]);
    if (rows[0]?.there) continue;
    // Made apart and attached: PARTITION OF would lock out readers and writers of all other days.
    await session.query(`create table ${name} (like reading including defaults including constraints)`);
    await session.query(
      `alter table reading attach partition ${name} for values from ('${dayName(day)} 00:00:00+00') to ('${dayName(day + 1)} 00:00:00+00')`,
    );
  }
}

/** `YYYY-MM-DD` of days since 1970. */
export function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function partitionName(day: number): string {
  return `reading_${dayName(day).replaceAll('-', '')}`;
}

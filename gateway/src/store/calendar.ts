import type { CalendarDay } from '../domain/calendar.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** Holidays and make-up days, and what was last done with duty settings. */
export function createCalendarStore() {
  return {
    async days(tx: Tx): Promise<CalendarDay[]> {
      const { rows } = await sql(tx).query<CalendarDay>(
        'select day::text as date, kind, name from calendar_day order by day',
      );
      return rows;
    },

    /** Makes or replaces days; `keep` leaves those that are there as they are. */
    async put(tx: Tx, days: readonly CalendarDay[], by: string, now: number, keep = false): Promise<void> {
      if (days.length === 0) return;
      await sql(tx).query(
        `insert into calendar_day (day, kind, name, updated_by, updated_at)
         select d.day, d.kind, d.name, $4, to_timestamp($5::float8 / 1000.0)
         from unnest($1::date[], $2::text[], $3::text[]) as d (day, kind, name)
         on conflict (day) do ${
           keep
             ? 'nothing'
             : `update set kind = excluded.kind, name = excluded.name, updated_by = excluded.updated_by,
                updated_at = excluded.updated_at`
         }`,
        [days.map((d) => d.date), days.map((d) => d.kind), days.map((d) => d.name), by, now],
      );
    },

    /** Answers what was removed. */
    async remove(tx: Tx, dates: readonly string[]): Promise<CalendarDay[]> {
      const { rows } = await sql(tx).query<CalendarDay>(
        'delete from calendar_day where day = any($1::date[]) returning day::text as date, kind, name',
        [dates],
      );
      return rows;
    },

    async removeYears(tx: Tx, years: readonly number[]): Promise<void> {
      await sql(tx).query('delete from calendar_day where extract(year from day)::int = any($1::int[])', [years]);
    },

    async state(tx: Tx, name: string): Promise<string | undefined> {
      const { rows } = await sql(tx).query<{ value: string }>('select value from duty_state where name = $1', [name]);
      return rows[0]?.value;
    },

    async setState(tx: Tx, name: string, value: string): Promise<void> {
      await sql(tx).query(
        'insert into duty_state (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
        [name, value],
      );
    },
  };
}

import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** The settings people changed; defaults stand in the registry. */
export function createSettingStore() {
  return {
    async read(tx: Tx): Promise<Record<string, unknown>> {
      const { rows } = await sql(tx).query<{ name: string; value: unknown }>('select name, value from setting');
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    },
    async write(tx: Tx, values: Readonly<Record<string, unknown>>, by: string): Promise<void> {
      const rows = Object.entries(values).map(([name, value]) => ({ name, value }));
      await sql(tx).query(
        `insert into setting (name, value, updated_at, updated_by)
         select name, value, now(), $2 from jsonb_to_recordset($1::jsonb) as s (name text, value jsonb)
         on conflict (name) do update set value = excluded.value, updated_at = now(), updated_by = excluded.updated_by`,
        [JSON.stringify(rows), by],
      );
    },
  };
}

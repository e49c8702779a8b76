import type { ClientBase, QueryConfig } from 'pg';
import type { Row, Session } from './database.ts';

/** The session both engines share: PGlite is spoken to by the same client over an in-process stream. */
/** `withinMs`: how long the client waits for an answer, instead of what its connection says. */
export function querySession(client: ClientBase, withinMs?: number): Session {
  return {
    async query<R extends object = Row>(text: string, params?: readonly unknown[]) {
      const result = await client.query<R & Row>(configOf(text, withinMs), params as unknown[] | undefined);
      return { rows: result.rows, rowCount: result.rowCount ?? 0 };
    },
    async script(text) {
      await client.query(configOf(text, withinMs));
    },
  };
}

/** The driver takes it for one statement, though its types do not say so. */
function configOf(text: string, withinMs: number | undefined): string | QueryConfig {
  return withinMs === undefined ? text : ({ text, query_timeout: withinMs } as QueryConfig);
}

import type { ClientBase } from 'pg';
import type { Row, Session } from './database.ts';

/** The session both engines share: PGlite is spoken to by the same client over an in-process stream. */
export function querySession(client: ClientBase): Session {
  return {
    async query<R extends object = Row>(text: string, params?: readonly unknown[]) {
      const result = await client.query<R & Row>(text, params as unknown[] | undefined);
      return { rows: result.rows, rowCount: result.rowCount ?? 0 };
    },
    async script(text) {
      await client.query(text);
    },
  };
}

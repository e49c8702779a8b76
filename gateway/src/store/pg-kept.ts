import type { ClientBase } from 'pg';
import type { Row } from './database.ts';
import { sqlState } from './pg-errors.ts';

/** Statements that may be kept; each costs some ten kilobytes on every connection. */
const KEPT_AT_MOST = 100;

/** Name of each kept statement: the same on all connections, whatever database they are of. */
const names = new Map<string, string>();
let named = 0;

/** Sends a statement that the connection keeps parsed and planned; not for use in a transaction. */
export async function queryKept<R extends object = Row>(
  client: ClientBase,
  text: string,
  params: readonly unknown[] = [],
): Promise<{ rows: R[]; rowCount: number }> {
  const name = nameOf(text);
  const values = [...params];
  try {
    return answerOf(await client.query<R & Row>(name === undefined ? { text, values } : { name, text, values }));
  } catch (error) {
    if (name === undefined || !isOutdated(error)) throw error;
    // The columns it answers became others, by a migration of another process: no connection uses that name again.
    if (names.get(text) === name) names.delete(text);
    return answerOf(await client.query<R & Row>({ text, values }));
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= KEPT_AT_MOST) return known;
  const name = `kept${named++}`;
  names.set(text, name);
  return name;
}

/** "cached plan must not change result type": refused before anything was done. */
function isOutdated(error: unknown): boolean {
  return sqlState(error) === '0A000' && error instanceof Error && error.message.includes('cached plan');
}

function answerOf<R>(result: { rows: R[]; rowCount: number | null }): { rows: R[]; rowCount: number } {
  return { rows: result.rows, rowCount: result.rowCount ?? 0 };
}

import { fieldError, refuseIf } from '../domain/input.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { decodeCursor, encodeCursor, type Params } from './scope.ts';
import { at } from './time.ts';
import { totalOf } from './totals.ts';

/** A page of rows, newest first by `time`, and how many there are; a cursor that is none of ours is refused. */
export async function newestFirst<T extends { readonly id: string }>(
  tx: Tx,
  from: string,
  columns: string,
  time: string,
  condition: string,
  query: { readonly limit: number; readonly cursor?: string | undefined },
  params: Params,
): Promise<{ items: T[]; nextCursor: string | null; total: number | null }> {
  const alias = time.split('.')[0];
  const total = await totalOf(tx, `${from} where ${condition}`, params.values);
  let beyond = '';
  if (query.cursor !== undefined) {
    const [when, id] = decodeCursor(query.cursor) ?? [];
    if (typeof when !== 'number' || typeof id !== 'string') {
      refuseIf([fieldError('/cursor', 'invalid', 'input.cursor')]);
    }
    beyond = `and (${time}, ${alias}.id) < (${at(params.add(when))}, ${params.add(id)}::text)`;
  }
  const { rows } = await sql(tx).query<T & { sorted: number }>(
    `select ${columns}, ${time} as sorted ${from} where ${condition} ${beyond}
     order by ${time} desc, ${alias}.id desc limit ${params.add(query.limit + 1)}`,
    params.values,
  );
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ sorted: _, ...item }) => item as unknown as T),
    nextCursor: rows.length > query.limit && last ? encodeCursor([last.sorted, last.id]) : null,
    total,
  };
}

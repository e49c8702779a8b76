import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** A list tells how many it has up to here. */
const EXACT_UP_TO = 10_000;
/** Counted up to here: so many have to go before a list that had as many can be counted again. */
const COUNTED_UP_TO = 11_000;
/** How long a list that had far too many is not counted again. Milliseconds. */
const BEYOND_FOR_MS = 10_000;
const REMEMBERED = 1_000;

/** Lists with far too many, of each database that is in use, and until when they are held for such. */
const beyond = new WeakMap<Tx, Map<string, number>>();

/**
 * How many rows `from …` (with its conditions) has: exact up to 10,000, else null. Counting ten thousand rows costs more
 * than reading a page of them, so a list that has clearly more is not counted again for some seconds.
 */
export async function totalOf(tx: Tx, from: string, values: readonly unknown[]): Promise<number | null> {
  const known = beyond.get(tx) ?? new Map<string, number>();
  const list = JSON.stringify([from, values]);
  const now = performance.now();
  if ((known.get(list) ?? 0) > now) return null;
  const { rows } = await sql(tx).query<{ n: number }>(
    `select count(*)::int as n from (select 1 ${from} limit ${COUNTED_UP_TO}) as capped`,
    [...values],
  );
  const n = rows[0]?.n ?? 0;
  if (n >= COUNTED_UP_TO) {
    if (known.size >= REMEMBERED) known.clear();
    beyond.set(tx, known.set(list, now + BEYOND_FOR_MS));
  }
  return n > EXACT_UP_TO ? null : n;
}

import type { Value } from '../domain/reading.ts';

/** A reading's value whatever its type; exactly one of the columns is set. */
export interface ValueColumns {
  readonly num: number | null;
  readonly bool: boolean | null;
  readonly txt: string | null;
}

export interface PointRow extends ValueColumns {
  readonly time: number;
}

export function readingValue(row: ValueColumns): Value {
  return row.num ?? row.bool ?? row.txt ?? '';
}

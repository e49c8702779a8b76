import type { TimedPage, TimeRange } from '../domain/page.ts';
import { GatewayError } from '../errors.ts';
import { decodeCursor, encodeCursor, type Params } from './scope.ts';
import { at } from './time.ts';

/** Times of the range and the place of the cursor, for a list ordered by (time, id) descending. */
export function rangeCondition(
  query: TimeRange,
  time: string,
  id: readonly [column: string, kind: 'number' | 'string'],
  params: Params,
): string {
  const parts = ['true'];
  if (query.from !== undefined) parts.push(`${time} >= ${at(params.add(query.from))}`);
  if (query.to !== undefined) parts.push(`${time} < ${at(params.add(query.to))}`);
  if (query.cursor !== undefined) {
    const [when, last] = decodeCursor(query.cursor) ?? [];
    if (typeof when !== 'number' || typeof last !== id[1]) throw badCursor();
    parts.push(`(${time}, ${id[0]}) < (${at(params.add(when))}, ${params.add(last)})`);
  }
  return parts.join(' and ');
}

/** Cuts the extra row off and makes the cursor from the last one kept. */
export function pageOf<T>(rows: T[], limit: number, place: (row: T) => [number, string | number]): TimedPage<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(place(last)) : null };
}

function badCursor(): GatewayError {
  const message = '游标无效，请从第一页开始 / Not a cursor of this list; start from the first page';
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'cursor', code: 'cursor', message }] });
}

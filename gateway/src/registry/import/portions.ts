/** Rows between two turns of the event loop, and of one statement. */
export const CHUNK = 100;
/** Characters of such rows: cells may be long. */
const MOST_CHARACTERS = 500_000;

/** Rows in portions that take a few milliseconds each, whatever stands in their cells. */
export function* portions<T extends { readonly cells: readonly string[] }>(
  rows: readonly T[],
): Generator<readonly T[]> {
  let start = 0;
  let characters = 0;
  for (const [index, { cells }] of rows.entries()) {
    if (index > start && (index - start >= CHUNK || characters > MOST_CHARACTERS)) {
      yield rows.slice(start, index);
      start = index;
      characters = 0;
    }
    for (const cell of cells) characters += cell.length;
  }
  if (start < rows.length) yield rows.slice(start);
}

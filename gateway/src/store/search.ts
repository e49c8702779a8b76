import { containing, type Params } from './scope.ts';

/** The condition under which the column `search` of a row holds the text, capital letters or not; the pairs make use of its index. */
export function searched(text: string, params: Params, row: string): string {
  const wanted = text.toLowerCase();
  const letters = [...wanted];
  const pairs = letters.slice(1).map((letter, i) => `${letters[i]}${letter}`);
  const found = `${row}.search like ${params.add(containing(wanted))}`;
  return pairs.length === 0 ? found : `(search_pairs(${row}.search) @> ${params.add(pairs)}::text[] and ${found})`;
}

import { fieldError } from '../../domain/input.ts';
import type { FieldError } from '../../errors.ts';
import { COLUMNS, type Column, ERROR_HEADER } from './columns.ts';

/** Where a fault stands, as a person finds it in the file. */
export interface RowError extends FieldError {
  /** Row of the spreadsheet, or line of the CSV file, 1 = first. */
  readonly sheetRow?: number;
  /** `C`. */
  readonly columnLetter?: string;
  readonly header?: string;
  /** What stands there; absent for secrets. */
  readonly value?: string;
}

type ReadHeader = (cells: readonly string[]) => { columns: (Column | null)[]; errors: FieldError[] };

/** Reads headers of a table of these columns. */
export function headerReader(known: readonly Column[]): ReadHeader {
  const byName = new Map(
    known.flatMap((column) =>
      [column.path, column.zh, column.en, ...(column.also ?? [])].map((name) => [plain(name), column] as const),
    ),
  );
  return (cells) => readNames(cells, byName);
}

/** The columns a header names; null = a column that is skipped. */
function readNames(cells: readonly string[], byName: ReadonlyMap<string, Column>): ReturnType<ReadHeader> {
  const errors: FieldError[] = [];
  const columns = cells.map((cell) => {
    const name = cell.trim();
    if (name === '' || name === ERROR_HEADER) return null;
    const found = byName.get(plain(name));
    if (!found) {
      const near = errors.length < MOST_HINTS ? nearest(name, byName) : '';
      const error = fieldError(name, 'unknownColumn', 'registry.import.column', { name, nearest: near });
      errors.push({ ...error, row: 0 });
    }
    return found ?? null;
  });
  for (const [index, column] of columns.entries()) {
    if (!column || columns.indexOf(column) === index) continue;
    const name = cells[index]?.trim() ?? '';
    errors.push({ ...fieldError(name, 'duplicateColumn', 'registry.import.twice', { name }), row: 0 });
  }
  return { columns, errors };
}

/** Unknown columns that are told what may be meant; a table with more of them is another one. */
const MOST_HINTS = 20;
/** Characters of a header that are looked at; the longest known one is far shorter. */
const LOOKED_AT = 200;

/** A header without what people add to it: blanks, a star, a remark in brackets. */
function plain(name: string): string {
  return name
    .slice(0, LOOKED_AT)
    .normalize('NFKC')
    .replace(/\(.*\)$|^\*|\*$/g, '')
    .replace(/\s/g, '')
    .toLowerCase();
}

/** Of devices. */
export const readHeader = headerReader(COLUMNS);

function nearest(name: string, byName: ReadonlyMap<string, Column>): string {
  const wanted = plain(name).slice(0, 24);
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const [known, { zh }] of byName) {
    const longest = Math.max(wanted.length, known.length);
    // No text is nearer than what it lacks in length: most comparisons need not be made.
    if (Math.abs(wanted.length - known.length) / longest >= least) continue;
    const far = distance(wanted, known) / longest;
    if (far < least) [best, least] = [zh, far];
  }
  return best;
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

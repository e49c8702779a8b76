import type { FieldError } from '../../errors.ts';
import { columnLetter } from '../../sheets/cells.ts';
import { type ImportRow, pointer } from './cells.ts';
import type { Column } from './columns.ts';
import type { RowError } from './header.ts';

/** Says of each error where in the file it stands: spreadsheet row, column letter, header and what is written there. */
export function createLocator(
  header: readonly string[],
  columns: readonly (Column | null)[],
  rows: readonly ImportRow[],
) {
  const byRow = new Map(rows.map((row) => [row.row, row]));
  const pointers = columns.map((column) => column && pointer(column));
  const search = (path: string): number => {
    const exact = pointers.indexOf(path);
    if (exact >= 0) return exact;
    const [, head = ''] = path.split('/');
    const near = ['/connection/address', '/location/lat'].find((known) => known.startsWith(`/${head}/`));
    const by = (wanted: string) => pointers.findIndex((at) => at?.startsWith(wanted));
    return head === '' ? -1 : Math.max(near ? by(near) : -1, by(`/${head}`));
  };
  const found = new Map<string, number>();
  const indexOf = (path: string): number => {
    const index = found.get(path) ?? search(path);
    found.set(path, index);
    return index;
  };
  return (error: FieldError): RowError => {
    const row = byRow.get(error.row ?? 0);
    const inHeader = error.row === 0 ? header.findIndex((cell) => cell.trim() === error.path) : -1;
    const index = inHeader >= 0 ? inHeader : indexOf(error.path);
    const column = columns[index];
    const value = column?.kind === 'secret' ? undefined : row?.cells[index]?.slice(0, 200);
    return {
      ...error,
      ...(row ? { sheetRow: row.sheetRow } : {}),
      ...(index >= 0 ? { columnLetter: columnLetter(index), header: header[index]?.trim() ?? '' } : {}),
      ...(value ? { value } : {}),
    };
  };
}

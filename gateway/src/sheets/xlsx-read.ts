import { posix } from 'node:path';
import { columnLetter, isNote, parseReference, undefuse } from './cells.ts';
import { tooManyColumns, tooManyRows } from './csv-read.ts';
import { SheetFault } from './fault.ts';
import type { CellFault, SheetLimits, SheetRow, Table } from './table.ts';
import { numberText, readSharedStrings, readStyles, type Shown, unescapeText } from './xlsx-cells.ts';
import { openPackage, type Parts, walkXml } from './xlsx-parts.ts';

const MAX_ROW = 1_048_576;

/** One sheet of a workbook: the visible one of a name wanted, else the first visible one. Formulas are never run. */
export function readWorkbook(bytes: Uint8Array, limits: SheetLimits, wanted: readonly string[] = []): Table {
  const parts = openPackage(bytes, limits);
  if (!parts.has('xl/workbook.xml')) throw new SheetFault('sheets.noWorkbook');
  const { sheets, date1904 } = readSheetList(parts);
  const visible = sheets.filter(({ hidden }) => !hidden);
  const sheet = visible.find(({ name }) => wanted.includes(name)) ?? visible[0];
  if (!sheet) throw new SheetFault('sheets.noSheet');
  const part = parts.read(sheet.path);
  if (!part) throw new SheetFault('sheets.damaged');
  const book = { styles: readStyles(parts), strings: readSharedStrings(parts, limits.maxCell), date1904 };
  return { meta: { format: 'xlsx', sheet: sheet.name }, rows: readRows(part, book, limits) };
}

function readSheetList(parts: Parts) {
  const targets = new Map<string, string>();
  const relations = parts.read('xl/_rels/workbook.xml.rels');
  if (relations) {
    walkXml(relations, {
      open(name, { Id, Target, TargetMode }) {
        if (name !== 'Relationship' || Id === undefined || Target === undefined || TargetMode === 'External') return;
        targets.set(Id, Target.startsWith('/') ? Target.slice(1) : posix.join('xl', Target));
      },
    });
  }
  const sheets: { name: string; path: string; hidden: boolean }[] = [];
  let date1904 = false;
  const workbook = parts.read('xl/workbook.xml');
  if (!workbook) throw new SheetFault('sheets.damaged');
  walkXml(workbook, {
    open(tag, { name = '', id = '', state, date1904: base }) {
      if (tag === 'workbookPr') date1904 = base === '1' || base === 'true';
      const path = targets.get(id);
      if (tag === 'sheet' && path) sheets.push({ name, path, hidden: state === 'hidden' || state === 'veryHidden' });
    },
  });
  return { sheets, date1904 };
}

interface Book {
  readonly styles: readonly Shown[];
  readonly strings: readonly string[];
  readonly date1904: boolean;
}

interface OpenCell {
  readonly column: number;
  readonly type: string;
  readonly style: Shown;
  value: string;
  formula: boolean;
}

function readRows(part: Uint8Array, book: Book, limits: SheetLimits): SheetRow[] {
  const rows: { line: number; cells: string[]; faults: CellFault[] }[] = [];
  const merges: string[] = [];
  let line = 0;
  let cells: string[] = [];
  let faults: CellFault[] = [];
  let column = -1;
  let cell: OpenCell | undefined;
  let reading = false;
  let phonetic = false;

  // A cell with an error value reads like `#REF!` and is no note.
  const isData = () => faults.length > 0 || (cells.some((text) => text !== '') && !isNote(cells, rows.length === 0));
  const beginRow = (number: string | undefined) => {
    line = number === undefined ? line + 1 : Number(number);
    if (!Number.isInteger(line) || line < 1 || line > MAX_ROW) throw new SheetFault('sheets.damaged');
    cells = [];
    faults = [];
    column = -1;
  };
  const open = (name: string, attributes: Readonly<Record<string, string>>) => {
    switch (name) {
      case 'row':
        beginRow(attributes.r);
        break;
      case 'c': {
        column = attributes.r === undefined ? column + 1 : (parseReference(attributes.r)?.column ?? -1);
        if (column < 0) throw new SheetFault('sheets.damaged');
        const style = book.styles[Number(attributes.s ?? 0)] ?? 'plain';
        cell = { column, type: attributes.t ?? 'n', style, value: '', formula: false };
        break;
      }
      case 'f':
        if (cell) cell.formula = true;
        break;
      case 'rPh':
        phonetic = true;
        break;
      case 'v':
      case 't':
        reading = cell !== undefined && !phonetic;
        break;
      case 'mergeCell':
        if (attributes.ref !== undefined && merges.length < 1_000) merges.push(attributes.ref);
    }
  };
  const endCell = (done: OpenCell) => {
    const read = cellText(done, book);
    if (read.text === '' && !read.fault) return;
    if (done.column >= limits.maxColumns) throw tooManyColumns(line, limits);
    if (read.text.length > limits.maxCell) throw new SheetFault('sheets.longCell', { line, max: limits.maxCell });
    while (cells.length < done.column) cells.push('');
    cells[done.column] = read.text;
    if (read.fault) faults.push({ column: done.column, code: read.fault, value: done.value.slice(0, 100) });
  };
  const close = (name: string) => {
    if (name === 'v' || name === 't') reading = false;
    else if (name === 'rPh') phonetic = false;
    else if (name === 'c' && cell) {
      endCell(cell);
      cell = undefined;
    } else if (name === 'row' && isData()) {
      rows.push({ line, cells, faults });
      if (rows.length > limits.maxRows) throw tooManyRows(limits);
    }
  };
  walkXml(part, {
    open,
    close,
    text(text) {
      if (!reading || !cell) return;
      cell.value += text;
      if (cell.value.length > limits.maxCell * 7)
        throw new SheetFault('sheets.longCell', { line, max: limits.maxCell });
    },
  });
  markMerged(rows, merges);
  return rows.map(({ faults: found, ...row }) => (found.length > 0 ? { ...row, faults: found } : row));
}

function cellText(cell: OpenCell, book: Book): { text: string; fault?: CellFault['code'] } {
  // A cached result may be older than what it was worked out of, or made up: nobody here can tell.
  if (cell.formula) return { text: cell.value, fault: 'formula' };
  switch (cell.type) {
    case 's': {
      const text = book.strings[Number(cell.value)];
      if (text === undefined) throw new SheetFault('sheets.damaged');
      return { text: undefuse(text) };
    }
    case 'inlineStr':
    case 'str':
      return { text: undefuse(unescapeText(cell.value)) };
    case 'b':
      return { text: cell.value === '1' ? 'TRUE' : 'FALSE' };
    case 'e':
      return { text: cell.value, fault: 'errorValue' };
    case 'd':
      return { text: cell.value.slice(0, 10) };
    default: {
      if (cell.value === '') return { text: '' };
      const read = numberText(cell.value, cell.style, book.date1904);
      return typeof read === 'string' ? { text: cell.value, fault: read } : read;
    }
  }
}

/** Merged cells hold their value in the first one only; which rows it was meant for nobody can tell. */
function markMerged(
  rows: readonly { readonly line: number; readonly faults: CellFault[] }[],
  merges: readonly string[],
): void {
  // Merges may be as many as rows: looking through all rows for each would take minutes.
  const sorted = merges.length === 0 ? [] : [...rows].sort((a, b) => a.line - b.line);
  for (const merge of merges) {
    const [from, to] = merge.split(':', 2).map((corner) => parseReference(corner));
    if (!from || !to) continue;
    const row = firstFrom(sorted, from.row);
    if (!row || row.line > to.row) continue;
    const value = `${columnLetter(from.column)}${from.row}:${columnLetter(to.column)}${to.row}`;
    row.faults.push({ column: from.column, code: 'merged', value });
  }
}

/** The first of rows in ascending order that stands at `line` or below. */
function firstFrom<R extends { readonly line: number }>(rows: readonly R[], line: number): R | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.line ?? line) < line) low = middle + 1;
    else high = middle;
  }
  return rows[low];
}

/** One record of a table. `row` is the line a spreadsheet shows, counted in records: the header is row 1. */
export interface CsvRow {
  readonly row: number;
  readonly cells: readonly string[];
}

/** Where a table stops being one. */
export class CsvError extends Error {
  readonly row: number;
  constructor(row: number) {
    super(`row ${row}: a quoted cell is not closed`);
    this.name = 'CsvError';
    this.row = row;
  }
}

/** Text of a table file: UTF-8 with or without BOM, else GB 18030, which Chinese spreadsheets save as. */
export function decodeTable(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/** RFC 4180, any line end; rows without any text are left out but counted. Throws CsvError at an open quote. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let at = 0;
  let row = 1;
  while (at < text.length) {
    const cell = text[at] === '"' ? quoted(text, at, row) : plain(text, at);
    cells.push(cell.text);
    at = cell.end;
    if (text[at] === ',') {
      at++;
      if (at < text.length) continue;
      cells.push('');
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    if (cells.some((value) => value.trim() !== '')) rows.push({ row, cells });
    cells = [];
    row++;
  }
  return rows;
}

/** A line of a table; cells are quoted where they must be. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}

interface Cell {
  readonly text: string;
  /** Position of what ended it: a comma, a line end, or the end of the text. */
  readonly end: number;
}

function plain(text: string, start: number): Cell {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
  return { text: text.slice(start, end).trim(), end };
}

function quoted(text: string, start: number, row: number): Cell {
  let value = '';
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new CsvError(row);
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      // Whatever stands between the closing quote and the comma belongs to the cell, as spreadsheets read it.
      const rest = plain(text, quote + 1);
      return { text: (value + rest.text).trim(), end: rest.end };
    }
    value += '"';
    at = quote + 2;
  }
}

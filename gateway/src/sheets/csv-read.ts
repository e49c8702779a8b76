import { isNote, undefuse } from './cells.ts';
import { SheetFault } from './fault.ts';
import type { SheetLimits, SheetMeta, SheetRow, Table } from './table.ts';

export type CsvEncoding = NonNullable<SheetMeta['encoding']>;

/** CSV: UTF-8 or UTF-16 by their marks, else strictly UTF-8, else strictly GB 18030; `,` `;` or tab. */
export function readCsv(bytes: Uint8Array, limits: SheetLimits, encoding?: CsvEncoding): Table {
  const decoded = decodeText(bytes, encoding);
  const nul = decoded.text.indexOf('\0');
  if (nul >= 0) throw new SheetFault('sheets.nul', { line: lineAt(decoded.text, nul) });
  const directive = /^sep=([,;\t])\r?\n/i.exec(decoded.text);
  const separator = directive?.[1] ?? guessSeparator(decoded.text);
  const text = directive ? decoded.text.slice(directive[0].length) : decoded.text;
  const rows = parseCsv(text, separator, limits, directive ? 2 : 1);
  return { meta: { format: 'csv', encoding: decoded.encoding, separator }, rows };
}

export function decodeText(bytes: Uint8Array, wanted?: CsvEncoding): { text: string; encoding: CsvEncoding } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: decode(bytes, 'utf-16le') ?? '', encoding: 'utf-16le' };
  if (wanted !== undefined) {
    const text = decode(bytes, wanted);
    if (text === undefined) throw new SheetFault('sheets.notEncoding', { encoding: wanted.toUpperCase() });
    return { text, encoding: wanted };
  }
  const utf8 = decode(bytes, 'utf-8');
  if (utf8 !== undefined) return { text: utf8, encoding: 'utf-8' };
  // GB 18030 takes nearly any bytes: a line that is Chinese in UTF-8 among lines that are not says the file is mixed.
  const mixed = firstUtf8Line(bytes);
  if (mixed !== undefined) throw new SheetFault('sheets.mixedEncodings', { line: mixed });
  const text = decode(bytes, 'gb18030');
  if (text === undefined) throw new SheetFault('sheets.encoding');
  return { text, encoding: 'gb18030' };
}

function decode(bytes: Uint8Array, encoding: CsvEncoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The first line whose bytes beyond ASCII are Chinese characters of three UTF-8 bytes each, at least two of them. */
function firstUtf8Line(bytes: Uint8Array): number | undefined {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const part = bytes.subarray(start, end < 0 ? bytes.length : end);
    start += part.length + 1;
    const high = part.reduce((count, byte) => count + (byte > 0x7f ? 1 : 0), 0);
    if (high < 6 || high % 3 !== 0) continue;
    const text = decode(part, 'utf-8');
    const chinese = text?.match(/[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/g)?.length ?? 0;
    if (chinese * 3 === high) return line;
  }
  return undefined;
}

/** The separator that stands most often, outside of quotes, in the first line that is no note. */
function guessSeparator(text: string): string {
  const header = text.split(/\r?\n/, 100).find((line) => line.trim() !== '' && !/^"?\s*#/.test(line)) ?? '';
  const bare = header.slice(0, 100_000).replace(/"[^"]*"/g, '');
  const count = (separator: string) => bare.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

/** RFC 4180 with LF, CRLF or CR; quoted cells may hold line ends. Empty lines and notes are left out. */
export function parseCsv(text: string, separator: string, limits: SheetLimits, firstLine = 1): SheetRow[] {
  const rows: SheetRow[] = [];
  let cells: string[] = [];
  let line = firstLine;
  let begun = firstLine;
  const endRow = () => {
    if (cells.some((cell) => cell !== '') && !isNote(cells, rows.length === 0))
      rows.push({ line: begun, cells: cells.map(undefuse) });
    if (rows.length > limits.maxRows) throw tooManyRows(limits);
    cells = [];
    begun = line;
  };
  const plain = new RegExp(`[^${separator}\r\n]*`, 'y');
  let index = 0;
  for (;;) {
    let cell = '';
    if (text.charAt(index) === '"') {
      ({ cell, end: index } = readQuoted(text, index, line, limits));
      line += cell.split('\n').length - 1;
    }
    plain.lastIndex = index;
    const rest = plain.exec(text)?.[0] ?? '';
    index += rest.length;
    cell += rest;
    if (cell.length > limits.maxCell) {
      throw new SheetFault('sheets.longCell', { line: begun, max: limits.maxCell });
    }
    cells.push(cell);
    if (cells.length > limits.maxColumns) throw tooManyColumns(begun, limits);
    const next = text.charAt(index);
    if (next === separator) {
      index++;
      continue;
    }
    if (next === '\r' || next === '\n') {
      index += next === '\r' && text.charAt(index + 1) === '\n' ? 2 : 1;
      line++;
    }
    endRow();
    if (index >= text.length) return rows;
  }
}

/** A quoted cell that begins at `start`, and where it ends; `line` is said when it never does. */
function readQuoted(text: string, start: number, line: number, limits: SheetLimits): { cell: string; end: number } {
  let cell = '';
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0 || quote - start > limits.maxCell * 4) throw new SheetFault('sheets.quote', { line });
    cell += text.slice(from, quote);
    if (text.charAt(quote + 1) !== '"') return { cell, end: quote + 1 };
    cell += '"';
    from = quote + 2;
  }
}

export const tooManyRows = (limits: SheetLimits) =>
  new SheetFault('sheets.rows', { max: limits.maxRows }, 'PAYLOAD_TOO_LARGE');
export const tooManyColumns = (line: number, limits: SheetLimits) =>
  new SheetFault('sheets.columns', { line, max: limits.maxColumns }, 'PAYLOAD_TOO_LARGE');

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

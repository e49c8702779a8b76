import { setImmediate as turn } from 'node:timers/promises';
import iconv from 'iconv-lite';
import { defuse, noteText } from './cells.ts';
import type { OutCell, OutSheet } from './out.ts';
import { writeWorkbook } from './xlsx-write.ts';

/** Encodings a CSV file can be written in; UTF-8 carries a byte order mark, without which Excel reads it wrongly. */
export const ENCODINGS = ['utf-8', 'gb18030'] as const;
export type Encoding = (typeof ENCODINGS)[number];
export const FORMATS = ['csv', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export interface WriteOptions {
  readonly format: Format;
  /** Of CSV; absent = UTF-8 with byte order mark. */
  readonly encoding?: Encoding;
}

export type { OutCell, OutColumn, OutSheet } from './out.ts';

const CHUNK = 64 * 1_024;

/**
 * A file as chunks of at most about 64 KiB, giving way to others in between. CSV holds the first sheet only. Texts that a
 * spreadsheet would run as a formula get a leading apostrophe.
 */
export function writeSheets(sheets: readonly OutSheet[], options: WriteOptions): AsyncGenerator<Uint8Array> {
  return options.format === 'xlsx' ? writeWorkbook(sheets) : writeCsv(sheets[0], options.encoding ?? 'utf-8');
}

/** The whole file at once; for small ones. */
export async function sheetBytes(sheets: readonly OutSheet[], options: WriteOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeSheets(sheets, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* writeCsv(sheet: OutSheet | undefined, encoding: Encoding): AsyncGenerator<Uint8Array> {
  if (!sheet) return;
  const encode = (text: string) => iconv.encode(text, encoding);
  let text = encoding === 'utf-8' ? '\uFEFF' : '';
  for (const note of sheet.notes ?? []) text += csvLine([noteText(note)]);
  text += csvLine(sheet.columns.map(({ header }) => header));
  for await (const row of sheet.rows) {
    text += csvLine(row);
    if (text.length < CHUNK) continue;
    yield encode(text);
    text = '';
    await turn();
  }
  yield encode(text);
}

/** A line of a CSV file, defused, quoted where it must be for any of the usual separators. */
export function csvLine(cells: readonly OutCell[]): string {
  const quoted = cells.map((cell) => {
    const text = typeof cell === 'number' ? String(cell) : defuse(cell ?? '');
    return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\r\n`;
}

import fc from 'fast-check';
import { strToU8, unzipSync, zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { fuzz, hurt, nastyText } from '../../test/support/fuzz.ts';
import { isGatewayError } from '../errors.ts';
import { readCsv } from './csv-read.ts';
import { refusalError, SheetFault } from './fault.ts';
import { readSheet } from './read.ts';
import { DEFAULT_LIMITS, MAX_FILE, type Table } from './table.ts';
import { sheetBytes } from './write.ts';
import { isZip } from './xlsx-parts.ts';
import { readWorkbook } from './xlsx-read.ts';

const columns = ['设备编号', '名称', '纬度', '标签'].map((header) => ({ header }));
const rows = Array.from({ length: 6 }, (_, i) => [`d${i}`, `东门 ${i}`, 31.1 + i, 'a=b;c=d']);
const GOOD_XLSX = await sheetBytes([{ name: '设备', notes: ['x'], columns, rows }], { format: 'xlsx' });
const GOOD_CSV = await sheetBytes([{ name: '设备', columns, rows }], { format: 'csv', encoding: 'utf-8' });
const PARTS = unzipSync(GOOD_XLSX);

/** What the reading thread does with a file, without the thread. A fault is an answer; anything else is a bug. */
function read(bytes: Uint8Array): void {
  let table: Table;
  try {
    table = isZip(bytes) ? readWorkbook(bytes, DEFAULT_LIMITS, ['设备']) : readCsv(bytes, DEFAULT_LIMITS);
  } catch (error) {
    if (!(error instanceof SheetFault)) throw error;
    expect(refusalError(error.refusal).message.length).toBeLessThan(2_000);
    return;
  }
  bounded(table);
}

/** Plain comparisons: expecting something of ten thousand rows takes longer than reading them. */
function bounded({ rows: read }: Table): void {
  const { maxRows, maxColumns, maxCell } = DEFAULT_LIMITS;
  if (read.length > maxRows) throw new Error(`${read.length} rows`);
  for (const { line, cells } of read) {
    if (line < 1 || cells.length > maxColumns) throw new Error(`line ${line} has ${cells.length} cells`);
    for (const cell of cells) if (cell.length > maxCell) throw new Error(`cell of ${cell.length}`);
  }
}

/** The good workbook with parts of it replaced. */
const packed = (parts: Readonly<Record<string, Uint8Array | string>>, level: 0 | 6 = 0): Uint8Array =>
  zipSync(
    {
      ...PARTS,
      ...Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [name, typeof part === 'string' ? strToU8(part) : part]),
      ),
    },
    { level },
  );
const SHEET = 'xl/worksheets/sheet1.xml';
const sheetOf = (data: string, after = '') => `<worksheet><sheetData>${data}</sheetData>${after}</worksheet>`;

describe('tables of a stranger', () => {
  it('as text are read or refused', async () => {
    const cell = fc.oneof(nastyText(), fc.constantFrom('"', '""', '"a', 'a"b', "'=1", '#', '\t', '\r', '\n', ';'));
    const table = fc
      .array(fc.array(cell, { maxLength: 8 }), { maxLength: 12 })
      .chain((lines) => fc.constantFrom(',', ';', '\t').map((by) => lines.map((line) => line.join(by)).join('\n')));
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      hurt(GOOD_CSV),
      hurt(iconv.encode(GOOD_CSV.toString('utf8'), 'gb18030')),
      table.map((one) => Buffer.from(one)),
      table.map((one) => Buffer.from(`\ufeff${one}`, 'utf16le')),
      table.map((one) => iconv.encode(one, 'gb18030')),
    );
    const examples = [
      '"'.repeat(65_536),
      `"${'""'.repeat(30_000)}`,
      ','.repeat(65_536),
      '\n'.repeat(65_536),
      '#\n'.repeat(32_000),
      `${'"a'.repeat(20_000)}\n`,
      'sep=;\n'.repeat(10_000),
      `${'＝'.repeat(20_000)}`,
      `'${"'".repeat(60_000)}=`,
    ].map((one) => Buffer.from(one));
    await fuzz(text, read, { examples });
  });

  it('as workbooks are read or refused', async () => {
    const attribute = fc.tuple(fc.constantFrom('r', 's', 't', 'r:id', '__proto__', 'ref'), nastyText());
    const tag = fc
      .tuple(
        fc.constantFrom('row', 'c', 'v', 'f', 'is', 't', 'rPh', 'mergeCell', 'si', 'xf', 'numFmt', 'sheet', 'a:c'),
        fc.array(attribute, { maxLength: 3 }),
        nastyText(),
      )
      .map(([name, attributes, text]) => {
        const clean = (value: string) => value.replace(/[<>&"\0\p{Cs}]/gu, '');
        return `<${name} ${attributes.map(([key, value]) => `${key}="${clean(value)}"`).join(' ')}>${clean(text)}</${name}>`;
      });
    const xml = fc.array(tag, { maxLength: 10 }).map((tags) => tags.join(''));
    const names = Object.keys(PARTS);
    const file = fc.oneof(
      { weight: 3, arbitrary: hurt(GOOD_XLSX) },
      fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([Buffer.from('PK\u0003\u0004'), tail])),
      {
        weight: 3,
        arbitrary: fc
          .constantFrom(...names)
          .chain((name) => hurt(PARTS[name] ?? new Uint8Array()).map((part) => packed({ [name]: part }))),
      },
      { weight: 2, arbitrary: xml.map((data) => packed({ [SHEET]: sheetOf(data) })) },
      { weight: 2, arbitrary: xml.map((data) => packed({ [SHEET]: sheetOf(`<row r="1">${data}</row>`) })) },
      fc.tuple(fc.constantFrom(...names), xml).map(([name, data]) => packed({ [name]: `<a>${data}</a>` })),
    );
    await fuzz(file, read);
  });

  it('that are small and want to grow are refused or read in time', async () => {
    const cell = '<c t="str"><v>x</v></c>';
    const many = (count: number) => `<row>${cell}</row>`.repeat(count);
    const examples = [
      packed({ [SHEET]: new Uint8Array(65 * 1_048_576).fill(0x20) }, 6),
      packed({ [SHEET]: sheetOf(`<row>${'<c>'.repeat(20_000)}`) }),
      packed({ [SHEET]: '<a>'.repeat(30_000) }),
      packed({ [SHEET]: `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(1_000)}">]><a>${'&b;'.repeat(1_000)}</a>` }),
      packed({ [SHEET]: `<a ${Array.from({ length: 5_000 }, (_, i) => `x:a${i}="1"`).join(' ')}/>` }),
      packed({ [SHEET]: sheetOf('<row><c t="str"><v>&#x110000;&#0;&bogus;</v></c></row>') }),
      packed({ [SHEET]: sheetOf(many(500), '<mergeCell ref="A9999:B99999"/>'.repeat(5_000)) }),
      packed({
        'xl/styles.xml': `<s><numFmts><numFmt numFmtId="170" formatCode="${'['.repeat(60_000)}"/></numFmts><cellXfs>${'<xf numFmtId="170"/>'.repeat(200)}</cellXfs></s>`,
      }),
      packed({
        'xl/styles.xml': `<s><numFmts><numFmt numFmtId="170" formatCode="${'&quot;'.repeat(9_999)}"/></numFmts><cellXfs>${'<xf numFmtId="170"/>'.repeat(200)}</cellXfs></s>`,
      }),
      packed({ 'xl/workbook.xml': `<w><sheets>${'<sheet name="设备" r:id="rId1"/>'.repeat(5_000)}</sheets></w>` }),
      packed(Object.fromEntries(Array.from({ length: 1_990 }, (_, i) => [`x${i}`, 'x']))),
      packed(Object.fromEntries(Array.from({ length: 2_010 }, (_, i) => [`x${i}`, 'x']))),
    ];
    await fuzz(fc.constantFrom(...examples), read, { count: 0, examples });
  });

  it('that are as large as they may be hold nobody up, read or refused', async () => {
    const fill = (text: string) => Buffer.from(text.repeat(Math.floor(MAX_FILE / Buffer.byteLength(text))));
    const line = (count: number, length: number) => `${`${'x'.repeat(length)},`.repeat(count)}\n`;
    const examples = [fill('\n'), fill('"\n'), fill(line(199, 3)), fill(line(199, 80)), fill(line(4, 4_000))];
    await fuzz(
      fc.constantFrom(...examples),
      async (bytes) => {
        try {
          bounded(await readSheet(bytes));
        } catch (error) {
          if (!isGatewayError(error, 'PAYLOAD_TOO_LARGE')) throw error;
        }
      },
      { count: 0, examples },
    );
  }, 60_000);
});

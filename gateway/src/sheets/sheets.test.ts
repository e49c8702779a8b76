import { strToU8, zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { columnLetter, defuse, isNote, parseReference, undefuse } from './cells.ts';
import { type CsvEncoding, readCsv } from './csv-read.ts';
import { refusalError, SheetFault } from './fault.ts';
import { readSheet } from './read.ts';
import { DEFAULT_LIMITS, type SheetLimits } from './table.ts';
import { sheetBytes } from './write.ts';
import { readWorkbook } from './xlsx-read.ts';

interface Options {
  readonly limits?: Partial<SheetLimits>;
  readonly encoding?: CsvEncoding;
}

/** What the thread does, here: a thread a case would take most of the time. */
async function read(bytes: Uint8Array, options: Options = {}) {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  try {
    return bytes[0] === 0x50 ? readWorkbook(bytes, limits, ['设备']) : readCsv(bytes, limits, options.encoding);
  } catch (error) {
    throw error instanceof SheetFault ? refusalError(error.refusal) : error;
  }
}

const csv = (text: string) => read(Buffer.from(text));
const cellsOf = async (file: Promise<{ rows: readonly { cells: readonly string[] }[] }>) =>
  (await file).rows.map(({ cells }) => cells);

const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const REL = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';

/** A workbook put together by hand, as other programs and attackers write them. */
function workbook(options: {
  rows: string;
  after?: string;
  strings?: string;
  styles?: string;
  book?: string;
  sheets?: string;
  extra?: Record<string, Uint8Array>;
}): Uint8Array {
  return zipSync({
    'xl/workbook.xml': strToU8(
      `<workbook ${MAIN} ${REL}>${options.book ?? ''}<sheets>${options.sheets ?? '<sheet name="A" sheetId="1" r:id="rId1"/>'}</sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': strToU8(
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
    ),
    'xl/worksheets/sheet1.xml': strToU8(
      `<worksheet ${MAIN}><sheetData>${options.rows}</sheetData>${options.after ?? ''}</worksheet>`,
    ),
    'xl/worksheets/sheet2.xml': strToU8(
      `<worksheet ${MAIN}><sheetData><row r="1"><c r="A1"><v>2</v></c></row></sheetData></worksheet>`,
    ),
    ...(options.strings ? { 'xl/sharedStrings.xml': strToU8(`<sst ${MAIN}>${options.strings}</sst>`) } : {}),
    ...(options.styles ? { 'xl/styles.xml': strToU8(`<styleSheet ${MAIN}>${options.styles}</styleSheet>`) } : {}),
    ...options.extra,
  });
}

const one = (cell: string, more: Partial<Parameters<typeof workbook>[0]> = {}) =>
  read(workbook({ rows: `<row r="1">${cell}</row>`, ...more }));

describe('cells', () => {
  it.each(['=1+1', '+86', '-1', '@x', '\tx', '＝x', "'=x", "''-x"])('%j is defused and comes back', (text) => {
    expect(defuse(text).startsWith("'")).toBe(true);
    expect(undefuse(defuse(text))).toBe(text);
  });

  it('leaves the rest alone', () => {
    for (const text of ["'x", 'a=b', '', "O'Neil", '1-2']) {
      expect(defuse(text)).toBe(text);
      expect(undefuse(text)).toBe(text);
    }
  });

  it('has letters for columns', () => {
    expect([0, 25, 26, 701, 702].map(columnLetter)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
    expect(parseReference('AB12')).toEqual({ column: 27, row: 12 });
    expect(parseReference('A')).toBeUndefined();
    expect(isNote(['', '# x', ' '])).toBe(true);
    expect(isNote(['# x', 'y'])).toBe(false);
  });
});

describe('CSV', () => {
  it.each([
    [
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['\uFEFFa\n"x,""y""\nz"\n\n,\n', [['a'], ['x,"y"\nz']]],
    [
      'a;b\n1,5;2',
      [
        ['a', 'b'],
        ['1,5', '2'],
      ],
    ],
    [
      'a\tb\r1\t2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['sep=;\r\na;b,c\r\n', [['a', 'b,c']]],
    [
      '# who, when\n"# why; what"\na,b\n\'=x,#1\n',
      [
        ['a', 'b'],
        ['=x', '#1'],
      ],
    ],
    ['', []],
  ])('%j', async (text, cells) => {
    expect(await cellsOf(csv(text))).toEqual(cells);
  });

  it('counts lines as a person does', async () => {
    expect((await csv('# n\na\n"x\ny"\n\nz')).rows.map(({ line }) => line)).toEqual([2, 3, 6]);
  });

  it.each([
    ['gb18030', '设备编号,名称\n1,东门𠮷\n'],
    ['utf-8', '设备编号,名称\n1,东门𠮷\n'],
    ['utf-16le', '设备编号,名称\n1,东门𠮷\n'],
  ])('in %s is found out', async (encoding, text) => {
    const bytes = encoding === 'utf-16le' ? Buffer.from(`\uFEFF${text}`, 'utf16le') : iconv.encode(text, encoding);
    const { meta, rows } = await read(bytes);
    expect(meta).toMatchObject({ encoding, separator: ',' });
    expect(rows[1]?.cells).toEqual(['1', '东门𠮷']);
  });

  it('of two encodings, of none, with NUL or an open quote is refused, and says where', async () => {
    const mixed = Buffer.concat([iconv.encode('设备编号,名称\n1,东门\n', 'gb18030'), Buffer.from('2,西门口\n')]);
    await expect(read(mixed)).rejects.toThrow('第 3 行是 UTF-8');
    await expect(read(Buffer.from([0x61, 0xff, 0xff, 0x0a]))).rejects.toThrow('GB18030');
    await expect(read(iconv.encode('设备', 'gb18030'), { encoding: 'utf-8' })).rejects.toThrow('不是 UTF-8');
    await expect(csv('a\nb\0')).rejects.toThrow('第 2 行含有 NUL');
    await expect(csv(`a\n"b${',x\n'.repeat(300_000)}`)).rejects.toThrow('第 2 行的引号');
  });

  it('is bounded in rows, columns, cells and bytes', async () => {
    await expect(csv(`a${',b'.repeat(1_000_000)}`)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expect(read(Buffer.from('a\nb\nc'), { limits: { maxRows: 2 } })).rejects.toThrow('2 行');
    await expect(csv(`a\n${'x'.repeat(5_000)}`)).rejects.toThrow('4096 个字符');
    await expect(readSheet(Buffer.alloc(16 * 1_048_576 + 1))).rejects.toThrow('16 MiB');
  });
});

describe('XLSX', () => {
  it('of ours is read as it was written, formulas harmless', async () => {
    const rows = [
      ['001234', '=cmd|x', 31.12345678901234, '东门 <&> "q"'],
      ['12345678901234567890', "'+1", -1, 'a\r\nb_x000D_'],
    ];
    const columns = ['编号', '公式', '纬度', '名称'].map((header) => ({ header, list: ['x', 'y'] }));
    const bytes = await sheetBytes([{ name: '设备', notes: ['导出人：王芳'], columns, rows }], { format: 'xlsx' });
    const { meta, rows: found } = await readSheet(bytes, { sheets: ['设备'] });
    expect(meta).toEqual({ format: 'xlsx', sheet: '设备' });
    expect(found).toEqual([
      { line: 2, cells: ['编号', '公式', '纬度', '名称'] },
      { line: 3, cells: ['001234', '=cmd|x', '31.12345678901234', '东门 <&> "q"'] },
      { line: 4, cells: ['12345678901234567890', "'+1", '-1', 'a\nb_x000D_'] },
    ]);
  });

  const STYLES =
    '<numFmts><numFmt numFmtId="170" formatCode="000000"/><numFmt numFmtId="171" formatCode="yyyy&quot;年&quot;m"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="22"/></cellXfs>';
  it.each([
    ['<c r="A1"><v>1234</v></c>', '1234', undefined],
    ['<c r="A1"><v>31.100000000000001</v></c>', '31.1', undefined],
    ['<c r="A1" s="2"><v>1234</v></c>', '001234', undefined],
    ['<c r="A1"><v>1.2345678901234567E+19</v></c>', '1.2345678901234567E+19', 'lostDigits'],
    ['<c r="A1"><v>31011500001320000000</v></c>', '31011500001320000000', 'lostDigits'],
    ['<c r="A1" s="1"><v>46349</v></c>', '2026-11-23', undefined],
    ['<c r="A1" s="3"><v>1</v></c>', '1900-01-01', undefined],
    ['<c r="A1" s="1"><v>60</v></c>', '60', 'date'],
    ['<c r="A1" s="4"><v>46349.5</v></c>', '2026-11-23 12:00:00', undefined],
    ['<c r="A1"><f>1+1</f><v>2</v></c>', '2', 'formula'],
    ['<c r="A1" t="e"><v>#REF!</v></c>', '#REF!', 'errorValue'],
    ['<c r="A1" t="b"><v>1</v></c>', 'TRUE', undefined],
    ['<c r="A1" t="s"><v>0</v></c>', '东门', undefined],
    ['<c r="A1" t="s"><v>1</v></c>', 'a\nb', undefined],
    ['<c r="A1" t="inlineStr"><is><t>x_x000D_</t></is></c>', 'x\n', undefined],
  ])('%s is %j', async (cell, text, fault) => {
    const strings = '<si><r><t>东</t></r><r><t>门</t></r><rPh><t>dong</t></rPh></si><si><t>a_x000D_\nb</t></si>';
    const { rows } = await one(cell, { styles: STYLES, strings });
    expect(rows[0]?.cells).toEqual([text]);
    expect(rows[0]?.faults?.map(({ code }) => code)).toEqual(fault === undefined ? undefined : [fault]);
  });

  it('counts dates from 1904 where the workbook says so', async () => {
    const { rows } = await one('<c r="A1" s="1"><v>44887</v></c>', {
      styles: STYLES,
      book: '<workbookPr date1904="1"/>',
    });
    expect(rows[0]?.cells).toEqual(['2026-11-23']);
  });

  it('names merged cells and reads no hidden sheet', async () => {
    const cell = '<c r="A1"><v>1</v></c>';
    const merged = await one(cell, { after: '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>' });
    expect(merged.rows[0]?.faults).toEqual([{ column: 0, code: 'merged', value: 'A1:B2' }]);
    const sheets = '<sheet name="A" state="veryHidden" r:id="rId1"/><sheet name="B" r:id="rId2"/>';
    expect(await one(cell, { sheets })).toMatchObject({ meta: { sheet: 'B' }, rows: [{ cells: ['2'] }] });
    await expect(one(cell, { sheets: '<sheet name="A" state="hidden" r:id="rId1"/>' })).rejects.toThrow('可见');
  });

  it.each([
    ['entities of its own', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 'DOCTYPE'],
    ['broken XML', '<worksheet><', '损坏'],
    ['no UTF-8', '\u0000', '损坏'],
  ])('with %s is refused', async (_, head, message) => {
    const sheet = strToU8(`${head}<worksheet><sheetData><row><c t="str"><v>&e;</v></c></row></sheetData></worksheet>`);
    await expect(read(workbook({ rows: '', extra: { 'xl/worksheets/sheet1.xml': sheet } }))).rejects.toThrow(message);
  });

  it('that unpacks to too much is refused before it does', async () => {
    const bomb = new Uint8Array(2 * 1_048_576).fill(0x20);
    const file = workbook({ rows: '', extra: { 'xl/worksheets/sheet1.xml': bomb } });
    expect(file.byteLength).toBeLessThan(20_000);
    await expect(read(file, { limits: { maxPart: 1_048_576 } })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    // A size that lies: the local and central headers say 10 bytes.
    const lying = Buffer.from(file);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bomb.length);
    for (let at = lying.indexOf(size); at >= 0; at = lying.indexOf(size, at + 1)) lying.writeUInt32LE(10, at);
    await expect(read(lying)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('far too wide, too long or far down is refused', async () => {
    await expect(one('<c r="XFD1"><v>1</v></c>')).rejects.toThrow('200 列');
    await expect(one(`<c t="str"><v>${'x'.repeat(40_000)}</v></c>`)).rejects.toThrow('4096');
    await expect(read(workbook({ rows: '<row r="99999999"><c><v>1</v></c></row>' }))).rejects.toThrow('损坏');
    await expect(read(zipSync({ 'a.txt': strToU8('x') }))).rejects.toThrow('没有工作簿');
    await expect(read(Buffer.from('PK\u0003\u0004 and then nothing'))).rejects.toThrow('损坏');
    await expect(readSheet(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0]))).rejects.toThrow('.xls');
  });

  it('that takes too long ends with its thread', async () => {
    const rows = `<row>${'<c><v>1</v></c>'.repeat(200)}</row>`.repeat(5_000);
    await expect(readSheet(workbook({ rows }), { deadlineMs: 1 })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});

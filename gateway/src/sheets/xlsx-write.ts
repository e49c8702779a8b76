import { setImmediate as turn } from 'node:timers/promises';
import { strToU8, Zip, ZipDeflate } from 'fflate';
import { columnLetter, defuse, noteText } from './cells.ts';
import type { OutCell, OutSheet } from './out.ts';

const CHUNK = 64 * 1_024;
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
/** Lists of choices stand on a hidden sheet: a validation formula itself holds 255 characters only. */
const LISTS = '选项';
const MAX_CELL = 32_767;
/** Rows that get the drop-down lists. */
const LISTED_ROWS = 20_100;

// Style 1 is text: what a person types there stays as typed, 001234 keeps its zeros. 2 is the header, 3 a note.
const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="3"><font><sz val="11"/><name val="等线"/></font><font><b/><sz val="11"/><name val="等线"/></font><font><i/><sz val="10"/><color rgb="FF7F7F7F"/><name val="等线"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFDDEBF7"/></patternFill></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="2" applyNumberFormat="1" applyFont="1" applyFill="1"/><xf numFmtId="49" fontId="2" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`;

/** An XLSX file, sheet by sheet and row by row. */
export async function* writeWorkbook(sheets: readonly OutSheet[]): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else ready.push(chunk);
  });
  const flush = function* () {
    if (failure) throw failure;
    yield* ready.splice(0);
  };
  const part = (name: string) => {
    const file = new ZipDeflate(name, { level: 6 });
    zip.add(file);
    return file;
  };

  const lists = sheets.flatMap(({ columns }) => columns.flatMap(({ list }) => (list?.length ? [list] : [])));
  const names = [...sheets.map(({ name }) => name), ...(lists.length > 0 ? [LISTS] : [])];
  for (const [name, text] of envelope(names, lists.length > 0)) part(name).push(strToU8(text), true);

  let listed = 0;
  for (const [index, sheet] of sheets.entries()) {
    const file = part(`xl/worksheets/sheet${index + 1}.xml`);
    for await (const text of sheetText(sheet, () => listed++, lists)) {
      file.push(strToU8(text));
      yield* flush();
      await turn();
    }
    file.push(new Uint8Array(), true);
  }
  if (lists.length > 0) part(`xl/worksheets/sheet${names.length}.xml`).push(strToU8(listSheet(lists)), true);
  zip.end();
  yield* flush();
}

async function* sheetText(
  sheet: OutSheet,
  nextList: () => number,
  lists: readonly (readonly string[])[],
): AsyncGenerator<string> {
  const notes = sheet.notes ?? [];
  const header = notes.length + 1;
  const widths = sheet.columns.map(({ header: title, width }, index) => {
    const wide = width ?? Math.max(10, [...title].length * 2 + 2);
    return `<col min="${index + 1}" max="${index + 1}" width="${wide}" style="1" customWidth="1"/>`;
  });
  const pane = `<pane ySplit="${header}" topLeftCell="A${header + 1}" activePane="bottomLeft" state="frozen"/>`;
  let text = `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>`;
  for (const [index, note] of notes.entries()) text += rowText(index + 1, [noteText(note)], 3);
  text += rowText(
    header,
    sheet.columns.map(({ header: title }) => title),
    2,
  );
  let line = header;
  for await (const row of sheet.rows) {
    text += rowText(++line, row, 1);
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  yield `${text}</sheetData>${validations(sheet, header, nextList, lists)}</worksheet>`;
}

function rowText(line: number, cells: readonly OutCell[], style: number): string {
  const parts = cells.map((cell, index) => {
    if (cell === null || cell === undefined || cell === '') return '';
    const at = `${columnLetter(index)}${line}`;
    if (typeof cell === 'number') return Number.isFinite(cell) ? `<c r="${at}"><v>${cell}</v></c>` : '';
    return `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeText(defuse(cell))}</t></is></c>`;
  });
  return `<row r="${line}">${parts.join('')}</row>`;
}

function validations(
  sheet: OutSheet,
  header: number,
  nextList: () => number,
  lists: readonly (readonly string[])[],
): string {
  const rules = sheet.columns.flatMap(({ list }, index) => {
    if (!list?.length) return [];
    const at = nextList();
    const letter = columnLetter(index);
    const source = `'${LISTS}'!$${columnLetter(at)}$1:$${columnLetter(at)}$${lists[at]?.length ?? 1}`;
    return `<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="${letter}${header + 1}:${letter}${header + LISTED_ROWS}"><formula1>${source}</formula1></dataValidation>`;
  });
  return rules.length > 0 ? `<dataValidations count="${rules.length}">${rules.join('')}</dataValidations>` : '';
}

function listSheet(lists: readonly (readonly string[])[]): string {
  const longest = Math.max(...lists.map((list) => list.length));
  const rows = Array.from({ length: longest }, (_, index) =>
    rowText(
      index + 1,
      lists.map((list) => list[index]),
      1,
    ),
  );
  return `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${rows.join('')}</sheetData></worksheet>`;
}

/** Everything of the package that is not a sheet. */
function envelope(names: readonly string[], hideLast: boolean): [name: string, text: string][] {
  const each = (make: (index: number, name: string) => string) => names.map((name, i) => make(i + 1, name)).join('');
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  return [
    [
      '[Content_Types].xml',
      `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/>${each((i) => `<Override PartName="/xl/worksheets/sheet${i}.xml" ContentType="${type}.worksheet+xml"/>`)}</Types>`,
    ],
    [
      '_rels/.rels',
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${each((i, name) => `<sheet name="${escapeText(name)}" sheetId="${i}"${hideLast && i === names.length ? ' state="hidden"' : ''} r:id="rId${i}"/>`)}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each((i) => `<Relationship Id="rId${i}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${i}.xml"/>`)}<Relationship Id="rId${names.length + 1}" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
    ],
    ['xl/styles.xml', STYLES],
  ];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 cannot hold is written the way spreadsheets do: `_x000D_`. A text that looks like that is escaped too. */
function escapeText(text: string): string {
  return text
    .slice(0, MAX_CELL)
    .toWellFormed()
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char)
    .replace(/(?![\n\t])[\p{Cc}\uFFFE\uFFFF]/gu, (char) => {
      const code = char.charCodeAt(0);
      return `_x${code.toString(16).toUpperCase().padStart(4, '0')}_`;
    });
}

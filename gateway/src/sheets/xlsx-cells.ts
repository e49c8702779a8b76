import { type Parts, walkXml } from './xlsx-parts.ts';

/** How a number format shows a number, as far as a table of devices can mean it. */
export type Shown = 'plain' | 'date' | 'time' | { readonly zeros: number };

const DATES = new Set([14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]);
const TIMES = new Set([18, 19, 20, 21, 22, 32, 33, 34, 35, 45, 46, 47, 55, 56]);

/** Characters of a number format; a spreadsheet takes no more either. */
const MAX_FORMAT = 255;

/** The number format of each cell style. */
export function readStyles(parts: Parts): Shown[] {
  const bytes = parts.read('xl/styles.xml');
  const codes = new Map<number, string>();
  const styles: Shown[] = [];
  let inside = false;
  if (!bytes) return styles;
  walkXml(bytes, {
    open(name, attributes) {
      if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '');
      else if (name === 'cellXfs') inside = true;
      else if (name === 'xf' && inside) styles.push(shownBy(Number(attributes.numFmtId ?? 0), codes));
    },
    close(name) {
      if (name === 'cellXfs') inside = false;
    },
  });
  return styles;
}

function shownBy(id: number, codes: ReadonlyMap<number, string>): Shown {
  if (DATES.has(id)) return 'date';
  if (TIMES.has(id)) return 'time';
  const code =
    (codes.get(id) ?? '')
      .slice(0, MAX_FORMAT)
      .replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '')
      .split(';')[0] ?? '';
  if (/^0+$/.test(code)) return { zeros: code.length };
  if (/[yd]/i.test(code)) return 'date';
  return /[hs]/i.test(code) ? 'time' : 'plain';
}

/** The strings that cells name by number. */
export function readSharedStrings(parts: Parts, maxCell: number): string[] {
  const bytes = parts.read('xl/sharedStrings.xml');
  const strings: string[] = [];
  let current = '';
  let inText = false;
  let phonetic = false;
  if (!bytes) return strings;
  walkXml(bytes, {
    open(name) {
      if (name === 'si') current = '';
      else if (name === 'rPh') phonetic = true;
      else if (name === 't') inText = !phonetic;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'si') strings.push(unescapeText(current));
    },
    text(text) {
      if (inText && current.length <= maxCell * 7) current += text;
    },
  });
  return strings;
}

/** Characters that XML cannot hold stand as `_x000D_`; a line end of such a kind is a plain one. */
export function unescapeText(text: string): string {
  return text
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\r\n?/g, '\n');
}

/** Text of a number as the sheet shows it; undefined when the number cannot be what was typed. */
export function numberText(raw: string, shown: Shown, date1904: boolean): { text: string } | 'lostDigits' | 'date' {
  const value = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(value)) return 'lostDigits';
  if (shown === 'date' || shown === 'time') return dateText(value, shown, date1904);
  const digits = raw.replace(/^[+-]/, '');
  if (/e/i.test(digits) && Math.abs(value) >= 1e15) return 'lostDigits';
  if (Number.isInteger(value) && Math.abs(value) >= 1e15) return 'lostDigits';
  if (typeof shown === 'object' && Number.isInteger(value)) return { text: String(value).padStart(shown.zeros, '0') };
  const text = String(value);
  return /e/i.test(text) ? 'lostDigits' : { text };
}

const DAY_MS = 86_400_000;

function dateText(serial: number, shown: 'date' | 'time', date1904: boolean): { text: string } | 'date' {
  // Day 60 of the 1900 system is 29 February 1900, which never was; the days before it are one off.
  if (shown === 'time' && serial < 1) return 'date';
  if (serial < (date1904 ? 0 : 1) || (!date1904 && Math.floor(serial) === 60)) return 'date';
  const shift = date1904 ? 1_462 : serial < 60 ? 1 : 0;
  const time = Math.round((serial + shift - 25_569) * DAY_MS);
  const date = new Date(time);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9_999) return 'date';
  const iso = date.toISOString();
  return { text: Number.isInteger(serial) ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ') };
}

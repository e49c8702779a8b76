/** Wall-clock fields of one text, in the order of Date.UTC; months count from 1. */
export type WallFields = readonly [number, number, number, number, number, number, number];

const TOKEN = /yyyy|yy|MM|M|dd|d|HH|H|mm|m|ss|s|SSS/g;
const FIELD: Readonly<Record<string, number>> = { y: 0, M: 1, d: 2, H: 3, m: 4, s: 5, S: 6 };

interface Part {
  /** Literal text; null for a field. */
  readonly text: string | null;
  readonly field: number;
  /** Digits read at least and at most. */
  readonly min: number;
  readonly max: number;
}

/**
 * Reads times written like `dd/MM/yyyy HH:mm:ss` or `yyyy年M月d日H时m分`: one walk over the text, no regular expression of the
 * file's author. Answers undefined for a text that is written otherwise.
 */
export function compileTimePattern(pattern: string): (text: string) => WallFields | undefined {
  const parts = partsOf(pattern);
  return (text) => {
    const found: [number, number, number, number, number, number, number] = [0, 1, 1, 0, 0, 0, 0];
    let at = 0;
    for (const { text: literal, field, min, max } of parts) {
      if (literal !== null) {
        if (!text.startsWith(literal, at)) return undefined;
        at += literal.length;
        continue;
      }
      let end = at;
      while (end < text.length && end - at < max && isDigit(text.charCodeAt(end))) end += 1;
      if (end - at < min) return undefined;
      const value = Number(text.slice(at, end));
      found[field] = field === 0 && max === 2 ? 2_000 + value : value;
      at = end;
    }
    return at === text.length ? found : undefined;
  };
}

/** Why a pattern is wrong, or undefined. */
export function timePatternFault(pattern: string): string | undefined {
  const fields = partsOf(pattern).flatMap(({ text, field }) => (text === null ? [field] : []));
  if (new Set(fields).size !== fields.length) return 'each of year, month, day … may stand only once';
  for (const [name, field] of [
    ['yyyy', 0],
    ['MM', 1],
    ['dd', 2],
    ['HH', 3],
    ['mm', 4],
  ] as const) {
    if (!fields.includes(field)) return `${name} is missing`;
  }
  return undefined;
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of pattern.matchAll(TOKEN)) {
    if (match.index > at) parts.push({ text: pattern.slice(at, match.index), field: -1, min: 0, max: 0 });
    const [token] = match;
    const single = token.length === 1;
    parts.push({ text: null, field: FIELD[token.charAt(0)] ?? 0, min: token.length, max: single ? 2 : token.length });
    at = match.index + token.length;
  }
  if (at < pattern.length) parts.push({ text: pattern.slice(at), field: -1, min: 0, max: 0 });
  return parts;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

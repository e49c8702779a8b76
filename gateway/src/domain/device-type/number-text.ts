import type { MetricDefinition } from './grammar.ts';

/** A longer text is no number; the bound also keeps every look at it short. */
const MAX_TEXT = 64;
const PLAIN = /^[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,4})?$/;
const LEADING = /^[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,4})?/;
const HEX = /^(?:0[xX])?[0-9a-fA-F]{1,12}$/;

/** A number written as text, or undefined when it is none. */
export type ReadNumber = (text: string) => number | undefined;

/** Compiles `fromText`: `true` takes plain numbers, an object says how the device writes them. */
export function compileNumberText(fromText: NonNullable<MetricDefinition['fromText']>): ReadNumber {
  if (typeof fromText === 'boolean') return plain;
  const { decimal = '.', group, radix } = fromText;
  if (radix === 16) {
    return (text) => (HEX.test(text.trim()) ? Number.parseInt(text.trim().replace(/^0[xX]/, ''), 16) : undefined);
  }
  // NFKC: ２３．５ becomes 23.5 and ℃ becomes °C, on both sides alike.
  const units = new Map(
    Object.entries(fromText.units ?? {}).map(([unit, factor]) => [unit.normalize('NFKC').trim(), factor]),
  );
  return (raw) => {
    if (raw.length > MAX_TEXT) return undefined;
    let text = raw.normalize('NFKC').trim();
    if (group !== undefined) text = text.replaceAll(group, '');
    if (decimal === ',') text = text.replace(',', '.');
    const found = LEADING.exec(text)?.[0];
    if (found === undefined) return undefined;
    const unit = text.slice(found.length).trim();
    if (unit === '') return Number(found);
    const factor = units.get(unit);
    return factor === undefined ? undefined : Number((Number(found) * factor).toPrecision(15));
  };
}

function plain(text: string): number | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const trimmed = text.trim();
  return PLAIN.test(trimmed) ? Number(trimmed) : undefined;
}

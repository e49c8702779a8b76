import type { Value } from '../reading.ts';
import type { MetricDefinition } from './grammar.ts';
import { isCleanText, type Refusal, refusal } from './json.ts';
import { compileNumberText } from './number-text.ts';

/** What a raw field becomes: a value, a refusal, or undefined for "no reading". */
export type Convert = (raw: unknown) => Value | Refusal | undefined;

const DEFAULT_MAX_LENGTH = 256;

/** Compiles `nulls`, `map`, `fromText`, `type`, `scale`, `offset`, ranges and listed values, in this order. */
export function compileValue(definition: MetricDefinition): Convert {
  const { nulls, map, fromText } = definition;
  const typed = compileType(definition);
  if (!nulls && !map && !fromText) return (raw) => (raw === undefined || raw === null ? undefined : typed(raw));
  const none = new Set<unknown>(nulls);
  const mapping = map && new Map(Object.entries(map));
  const readText = compileText(definition);
  return (raw) => {
    if (raw === undefined || raw === null || none.has(raw)) return undefined;
    if (!mapping) return typed(typeof raw === 'string' ? readText(raw) : raw);
    const mapped = typeof raw === 'object' ? undefined : mapping.get(String(raw));
    return mapped === undefined ? refusal('READING_NOT_LISTED', `${show(raw)} is not in the map`) : typed(mapped);
  };
}

function compileType(definition: MetricDefinition): (raw: unknown) => Value | Refusal {
  if (definition.type === 'number') return compileNumber(definition);
  if (definition.type === 'boolean') {
    return (raw) => (typeof raw === 'boolean' ? raw : wrongType('true or false', raw));
  }
  const { values, maxLength = DEFAULT_MAX_LENGTH } = definition;
  const listed = values && new Set(Object.keys(values));
  return (raw) => {
    if (typeof raw !== 'string') return wrongType('a text', raw);
    if (raw.length > maxLength) return refusal('READING_BAD_TEXT', `longer than ${maxLength} characters`);
    if (!isCleanText(raw)) return refusal('READING_BAD_TEXT', 'holds NUL or a lone surrogate');
    if (listed && !listed.has(raw))
      return refusal('READING_NOT_LISTED', `${show(raw)} is none of ${[...listed].join(', ')}`);
    return raw;
  };
}

function compileNumber(definition: MetricDefinition): (raw: unknown) => number | Refusal {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, scale = 1, offset = 0 } = definition;
  const scaled = scale !== 1 || offset !== 0;
  return (raw) => {
    if (typeof raw !== 'number') return wrongType('a number', raw);
    if (!Number.isFinite(raw)) return refusal('READING_NOT_FINITE', 'not a finite number');
    // 12 digits: 30580 × 0.001 is 30.58, not 30.580000000000002.
    const value = scaled ? Number((raw * scale + offset).toPrecision(12)) : raw;
    if (value >= min && value <= max) return value;
    return refusal('READING_OUT_OF_RANGE', `${value} is outside ${bound(min)} … ${bound(max)}`);
  };
}

/** Absent bounds are none, not a number. */
const bound = (limit: number): string => String(limit).replace('Infinity', '∞');

/** What a text stands for; a text that is none of it stays as it is and is refused by its type. */
function compileText({ type, fromText }: MetricDefinition): (raw: string) => unknown {
  if (!fromText || type === 'text') return (raw) => raw;
  if (type === 'boolean') return (raw) => (raw === 'true' || raw === 'false' ? raw === 'true' : raw);
  const read = compileNumberText(fromText);
  return (raw) => read(raw) ?? raw;
}

function wrongType(wanted: string, raw: unknown): Refusal {
  return refusal('READING_WRONG_TYPE', `${wanted} expected, found ${show(raw)}`);
}

/** A raw value in a message: short, and clean enough for every sink. */
export function show(raw: unknown): string {
  if (typeof raw === 'string') return `'${raw.slice(0, 40).toWellFormed().replaceAll('\u0000', '␀')}'`;
  if (Array.isArray(raw)) return 'a list';
  return typeof raw === 'object' ? 'an object' : String(raw);
}

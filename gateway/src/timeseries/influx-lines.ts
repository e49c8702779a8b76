import type { Reading, Value } from '../domain/reading.ts';
import { EARLIEST, LATEST } from './sql-days.ts';

/** Measurement of the readings, one point a reading. */
export const READING = 'reading';

/** What a point says: numbers and booleans in `value` (0 and 1), booleans in `flag`, texts in `text`. */
export const VALUE_FIELDS = 'value, flag, text';

/** What the fields must be; another writer's idea of them would have ours refused. */
export const FIELD_TYPES: Readonly<Record<string, string>> = {
  value: 'float',
  flag: 'boolean',
  text: 'string',
  receivedAt: 'integer',
  flags: 'integer',
};

/** One reading as a line, time and receive time in microseconds. */
export function lineOf(reading: Reading, deviceId: string): string {
  const { value, flags } = reading;
  const skewed = flags?.includes('skew') ? ',flags=1i' : '';
  const head = `${READING},device=${escapeTag(deviceId)},metric=${escapeTag(metricTag(reading.metric))}`;
  return `${head} ${fieldOf(value)},receivedAt=${micros(reading.receivedAt)}i${skewed} ${micros(reading.time)}`;
}

function fieldOf(value: Value): string {
  if (typeof value === 'number') return `value=${Object.is(value, -0) ? '-0' : value}`;
  // Means, minima and maxima of booleans are taken over 0 and 1, which InfluxQL does not do by itself.
  if (typeof value === 'boolean') return `flag=${value},value=${value ? 1 : 0}`;
  return `text="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A point's value from its cells in the order of {@link VALUE_FIELDS}. */
export function pointValue(value: unknown, flag: unknown, text: unknown): Value {
  if (typeof flag === 'boolean') return flag;
  if (typeof text === 'string') return text;
  return typeof value === 'number' ? value : '';
}

/** A metric's name as a tag: tags hold neither nothing, control characters nor a backslash at their end. */
export function metricTag(metric: string): string {
  if (metric === '') return '%';
  // biome-ignore format: one expression
  return metric.replace(/[%\\\p{Cc}]/gu, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`);
}

export function metricName(tag: string): string {
  return tag === '%'
    ? ''
    : tag.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function escapeTag(text: string): string {
  return text.replace(/[ ,=]/g, '\\$&');
}

/** `'text'` of InfluxQL. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** `"name"` of InfluxQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A condition that fits these devices; a pattern is far faster than as many comparisons. */
export function devicesAre(ids: readonly string[]): string {
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return `device = ${literal(only)}`;
  return `device =~ /^(?:${ids.map((id) => id.replaceAll('.', '\\.')).join('|')})$/`;
}

export function micros(time: number): number {
  return Math.round(time * 1_000);
}

/** From inclusive to exclusive; no reading lies outside of what can be stored. */
export function timeIn(from: number, to: number): string {
  const least = micros(Math.min(Math.max(from, EARLIEST), LATEST));
  const most = micros(Math.min(Math.max(to, EARLIEST), LATEST));
  return `time >= ${least}u and time < ${most}u`;
}

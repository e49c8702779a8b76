import type { TimeDefinition } from './grammar.ts';
import { isRefusal, type Refusal, refusal } from './json.ts';
import { compileTimePattern, type WallFields } from './time-pattern.ts';

/** Epoch milliseconds JavaScript dates can hold. */
const MAX_TIME = 8.64e15;
const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d:?\d\d)?$/;
const LOCAL = /^(\d{4})[-/]?(\d\d)[-/]?(\d\d)[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?()$/;

/** `ts` of the contract: ISO 8601 with offset, or epoch milliseconds. */
export function parseContractTime(raw: unknown): number | Refusal {
  if (typeof raw === 'number') return epoch(raw, 1);
  return typeof raw === 'string'
    ? iso(raw)
    : refusal('BAD_TIME', 'ts must be ISO 8601 with offset or epoch milliseconds');
}

/** Reads a device's time as the type's `time` section says. */
export function compileTime(definition: TimeDefinition): (raw: unknown) => number | Refusal {
  const { format, zone, pattern } = definition;
  if (format === 'local' && pattern !== undefined) return localByPattern(pattern, zone ?? 'UTC');
  if (format === 'iso')
    return (raw) => (typeof raw === 'string' ? iso(raw) : refusal('BAD_TIME', 'ISO 8601 text expected'));
  if (format === 'local')
    return (raw) => (typeof raw === 'string' ? local(raw, zone ?? 'UTC') : refusal('BAD_TIME', 'text expected'));
  const factor = EPOCH_FACTORS[format];
  return (raw) => epoch(typeof raw === 'string' && DIGITS.test(raw) ? Number(raw) : raw, factor);
}

const EPOCH_FACTORS = { epochS: 1_000, epochMs: 1, epochUs: 1e-3, epochNs: 1e-6 } as const;
const DIGITS = /^\s{0,8}\d{1,20}(?:\.\d{1,20})?\s{0,8}$/;

function localByPattern(pattern: string, zone: string): (raw: unknown) => number | Refusal {
  const read = compileTimePattern(pattern);
  return (raw) => {
    const text = typeof raw === 'number' ? String(raw) : raw;
    if (typeof text !== 'string') return refusal('BAD_TIME', 'text expected');
    const fields = text.length > 100 ? undefined : read(text.trim());
    if (!fields) return refusal('BAD_TIME', `'${text.slice(0, 40)}' is not written ${pattern}`);
    const wall = realTime(fields, text);
    return isRefusal(wall) ? wall : wallIn(zone, wall);
  };
}

export function isZone(zone: string): boolean {
  try {
    zoneFormat(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function epoch(raw: unknown, factor: number): number | Refusal {
  const ms = typeof raw === 'number' ? Math.round(raw * factor) : Number.NaN;
  return ms > 0 && ms <= MAX_TIME ? ms : refusal('BAD_TIME', `no time: ${String(raw).slice(0, 40)}`);
}

function iso(text: string): number | Refusal {
  const match = ISO.exec(text);
  const offset = match?.[8];
  if (!match) return refusal('BAD_TIME', `not ISO 8601: '${text.slice(0, 40)}'`);
  if (offset === undefined) return refusal('BAD_TIME', `offset missing, e.g. ${text.slice(0, 19)}+08:00`);
  const wall = wallTime(match, text);
  return isRefusal(wall) ? wall : wall - offsetMs(offset);
}

function local(text: string, zone: string): number | Refusal {
  const match = text.length > 100 ? null : LOCAL.exec(text.trim());
  if (!match) return refusal('BAD_TIME', `no local time: '${text.slice(0, 40)}'`);
  const wall = wallTime(match, text);
  return isRefusal(wall) ? wall : wallIn(zone, wall);
}

function wallIn(zone: string, wall: number): number {
  // Twice, because the first guess may stand on the other side of a change of summer time.
  const guess = wall - zoneOffset(zone, wall);
  return wall - zoneOffset(zone, guess);
}

function wallTime(match: RegExpExecArray, text: string): number | Refusal {
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [number, number, number, number, number];
  const fraction = match[7];
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1_000);
  return realTime([year, month, day, hour, minute, Number(match[6] ?? 0), ms], text);
}

function realTime([year, month, day, hour, minute, second, ms]: WallFields, text: string): number | Refusal {
  // Date.UTC would roll 30 February over into March.
  const real = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const rolled = day > 28 && new Date(wall).getUTCDate() !== day;
  return real && !rolled ? wall : refusal('BAD_TIME', `no such time: '${text.slice(0, 40)}'`);
}

function offsetMs(text: string): number {
  if (text === 'Z' || text === 'z') return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(':', '');
  return sign * (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5))) * 60_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

function zoneFormat(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Offset of a zone in milliseconds. Zones change on quarter hours, so one answer a quarter is kept. */
function zoneOffset(zone: string, at: number): number {
  const quarter = Math.floor(at / 900_000);
  const key = `${zone}@${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const start = quarter * 900_000;
  const parts: Record<string, number> = {};
  for (const { type, value } of zoneFormat(zone).formatToParts(start)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - start;
  if (offsets.size > 2_000) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

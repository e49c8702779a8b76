import { types } from 'pg';

/**
 * How PostgreSQL values arrive in JavaScript, the same on both engines:
 *
 * | PostgreSQL | JavaScript |
 * |---|---|
 * | int8 | number, bigint beyond ±2^53 |
 * | numeric, float | number |
 * | timestamptz | epoch milliseconds as a number with microsecond fraction; ±Infinity |
 * | date, interval, timestamp | text as PostgreSQL writes it |
 * | bytea | Buffer |
 * | json, jsonb | parsed |
 * | arrays of these | arrays |
 */
export const pgTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS.get(oid)) || types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

const asText = (text: string) => text;

function parseInt8(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** `2026-11-23 03:03:08.123456+00` → epoch milliseconds. Sessions run in UTC with ISO dates; other forms go the slow way. */
export function parseTimestamptz(text: string): number {
  // A page of a list holds hundreds of these: digits are read where they stand, without a match and its strings.
  if (text.length < 22 || text.charAt(4) !== '-' || !text.endsWith('+00')) return parseRareTimestamptz(text);
  const seconds = Date.UTC(
    digits(text, 0, 4),
    digits(text, 5, 7) - 1,
    digits(text, 8, 10),
    digits(text, 11, 13),
    digits(text, 14, 16),
    digits(text, 17, 19),
  );
  const end = text.length - 3;
  // Date.UTC takes the years 0 to 99 for those of the twentieth century.
  if (Number.isNaN(seconds) || text.startsWith('00')) return parseRareTimestamptz(text);
  return end === 19 ? seconds : seconds + (digits(text, 20, end) * 10 ** (26 - end)) / 1000;
}

/** NaN when there is something else than digits. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function parseRareTimestamptz(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  const match = /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00( BC)?$/.exec(text);
  if (!match) return Date.parse(text);
  const year = match[8] ? 1 - Number(match[1]) : Number(match[1]);
  const whole = new Date(0);
  whole.setUTCFullYear(year, Number(match[2]) - 1, Number(match[3]));
  whole.setUTCHours(Number(match[4]), Number(match[5]), Number(match[6]));
  return whole.getTime() + (match[7] ? Number(match[7].padEnd(6, '0')) / 1000 : 0);
}

const OID = {
  bytea: 17,
  int8: 20,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  timestamptzArray: 1185,
  interval: 1186,
  int8Array: 1016,
  dateArray: 1182,
  numeric: 1700,
  numericArray: 1231,
  textArray: 1009,
} as const;

// The declared ids name no array types.
const parseTextArray = types.getTypeParser(OID.textArray as number as 16, 'text') as unknown as (
  text: string,
) => (string | null)[];

function arrayOf<T>(parse: (text: string) => T): (text: string) => (T | null)[] {
  return (text) => parseTextArray(text).map((item) => (item === null ? null : parse(item)));
}

const PARSERS = new Map<number, (text: string) => unknown>([
  [OID.int8, parseInt8],
  [OID.int8Array, arrayOf(parseInt8)],
  [OID.numeric, Number],
  [OID.numericArray, arrayOf(Number)],
  [OID.timestamptz, parseTimestamptz],
  [OID.timestamptzArray, arrayOf(parseTimestamptz)],
  [OID.timestamp, asText],
  [OID.date, asText],
  [OID.dateArray, arrayOf(asText)],
  [OID.interval, asText],
]);

import { GatewayError } from '../errors.ts';

/** How times and durations cross the API: ISO 8601 with the offset of `CGW_TZ` out, ISO or epoch milliseconds in. */
export interface Times {
  /** Epoch milliseconds → `2026-11-23T08:00:00.000+08:00`. */
  iso(epochMs: number): string;
  /** ISO 8601 with offset, or epoch milliseconds as number or digits; `path` names the field in the refusal. */
  parse(value: string | number, path: string): number;
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
/** ±8.64e15 is the range of a Date. */
const MAX_TIME = 8.64e15;

export function createTimes(timeZone: string): Times {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, timeZoneName: 'longOffset', hourCycle: 'h23' });
  // Offsets change on full quarter hours at most, so one Intl call serves each of them.
  const offsets = new Map<number, number>();

  const offsetMinutes = (epochMs: number): number => {
    const quarter = Math.floor(epochMs / 900_000);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const name = format.formatToParts(epochMs).find((p) => p.type === 'timeZoneName')?.value ?? 'GMT';
    const match = /GMT([+-])(\d{2}):(\d{2})/.exec(name);
    const minutes = match ? (Number(match[2]) * 60 + Number(match[3])) * (match[1] === '-' ? -1 : 1) : 0;
    if (offsets.size > 10_000) offsets.clear();
    offsets.set(quarter, minutes);
    return minutes;
  };

  return {
    iso(epochMs) {
      const minutes = offsetMinutes(epochMs);
      const local = new Date(epochMs + minutes * 60_000).toISOString().slice(0, -1);
      const abs = Math.abs(minutes);
      const pad = (n: number) => String(n).padStart(2, '0');
      return `${local}${minutes < 0 ? '-' : '+'}${pad(Math.floor(abs / 60))}:${pad(abs % 60)}`;
    },
    parse(value, path) {
      const ms = typeof value === 'number' || /^\d{1,16}$/.test(value) ? Number(value) : parseIso(value);
      if (Number.isFinite(ms) && Math.abs(ms) <= MAX_TIME) return ms;
      const message =
        '须为带时区的 ISO 8601 时间（如 2026-11-23T08:00:00+08:00）或毫秒时间戳 / Use ISO 8601 with an offset or epoch milliseconds';
      throw new GatewayError('INVALID_INPUT', message, { errors: [{ path, code: 'time', message }] });
    },
  };
}

function parseIso(value: string): number {
  return ISO.test(value) ? Date.parse(value) : Number.NaN;
}

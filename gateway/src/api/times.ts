import { createZonedTime } from '../domain/zoned-time.ts';
import { GatewayError } from '../errors.ts';

/** How times and durations cross the API: ISO 8601 with the offset of `CGW_TZ` out, ISO or epoch milliseconds in. */
export interface Times {
  /** IANA name of `CGW_TZ`. */
  readonly timeZone: string;
  /** Epoch milliseconds → `2026-11-23T08:00:00.000+08:00`. */
  iso(epochMs: number): string;
  /** ISO 8601 with offset, or epoch milliseconds as number or digits; `path` names the field in the refusal. */
  parse(value: string | number, path: string): number;
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
/** ±8.64e15 is the range of a Date. */
const MAX_TIME = 8.64e15;

export function createTimes(timeZone: string): Times {
  return {
    timeZone,
    iso: createZonedTime(timeZone),
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

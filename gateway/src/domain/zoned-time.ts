/** Epoch milliseconds → `2026-11-23T08:00:00.000+08:00` in an IANA time zone. */
export function createZonedTime(timeZone: string): (epochMs: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, timeZoneName: 'longOffset', hourCycle: 'h23' });
  // Offsets change on full quarter hours at most, so one Intl call serves each of them.
  const offsets = new Map<number, { readonly ms: number; readonly text: string }>();

  const offsetOf = (epochMs: number) => {
    const quarter = Math.floor(epochMs / 900_000);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const name = format.formatToParts(epochMs).find((p) => p.type === 'timeZoneName')?.value ?? 'GMT';
    const [, sign = '+', hours = '00', minutes = '00'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
    const ms = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
    const offset = { ms, text: `${sign}${hours}:${minutes}` };
    if (offsets.size > 10_000) offsets.clear();
    offsets.set(quarter, offset);
    return offset;
  };

  // A list has hundreds of times, and few days.
  const dates = new Map<number, string>();
  const dateOf = (day: number): string => {
    const known = dates.get(day);
    if (known !== undefined) return known;
    const text = new Date(day * DAY_MS).toISOString();
    const date = text.slice(0, text.indexOf('T') + 1);
    if (dates.size > 10_000) dates.clear();
    dates.set(day, date);
    return date;
  };

  return (epochMs) => {
    const offset = offsetOf(epochMs);
    const local = Math.trunc(epochMs + offset.ms);
    const day = Math.floor(local / DAY_MS);
    const ms = local - day * DAY_MS;
    const seconds = Math.floor(ms / 1_000);
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    const rest = ms - seconds * 1_000;
    const thousandths = rest < 100 ? `0${two(rest)}` : rest;
    return `${dateOf(day)}${two(hours)}:${two(minutes - hours * 60)}:${two(seconds - minutes * 60)}.${thousandths}${offset.text}`;
  };
}

const DAY_MS = 86_400_000;
const TWO = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));
/** A whole number below 100 in two digits. */
const two = (n: number): string => TWO[n] ?? '';

/**
 * Milliseconds after midnight UTC at which days begin in a time zone, as its clocks stand now; 0 where that is no whole
 * hour.
 */
export function dayStartOf(timeZone: string, now: number): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(createZonedTime(timeZone)(now)) ?? [];
  if (minutes !== '00') return 0;
  return ((24 - Number(`${sign}${hours}`)) % 24) * 3_600_000;
}

/** Epoch milliseconds → `2026-11-23T08:00:00.000+08:00` in an IANA time zone. */
export function createZonedTime(timeZone: string): (epochMs: number) => string {
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

  return (epochMs) => {
    const minutes = offsetMinutes(epochMs);
    const local = new Date(epochMs + minutes * 60_000).toISOString().slice(0, -1);
    const abs = Math.abs(minutes);
    const pad = (n: number) => String(n).padStart(2, '0');
    return `${local}${minutes < 0 ? '-' : '+'}${pad(Math.floor(abs / 60))}:${pad(abs % 60)}`;
  };
}

/**
 * Milliseconds after midnight UTC at which days begin in a time zone, as its clocks stand now; 0 where that is no whole
 * hour.
 */
export function dayStartOf(timeZone: string, now: number): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(createZonedTime(timeZone)(now)) ?? [];
  if (minutes !== '00') return 0;
  return ((24 - Number(`${sign}${hours}`)) % 24) * 3_600_000;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Wall time of a zone (IANA name) as if it were UTC, in epoch milliseconds. */
function wallOf(zone: string, at: number): number {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en', {
      ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    clocks.set(zone, clock);
  }
  const part = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** How far a zone is ahead of UTC at that moment, in milliseconds: not the same in summer and in winter everywhere. */
export const offsetAt = (zone: string, at: number): number => wallOf(zone, at) - Math.floor(at / 1_000) * 1_000;

/** This moment in the zone: `2026-11-23 08:00:05`. `now` in epoch milliseconds. */
export const nowIn = (zone: string, now = Date.now()): string =>
  new Date(wallOf(zone, now)).toISOString().slice(0, 19).replace('T', ' ');

import dayjs, { type Dayjs } from 'dayjs';
import { nowIn, offsetAt } from './live/zone-clock.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A moment (epoch milliseconds or as the gateway wrote it) on the clock of the configured zone, for a date picker. */
export const zonedAt = (at: number | string, zone: string): Dayjs =>
  dayjs(nowIn(zone, typeof at === 'string' ? Date.parse(at) : at).replace(' ', 'T'));

export const zonedNow = (zone: string): Dayjs => zonedAt(Date.now(), zone);

/** What was picked is wall time of the configured zone, wherever the browser stands. */
export function zonedIso(picked: Dayjs, zone: string): string {
  const wall = picked.format('YYYY-MM-DDTHH:mm:ss');
  const at = Date.parse(`${wall}Z`);
  const before = offsetAt(zone, at - DAY_MS);
  const after = offsetAt(zone, at + DAY_MS);
  // An hour that comes twice is its first one; one that is left out is an hour later, as a clock put forward says.
  const fits = [before, after].find((offset) => offsetAt(zone, at - offset) === offset);
  return `${wall}${signed((fits ?? before) / MINUTE_MS)}`;
}

/** The same in epoch milliseconds. */
export const zonedMs = (picked: Dayjs, zone: string): number => Date.parse(zonedIso(picked, zone));

function signed(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const ahead = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}

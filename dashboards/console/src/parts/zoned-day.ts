import dayjs, { type Dayjs } from 'dayjs';
import { nowLike } from './live/zone-clock.ts';

/** A moment (epoch milliseconds or as the gateway wrote it) on the clock of the configured zone, for a date picker; `like` is a time the gateway wrote. */
export const zonedAt = (at: number | string, like: string): Dayjs =>
  dayjs(nowLike(like, typeof at === 'string' ? Date.parse(at) : at).replace(' ', 'T'));

export const zonedNow = (like: string): Dayjs => zonedAt(Date.now(), like);

/** What was picked is wall time of the configured zone, wherever the browser stands. */
export function zonedIso(picked: Dayjs, like: string): string {
  const offset = /(Z|[+-]\d\d:\d\d)$/.exec(like)?.[1] ?? 'Z';
  return `${picked.format('YYYY-MM-DDTHH:mm:ss')}${offset}`;
}

/** The same in epoch milliseconds. */
export const zonedMs = (picked: Dayjs, like: string): number => Date.parse(zonedIso(picked, like));

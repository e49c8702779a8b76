import dayjs, { type Dayjs } from 'dayjs';
import { nowLike } from './live/zone-clock.ts';

/** Now on the clock of the configured zone, for a date picker; `like` is a time the gateway wrote. */
export const zonedNow = (like: string): Dayjs => dayjs(nowLike(like).replace(' ', 'T'));

/** What was picked is wall time of the configured zone, wherever the browser stands. */
export function zonedIso(picked: Dayjs, like: string): string {
  const offset = /(Z|[+-]\d\d:\d\d)$/.exec(like)?.[1] ?? 'Z';
  return `${picked.format('YYYY-MM-DDTHH:mm:ss')}${offset}`;
}

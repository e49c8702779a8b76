import type { Clock } from '../../../../adapters/adapter.ts';
import { createZone } from '../../domain/working-time.ts';
import type { Calendar } from './ports.ts';

const DAY_MS = 86_400_000;

/** Asked for every message of a vendor, so the text of the day is made once a day. */
export function createCalendar(clock: Clock, timeZone: string): Calendar {
  const zone = createZone(timeZone);
  let known = { day: Number.NaN, text: '' };
  return {
    today() {
      const day = zone.day(clock.now());
      if (day !== known.day) known = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 10) };
      return known.text;
    },
  };
}

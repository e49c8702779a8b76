import { expect, it } from 'vitest';
import type { Answer } from '../../api/client.ts';
import { beginsOn, clockOf, minuteOf, monthOf, weekOf } from './roster-week.ts';

const shift = (more: Partial<Answer<'Shift'>>): Answer<'Shift'> => ({
  id: 's',
  orgId: 'o',
  module: null,
  userId: 'u',
  days: [1, 2, 3, 4, 5, 6, 7],
  fromMinute: 0,
  toMinute: 1440,
  validFrom: null,
  validTo: null,
  on: 'always',
  position: 0,
  ...more,
});
const WORKING = [1, 2, 3, 4, 5];

it('begins a week on Monday, over the end of a year too', () => {
  expect(weekOf('2026-11-29')).toEqual(weekOf('2026-11-23'));
  expect(weekOf('2026-12-30', 1)[0]).toBe('2027-01-04');
});

it('knows working days, make-up days and holidays apart', () => {
  const holiday = { date: '2026-10-01', kind: 'holiday', name: null } as const;
  const makeUp = { date: '2026-10-10', kind: 'workday', name: null } as const;
  expect(beginsOn(shift({ on: 'workdays' }), '2026-10-01', holiday, WORKING)).toBe(false);
  expect(beginsOn(shift({ on: 'workdays' }), '2026-10-10', makeUp, WORKING)).toBe(true);
  expect(beginsOn(shift({ on: 'restDays' }), '2026-10-11', undefined, WORKING)).toBe(true);
  expect(beginsOn(shift({ on: 'holidays' }), '2026-10-11', undefined, WORKING)).toBe(false);
  expect(beginsOn(shift({ on: 'makeUpDays' }), '2026-10-10', makeUp, WORKING)).toBe(true);
  expect(beginsOn(shift({ days: [1] }), '2026-10-12', undefined, WORKING)).toBe(true);
  expect(beginsOn(shift({ validTo: '2026-10-11' }), '2026-10-12', undefined, WORKING)).toBe(false);
});

it('reads and writes times of a day, midnight at its end among them', () => {
  expect([minuteOf('08:30'), minuteOf('8：05'), minuteOf('24:00')]).toEqual([510, 485, 1440]);
  expect([minuteOf('24:01'), minuteOf('08:75'), minuteOf('noon')]).toEqual([null, null, null]);
  expect([clockOf(510), clockOf(1440)]).toEqual(['08:30', '24:00']);
});

it('lays out a month from Monday', () => {
  const days = monthOf(2026, 11);
  expect(days.slice(0, 7)).toEqual([null, null, null, null, null, null, '2026-11-01']);
  expect(days.at(-1)).toBe('2026-11-30');
});

import { describe, expect, test } from 'vitest';
import { createDayKinds, datesOf, missingYear, parseCalendar, SHIPPED_CALENDAR } from './calendar.ts';
import type { Absence, Shift } from './duty-rows.ts';
import { createRoster } from './roster.ts';
import { DEFAULT_WORKING_HOURS } from './working-time.ts';

const at = (text: string) => Date.parse(`2026-${text.replace(' ', 'T')}:00+08:00`);
const hours = { ...DEFAULT_WORKING_HOURS, ...datesOf(SHIPPED_CALENDAR) };
const shift = (userId: string, more: Partial<Shift> = {}): Shift => ({
  orgId: 'unit',
  module: null,
  userId,
  days: [1, 2, 3, 4, 5, 6, 7],
  fromMinute: 0,
  toMinute: 1_440,
  validFrom: null,
  validTo: null,
  ...more,
});
const away = (userId: string, from: string, to: string, substituteId: string | null = null): Absence => ({
  id: `${userId}-${from}`,
  userId,
  from: at(from),
  to: at(to),
  substituteId,
  reason: null,
});
const gone = new Set(['left']);
const roster = (shifts: readonly Shift[], absences: readonly Absence[] = []) =>
  createRoster({ shifts, absences, active: (id) => !gone.has(id), hours });
const day = { fromMinute: 480, toMinute: 1_200 };
const night = { fromMinute: 1_200, toMinute: 480 };

describe('who is on duty', () => {
  // 2026-10-01 (Thursday) is a holiday, 10-10 a Saturday that works, 10-17 an ordinary Saturday.
  const all = [
    shift('weekday', { on: 'workdays' }),
    shift('weekend', { on: 'restDays' }),
    shift('feast', { on: 'holidays' }),
    shift('madeUp', { on: 'makeUpDays' }),
  ];
  test.each<[string, string, readonly Shift[], string | undefined]>([
    ['a working day', '10-08 10:00', all, 'weekday'],
    ['a weekend', '10-17 10:00', all, 'weekend'],
    ['a holiday: its own shift before the rest days', '10-01 10:00', all, 'feast'],
    ['a holiday without its own shift', '10-01 10:00', all.slice(0, 2), 'weekend'],
    ['a make-up day: its own shift before the working days', '10-10 10:00', all, 'madeUp'],
    ['a make-up day without its own shift', '10-10 10:00', all.slice(0, 2), 'weekday'],
    ['week days alone ignore the calendar', '10-01 10:00', [shift('li', { days: [4] })], 'li'],
    [
      'the module beats every module',
      '10-08 10:00',
      [shift('any'), shift('garbage', { module: 'garbage' })],
      'garbage',
    ],
    ['another module', '10-08 10:00', [shift('video', { module: 'video' })], undefined],
    ['over midnight', '10-09 03:00', [shift('owl', { ...night, days: [4] })], 'owl'],
    [
      'over midnight into a holiday: the shift of the evening',
      '10-01 03:00',
      [shift('owl', { ...night, on: 'workdays' })],
      'owl',
    ],
    ['the evening of a holiday', '10-01 21:00', [shift('owl', { ...night, on: 'workdays' })], undefined],
    ['not yet valid', '10-08 10:00', [shift('li', { validFrom: '2026-10-09' })], undefined],
    ['a disabled person is passed over', '10-08 10:00', [shift('left'), shift('next')], 'next'],
  ])('%s', (_name, time, shifts, expected) => {
    expect(roster(shifts).onDuty('unit', 'garbage', at(time))?.userId).toBe(expected);
  });

  const span = ['10-08 00:00', '10-10 00:00'] as const;
  test.each<[string, readonly Absence[], string | undefined]>([
    ['the substitute', [away('li', ...span, 'wu')], 'wu'],
    ['the substitute of the substitute', [away('li', ...span, 'wu'), away('wu', ...span, 'sun')], 'sun'],
    ['nobody stands in: the next of the roster', [away('li', ...span)], 'zhou'],
    ['a circle ends', [away('li', ...span, 'wu'), away('wu', ...span, 'li')], 'zhou'],
    ['a disabled substitute', [away('li', ...span, 'left')], 'zhou'],
    ['not any more', [away('li', '10-07 00:00', '10-08 10:00', 'wu')], 'li'],
    [
      'at most three times over',
      [away('li', ...span, 'a'), away('a', ...span, 'b'), away('b', ...span, 'c'), away('c', ...span, 'd')],
      'zhou',
    ],
  ])('away: %s', (_name, absences, expected) => {
    const found = roster([shift('li'), shift('zhou')], absences).onDuty('unit', null, at('10-08 10:00'));
    expect(found?.userId).toBe(expected);
    expect(found?.why).toBe(expected === 'li' || expected === 'zhou' ? 'shift' : 'substitute');
  });

  test('gaps name the times nobody is there', () => {
    const weekdays = [shift('li', { ...day, on: 'workdays' }), shift('wu', { fromMinute: 1_200, toMinute: 120 })];
    const gaps = roster(weekdays, [away('li', '10-08 14:00', '10-08 16:00')]).gaps(
      'unit',
      null,
      at('10-08 00:00'),
      at('10-09 08:00'),
    );
    expect(gaps).toEqual([
      { from: at('10-08 02:00'), to: at('10-08 08:00') },
      { from: at('10-08 14:00'), to: at('10-08 16:00') },
      { from: at('10-09 02:00'), to: at('10-09 08:00') },
    ]);
    expect(roster([]).gaps('unit', null, 0, 10)).toEqual([{ from: 0, to: 10 }]);
  });
});

describe('the calendar', () => {
  test('shipped days fit their week days', () => {
    const kind = createDayKinds(hours);
    const of = (date: string) => kind(Date.parse(date) / 86_400_000);
    for (const { date, kind: what } of SHIPPED_CALENDAR)
      expect([date, of(date)]).toEqual([date, what === 'holiday' ? 'holiday' : 'makeUp']);
    expect(of('2026-02-24')).toBe('workday');
    const count = (year: string, what: string) =>
      SHIPPED_CALENDAR.filter((one) => one.date.startsWith(year) && one.kind === what).length;
    expect([count('2025', 'holiday'), count('2025', 'workday')]).toEqual([28, 5]);
    expect([count('2026', 'holiday'), count('2026', 'workday')]).toEqual([33, 6]);
  });
  test('a file in Chinese or English', () => {
    const day = { date: '2027-01-01', kind: 'holiday', name: '元旦' };
    expect(parseCalendar('\uFEFF日期,类型,名称\r\n2027/1/1,放假,元旦\r\n').days).toEqual([day]);
    expect(parseCalendar('date,kind\n2027-01-02,workday').days).toEqual([
      { date: '2027-01-02', kind: 'workday', name: null },
    ]);
  });
  test('every wrong line is named and nothing is taken', () => {
    const read = parseCalendar(
      '日期,类型,名称\n2027-02-30,放假,\n2027-01-01,放假,元旦\n2027-01-02,半天,\n2027-01-01,上班,',
    );
    expect(read.days).toEqual([]);
    expect(read.wrong.map(({ line, field }) => [line, field])).toEqual([
      [2, 'date'],
      [4, 'kind'],
      [5, 'repeated'],
    ]);
    expect(parseCalendar('a,b\n1,2').wrong[0]?.field).toBe('header');
  });
});

test('a year without holidays is told of when it runs, and from December on before it begins', () => {
  expect(missingYear(SHIPPED_CALENDAR, '2026-11-30')).toBeNull();
  expect(missingYear(SHIPPED_CALENDAR, '2026-12-01')).toBe(2027);
  expect(missingYear(SHIPPED_CALENDAR, '2027-03-01')).toBe(2027);
  expect(missingYear([...SHIPPED_CALENDAR, { date: '2027-01-02', kind: 'workday', name: null }], '2026-12-31')).toBe(
    2027,
  );
  expect(
    missingYear([...SHIPPED_CALENDAR, { date: '2027-01-01', kind: 'holiday', name: '元旦' }], '2026-12-31'),
  ).toBeNull();
});

test('what is shipped is what the notices for 2025 and 2026 announced', () => {
  const of = (year: string, kind: string) =>
    SHIPPED_CALENDAR.filter((day) => day.kind === kind && day.date.startsWith(year)).map(({ date }) => date.slice(5));
  // 国办发明电〔2024〕12号; its holidays: 1 + 8 + 3 + 5 + 3 + 8 days.
  expect(of('2025', 'workday')).toEqual(['01-26', '02-08', '04-27', '09-28', '10-11']);
  expect(of('2025', 'holiday')).toHaveLength(28);
  // 国办发明电〔2025〕7号: 3 + 9 + 3 + 5 + 3 + 3 + 7 days.
  expect(of('2026', 'workday')).toEqual(['01-04', '02-14', '02-28', '05-09', '09-20', '10-10']);
  expect(of('2026', 'holiday')).toHaveLength(33);
  // A make-up day is a Saturday or Sunday, or it would make up nothing.
  for (const { date, kind } of SHIPPED_CALENDAR)
    if (kind === 'workday') expect([0, 6]).toContain(new Date(`${date}T00:00:00Z`).getUTCDay());
});

import { describe, expect, it } from 'vitest';
import { createReportCalendar, periodBefore, runningEnds } from '../domain/report-period.ts';
import { dueReports } from './due.ts';
import { percentNumber } from './words.ts';

const calendar = createReportCalendar('Asia/Shanghai');
const at = (text: string) => Date.parse(`${text}+08:00`);
const settings = { dailyAt: '08:30', biweeklyFrom: '2026-01-05', monthlyDay: 1 };
const due = (time: string, more: Partial<typeof settings> = {}) =>
  dueReports(at(time), calendar, { ...settings, ...more }).map(
    ({ kind, period, last }) => `${kind} ${calendar.text(period)}..${calendar.text(last)}`,
  );

describe('reports are due', () => {
  it.each([
    ['2026-11-18T08:29:59', []],
    ['2026-11-18T08:30:00', ['daily 2026-11-18..2026-11-18']],
    ['2026-11-18T23:59:59', ['daily 2026-11-18..2026-11-18']],
    // 2026-11-23 is the 23rd fortnight after the first Monday of the year.
    ['2026-11-23T08:30:00', ['daily 2026-11-23..2026-11-23', 'biweekly 2026-11-09..2026-11-22']],
    ['2026-11-29T09:00:00', ['daily 2026-11-29..2026-11-29', 'biweekly 2026-11-09..2026-11-22']],
    ['2026-11-30T09:00:00', ['daily 2026-11-30..2026-11-30']],
    ['2026-12-01T08:29:00', []],
    ['2026-12-01T08:30:00', ['daily 2026-12-01..2026-12-01', 'monthly 2026-11-01..2026-11-30']],
    [
      '2026-12-07T08:30:00',
      ['daily 2026-12-07..2026-12-07', 'biweekly 2026-11-23..2026-12-06', 'monthly 2026-11-01..2026-11-30'],
    ],
    ['2026-12-08T00:10:00', ['biweekly 2026-11-23..2026-12-06']],
    ['2027-01-01T08:30:00', ['daily 2027-01-01..2027-01-01', 'monthly 2026-12-01..2026-12-31']],
  ])('at %s: %j', (time, expected) => {
    expect(due(time)).toEqual(expected);
  });

  it('not at all where they are switched off', () => {
    expect(due('2026-12-07T09:00:00', { dailyAt: 'off', biweeklyFrom: 'off', monthlyDay: 0 })).toEqual([]);
    expect(due('2026-12-07T09:00:00', { biweeklyFrom: 'off', monthlyDay: 0 })).toEqual([
      'daily 2026-12-07..2026-12-07',
    ]);
  });
});

describe('periods', () => {
  const day = (text: string) => calendar.parse(text) ?? Number.NaN;
  const range = (first: string, last: string) => ({ first: day(first), last: day(last) });

  it('are compared with as many days before, whole months with whole months', () => {
    expect(periodBefore(range('2026-11-09', '2026-11-22'))).toEqual(range('2026-10-26', '2026-11-08'));
    expect(periodBefore(range('2026-03-01', '2026-03-31'))).toEqual(range('2026-02-01', '2026-02-28'));
  });

  it('are read from the ends of their months', () => {
    expect(runningEnds(range('2026-11-01', '2026-11-30'))).toEqual({ plus: [day('2026-11-30')], minus: [] });
    expect(runningEnds(range('2026-10-25', '2026-12-03'))).toEqual({
      plus: [day('2026-10-31'), day('2026-11-30'), day('2026-12-03')],
      minus: [day('2026-10-24')],
    });
  });

  it('take dates only as they are written on a calendar', () => {
    expect(['2026-02-30', '2026-2-3', '26-01-01', '2026-13-01', 'x'].map(calendar.parse)).toEqual(
      Array(5).fill(undefined),
    );
    expect(calendar.start(day('2026-11-23'))).toBe(at('2026-11-23T00:00:00'));
    expect(calendar.dayOf(at('2026-11-22T23:59:59.999'))).toBe(day('2026-11-22'));
  });
});

it('a rate below one is never shown as 100 %', () => {
  expect([1, 0.999999, 0.98765, 0].map(percentNumber)).toEqual([100, 99.99, 98.77, 0]);
});

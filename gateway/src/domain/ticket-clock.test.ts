import { describe, expect, test } from 'vitest';
import type { TicketPriority, TicketStage } from './ticket.ts';
import { DEFAULT_CLOCKS, deadline } from './ticket-clock.ts';
import { createWorkingTime, createZone, DEFAULT_WORKING_HOURS } from './working-time.ts';

/** Shanghai time; 2026-11-23 is a Monday. */
const at = (text: string) => Date.parse(`2026-${text.replace(' ', 'T')}:00+08:00`);
const MIN = 60_000;
const HOUR = 60 * MIN;
const working = createWorkingTime(DEFAULT_WORKING_HOURS);

describe('working time', () => {
  test.each([
    ['within a day', '11-23 09:00', '11-23 11:30', 2.5],
    ['over night', '11-23 16:30', '11-24 09:30', 2],
    ['over the weekend', '11-27 16:30', '11-30 09:30', 2],
    ['on a Sunday', '11-29 09:00', '11-29 17:00', 0],
    ['a whole week', '11-23 00:00', '11-30 00:00', 45],
    ['backwards', '11-23 12:00', '11-23 10:00', 0],
  ])('%s', (_name, from, to, hours) => {
    expect(working.between(at(from), at(to)) / HOUR).toBe(hours);
  });
  test.each([
    ['within a day', '11-23 09:00', 2, '11-23 11:00'],
    ['before work', '11-23 03:00', 2, '11-23 10:30'],
    ['until the very end', '11-23 15:30', 2, '11-23 17:30'],
    ['over the weekend', '11-27 16:30', 2, '11-30 09:30'],
    ['on a Saturday', '11-28 12:00', 2, '11-30 10:30'],
  ])('after: %s', (_name, from, hours, expected) => {
    expect(working.after(at(from), hours * HOUR)).toBe(at(expected));
  });
  test('holidays and 调休 days', () => {
    const golden = createWorkingTime({
      ...DEFAULT_WORKING_HOURS,
      holidays: ['2026-10-01', '2026-10-02'],
      extraDays: ['2026-10-10'],
    });
    expect(golden.after(at('09-30 16:30'), 2 * HOUR)).toBe(at('10-05 09:30'));
    expect(golden.between(at('10-10 00:00'), at('10-11 00:00'))).toBe(9 * HOUR);
  });
  test('a calendar without working days has no deadline', () => {
    expect(createWorkingTime({ ...DEFAULT_WORKING_HOURS, days: [] }).after(at('11-23 09:00'), HOUR)).toBe(null);
  });
  test.each([
    [{ from: '17:30', to: '08:30' }, '`from`'],
    [{ from: '8.30' }, '`from`'],
    [{ days: [0] }, '`days`'],
    [{ zone: 'Asia/Nowhere' }, 'Asia/Nowhere'],
  ])('%j is refused', (wrong, message) => {
    expect(() => createWorkingTime({ ...DEFAULT_WORKING_HOURS, ...wrong })).toThrow(message);
  });
  test('a zone that changes its clocks keeps local hours', () => {
    const zone = createZone('Europe/Berlin');
    const day = zone.day(Date.parse('2026-03-29T12:00:00Z'));
    expect(new Date(zone.instant(day, 60)).toISOString()).toBe('2026-03-29T00:00:00.000Z');
    expect(new Date(zone.instant(day, 8 * 60)).toISOString()).toBe('2026-03-29T06:00:00.000Z');
    expect(zone.minute(Date.parse('2026-03-29T06:00:00Z'))).toBe(480);
  });
});

describe('deadlines from the log', () => {
  type Step = [TicketStage, string];
  const read = (priority: TicketPriority, now: string, ...steps: Step[]) => {
    const log = steps.map(([to, time], index) => ({ from: steps[index - 1]?.[0] ?? null, to, at: at(time) }));
    const { dueAt, overdueSeconds } = deadline(log, priority, at(now), DEFAULT_CLOCKS, working);
    return [dueAt, overdueSeconds / 60];
  };

  test.each<[string, TicketPriority, string, Step[], string | null, number]>([
    ['accept, normal, working time', 'normal', '11-23 17:00', [['dispatched', '11-23 16:30']], '11-24 09:30', 0],
    ['accept, critical, day and night', 'critical', '11-23 23:05', [['dispatched', '11-23 23:00']], '11-23 23:10', 0],
    ['accept, urgent', 'urgent', '11-23 09:10', [['dispatched', '11-23 09:00']], '11-23 09:30', 0],
    ['overdue counts working minutes', 'normal', '11-24 08:40', [['dispatched', '11-23 15:00']], '11-23 17:00', 40],
    [
      'handle 8 h',
      'urgent',
      '11-23 10:00',
      [
        ['dispatched', '11-23 09:00'],
        ['handling', '11-23 09:20'],
      ],
      '11-23 17:20',
      0,
    ],
    [
      'verify 2 h, critical',
      'critical',
      '11-23 20:00',
      [
        ['handling', '11-23 18:00'],
        ['verifying', '11-23 19:00'],
      ],
      '11-23 21:00',
      0,
    ],
    [
      'no clock in 立案',
      'normal',
      '11-23 10:00',
      [
        ['discovered', '11-23 09:00'],
        ['filed', '11-23 09:00'],
      ],
      null,
      0,
    ],
    [
      'no clock after the end',
      'normal',
      '11-25 10:00',
      [
        ['verifying', '11-23 09:00'],
        ['closed', '11-23 09:30'],
      ],
      null,
      0,
    ],
    [
      'suspended: paused',
      'critical',
      '11-25 10:00',
      [
        ['dispatched', '11-23 09:00'],
        ['handling', '11-23 09:05'],
        ['suspended', '11-23 10:05'],
      ],
      null,
      0,
    ],
    [
      'resumed: goes on where it stood',
      'critical',
      '11-25 10:10',
      [
        ['dispatched', '11-23 09:00'],
        ['handling', '11-23 09:05'],
        ['suspended', '11-23 10:05'],
        ['handling', '11-25 10:00'],
      ],
      '11-25 11:00',
      0,
    ],
    [
      'resumed before anyone accepted: goes on where it stood',
      'critical',
      '11-23 12:01',
      [
        ['dispatched', '11-23 09:00'],
        ['suspended', '11-23 09:04'],
        ['dispatched', '11-23 12:00'],
      ],
      '11-23 12:06',
      0,
    ],
    [
      'suspended after the deadline: overdue stays as it was',
      'critical',
      '11-25 10:00',
      [
        ['dispatched', '11-23 09:00'],
        ['suspended', '11-23 09:30'],
      ],
      null,
      20,
    ],
    [
      'sent back by verification: the same clock',
      'critical',
      '11-23 12:10',
      [
        ['dispatched', '11-23 09:00'],
        ['handling', '11-23 09:00'],
        ['verifying', '11-23 10:00'],
        ['handling', '11-23 12:00'],
      ],
      '11-23 13:00',
      0,
    ],
    [
      'dispatched again: a new clock',
      'critical',
      '11-23 12:05',
      [
        ['dispatched', '11-23 09:00'],
        ['returned', '11-23 09:20'],
        ['dispatched', '11-23 12:00'],
      ],
      '11-23 12:10',
      0,
    ],
  ])('%s', (_name, priority, now, steps, due, overdue) => {
    expect(read(priority, now, ...steps)).toEqual([due === null ? null : at(due), overdue]);
  });

  test('remarks and warnings do not touch the clock', () => {
    const log = [
      { from: 'filed', to: 'dispatched', at: at('11-23 09:00') },
      { from: 'dispatched', to: 'dispatched', at: at('11-23 09:05') },
    ] as const;
    expect(deadline(log, 'critical', at('11-23 09:06'), DEFAULT_CLOCKS, working).dueAt).toBe(at('11-23 09:10'));
  });
  test('nothing logged, nothing due', () => {
    expect(deadline([], 'normal', 0, DEFAULT_CLOCKS, working)).toEqual({ dueAt: null, overdueSeconds: 0 });
  });
});

import { describe, expect, test } from 'vitest';
import { createStageLimits } from './stage-limits.ts';
import type { TicketPriority, TicketStage } from './ticket.ts';
import { deadline } from './ticket-clock.ts';
import { createWorkingTime, createZone, DEFAULT_WORKING_HOURS } from './working-time.ts';

/** Shanghai time; 2026-11-23 is a Monday. */
const at = (text: string) => Date.parse(`2026-${text.replace(' ', 'T')}:00+08:00`);
const MIN = 60_000;
const HOUR = 60 * MIN;
const working = createWorkingTime(DEFAULT_WORKING_HOURS);
const limits = createStageLimits([], DEFAULT_WORKING_HOURS);
const normal = { module: 'video', priority: 'normal' } as const;

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
    const { dueAt, overdueSeconds } = deadline(log, { module: 'video', priority }, at(now), limits);
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
    expect(deadline(log, { ...normal, priority: 'critical' }, at('11-23 09:06'), limits).dueAt).toBe(at('11-23 09:10'));
  });
  test('nothing logged, nothing due', () => {
    expect(deadline([], normal, 0, limits)).toEqual({ dueAt: null, overdueSeconds: 0 });
  });
});

describe('an extension', () => {
  const line = (from: TicketStage | null, to: TicketStage, time: string) => ({ from, to, at: at(time) });
  const extend = (stage: TicketStage, time: string, until: string) => ({
    ...line(stage, stage, time),
    kind: 'extension',
    values: { until: at(until) },
  });
  const of = (log: Parameters<typeof deadline>[0], now: string) => deadline(log, normal, at(now), limits);
  const accepted = [line('filed', 'dispatched', '11-23 08:30'), line('dispatched', 'handling', '11-23 09:00')];
  const granted = [...accepted, extend('handling', '11-24 09:00', '11-27 20:00')];

  test('moves the deadline to exactly what was granted; late begins there', () => {
    expect(of(accepted, '11-24 10:00').dueAt).toBe(at('11-25 15:00'));
    expect(of(granted, '11-24 10:00')).toEqual({ dueAt: at('11-27 20:00'), overdueSeconds: 0 });
    expect(of(granted, '11-27 21:00').overdueSeconds).toBe(0);
    expect(of(granted, '11-30 09:30')).toEqual({ dueAt: at('11-27 20:00'), overdueSeconds: 3_600 });
  });
  test('of a deadline already missed ends the delay', () => {
    const late = [...accepted, extend('handling', '11-26 09:00', '11-26 12:00')];
    expect(of(late, '11-26 10:00')).toEqual({ dueAt: at('11-26 12:00'), overdueSeconds: 0 });
  });
  test('a suspension after it stops what is left', () => {
    const paused = [
      ...granted,
      line('handling', 'suspended', '11-27 15:30'),
      line('suspended', 'handling', '11-30 08:30'),
    ];
    expect(of(paused, '11-30 09:00').dueAt).toBe(at('11-30 10:30'));
    expect(of(paused, '11-30 11:30').overdueSeconds).toBe(3_600);
  });
  test('a suspension never makes it earlier than what was granted', () => {
    const evening = [
      ...granted,
      line('handling', 'suspended', '11-24 19:00'),
      line('suspended', 'handling', '11-24 20:00'),
    ];
    expect(of(evening, '11-25 09:00').dueAt).toBe(at('11-27 20:00'));
  });
  test('the latest counts; one of another stage or an earlier run does not', () => {
    expect(of([...granted, extend('handling', '11-25 09:00', '11-30 12:00')], '11-25 10:00').dueAt).toBe(
      at('11-30 12:00'),
    );
    expect(of([...accepted, extend('dispatched', '11-23 08:45', '11-27 12:00')], '11-24 10:00').dueAt).toBe(
      at('11-25 15:00'),
    );
    const again = [
      ...granted,
      line('handling', 'returned', '11-24 10:00'),
      line('returned', 'dispatched', '11-24 11:00'),
      line('dispatched', 'handling', '11-24 11:30'),
    ];
    expect(of(again, '11-24 12:00').dueAt).toBe(at('11-26 17:30'));
  });
  test('without a time it changes nothing', () => {
    const broken = { ...extend('handling', '11-24 09:00', '11-27 20:00'), values: {} };
    expect(of([...accepted, broken], '11-24 10:00').dueAt).toBe(at('11-25 15:00'));
  });
});

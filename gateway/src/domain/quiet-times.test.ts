import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastEnd, occurrences, type Repeat, spanOfFault, type Timing } from './quiet-times.ts';
import { createZone } from './working-time.ts';
import { createZonedTime } from './zoned-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function timing(
  zone: string,
  first: string,
  last: string,
  repeats: Repeat | null,
  until?: string,
  ended?: string,
): Timing {
  const at = (text: string) => {
    const [date = '', time = '00:00'] = text.split(' ');
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return createZone(zone).instant(Date.parse(`${date}T00:00:00Z`) / DAY, hour * 60 + minute);
  };
  return {
    startsAt: at(first),
    endsAt: at(last),
    repeats,
    repeatsUntil: until === undefined ? null : at(until),
    endedAt: ended === undefined ? null : at(ended),
  };
}

function seen(zone: string, one: Timing): string[] {
  const local = createZonedTime(zone);
  const text = (at: number) => local(at).slice(0, 16).replace('T', ' ');
  return occurrences(one, one.startsAt - DAY, (one.repeatsUntil ?? one.endsAt) + 2 * DAY, createZone(zone)).map(
    ({ from, to }) => `${text(from)} → ${text(to)}`,
  );
}

const CHINA = 'Asia/Shanghai';
const BERLIN = 'Europe/Berlin';

describe('occurrences by local time', () => {
  it.each([
    ['once', timing(CHINA, '2026-11-23 09:00', '2026-11-23 11:00', null), ['2026-11-23 09:00 → 2026-11-23 11:00']],
    [
      'every day, over midnight',
      timing(CHINA, '2026-12-30 23:00', '2026-12-31 01:00', { every: 'day' }, '2027-01-01 23:00'),
      [
        '2026-12-30 23:00 → 2026-12-31 01:00',
        '2026-12-31 23:00 → 2027-01-01 01:00',
        '2027-01-01 23:00 → 2027-01-02 01:00',
      ],
    ],
    [
      'Tuesdays and Sundays over midnight, the first on a Monday',
      timing(CHINA, '2026-11-23 22:30', '2026-11-24 02:00', { every: 'week', days: [2, 7] }, '2026-12-01 23:00'),
      [
        '2026-11-23 22:30 → 2026-11-24 02:00',
        '2026-11-24 22:30 → 2026-11-25 02:00',
        '2026-11-29 22:30 → 2026-11-30 02:00',
        '2026-12-01 22:30 → 2026-12-02 02:00',
      ],
    ],
    [
      'on the 31st: months without one are left out',
      timing(CHINA, '2027-01-31 08:00', '2027-01-31 09:00', { every: 'month', days: [31] }, '2027-05-31 08:00'),
      [
        '2027-01-31 08:00 → 2027-01-31 09:00',
        '2027-03-31 08:00 → 2027-03-31 09:00',
        '2027-05-31 08:00 → 2027-05-31 09:00',
      ],
    ],
    [
      'on the last day of the month, in a leap year',
      timing(CHINA, '2028-01-31 23:30', '2028-02-01 00:30', { every: 'month', days: [-1] }, '2028-04-30 23:30'),
      [
        '2028-01-31 23:30 → 2028-02-01 00:30',
        '2028-02-29 23:30 → 2028-03-01 00:30',
        '2028-03-31 23:30 → 2028-04-01 00:30',
        '2028-04-30 23:30 → 2028-05-01 00:30',
      ],
    ],
    [
      'on the 29th: February has one in leap years only',
      timing(CHINA, '2027-01-29 01:00', '2027-01-29 02:00', { every: 'month', days: [29] }, '2027-03-29 01:00'),
      ['2027-01-29 01:00 → 2027-01-29 02:00', '2027-03-29 01:00 → 2027-03-29 02:00'],
    ],
    [
      'the last day and the 30th are one occurrence where they fall together',
      timing(CHINA, '2026-11-30 01:00', '2026-11-30 02:00', { every: 'month', days: [30, -1] }, '2026-12-31 01:00'),
      [
        '2026-11-30 01:00 → 2026-11-30 02:00',
        '2026-12-30 01:00 → 2026-12-30 02:00',
        '2026-12-31 01:00 → 2026-12-31 02:00',
      ],
    ],
    [
      'ended early: cut, and nothing after',
      timing(CHINA, '2026-11-23 09:00', '2026-11-23 11:00', { every: 'day' }, '2026-11-30 09:00', '2026-11-24 10:00'),
      ['2026-11-23 09:00 → 2026-11-23 11:00', '2026-11-24 09:00 → 2026-11-24 10:00'],
    ],
    [
      'withdrawn before it began: none',
      timing(CHINA, '2026-11-23 09:00', '2026-11-23 11:00', { every: 'day' }, '2026-11-30 09:00', '2026-11-22 10:00'),
      [],
    ],
    [
      'the night the clocks go forward is an hour shorter, local times stay',
      timing(BERLIN, '2026-03-28 01:00', '2026-03-28 05:00', { every: 'day' }, '2026-03-30 01:00'),
      [
        '2026-03-28 01:00 → 2026-03-28 05:00',
        '2026-03-29 01:00 → 2026-03-29 05:00',
        '2026-03-30 01:00 → 2026-03-30 05:00',
      ],
    ],
  ])('%s', (_name, one, wanted) => {
    expect(seen(_name.includes('clocks') ? BERLIN : CHINA, one)).toEqual(wanted);
  });

  it('is really an hour shorter, and longer in autumn', () => {
    const lengths = (first: string, last: string, until: string) =>
      occurrences(
        timing(BERLIN, first, last, { every: 'day' }, until),
        0,
        Date.UTC(2027, 0, 1),
        createZone(BERLIN),
      ).map(({ from, to }) => (to - from) / HOUR);
    expect(lengths('2026-03-28 01:00', '2026-03-28 05:00', '2026-03-30 01:00')).toEqual([4, 3, 4]);
    expect(lengths('2026-10-24 01:00', '2026-10-24 05:00', '2026-10-26 01:00')).toEqual([4, 5, 4]);
  });

  it('asks for any piece of time and gets what the whole holds there', () => {
    const zone = createZone(CHINA);
    const repeat = fc.oneof(
      fc.constant<Repeat>({ every: 'day' }),
      fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }).map((days): Repeat => ({ every: 'week', days })),
      fc
        .uniqueArray(fc.constantFrom(-1, 1, 15, 29, 30, 31), { minLength: 1 })
        .map((days): Repeat => ({ every: 'month', days })),
    );
    const start = Date.UTC(2028, 0, 20);
    fc.assert(
      fc.property(
        repeat,
        fc.integer({ min: 0, max: 1_439 }),
        fc.integer({ min: 1, max: 1_440 }),
        fc.integer({ min: 0, max: 90 * 24 }),
        fc.integer({ min: 1, max: 72 }),
        (repeats, minute, minutes, fromHour, hours) => {
          const startsAt = start + minute * 60_000;
          const one = {
            startsAt,
            endsAt: startsAt + minutes * 60_000,
            repeats,
            repeatsUntil: start + 90 * DAY,
            endedAt: null,
          };
          const from = start + fromHour * HOUR;
          const to = from + hours * HOUR;
          const whole = occurrences(one, start - DAY, start + 100 * DAY, zone);
          expect(occurrences(one, from, to, zone)).toEqual(whole.filter((span) => span.from < to && span.to > from));
          expect(lastEnd(one, zone)).toBe(Math.max(...whole.map((span) => span.to)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('which occurrence a fault belongs to', () => {
  const spans = [{ from: 100, to: 200 }];
  it.each([
    ['began before', { openedAt: 99 }, false],
    ['began at once', { openedAt: 100 }, true],
    ['began at the end', { openedAt: 200 }, false],
    ['is seen after the end, last heard inside', { openedAt: 210, seenAt: 150 }, true],
    ['is seen after the end, heard after it', { openedAt: 210, seenAt: 205 }, false],
    ['is seen after the end, last heard before the window', { openedAt: 210, seenAt: 50 }, true],
    ['last heard before, seen inside', { openedAt: 150, seenAt: 50 }, true],
  ])('%s', (_name, fault, inside) => {
    expect(spanOfFault(spans, fault) !== undefined).toBe(inside);
  });
});

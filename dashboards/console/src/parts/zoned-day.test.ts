import dayjs from 'dayjs';
import { expect, test } from 'vitest';
import { zonedAt, zonedIso, zonedMs } from './zoned-day.ts';

const BERLIN = 'Europe/Berlin';
const picked = (wall: string) => zonedIso(dayjs(wall), BERLIN);

test('what is picked has the offset of its own day, not of today', () => {
  expect(picked('2026-07-01T08:00:00')).toBe('2026-07-01T08:00:00+02:00');
  expect(picked('2026-12-01T08:00:00')).toBe('2026-12-01T08:00:00+01:00');
  expect(zonedIso(dayjs('2026-07-01T08:00:00'), 'Asia/Shanghai')).toBe('2026-07-01T08:00:00+08:00');
  expect(zonedIso(dayjs('2026-07-01T08:00:00'), 'America/St_Johns')).toBe('2026-07-01T08:00:00-02:30');
});

test('on the days the clocks change, up to the hour of the change and after it', () => {
  expect(picked('2026-03-29T01:59:59')).toBe('2026-03-29T01:59:59+01:00');
  expect(picked('2026-03-29T03:00:00')).toBe('2026-03-29T03:00:00+02:00');
  // 02:30 is left out on that day; the clock says 03:30 then.
  expect(Date.parse(picked('2026-03-29T02:30:00'))).toBe(Date.UTC(2026, 2, 29, 1, 30));
  expect(picked('2026-10-25T01:00:00')).toBe('2026-10-25T01:00:00+02:00');
  // 02:30 comes twice; the first is meant.
  expect(picked('2026-10-25T02:30:00')).toBe('2026-10-25T02:30:00+02:00');
  expect(picked('2026-10-25T03:00:00')).toBe('2026-10-25T03:00:00+01:00');
});

test('what is shown in a picker and taken back is the same moment', () => {
  for (const at of [Date.UTC(2026, 0, 15, 12), Date.UTC(2026, 6, 15, 23, 30), Date.UTC(2026, 9, 24, 22)])
    expect(zonedMs(zonedAt(at, BERLIN), BERLIN)).toBe(at);
});

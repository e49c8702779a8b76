import { expect, test } from 'vitest';
import { nowIn, offsetAt } from './zone-clock.ts';

const HOUR = 3_600_000;

test('the watermark shows the gateway’s own zone, whatever the office PC thinks', () => {
  const at = Date.UTC(2026, 10, 23, 20, 0, 5);
  expect(nowIn('Asia/Shanghai', at)).toBe('2026-11-24 04:00:05');
  expect(nowIn('America/St_Johns', at)).toBe('2026-11-23 16:30:05');
  expect(nowIn('UTC', at)).toBe('2026-11-23 20:00:05');
  expect(nowIn('UTC', Date.UTC(2026, 10, 23))).toBe('2026-11-23 00:00:00');
});

test('a zone is as far from UTC as it is at the moment asked about', () => {
  expect(offsetAt('Europe/Berlin', Date.UTC(2026, 6, 1, 12, 0, 0, 7))).toBe(2 * HOUR);
  expect(offsetAt('Europe/Berlin', Date.UTC(2026, 11, 1))).toBe(HOUR);
  expect(offsetAt('Asia/Shanghai', Date.UTC(2026, 6, 1))).toBe(8 * HOUR);
});

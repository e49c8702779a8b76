import { expect, test } from 'vitest';
import { nowLike } from './zone-clock.ts';

test('the watermark shows the gateway’s own zone, whatever the office PC thinks', () => {
  const at = Date.UTC(2026, 10, 23, 20, 0, 5);
  expect(nowLike('2026-11-24T02:30:00.000+08:00', at)).toBe('2026-11-24 04:00:05');
  expect(nowLike('2026-11-24T02:30:00.000-03:30', at)).toBe('2026-11-23 16:30:05');
  expect(nowLike('2026-11-24T02:30:00.000Z', at)).toBe('2026-11-23 20:00:05');
});

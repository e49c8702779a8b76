import { expect, it } from 'vitest';
import { inLoginHours } from './login-hours.ts';

const at = (time: string) => Date.parse(`2026-11-23T${time}+08:00`);

it.each([
  ['07:00-22:00', '06:59:59', false],
  ['07:00-22:00', '07:00:00', true],
  ['07:00-22:00', '21:59:59', true],
  ['07:00-22:00', '22:00:00', false],
  ['07:00-22:00', '00:00:00', false],
  ['22:00-06:00', '23:30:00', true],
  ['22:00-06:00', '00:00:00', true],
  ['22:00-06:00', '05:59:00', true],
  ['22:00-06:00', '06:00:00', false],
  ['00:00-00:00', '03:00:00', true],
])('with %s, %s in Shanghai is usual: %s', (hours, time, usual) => {
  expect(inLoginHours(at(time), hours, 'Asia/Shanghai')).toBe(usual);
  // The zone decides, not the host.
  expect(inLoginHours(at(time) + 8 * 3_600_000, hours, 'UTC')).toBe(usual);
});

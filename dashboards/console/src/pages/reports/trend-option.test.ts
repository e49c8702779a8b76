import { expect, it } from 'vitest';
import { lowest } from './trend-option.ts';

const point = (onlineRate: number | null, fitRate: number | null) => ({ at: '2026-11', onlineRate, fitRate });

it('begins the axis below the worst rate and never above the goals', () => {
  expect(lowest([point(0.999, 0.99)])).toBe(0.9);
  expect(lowest([point(0.97, 0.84), point(null, null)])).toBe(0.8);
  expect(lowest([point(0, 0)])).toBe(0);
  expect(lowest([])).toBe(0.9);
});

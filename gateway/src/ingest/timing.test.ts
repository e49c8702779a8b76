import { describe, expect, it } from 'vitest';
import { createLateness, DEFAULT_WINDOW, timeOf } from './timing.ts';

const NOW = Date.UTC(2026, 10, 23, 8);
const DAY = 86_400_000;

describe('time of a reading', () => {
  it.each([
    ['no device time', undefined, NOW, false],
    ['now', NOW - 5, NOW - 5, false],
    ['ten minutes ahead is still believed', NOW + 600_000, NOW + 600_000, false],
    ['more than ten minutes ahead is skew', NOW + 600_001, NOW, true],
    ['ninety days back is late data', NOW - 90 * DAY, NOW - 90 * DAY, false],
    ['older than the raw retention is skew', NOW - 90 * DAY - 1, NOW, true],
    ['1970 (a clock that never was set) is skew', 0, NOW, true],
    ['finer than a microsecond is rounded', NOW - 0.0017, NOW - 0.002, false],
    ['2100 is skew', Date.UTC(2100, 0, 1), NOW, true],
  ])('%s', (_, deviceTime, time, skew) => {
    expect(timeOf(deviceTime, NOW, DEFAULT_WINDOW)).toEqual({ time, skew });
  });
});

describe('lateness', () => {
  const LATE_AFTER = 90_000;

  it('calls data within the freshness window live', () => {
    expect(createLateness()(1, 60_000, NOW, LATE_AFTER)).toBe(false);
  });

  it('calls a backlog late from first to last, however fast or slow it is read out', () => {
    const isLate = createLateness();
    for (let i = 0; i < 100; i++) expect(isLate(1, 3_600_000 - i * 30_000, NOW + i * 200, LATE_AFTER)).toBe(true);
  });

  it('takes a constant lag for a slow clock, not for history', () => {
    const isLate = createLateness();
    expect(isLate(1, 600_000, NOW, LATE_AFTER)).toBe(true);
    expect(isLate(1, 600_200, NOW + 30_000, LATE_AFTER)).toBe(false);
    expect(isLate(1, 599_900, NOW + 60_000, LATE_AFTER)).toBe(false);
  });

  it('does not take two messages of one moment for a constant lag', () => {
    const isLate = createLateness();
    expect(isLate(1, 600_000, NOW, LATE_AFTER)).toBe(true);
    expect(isLate(1, 600_000, NOW + 10, LATE_AFTER)).toBe(true);
  });

  it('keeps devices apart', () => {
    const isLate = createLateness();
    expect(isLate(1, 600_000, NOW, LATE_AFTER)).toBe(true);
    expect(isLate(2, 600_000, NOW + 30_000, LATE_AFTER)).toBe(true);
  });
});

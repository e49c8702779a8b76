import { describe, expect, it } from 'vitest';
import { diskLevel, forecast, fullInDays, growthOf } from './capacity.ts';

const DAY = 86_400_000;
const GB = 1e9;
const costs = {
  perDay: 1_000_000,
  rawBytes: 100,
  compressedBytes: 10,
  hourlyBytes: 150,
  dailyBytes: 150,
  hourlyRowsPerDay: 24_000,
  dailyRowsPerDay: 1_000,
};
const kept = { raw: 90, compressAfter: 7, hourly: 1_826, daily: 3_650 };
const whatIf = { devices: 1, interval: 1 };
const input = { costs, kept, others: [], measuredDays: 7, whatIf };

describe('growth', () => {
  it('is not known before a whole day', () => {
    expect(growthOf([])).toBeNull();
    expect(
      growthOf([
        { at: 0, bytes: 1 },
        { at: DAY - 1, bytes: 5 },
      ]),
    ).toBeNull();
  });

  it('is the slope of all samples, so that one jump does not make it', () => {
    const steady = Array.from({ length: 8 * 24 }, (_, hour) => ({ at: (hour * DAY) / 24, bytes: hour * 1_000 }));
    expect(growthOf(steady)).toBeCloseTo(24_000);
    const jumped = steady.map((sample, index) => (index === steady.length - 1 ? { ...sample, bytes: 1e6 } : sample));
    expect(growthOf(jumped)).toBeLessThan(50_000);
  });
});

describe('the level of a disk', () => {
  const disk = (share: number, days: number | null = null) => ({
    usedBytes: share * GB,
    totalBytes: GB,
    fullInDays: days,
  });

  it('begins at 80, 90 and 97 per cent and ends two below', () => {
    expect(diskLevel(disk(0.79), 'ok')).toBe('ok');
    expect(diskLevel(disk(0.8), 'ok')).toBe('warning');
    expect(diskLevel(disk(0.79), 'warning')).toBe('warning');
    expect(diskLevel(disk(0.77), 'warning')).toBe('ok');
    expect(diskLevel(disk(0.9), 'warning')).toBe('serious');
    expect(diskLevel(disk(0.885), 'serious')).toBe('serious');
    expect(diskLevel(disk(0.87), 'serious')).toBe('warning');
    expect(diskLevel(disk(0.97), 'ok')).toBe('full');
  });

  it('is a warning when the measured growth fills it within 14 days, however empty it is', () => {
    expect(diskLevel(disk(0.3, 13), 'ok')).toBe('warning');
    expect(diskLevel(disk(0.3, 15), 'ok')).toBe('ok');
    expect(fullInDays({ usedBytes: 6 * GB, totalBytes: 10 * GB, growthPerDay: GB })).toBe(4);
    expect(fullInDays({ usedBytes: 6 * GB, totalBytes: 10 * GB, growthPerDay: -GB })).toBeNull();
  });

  it('is not judged where the room is not known', () => {
    expect(diskLevel({ usedBytes: GB, totalBytes: null, fullInDays: null }, 'ok')).toBe('ok');
  });
});

describe('the forecast', () => {
  const year = (index: number, changed: Partial<typeof input> = {}) => forecast({ ...input, ...changed })?.[index];
  const area = (name: string, index: number, changed: Partial<typeof input> = {}) =>
    year(index, changed)?.areas.find((one) => one.name === name)?.bytes;

  it('is not made from less than a day, nor without a reading', () => {
    expect(forecast({ ...input, measuredDays: 0.9 })).toBeNull();
    expect(forecast({ ...input, costs: { ...costs, rawBytes: null } })).toBeNull();
    expect(forecast({ ...input, costs: { ...costs, perDay: null } })).toBeNull();
  });

  it('lets readings stand still once their retention takes what comes in, while rollups grow on', () => {
    expect(area('readings', 0)).toBe(1_000_000 * (7 * 100 + 83 * 10));
    expect(area('readings', 4)).toBe(area('readings', 0));
    expect(area('hourly', 4)).toBe(Math.round(24_000 * 1_826 * 150));
    expect(area('daily', 4)).toBeGreaterThan(area('daily', 3) ?? 0);
  });

  it('keeps readings plain where nothing is compressed', () => {
    expect(area('readings', 0, { costs: { ...costs, compressedBytes: null } as never })).toBe(1_000_000 * 90 * 100);
  });

  it('follows what is asked: devices, interval, retention', () => {
    const twice = { whatIf: { devices: 2, interval: 1 } };
    expect(area('readings', 0, twice)).toBe(2 * (area('readings', 0) ?? 0));
    expect(area('hourly', 0, twice)).toBe(2 * (area('hourly', 0) ?? 0));
    const rarer = { whatIf: { devices: 1, interval: 2 } };
    expect(area('readings', 0, rarer)).toBe((area('readings', 0) ?? 0) / 2);
    expect(area('hourly', 0, rarer)).toBe(area('hourly', 0));
    expect(area('readings', 4, { whatIf: { ...whatIf, rawDays: 365 } as never })).toBe(
      1_000_000 * (7 * 100 + 358 * 10),
    );
  });

  it('lets what is kept for good grow, and what has an end only to its end', () => {
    const others = [
      { name: 'tickets', bytes: 1_000, growthPerDay: 10, keepDays: null },
      { name: 'outbox', bytes: 100, growthPerDay: 10, keepDays: 30 },
    ] as const;
    expect(area('tickets', 4, { others } as never)).toBe(Math.round(1_000 + 10 * 5 * 365.25));
    expect(area('outbox', 4, { others } as never)).toBe(300);
  });
});

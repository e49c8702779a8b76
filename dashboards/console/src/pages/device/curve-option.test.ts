import { describe, expect, it } from 'vitest';
import { bucketFor, thresholdsOf, withGaps } from './curve-option.ts';

const MINUTE = 60_000;

describe('curves', () => {
  it('has a few hundred points whatever the span', () => {
    for (const hours of [1, 24, 168, 720, 8_760]) {
      const points = (hours * 60 * MINUTE) / bucketFor(hours * 60 * MINUTE);
      expect(points).toBeLessThanOrEqual(600);
      expect(points).toBeGreaterThan(100);
    }
  });

  it('finds the limits of an alarm, also of parts, and no others', () => {
    expect(thresholdsOf('cabinetTemp > 75', 'cabinetTemp')).toEqual([75]);
    expect(thresholdsOf('any(ports.*.current) > 12 or cabinetTemp < -5.5', 'ports.3.current')).toEqual([12]);
    expect(thresholdsOf('any(ports.*.current) > 12 or cabinetTemp < -5.5', 'cabinetTemp')).toEqual([-5.5]);
    expect(thresholdsOf('smoke == true', 'smoke')).toEqual([]);
    expect(thresholdsOf(null, 'x')).toEqual([]);
  });

  it('leaves a gap where nothing came', () => {
    const iso = (at: number) => new Date(at).toISOString();
    expect(
      withGaps(
        [
          [iso(0), 1],
          [iso(MINUTE), 2],
          [iso(10 * MINUTE), 3],
        ],
        2.5 * MINUTE,
      ),
    ).toEqual([
      [0, 1],
      [MINUTE, 2],
      [MINUTE + 1, null],
      [10 * MINUTE, 3],
    ]);
  });
});

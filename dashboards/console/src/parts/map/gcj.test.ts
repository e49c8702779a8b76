import { expect, test } from 'vitest';
import * as gateway from '../../../../../gateway/src/domain/geo.ts';
import { gcj02ToWgs84, wgs84ToGcj02 } from './gcj.ts';
import { distance, type Position } from './geometry.ts';

const SHANGHAI: Position = [121.4737, 31.2304];

test('the map shifts a place exactly as the gateway does', () => {
  for (const [lon, lat] of [SHANGHAI, [87.6, 43.8], [109.5, 18.25]] as const) {
    const expected = gateway.wgs84ToGcj02({ lon, lat });
    const [east, north] = wgs84ToGcj02([lon, lat]);
    expect(east).toBeCloseTo(expected.lon, 9);
    expect(north).toBeCloseTo(expected.lat, 9);
  }
});

test('a click on shifted tiles comes back to where it was', () => {
  const back = gcj02ToWgs84(wgs84ToGcj02(SHANGHAI));
  expect(distance(back, SHANGHAI)).toBeLessThan(0.01);
  expect(distance(wgs84ToGcj02(SHANGHAI), SHANGHAI)).toBeGreaterThan(300);
});

test('outside China nothing is shifted', () => {
  expect(wgs84ToGcj02([2.35, 48.85])).toEqual([2.35, 48.85]);
});

import { describe, expect, it } from 'vitest';
import { coordinateFindings, type Surroundings } from './coordinates.ts';
import { wgs84ToGcj02 } from './geo.ts';
import { insidePolygon, type Polygon, polygonFault } from './polygon.ts';

const NOWHERE: Surroundings = { site: null, boundary: null, neighbours: null };
const HERE = { lat: 31.14, lon: 121.51 };
const square = (west: number, south: number, side: number): Polygon['coordinates'][number] => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
];
const codes = (point: { lat: number; lon: number; crs?: 'wgs84' | 'gcj02' }, around = NOWHERE) =>
  coordinateFindings({ crs: 'wgs84', ...point }, around).map(({ code }) => code);

describe('a place as it was entered', () => {
  it('is told when it is swapped, nowhere, or abroad', () => {
    expect(codes(HERE)).toEqual([]);
    expect(codes({ lat: 0, lon: 0 })).toEqual(['nullIsland']);
    expect(codes({ lat: 48.1, lon: 11.5 })).toEqual(['outsideChina']);
    expect(coordinateFindings({ lat: 121.51, lon: 31.14, crs: 'wgs84' }, NOWHERE)).toMatchObject([
      { code: 'swapped', proposed: { lat: 31.14, lon: 121.51, crs: 'wgs84' } },
    ]);
  });

  it('is taken for the other system only when that brings it to where it must be', () => {
    const around = { ...NOWHERE, site: HERE };
    const [finding] = coordinateFindings({ ...wgs84ToGcj02(HERE), crs: 'wgs84' }, around);
    expect(finding?.code).toBe('looksGcj02');
    expect(finding?.proposed?.lat).toBeCloseTo(HERE.lat, 6);
    expect(finding?.proposed?.lon).toBeCloseTo(HERE.lon, 6);
    expect(codes({ ...HERE, crs: 'gcj02' }, around)).toEqual(['looksWgs84']);
    expect(codes({ ...wgs84ToGcj02(HERE), crs: 'gcj02' }, around)).toEqual([]);
    expect(codes({ lat: 31.2, lon: 121.6 }, around)).toEqual(['farFromSite']);
  });

  it('says nothing by neighbours that stand too far from each other', () => {
    const given = wgs84ToGcj02(HERE);
    const near = (radius: number) => ({ ...NOWHERE, neighbours: { centre: HERE, radius } });
    expect(codes(given, near(100))).toEqual(['looksGcj02']);
    expect(codes(given, near(5_000))).toEqual([]);
  });
});

describe('a boundary', () => {
  it('knows inside from outside, holes included', () => {
    const polygon: Polygon = { type: 'Polygon', coordinates: [square(121, 31, 1), square(121.4, 31.4, 0.2)] };
    expect(insidePolygon(polygon, { lat: 31.1, lon: 121.1 })).toBe(true);
    expect(insidePolygon(polygon, { lat: 31.5, lon: 121.5 })).toBe(false);
    expect(insidePolygon(polygon, { lat: 32.5, lon: 121.5 })).toBe(false);
  });

  it.each([
    ['points', [Array.from({ length: 2_001 }, (_, i): [number, number] => [121 + i / 10_000, 31])]],
    ['ring', [square(121, 31, 1).slice(0, 3)]],
    ['ring', []],
    ['open', [square(121, 31, 1).slice(0, 4)]],
    ['range', [square(31, 121, 1)]],
    ['flat', [square(121, 31, 0)]],
  ] as const)('with the fault %s is none', (fault, coordinates) => {
    expect(polygonFault({ type: 'Polygon', coordinates })).toBe(fault);
  });
});

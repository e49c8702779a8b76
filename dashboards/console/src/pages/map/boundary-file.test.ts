import { expect, test } from 'vitest';
import { readBoundary } from './boundary-file.ts';

const RING = [
  [121, 31],
  [122, 31],
  [122, 32],
  [121, 31],
];
const polygon = { type: 'Polygon', coordinates: [RING] };
const feature = { type: 'Feature', properties: {}, geometry: polygon };
const read = (value: unknown) => readBoundary(JSON.stringify(value));

test('finds the one polygon wherever GeoJSON may have it', () => {
  for (const value of [
    polygon,
    feature,
    { type: 'FeatureCollection', features: [feature] },
    { type: 'MultiPolygon', coordinates: [[RING]] },
    { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [1, 2] }, polygon] },
  ])
    expect(read(value)).toEqual({ rings: [RING] });
  expect(read({ type: 'Polygon', coordinates: [RING.map((place) => [...place, 12])] })).toEqual({ rings: [RING] });
});

test('says what is wrong with anything else', () => {
  expect(readBoundary('<kml>')).toBe('notJson');
  expect(read(null)).toBe('noPolygon');
  expect(read({ type: 'Point', coordinates: [1, 2] })).toBe('noPolygon');
  expect(read({ type: 'Polygon', coordinates: [] })).toBe('noPolygon');
  expect(read({ type: 'FeatureCollection', features: [feature, feature] })).toBe('manyPolygons');
  expect(read({ type: 'Polygon', coordinates: [[['a', 'b']]] })).toBe('badNumbers');
});

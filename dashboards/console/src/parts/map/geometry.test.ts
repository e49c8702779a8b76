import { expect, test } from 'vitest';
import {
  area,
  boxOf,
  circle,
  crossing,
  destination,
  distance,
  fromWorld,
  inside,
  type Position,
  roundLength,
  sector,
  toWorld,
} from './geometry.ts';

const HERE: Position = [121.4, 31.2];
const square = (side: number): Position[] => {
  const east = destination(HERE, 90, side);
  return [HERE, east, [east[0], destination(HERE, 0, side)[1]], [HERE[0], destination(HERE, 0, side)[1]]];
};

test('a place in the world square comes back', () => {
  const [lon, lat] = fromWorld(toWorld(HERE));
  expect(lon).toBeCloseTo(HERE[0], 9);
  expect(lat).toBeCloseTo(HERE[1], 9);
});

test('going 500 m ends 500 m away', () => {
  for (const bearing of [0, 90, 213]) expect(distance(HERE, destination(HERE, bearing, 500))).toBeCloseTo(500, 3);
});

test('the area of a square of 1 km is one square kilometre, closed or not', () => {
  const ring = square(1_000);
  expect(area(ring) / 1e6).toBeCloseTo(1, 3);
  expect(area([...ring, HERE])).toBeCloseTo(area(ring), 3);
  expect(area([])).toBe(0);
});

test('a sector holds what lies ahead and not what lies behind or beyond', () => {
  const ring = sector(HERE, 90, 60, 100);
  expect(inside(ring, destination(HERE, 90, 50))).toBe(true);
  expect(inside(ring, destination(HERE, 115, 50))).toBe(true);
  expect(inside(ring, destination(HERE, 125, 50))).toBe(false);
  expect(inside(ring, destination(HERE, 270, 50))).toBe(false);
  expect(inside(ring, destination(HERE, 90, 110))).toBe(false);
  expect(inside(circle(HERE, 50), destination(HERE, 300, 49))).toBe(true);
});

test('a ring that crosses itself is found, by the sides that do', () => {
  const [a, b, c, d] = square(100) as [Position, Position, Position, Position];
  expect(crossing([a, b, c, d])).toBeNull();
  expect(crossing([a, c, b, d])).toEqual([0, 2]);
});

test('a box holds all, none without points; lengths on the scale are round', () => {
  expect(boxOf([])).toBeNull();
  expect(
    boxOf([
      [1, 2],
      [-1, 5],
    ]),
  ).toEqual({ west: -1, east: 1, south: 2, north: 5 });
  expect([roundLength(999), roundLength(160), roundLength(1_000)]).toEqual([500, 100, 1_000]);
});

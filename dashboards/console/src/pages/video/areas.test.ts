import { expect, test } from 'vitest';
import { closes, cornersOf, pointAt, polygonOf, rectangleOf } from './areas.ts';

const box = { left: 10, top: 20, width: 200, height: 100 };

test('a pointer outside the picture counts at its edge', () => {
  expect(pointAt(110, 70, box)).toEqual([0.5, 0.5]);
  expect(pointAt(-5, 500, box)).toEqual([0, 1]);
});

test('a rectangle is the same from any corner, and a slip of the hand is none', () => {
  const area = { shape: 'rectangle', x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
  expect(rectangleOf([0.1, 0.2], [0.4, 0.6])).toEqual(area);
  expect(rectangleOf([0.4, 0.6], [0.1, 0.2])).toEqual(area);
  expect(rectangleOf([0.5, 0.5], [0.505, 0.9])).toBeNull();
});

test('a polygon closes near its first corner, from three corners on', () => {
  const points = [
    [0.1, 0.1],
    [0.5, 0.1],
    [0.5, 0.5],
  ] as const;
  expect(closes(points.slice(0, 2), [0.1, 0.1])).toBe(false);
  expect(closes(points, [0.11, 0.1])).toBe(true);
  expect(closes(points, [0.2, 0.2])).toBe(false);
  expect(polygonOf(points.slice(0, 2))).toBeNull();
  expect(cornersOf({ shape: 'polygon', points })).toBe('10,10 50,10 50,50');
});

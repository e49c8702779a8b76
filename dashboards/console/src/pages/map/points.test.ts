import { expect, test } from 'vitest';
import { countsIn, listIn, type Points, placesOf, rankOf } from './points.ts';

const STATES: Points['states'] = ['online', 'offline', 'stale', 'degraded', 'flapping', 'unknown'];
const points: Points = {
  kinds: [{ type: 't', camera: true }],
  states: STATES,
  ids: ['a', 'b', 'c', 'd'],
  names: ['A', 'B', 'C', 'D'],
  lon: [121.5, 121.5, 121.6, 130],
  lat: [31.2, 31.2, 31.3, 40],
  kind: [0, 0, 0, 0],
  state: [0, 1, 2, 5],
  suspect: [1],
  total: 4,
  unplaced: 0,
};
const BOX = { west: 121, east: 122, south: 31, north: 32 };

test('what stands at one spot is one place, as bad as its worst', () => {
  const places = placesOf(points, new Set());
  expect(places).toHaveLength(3);
  expect(places[0]).toMatchObject({ members: [0, 1], rank: rankOf('offline'), faults: 1, suspect: true });
  expect(placesOf(points, new Set(['online']))).toMatchObject([{ members: [0], faults: 0, suspect: false }]);
});

test('numbers of the legend count what is in view, whatever states are chosen', () => {
  expect(countsIn(points, BOX)).toMatchObject({ online: 1, offline: 1, stale: 1, unknown: 0 });
});

test('the list begins with the worst and follows the choice', () => {
  expect(listIn(points, BOX, new Set())).toEqual([1, 2, 0]);
  expect(listIn(points, BOX, new Set(['online']))).toEqual([0]);
});

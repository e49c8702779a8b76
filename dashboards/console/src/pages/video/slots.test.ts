import { expect, test } from 'vitest';
import { clear, fill, nextPlace, onPage, pagesOf, put, read, sizeOf, swap, written } from './slots.ts';

test('a camera goes into its place, is on the wall once, and moving it exchanges two places', () => {
  expect(put([], 2, 'a')).toEqual(['', '', 'a']);
  expect(put(['a', 'b'], 3, 'a')).toEqual(['', 'b', '', 'a']);
  expect(put(['a', 'b'], 0, 'b')).toEqual(['b', 'a']);
  expect(put(['a'], 999, 'b')).toEqual(['a']);
  expect(swap(['a', 'b', 'c'], 0, 2)).toEqual(['c', 'b', 'a']);
  expect(swap(['a'], 0, 5)).toEqual(['', '', '', '', '', 'a']);
  expect(clear(['a', 'b'], 1)).toEqual(['a']);
});

test('what fills the wall leaves alone what is there and repeats nothing', () => {
  expect(fill(['', 'b'], ['a', 'b', 'c'], 4)).toEqual(['a', 'b', 'c']);
  expect(fill([], ['a', 'b', 'c', 'd', 'e'], 4)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('the next camera goes to the next empty place of the page', () => {
  expect(nextPlace(['a'], 0, 4)).toBe(1);
  expect(nextPlace(['a', '', 'c', 'd'], 3, 4)).toBe(1);
  expect(nextPlace(['a', 'b', 'c', 'd'], 2, 4)).toBe(2);
});

test('pages and the address', () => {
  const wall = ['a', 'b', 'c', 'd', '', 'f'];
  expect(pagesOf(wall, 4)).toBe(2);
  expect(pagesOf([], 9)).toBe(1);
  expect(onPage(wall, 1, 4)).toEqual(['', 'f', '', '']);
  expect(read(written(wall))).toEqual(wall);
  expect(read(',,')).toEqual([]);
  expect(sizeOf('9')).toBe(9);
  expect(sizeOf('7')).toBe(4);
});

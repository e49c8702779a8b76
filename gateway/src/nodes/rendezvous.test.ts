import { expect, test } from 'vitest';
import { ownerAmong } from './rendezvous.ts';

const CAMERAS = Array.from({ length: 10_000 }, (_, index) => index + 1);
const owners = (ids: readonly string[]) => CAMERAS.map((key) => ownerAmong(ids, key));
const share = (all: readonly unknown[], of: (index: number) => boolean) =>
  all.filter((_, index) => of(index)).length / all.length;

test.each([2, 3, 5, 8])('%i processes share the cameras evenly', (n) => {
  const ids = Array.from({ length: n }, (_, index) => `node-${index}`);
  const all = owners(ids);
  for (const id of ids) {
    const part = share(all, (index) => all[index] === id) * n;
    expect(part).toBeGreaterThan(0.9);
    expect(part).toBeLessThan(1.1);
  }
});

test('a process that comes takes its share and moves nothing else', () => {
  const before = owners(['a', 'b', 'c']);
  const after = owners(['a', 'b', 'c', 'd']);
  const moved = CAMERAS.map((_, index) => before[index] !== after[index]);
  expect(share(moved, (index) => moved[index] === true)).toBeCloseTo(1 / 4, 1);
  expect(after.filter((id, index) => id !== before[index] && id !== 'd')).toEqual([]);
});

test('a process that goes leaves the cameras of the others where they are', () => {
  const before = owners(['a', 'b', 'c', 'd']);
  const after = owners(['a', 'b', 'd']);
  expect(after.filter((id, index) => id !== before[index] && before[index] !== 'c')).toEqual([]);
});

test('the order of the list changes nothing, and an empty one owns nothing', () => {
  expect(owners(['c', 'a', 'b'])).toEqual(owners(['a', 'b', 'c']));
  expect(ownerAmong([], 1)).toBeUndefined();
});

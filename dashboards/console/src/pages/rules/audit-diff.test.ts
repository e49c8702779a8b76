import { expect, it } from 'vitest';
import { changesOf } from './audit-diff.ts';

it('tells field by field what changed, what came and what went', () => {
  expect(changesOf({ a: 1, b: { c: 'x', d: [1] }, e: true }, { a: 1, b: { c: 'y', d: [1] }, f: 'new' })).toEqual([
    { path: 'b.c', before: 'x', after: 'y' },
    { path: 'e', before: 'true', after: null },
    { path: 'f', before: null, after: 'new' },
  ]);
});

it('shows everything of what was made or removed, and nothing where nothing changed', () => {
  expect(changesOf(null, { a: 1 })).toEqual([{ path: 'a', before: null, after: '1' }]);
  expect(changesOf({ a: 1 }, null)).toEqual([{ path: 'a', before: '1', after: null }]);
  expect(changesOf({ a: [1, 2] }, { a: [1, 2] })).toEqual([]);
});

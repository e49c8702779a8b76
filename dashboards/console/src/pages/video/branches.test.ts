import { expect, test } from 'vitest';
import { branchesOf, camerasKey, placeOfKey } from './branches.ts';

const org = (id: string, parentId: string | null, kind = 'area') => ({ id, name: id, parentId, kind });
const leaves = (key: string) => [{ key: `of ${key}` }];
const keys = (nodes: ReturnType<typeof branchesOf>): unknown[] =>
  nodes.map(({ key, children }) => [key, children?.map((child) => child.key)]);

test('organisations stand below their heads, with sites; who sees no head sees the branch at the top', () => {
  const tree = branchesOf(
    [
      org('street', 'city-unseen'),
      org('dept', 'street', 'department'),
      org('hood', 'street'),
      org('unit', null, 'maintenance'),
    ],
    [{ id: 's1', name: 's1', orgId: 'hood' }],
    'all',
    leaves,
  );
  expect(keys(tree)).toEqual([
    ['org:street', ['org:hood', 'all:dept', 'all:street']],
    ['everything', ['of everything']],
  ]);
  expect(keys(tree[0]?.children ?? [])[0]).toEqual(['org:hood', ['site:s1', 'all:hood']]);
});

test('only branches with cameras are asked for, by what they are', () => {
  expect(['org:a', 'all:a', 'site:b', 'everything', 'cam:c'].map(placeOfKey)).toEqual([
    null,
    'all:a',
    'site:b',
    'everything',
    null,
  ]);
  expect([camerasKey('all:a'), camerasKey('site:b'), camerasKey('q:x:y'), camerasKey('everything')]).toEqual([
    { orgId: 'a' },
    { siteId: 'b' },
    { q: 'x:y' },
    {},
  ]);
});

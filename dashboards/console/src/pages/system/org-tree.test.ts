import { expect, it } from 'vitest';
import type { Answer } from '../../api/client.ts';
import { type Branch, branchesOf, withBelow } from './org-tree.ts';

const org = (id: string, parentId: string | null, level: number | null = null): Answer<'Org'> => ({
  id,
  parentId,
  kind: level === null ? 'department' : 'area',
  level,
  name: id,
  code: null,
  responsible: null,
  contact: null,
  contractFrom: null,
  contractTo: null,
  boundary: null,
});
const all = [org('centre', 'street'), org('hood', 'street', 5), org('street', 'unseen', 3), org('team', 'centre')];
const drawn = (branches: readonly Branch[]): unknown => branches.map(({ id, children }) => [id, drawn(children ?? [])]);

it('puts areas before departments and what has no visible parent at the top', () => {
  expect(drawn(branchesOf(all))).toEqual([
    [
      'street',
      [
        ['hood', []],
        ['centre', [['team', []]]],
      ],
    ],
  ]);
});

it('keeps what leads to a match, and all below one', () => {
  expect(drawn(branchesOf(all, 'TEAM'))).toEqual([['street', [['centre', [['team', []]]]]]]);
  expect(drawn(branchesOf(all, 'centre'))).toEqual([['street', [['centre', [['team', []]]]]]]);
});

it('knows what hangs below', () => {
  expect([...withBelow(all, 'centre')].sort()).toEqual(['centre', 'team']);
});

import { expect, it } from 'vitest';
import { type FaultState, step, type Turn } from './confirm.ts';

const SETTINGS = { looks: 2, gapMs: 60 };

function run(looks: readonly (readonly [at: number, seen: boolean, again?: boolean])[]): (Turn | null)[] {
  let state: FaultState | null = null;
  return looks.map(([at, seen, again = false]) => {
    const next = step(state, { code: 'black', seen, again, at }, SETTINGS);
    state = next.next;
    return next.turn;
  });
}

it.each<[string, Parameters<typeof run>[0], (Turn | null)[]]>([
  [
    'two looks far enough apart confirm',
    [
      [0, true],
      [60, true],
    ],
    ['suspected', 'confirmed'],
  ],
  [
    'looks too close count once',
    [
      [0, true],
      [10, true],
      [50, true],
      [61, true],
    ],
    ['suspected', null, null, 'confirmed'],
  ],
  [
    'a good look ends a suspicion',
    [
      [0, true],
      [60, false],
      [120, true],
    ],
    ['suspected', 'withdrawn', 'suspected'],
  ],
  [
    'one good look ends no verdict',
    [
      [0, true],
      [60, true],
      [120, false],
      [180, true],
      [240, false],
      [300, false],
    ],
    ['suspected', 'confirmed', null, null, null, 'cleared'],
  ],
  [
    'two hasty good looks end no verdict',
    [
      [0, true],
      [60, true],
      [120, false],
      [121, false],
      [181, false],
    ],
    ['suspected', 'confirmed', null, null, 'cleared'],
  ],
  [
    'another still picture begins anew',
    [
      [0, true],
      [60, true, true],
      [120, true],
    ],
    ['suspected', 'suspected', 'confirmed'],
  ],
])('%s', (_name, looks, turns) => {
  expect(run(looks)).toEqual(turns);
});

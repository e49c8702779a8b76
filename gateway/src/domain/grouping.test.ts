import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binomialTail,
  chooseGroups,
  GROUP_KINDS,
  GROUP_RULES,
  type GroupCandidate,
  type GroupKind,
  isMass,
  keyText,
  significance,
  usualChance,
} from './grouping.ts';

const candidate = (kind: GroupKind, id: string, silent: readonly number[], expected: number, chance = 0) =>
  ({ kind, id, expected, silent, chance }) satisfies GroupCandidate;
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const names = (groups: readonly GroupCandidate[]) =>
  groups.map((group) => `${keyText(group)} ${group.silent.length}/${group.expected}`);

/** P(X ≥ k) by the recursion over trials; exact but quadratic. */
function slowTail(n: number, k: number, q: number): number {
  let chances = [1];
  for (let trial = 0; trial < n; trial++) {
    chances = range(0, trial + 2).map((i) => (chances[i] ?? 0) * (1 - q) + (chances[i - 1] ?? 0) * q);
  }
  return chances.slice(Math.max(0, k)).reduce((sum, chance) => sum + chance, 0);
}

/** The rule of the chooser, word by word and from scratch in every round. */
function slowGroups(candidates: readonly GroupCandidate[]): string[] {
  const gone = new Set<number>();
  const chosen: string[] = [];
  for (;;) {
    const causes = candidates
      .map((one) => {
        const silent = one.silent.filter((device) => !gone.has(device));
        return { ...one, silent, expected: one.expected - (one.silent.length - silent.length) };
      })
      .filter(
        ({ silent, expected, chance }) =>
          silent.length >= 3 &&
          silent.length / expected >= 0.5 &&
          slowTail(expected, silent.length, Math.max(0.001, chance)) < 1e-6,
      );
    const bySize = (a: GroupCandidate, b: GroupCandidate) =>
      a.expected - b.expected || GROUP_KINDS.indexOf(a.kind) - GROUP_KINDS.indexOf(b.kind) || (a.id < b.id ? -1 : 1);
    const [widest] = [...causes].sort((a, b) => b.silent.length - a.silent.length || bySize(a, b));
    if (!widest) return chosen;
    const [cause = widest] = causes
      .filter(
        (one) => widest.silent.filter((device) => one.silent.includes(device)).length >= widest.silent.length * 0.8,
      )
      .sort(bySize);
    chosen.push(`${keyText(cause)} ${cause.silent.length}/${cause.expected}`);
    for (const device of cause.silent) gone.add(device);
  }
}

describe('the chance that so many fall silent by chance', () => {
  it('is the binomial tail', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 61 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (n, k, q) => {
          const slow = slowTail(n, k, q);
          const fast = binomialTail(n, k, q);
          // Tails near one are differences of numbers near one; tails near nothing keep their digits.
          expect(Math.abs(fast - slow)).toBeLessThanOrEqual(1e-9 + slow * 1e-8);
          if (k > n * q && slow > 1e-290) expect(Math.abs(fast / slow - 1)).toBeLessThan(1e-8);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('stands for a hundred thousand devices', () => {
    expect(binomialTail(100_000, 50_000, 0.001)).toBe(0);
    expect(binomialTail(100_000, 100, 0.001)).toBeGreaterThan(0.45);
    expect(binomialTail(100_000, 0, 0.001)).toBe(1);
    expect(binomialTail(5, 6, 0.5)).toBe(0);
  });

  it.each([
    [3, 3, 0, true],
    [2, 2, 0, false],
    [100, 3, 0, false],
    [7, 3, 0, false],
    [6, 3, 0, true],
    [14, 12, 0, true],
    // A key that loses a tenth of its devices in every window is no cause when it loses three of six.
    [6, 3, 0.1, false],
    [6, 6, 0.1, false],
    [7, 7, 0.1, true],
  ])('of %i devices %i silent at a usual chance of %f: a cause %s', (expected, silent, chance, is) => {
    expect(significance(expected, silent, chance) !== null).toBe(is);
  });

  it('takes the median of thirty days, with days of nothing counted', () => {
    expect(usualChance([], 30)).toBe(0);
    expect(usualChance([0.5, 0.5], 30)).toBe(0);
    expect(usualChance(new Array(20).fill(0.2), 30)).toBe(0.2);
    expect(usualChance([1, 3], 2)).toBe(2);
  });

  it('is mass silence above a share of a street, not of a handful', () => {
    expect(isMass(6, 20, 0.3)).toBe(false);
    expect(isMass(7, 20, 0.3)).toBe(true);
    expect(isMass(19, 19, 0.3)).toBe(false);
  });
});

describe('the cause of what fell silent', () => {
  it('is the feed, when the feed explains most of the site', () => {
    const feed = range(0, 12);
    const groups = chooseGroups([
      candidate('site', 's1', [...feed, 50], 20),
      candidate('powerFeed', 's1/3', feed, 14),
      candidate('org', 'o1', [...feed, 50], 300),
    ]);
    expect(names(groups)).toEqual(['powerFeed:s1/3 12/14']);
  });

  it('is the site, when no smaller key explains four fifths of it', () => {
    const groups = chooseGroups([
      candidate('site', 's1', range(0, 20), 20),
      candidate('powerFeed', 's1/3', range(0, 12), 12),
    ]);
    expect(names(groups)).toEqual(['site:s1 20/20']);
  });

  it('is two for two sites that have nothing else in common', () => {
    const groups = chooseGroups([
      candidate('site', 'a', range(0, 10), 12),
      candidate('site', 'b', range(20, 8), 8),
      candidate('org', 'o', [...range(0, 10), ...range(20, 8)], 100),
    ]);
    expect(names(groups).sort()).toEqual(['site:a 10/12', 'site:b 8/8']);
  });

  it('leaves alone what is few, of a larger site', () => {
    expect(chooseGroups([candidate('site', 's1', [1, 2, 3], 100)])).toEqual([]);
    expect(chooseGroups([])).toEqual([]);
  });

  it('agrees with the rule read word by word, in any order of the keys', () => {
    const devices = fc.uniqueArray(fc.integer({ min: 0, max: 24 }), { maxLength: 20 });
    const one = fc.record({
      kind: fc.constantFrom(...GROUP_KINDS),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      silent: devices,
      alive: fc.integer({ min: 0, max: 12 }),
      chance: fc.constantFrom(0, 0.001, 0.02, 0.2),
    });
    const many = fc.uniqueArray(one, { maxLength: 10, selector: ({ kind, id }) => `${kind}:${id}` });
    fc.assert(
      fc.property(many, (keys) => {
        const candidates = keys.map(({ alive, ...key }) => ({ ...key, expected: key.silent.length + alive }));
        const chosen = chooseGroups(candidates);
        expect(names(chosen)).toEqual(slowGroups(candidates));
        expect(names(chooseGroups([...candidates].reverse()))).toEqual(names(chosen));
        const all = chosen.flatMap(({ silent }) => silent);
        expect(new Set(all).size).toBe(all.length);
        for (const { silent, expected, p } of chosen) {
          expect(silent.length).toBeGreaterThanOrEqual(Math.max(GROUP_RULES.least, expected * GROUP_RULES.share));
          expect(p).toBeLessThan(GROUP_RULES.significance);
        }
      }),
      { numRuns: 300 },
    );
  });
});

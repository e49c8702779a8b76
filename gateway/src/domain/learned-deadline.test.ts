import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectivePolicy, learningTerms } from './health-policy.ts';
import { addGap, createGaps, KEPT_GAPS, type LearnedDeadline, learnDeadline, rhythmOf } from './learned-deadline.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function gapsOf(gaps: readonly number[]) {
  const made = createGaps();
  for (const gap of gaps) addGap(made, gap);
  return made;
}
const times = (n: number, ms: number) => Array.from({ length: n }, () => ms);
const terms = { declared: MINUTE, offlineAfter: 3 * MINUTE, floor: 3 * MINUTE };
const learn = (gaps: readonly number[], was: LearnedDeadline | null = null, more = {}, wall = 0) =>
  learnDeadline({ gaps: gapsOf(gaps), was, ...terms, wall, ...more });

describe('the rhythm of a device', () => {
  it('is the median and the 99th percentile of the last 200 gaps, within 3 %', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1_000, max: DAY }), { minLength: 1, maxLength: 450 }), (all) => {
        const sorted = all.slice(-KEPT_GAPS).sort((a, b) => a - b);
        const exact = (q: number) => sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
        const found = rhythmOf(gapsOf(all));
        expect(Math.abs((found?.median ?? 0) / exact(0.5) - 1)).toBeLessThan(0.031);
        expect(Math.abs((found?.p99 ?? 0) / exact(0.99) - 1)).toBeLessThan(0.031);
      }),
    );
  });

  it('is resident in a byte a gap', () => {
    expect(createGaps().ring.byteLength).toBe(200);
  });
});

describe('a learned deadline', () => {
  it('waits for 30 samples', () => {
    expect(learn(times(29, 10 * MINUTE))).toBeNull();
    expect(learn(times(30, 10 * MINUTE))).not.toBeNull();
  });

  it('widens to twice a day at most, and says by what', () => {
    const first = learn(times(60, 10 * MINUTE));
    expect(first).toMatchObject({ offlineAfter: 6 * MINUTE, base: 3 * MINUTE });
    expect(learn(times(60, 10 * MINUTE), first, {}, DAY - 1)).toBeNull();
    const second = learn(times(60, 10 * MINUTE), first, {}, DAY);
    expect(second?.offlineAfter).toBe(12 * MINUTE);
    const last = learn(times(60, 10 * MINUTE), second, {}, 3 * DAY);
    expect(last?.offlineAfter).toBe(24 * MINUTE);
    const settled = learn(times(60, 10 * MINUTE), last, {}, 5 * DAY);
    expect(settled?.offlineAfter).toBeGreaterThan(29 * MINUTE);
    expect(settled?.offlineAfter).toBeLessThan(31 * MINUTE);
  });

  it('never falls below what is declared or its class allows, nor above a day', () => {
    expect(learn(times(60, 5_000))).toBeNull();
    expect(learn(times(60, 5_000), null, { declared: null, offlineAfter: 30 * MINUTE })?.offlineAfter).toBe(3 * MINUTE);
    expect(learn(times(60, 20 * HOUR), null, { offlineAfter: 20 * HOUR })?.offlineAfter).toBe(DAY);
  });

  it('follows the long gaps of an uneven device, not a single one', () => {
    const uneven = times(100, 2 * MINUTE).map((ms, i) => (i % 20 === 0 ? 15 * MINUTE : ms));
    const wide = { offlineAfter: 30 * MINUTE, declared: null };
    expect(learn(uneven, null, wide)?.offlineAfter).toBeGreaterThan(20 * MINUTE);
    const once = [...times(150, 2 * MINUTE), 15 * MINUTE];
    expect(learn(once, null, wide)?.offlineAfter).toBeLessThan(7 * MINUTE);
  });

  it('does not move for a trifle: every change is an entry of the audit', () => {
    const was = { offlineAfter: 30 * MINUTE, median: 0, p99: 0, base: 30 * MINUTE, baseAt: 0 };
    expect(learn(times(60, 10.5 * MINUTE), was)).toBeNull();
  });
});

describe('what is learned at all', () => {
  const type = { interval: MINUTE, offlineAfter: 5 * MINUTE, hold: null, recoverAfter: null };
  it.each([
    ['nobody asks', type, null, null],
    [
      'the type asks',
      { ...type, learn: true },
      null,
      { declared: MINUTE, offlineAfter: 5 * MINUTE, floor: 5 * MINUTE },
    ],
    ['the device names its deadline', { ...type, learn: true }, { offlineAfter: HOUR }, null],
    ['the device refuses', { ...type, learn: true }, { learn: false }, null],
    ['the device asks', type, { learn: true, interval: 2 * MINUTE }, { declared: 2 * MINUTE, floor: 6 * MINUTE }],
    [
      'nobody declares an interval',
      { ...type, learn: true, declared: false },
      null,
      { declared: null, offlineAfter: 5 * MINUTE, floor: 3 * MINUTE },
    ],
  ])('%s', (_, health, device, expected) => {
    const found = learningTerms(health, device);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });

  it('moves suspicion with the deadline', () => {
    expect(effectivePolicy(type, null, 30 * MINUTE)).toMatchObject({
      offlineAfter: 30 * MINUTE,
      suspectAfter: 20 * MINUTE,
      interval: MINUTE,
    });
  });
});

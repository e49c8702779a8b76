import { describe, expect, it } from 'vitest';
import {
  FAULT_TERMS,
  FLAP_CAP_MS,
  type Flapping,
  flapScore,
  flapTau,
  judgeFlapping,
  LINK_TERMS,
  readFlapping,
} from './flapping.ts';

const MINUTE = 60_000;
const TAU = 30 * MINUTE;
const LINK = { terms: LINK_TERMS, tau: TAU, patience: 5 * MINUTE };

/** Judges at these minutes; `!` in front of a minute is a flip. */
function run(steps: readonly (number | `!${number}`)[], tau = TAU, terms = LINK_TERMS) {
  let known: Flapping | null = null;
  let dead = false;
  const seen: { at: number; active: boolean; unstable: boolean; holds: boolean }[] = [];
  for (const step of steps) {
    const flipped = typeof step === 'string';
    const now = Number(flipped ? step.slice(1) : step) * MINUTE;
    if (flipped) dead = !dead;
    const verdict = judgeFlapping({ ...LINK, terms, now, was: known, flipped, dead, tau });
    known = verdict.flapping;
    seen.push({ at: now / MINUTE, active: known?.active ?? false, unstable: verdict.unstable, holds: verdict.holds });
  }
  return { known, last: seen.at(-1), began: seen.find(({ active }) => active)?.at, seen };
}

const every = (minutes: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, i): `!${number}` => `!${from + i * minutes}`);

describe('flapping', () => {
  it.each<[string, readonly (number | `!${number}`)[], number | undefined]>([
    ['one outage is none', ['!0', '!5'], undefined],
    ['nor are two', ['!0', '!2', '!4', '!6'], undefined],
    ['the fifth turn in a short time begins it', every(3, 5), 12],
    ['a turn an hour never does', every(60, 48), undefined],
    ['a turn a quarter of an hour does not', every(15, 96), undefined],
    ['a turn every seven minutes does, later', every(7, 20), 49],
  ])('%s', (_, steps, began) => {
    expect(run(steps).began).toBe(began);
  });

  it('ends when the score has faded, at the time that was announced', () => {
    const { known } = run(every(3, 5));
    if (!known) throw new Error('not flapping');
    const { deadline } = judgeFlapping({ ...LINK, now: known.at, was: known, flipped: false, dead: false });
    if (deadline === null) throw new Error('no deadline');
    expect(deadline - known.at).toBeGreaterThan(25 * MINUTE);
    const at = (now: number) => judgeFlapping({ ...LINK, now, was: known, flipped: false, dead: false }).flapping;
    expect(at(deadline - 1)?.active).toBe(true);
    expect(at(deadline + 1)).toMatchObject({ active: false, endedAt: deadline + 1 });
  });

  it('keeps what it is between the two thresholds', () => {
    const { known } = run([...every(3, 5), 30]);
    expect(known?.active).toBe(true);
    expect(flapScore(known ?? { score: 0, at: 0 }, 30 * MINUTE, TAU)).toBeLessThan(4);
    // The same score reached from below is none.
    expect(run(['!0', '!3', '!6', 7]).known?.active).toBe(false);
  });

  it('takes longer to forget a device that speaks seldom', () => {
    expect(flapTau(30_000)).toBe(TAU);
    expect(flapTau(3_600_000)).toBe(10 * 3_600_000);
    expect(run(every(60, 8), flapTau(3_600_000)).began).toBe(240);
    expect(run(every(60, 8)).began).toBeUndefined();
  });

  it('asks for somebody after a day, counting pauses of less than a day in', () => {
    const day = FLAP_CAP_MS / MINUTE;
    expect(run(every(5, day / 5 - 1)).last?.unstable).toBe(false);
    const { seen } = run(every(5, day / 5 + 20));
    const first = seen.find(({ active }) => active)?.at ?? 0;
    expect(seen.find(({ unstable }) => unstable)?.at).toBe(first + day);
    // Six hours of it, six hours of quiet, and again.
    const pauses = [0, 1, 2].flatMap((n) => [...every(3, 120, n * 720), n * 720 + 500]);
    expect(run([...pauses.slice(0, -1), ...every(3, 12, 1_450)]).last?.unstable).toBe(true);
    expect(run([...every(3, 120), 600, ...every(3, 20, 600 + 2 * day)]).last?.unstable).toBe(false);
  });

  it('remembers what was known before it began', () => {
    // Five turns end dead, so it was alive before the last of them.
    expect(run(every(3, 5)).known).toMatchObject({ before: 'alive', flips: 5 });
    expect(run(['!0', 500, ...every(3, 5, 1_000)]).known).toMatchObject({ before: 'dead' });
  });

  it('holds what begins, but not a death that goes on for longer than its patience, or than is usual of late', () => {
    const holds = (steps: readonly (number | `!${number}`)[]) => run(steps).last?.holds;
    expect(holds(every(3, 5))).toBe(true);
    expect(holds(every(3, 6))).toBe(true);
    // Dead since minute 12, for stretches of three minutes before: twice as long is believed, a moment sooner is not.
    expect(holds([...every(3, 5), 17])).toBe(true);
    expect(holds([...every(3, 5), 18])).toBe(false);
    // Its stretches are short, so patience counts.
    expect(holds([...every(1, 5), 8])).toBe(true);
    expect(holds([...every(1, 5), 9])).toBe(false);
    // Alive it may begin nothing, however long.
    expect(holds([...every(1, 6), 20])).toBe(true);
  });

  it('announces when it will be believed', () => {
    const { known } = run(every(1, 5));
    const verdict = judgeFlapping({ ...LINK, now: 4 * MINUTE, was: known, flipped: false, dead: true });
    expect(verdict).toMatchObject({ holds: true, deadline: 9 * MINUTE });
  });

  it.each<[string, readonly (number | `!${number}`)[], number | undefined]>([
    ['once is none', ['!0', '!5'], undefined],
    ['again within minutes', ['!0', '!5', '!10'], 10],
    ['again after an hour', ['!0', '!5', '!60'], undefined],
    ['for a minute every half hour', [0, 30, 60].flatMap((at) => [`!${at}`, `!${at + 1}`] as const), 31],
  ])('of a fault: %s', (_, steps, began) => {
    expect(run(steps, TAU, FAULT_TERMS).began).toBe(began);
  });

  it('is forgotten when nothing of it is left, a day after its end', () => {
    expect(run(['!0', '!3', 300]).known).toBeNull();
    expect(run([...every(3, 5), 100, 600]).known).not.toBeNull();
    expect(run([...every(3, 5), 100, 101 + FLAP_CAP_MS / MINUTE]).known).toBeNull();
  });

  it('survives its row', () => {
    const { known } = run(every(3, 5));
    expect(readFlapping(JSON.parse(JSON.stringify(known)))).toEqual(known);
    expect(readFlapping({ score: 'x' })).toBeNull();
  });

  // Icinga's own cases (test/icinga-checkable-flapping.cpp), with turns a minute apart and the time-based score.
  it.each([
    ['ten checks of one state', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const, false],
    ['ten checks that alternate', every(1, 10), true],
    ['alternating, then 25 quiet minutes', [...every(1, 10), 35], true],
    ['alternating, then an hour of quiet', [...every(1, 10), 75], false],
  ])('as Icinga tests it: %s', (_, steps, active) => {
    expect(run(steps).last?.active).toBe(active);
  });
});

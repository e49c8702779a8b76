import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createObservedClock, type Instant } from './observed-clock.ts';

type Step =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'run' }
  | { readonly kind: 'halt' };

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 600_000 }) }),
    fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
    fc.constant({ kind: 'run' as const }),
    fc.constant({ kind: 'halt' as const }),
  ),
  { minLength: 1, maxLength: 40 },
);

/** Plays steps on a clock; `each` sees the clock and the hands after every one of them. */
function play(all: readonly Step[], each: (clock: ReturnType<typeof createObservedClock>, at: Instant) => void) {
  const at = { wall: 1_800_000_000_000, mono: 0 };
  const clock = createObservedClock({ observed: 5_000_000, wall: at.wall - 60_000 }, { ...at });
  let heardMs = 0;
  for (const step of all) {
    if (step.kind === 'pass') {
      if (clock.running) heardMs += step.ms;
      at.wall += step.ms;
      at.mono += step.ms;
    } else if (step.kind === 'jump') at.wall += step.ms;
    if (step.kind === 'run') clock.run({ ...at });
    else if (step.kind === 'halt') clock.halt({ ...at });
    else clock.tick({ ...at });
    each(clock, at);
  }
  return { clock, at, heardMs };
}

describe('observed clock', () => {
  it('counts exactly the time it ran, whatever the host clock does', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { clock, heardMs } = play(all, () => undefined);
        expect(clock.now()).toBe(5_000_000 + heardMs);
      }),
    );
  });

  it('never goes back, neither by itself nor over receive times', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.integer({ min: 0, max: 4_000_000 }), { minLength: 2 }), (all, ages) => {
        let last = 0;
        const { clock, at } = play(all, (now) => {
          expect(now.now()).toBeGreaterThanOrEqual(last);
          last = now.now();
        });
        const times = ages.map((age) => at.wall - age).sort((a, b) => a - b);
        const observed = times.map((time) => clock.at(time));
        expect(observed).toEqual([...observed].sort((a, b) => a - b));
        expect(Math.max(...observed)).toBeLessThanOrEqual(clock.now());
      }),
    );
  });

  it('adds nothing for our own downtime, and hears what came in it at its beginning', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.nat(10_000_000), (down, within) => {
        const wall = 1_800_000_000_000;
        const clock = createObservedClock({ observed: 1_000_000, wall }, { wall: wall + down, mono: 7 });
        expect(clock.now()).toBe(1_000_000);
        expect(clock.at(wall + Math.min(within, down))).toBe(1_000_000);
        expect(clock.at(wall - 500)).toBe(999_500);
      }),
    );
  });

  it('starts where it stood although the host clock was set back while we were away', () => {
    const wall = 1_800_000_000_000;
    const clock = createObservedClock({ observed: 1_000_000, wall }, { wall: wall - 3_600_000, mono: 0 });
    clock.run({ wall: wall - 3_600_000, mono: 0 });
    clock.tick({ wall: wall - 3_590_000, mono: 10_000 });
    expect(clock.now()).toBe(1_010_000);
    expect(clock.at(wall - 3_590_000)).toBe(1_010_000);
  });

  it('takes what came just now for that, although the host clock was set back and has been slewed since', () => {
    const wall = 1_800_000_000_000;
    const clock = createObservedClock(null, { wall, mono: 0 });
    clock.run({ wall, mono: 0 });
    clock.tick({ wall: wall + 3_600_000, mono: 3_600_000 });
    clock.tick({ wall: wall + 10_000, mono: 3_610_000 });
    clock.tick({ wall: wall + 20_005, mono: 3_620_000 });
    expect(clock.now() - clock.at(wall + 20_005)).toBe(0);
  });

  it.each([3_600_000, -3_600_000])('a jump of the host clock by %d ms changes no silence', (jump) => {
    const wall = 1_800_000_000_000;
    const clock = createObservedClock(null, { wall, mono: 0 });
    clock.run({ wall, mono: 0 });
    clock.tick({ wall: wall + 10_000, mono: 10_000 });
    const seen = clock.at(wall + 10_000);
    expect(clock.tick({ wall: wall + 40_000 + jump, mono: 40_000 })).toBe(jump);
    expect(clock.now() - seen).toBe(30_000);
    // What was received just before the jump still lies where it was.
    expect(clock.now() - clock.at(wall + 35_000)).toBe(jump > 0 ? 5_000 : 5_000);
  });
});

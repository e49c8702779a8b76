import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { createSettling } from './settling.ts';

const log = createLogger('silent');
let stop: (() => unknown) | undefined;
afterEach(() => stop?.());

function settling(rounds: readonly (readonly [connections: number, sessions: number])[], longestRounds?: number) {
  let round = 0;
  let upAfter: number | undefined;
  let down = 0;
  const part = createSettling({
    stats: () => {
      const [connections, sessions] = rounds[Math.min(round++, rounds.length - 1)] ?? [0, 0];
      return { connections, sessions };
    },
    up: () => {
      upAfter = round;
    },
    down: () => {
      down += 1;
    },
    log,
    everyMs: 2,
    ...(longestRounds === undefined ? {} : { longestRounds }),
  });
  part.start?.();
  stop = part.stop;
  const done = async () => {
    await expect.poll(() => upAfter).toBeDefined();
    return upAfter;
  };
  return { done, down: () => down, stop: () => part.stop?.() };
}

describe('the rush after a start', () => {
  it('is over at once when nobody comes', async () => {
    expect(await settling([[0, 0]]).done()).toBe(2);
  });

  it('lasts while many log in, and while many wait for their login', async () => {
    const rush = [
      [900, 100],
      [2_000, 900],
      [2_000, 1_900],
      [2_000, 1_990],
      [2_000, 1_995],
      [2_000, 2_000],
    ] as const;
    expect(await settling(rush).done()).toBe(6);
  });

  it('starts again when a second wave comes before it was calm', async () => {
    expect(
      await settling([
        [100, 100],
        [100, 100],
        [600, 600],
        [600, 600],
        [600, 600],
      ]).done(),
    ).toBe(5);
  });

  it('ends after a time in any case', async () => {
    const endless = Array.from({ length: 50 }, (_, n) => [n * 1_000, n * 100] as const);
    expect(await settling(endless, 10).done()).toBe(10);
  });

  it('takes the path down when it is stopped', async () => {
    const one = settling([[0, 0]]);
    await one.done();
    await one.stop();
    expect(one.down()).toBe(1);
  });
});

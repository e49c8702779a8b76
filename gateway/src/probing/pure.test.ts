import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashPhase, nextDue, nextSlot } from './cadence.ts';
import { createDueQueue } from './due-queue.ts';

describe('the due queue', () => {
  it('hands everything out in order of its last due time, whatever was pushed, moved and removed', () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.option(fc.integer({ min: 0, max: 100 })));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = createDueQueue<number>();
        const expected = new Map<number, number>();
        for (const [entry, due] of steps) {
          if (due === null) {
            queue.remove(entry);
            expected.delete(entry);
          } else {
            queue.push(entry, due);
            expected.set(entry, due);
          }
        }
        expect(queue.next()).toBe(expected.size === 0 ? undefined : Math.min(...expected.values()));
        const taken = queue.take(100);
        expect(taken.map((entry) => expected.get(entry))).toEqual([...expected.values()].sort((a, b) => a - b));
        expect(new Set(taken)).toEqual(new Set(expected.keys()));
      }),
    );
  });

  it('keeps what is not due', () => {
    const queue = createDueQueue<string>();
    queue.push('late', 11);
    queue.push('now', 10);
    expect(queue.take(10)).toEqual(['now']);
    expect(queue.next()).toBe(11);
  });
});

describe('the phase of a device', () => {
  it.each([
    ['numbered ids', (n: number) => `cam-${n}`],
    ['padded ids', (n: number) => `310115-${String(n).padStart(12, '0')}`],
  ])('spreads 10,000 devices with %s evenly', (_, name) => {
    const slots = new Array(100).fill(0);
    for (let n = 0; n < 10_000; n += 1) slots[Math.floor(hashPhase(name(n)) * 100)] += 1;
    // 100 in each of 100 slots, within what chance alone does.
    expect(Math.min(...slots)).toBeGreaterThan(60);
    expect(Math.max(...slots)).toBeLessThan(145);
  });

  it('is always the same', () => {
    expect(hashPhase('cam-1')).toBe(hashPhase('cam-1'));
    expect(hashPhase('cam-1')).not.toBe(hashPhase('cam-2'));
  });
});

describe('the cadence', () => {
  const cadence = { intervalMs: 300_000, retryMs: 31_000, settleMs: 125_000 };

  it('follows the grid of the device, not the end of the last probe', () => {
    expect(nextSlot(60_000, 0.5, 30_000)).toBe(90_000);
    expect(nextSlot(60_000, 0.5, 89_999)).toBe(90_000);
    // Three slots missed by a stall are skipped.
    expect(nextSlot(60_000, 0.5, 250_000)).toBe(270_000);
  });

  it('is faster after a change until it has settled', () => {
    const due = (startedAt: number) => nextDue(cadence, 0, { startedAt, now: startedAt + 5_000, changedAt: 10_000 });
    expect(due(10_000)).toBe(41_000);
    expect(due(103_000)).toBe(134_000);
    expect(due(135_000)).toBe(300_000);
  });

  it('is never slower than the interval and never in the past', () => {
    const short = { ...cadence, intervalMs: 5_000 };
    expect(nextDue(short, 0, { startedAt: 1_000, now: 1_100, changedAt: 1_000 })).toBe(5_000);
    expect(nextDue(cadence, 0, { startedAt: 1_000, now: 90_000, changedAt: 1_000 })).toBe(90_000);
  });
});

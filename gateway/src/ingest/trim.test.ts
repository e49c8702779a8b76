import { describe, expect, it } from 'vitest';
import { createManualClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { createTrimPolicy } from './trim.ts';

function policy(durable = false) {
  const clock = createManualClock();
  const listeners: ((takenAt: number) => void)[] = [];
  let crowded = false;
  const checkpointed = {
    subscribe(listener: (takenAt: number) => void) {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
  const made = createTrimPolicy({
    checkpointed: durable ? undefined : checkpointed,
    crowded: () => crowded,
    clock,
    log: createLogger('silent'),
  });
  return {
    ...made,
    clock,
    listeners,
    crowd: () => {
      crowded = true;
    },
    snapshot: (takenAt = clock.now()) => {
      for (const listener of listeners) listener(takenAt);
    },
  };
}

describe('how far the spool may forget', () => {
  it('forgets what a durable database has taken', () => {
    expect(policy(true).trimTo(7)).toBe(7);
  });

  it('keeps what no snapshot holds yet', () => {
    const { trimTo, clock, snapshot } = policy();
    expect(trimTo(10)).toBe(0);
    clock.advance(1_000);
    const taken = clock.now();
    clock.advance(1_000);
    expect(trimTo(20)).toBe(0);
    snapshot(taken);
    expect(trimTo(30)).toBe(10);
    clock.advance(1_000);
    snapshot();
    expect(trimTo(40)).toBe(30);
  });

  it('gives the safety up rather than the messages to come', () => {
    const { trimTo, crowd } = policy();
    trimTo(10);
    crowd();
    expect(trimTo(20)).toBe(20);
  });

  it('hears of no snapshot after its stop', () => {
    const { stop, listeners } = policy();
    stop();
    expect(listeners).toEqual([]);
  });
});

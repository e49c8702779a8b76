import { describe, expect, it } from 'vitest';
import { createClocks } from './clocks.ts';

function rig(options: { stallMs?: number } = {}) {
  const at = { wall: 1_800_000_000_000, mono: 0 };
  const undrained = new Map<string, number>();
  const clocks = createClocks({
    clock: { now: () => at.wall, monotonic: () => at.mono },
    oldestUndrainedAt: (path) => undrained.get(path) ?? null,
    stallMs: options.stallMs ?? null,
  });
  const pass = (ms: number) => {
    at.wall += ms;
    at.mono += ms;
    clocks.tick();
  };
  clocks.clear('mqtt');
  return { at, clocks, pass, undrained, start: clocks.now('mqtt') };
}

describe('clocks of the ingest paths', () => {
  it('stand still while a path cannot hear, each for itself, and keep the interval', () => {
    const { clocks, pass, start, at } = rig();
    clocks.clear('rtsp');
    pass(1_000);
    clocks.obstruct('mqtt', 'brokerDown');
    const from = at.wall;
    pass(5_000);
    expect(clocks.now('mqtt') - start).toBe(1_000);
    expect(clocks.now('rtsp') - start).toBe(6_000);
    expect(clocks.unsaved()).toContainEqual({ path: 'mqtt', from, to: null, reason: 'brokerDown' });
    clocks.clear('mqtt');
    pass(1_000);
    expect(clocks.now('mqtt') - start).toBe(2_000);
    expect(clocks.unsaved()).toContainEqual({ path: 'mqtt', from, to: from + 5_000, reason: 'brokerDown' });
  });

  it('never pass a record that waits in the spool', () => {
    const { clocks, pass, undrained, start, at } = rig();
    pass(10_000);
    undrained.set('mqtt', at.wall - 4_000);
    pass(60_000);
    expect(clocks.now('mqtt') - start).toBe(6_000);
    undrained.clear();
    expect(clocks.now('mqtt') - start).toBe(70_000);
  });

  it('are held by a waiting record although the host clock was set back after it', () => {
    const { clocks, pass, undrained, start, at } = rig();
    pass(10_000);
    undrained.set('mqtt', at.wall - 4_000);
    at.wall -= 3_600_000;
    pass(60_000);
    expect(clocks.now('mqtt') - start).toBe(6_000);
    expect(clocks.unsaved().map((interval) => interval.reason)).toContain('clockStep');
  });

  it('an outage of the database stops all of them, also a path that comes up during it', () => {
    const { clocks, pass, start } = rig();
    clocks.obstructAll('databaseDown');
    clocks.clear('mqtt');
    pass(5_000);
    expect(clocks.now('mqtt')).toBe(start);
    clocks.clearAll('databaseDown');
    pass(1_000);
    expect(clocks.now('mqtt') - start).toBe(1_000);
  });

  it('take a standstill of the process for blindness', () => {
    const { clocks, pass, start } = rig({ stallMs: 10_000 });
    pass(1_000);
    pass(300_000);
    expect(clocks.now('mqtt') - start).toBe(1_000);
    expect(clocks.unsaved()).toContainEqual(expect.objectContaining({ reason: 'stalled' }));
    pass(1_000);
    expect(clocks.now('mqtt') - start).toBe(2_000);
  });
});

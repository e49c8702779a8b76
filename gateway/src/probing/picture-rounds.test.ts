import { afterEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../../adapters/adapter.ts';
import { createManualClock } from '../clock.ts';
import { createCpuBudget } from './cpu-budget.ts';
import { createPictureRounds, type PictureLook, type PicturePace, type PictureRounds } from './picture-rounds.ts';
import type { ScheduledTarget } from './ports.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
const MINUTE_MS = 60_000;
const GOOD: PictureLook = { ok: true, reason: 'ok', detail: '', rttMs: 10 };
const settled = () => new Promise((resolve) => setImmediate(resolve));
const running: PictureRounds[] = [];
afterEach(async () => {
  for (const rounds of running.splice(0)) await rounds.stop();
});

/** Rounds over cameras on a clock moved by hand; the test says what a check finds and what it costs. */
async function rig(cameras: number, options: { maxConcurrent?: number; costMs?: number } = {}) {
  const clock = createManualClock();
  const pace: { current: PicturePace } = {
    current: { everyMs: 60 * MINUTE_MS, confirmMs: 3 * MINUTE_MS, cpuShare: 0.5 },
  };
  const checks: { device: number; at: number }[] = [];
  const state = {
    result: GOOD,
    spent: 0,
    inside: 0,
    most: 0,
    hold: false,
    signals: [] as AbortSignal[],
    silent: new Set<number>(),
  };
  const target = (key: number): ScheduledTarget => ({
    deviceKey: key,
    deviceId: `cam-${key}`,
    connection: { protocol: 'rtsp', url: `rtsp://10.0.${key >> 8}.${key & 255}/` },
    intervalMs: 30_000,
    parentKey: null,
  });
  const all = Array.from({ length: cameras }, (_, key) => target(key + 1));
  const start = clock.monotonic();
  const rounds = createPictureRounds({
    targets: {
      list: async () => all,
      find: async (keys) => all.filter(({ deviceKey }) => keys.includes(deviceKey)),
      onChange: () => () => undefined,
    },
    check: async (device, signal) => {
      checks.push({ device, at: clock.monotonic() - start });
      state.signals.push(signal);
      state.inside += 1;
      state.most = Math.max(state.most, state.inside);
      if (state.hold) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await settled();
      state.inside -= 1;
      state.spent += options.costMs ?? 0;
      return state.result;
    },
    answers: (device) => !state.silent.has(device),
    pace: () => pace.current,
    spentCpuMs: () => state.spent,
    clock,
    log: silent,
    phase: (id) => (Number(id.slice(4)) - 1) / cameras,
    maxConcurrent: options.maxConcurrent ?? 4,
  });
  running.push(rounds);
  await rounds.start();
  const advance = async (ms: number, step = ms) => {
    for (let done = 0; done < ms; done += step) {
      clock.advance(step);
      rounds.tick();
      for (let n = 0; n < 6; n += 1) await settled();
    }
  };
  await advance(0);
  rounds.tick();
  await settled();
  return { clock, pace, checks, state, rounds, advance };
}

describe('the rounds', () => {
  it('look at every picture once an hour, evenly spread', async () => {
    const { checks, advance } = await rig(60);
    // First looks lie off the grid; from the second hour on everybody has a place.
    await advance(80 * MINUTE_MS, MINUTE_MS);
    checks.length = 0;
    await advance(60 * MINUTE_MS, MINUTE_MS);
    expect(new Set(checks.map(({ device }) => device)).size).toBe(60);
    expect(checks.length).toBeLessThanOrEqual(61);
  });

  it('look again minutes after a verdict that turned, and hourly once it is settled', async () => {
    const { checks, state, advance } = await rig(1);
    await advance(60 * MINUTE_MS, MINUTE_MS);
    checks.length = 0;
    state.result = { ...GOOD, ok: false, reason: 'black' };
    await advance(110 * MINUTE_MS, MINUTE_MS);
    const times = checks.map(({ at }) => at / MINUTE_MS);
    const first = times[0] ?? 0;
    expect(times.slice(0, 3).map((at) => at - first)).toEqual([0, 3, 6]);
    expect(times.length).toBeLessThanOrEqual(5);
  });

  it('leave out cameras whose probes get no good answer, unless a person asks', async () => {
    const { checks, state, rounds, advance } = await rig(2);
    state.silent.add(1);
    checks.length = 0;
    await advance(61 * MINUTE_MS, MINUTE_MS);
    expect(new Set(checks.map(({ device }) => device))).toEqual(new Set([2]));
    await Promise.all([rounds.checkNow(1), advance(1_000)]);
    expect(checks.at(-1)?.device).toBe(1);
  });

  it('look soon when asked, once however often', async () => {
    const { checks, rounds, advance } = await rig(3);
    await advance(5 * MINUTE_MS, 10_000);
    checks.length = 0;
    for (let n = 0; n < 5; n += 1) rounds.soon(2);
    rounds.soon(99);
    await advance(10_000, 1_000);
    expect(checks.map(({ device }) => device)).toEqual([2]);
  });

  it('follow a shorter pace without a restart', async () => {
    const { checks, pace, advance } = await rig(2);
    await advance(2 * MINUTE_MS, 1_000);
    checks.length = 0;
    pace.current = { ...pace.current, everyMs: 20_000 };
    // The pace is read on a timer of two seconds.
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    await advance(60_000, 1_000);
    expect(checks.length).toBeGreaterThanOrEqual(4);
  });

  it('run so many checks at once and no more', async () => {
    const { state, rounds, advance } = await rig(20, { maxConcurrent: 3 });
    state.hold = true;
    for (let key = 1; key <= 20; key += 1) rounds.soon(key);
    await advance(10_000, 1_000);
    expect(state.inside).toBe(3);
    expect(rounds.stats().queued).toBe(17);
  });

  it('wait while the checks have used more than their share of a core', async () => {
    const { checks, rounds, advance } = await rig(100, { costMs: 5_000, maxConcurrent: 1 });
    for (let key = 1; key <= 100; key += 1) rounds.soon(key);
    await advance(10 * MINUTE_MS, 1_000);
    // Ten minutes at half a core are 300 s, each check costs 5 s: sixty, and what runs at once.
    expect(checks.length).toBeGreaterThanOrEqual(55);
    expect(checks.length).toBeLessThanOrEqual(64);
    expect(rounds.stats().held).toBeGreaterThan(0);
  });

  it('go ahead at once for a person, budget or not', async () => {
    const { checks, state, rounds, advance } = await rig(2);
    await advance(2 * MINUTE_MS, 10_000);
    state.spent += 10 * MINUTE_MS;
    rounds.soon(1);
    await advance(10_000, 1_000);
    checks.length = 0;
    await expect(rounds.checkNow(2)).resolves.toMatchObject({ ok: true });
    expect(checks.map(({ device }) => device)).toEqual([2]);
  });

  it('hold ten thousand cameras', async () => {
    const { rounds, checks, advance } = await rig(10_000, { maxConcurrent: 10 });
    await advance(MINUTE_MS, 1_000);
    expect(rounds.stats().targets).toBe(10_000);
    // 10,000 an hour are 167 a minute.
    expect(checks.length).toBeGreaterThan(120);
    expect(checks.length).toBeLessThan(220);
  });

  it('end with checks that never end', async () => {
    const { state, rounds, advance } = await rig(4);
    await advance(10_000, 1_000);
    state.signals.length = 0;
    state.hold = true;
    for (let key = 1; key <= 4; key += 1) rounds.soon(key);
    await advance(10_000, 1_000);
    await rounds.stop();
    expect(state.signals).toHaveLength(4);
    expect(state.signals.every((signal) => signal.aborted)).toBe(true);
  });
});

describe('the budget', () => {
  it('lets nobody wait whose work was called off', async () => {
    const clock = createManualClock();
    let spent = 0;
    const budget = createCpuBudget({ spentMs: () => spent, share: () => 0.5, clock });
    await budget.room(new AbortController().signal);
    spent = 60_000;
    const ending = new AbortController();
    const waiting = budget.room(ending.signal);
    expect(budget.waiting).toBe(1);
    ending.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    expect(budget.waiting).toBe(0);
    const patient = budget.room(new AbortController().signal);
    clock.advance(119_000);
    budget.look();
    expect(budget.waiting).toBe(1);
    clock.advance(2_000);
    budget.look();
    await patient;
    budget.stop();
  });
});

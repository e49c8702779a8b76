import { afterEach, describe, expect, it } from 'vitest';
import type { Logger, ProbeResult, ProbeTarget } from '../../../adapters/adapter.ts';
import { createManualClock } from '../clock.ts';
import type { ProbeEvidence } from '../domain/evidence.ts';
import type { ProbeTargets, ScheduledTarget, TargetProbe } from './ports.ts';
import type { Probing, ProbingOptions } from './probing.ts';
import { createProbing } from './scheduler.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
const OK: ProbeResult = { ok: true, reason: 'ok', detail: '', rttMs: 20 };
const TIMEOUT: ProbeResult = { ok: false, reason: 'timeout', detail: '', rttMs: 5_000 };

/** Lets every promise that can go on do so; no time passes. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const running: Probing[] = [];
afterEach(async () => {
  for (const probing of running.splice(0)) await probing.stop();
});

function camera(key: number, more: Partial<ScheduledTarget> = {}): ScheduledTarget {
  const connection = { protocol: 'rtsp' as const, url: `rtsp://10.0.${key >> 8}.${key & 255}/` };
  return { deviceKey: key, deviceId: `cam-${key}`, connection, intervalMs: 60_000, parentKey: null, ...more };
}

/** A scheduler on a clock moved by hand, with a registry in memory and a probe that the test answers. */
async function rig(targets: ScheduledTarget[], options: Partial<ProbingOptions> = {}) {
  const clock = createManualClock();
  const registry = new Map(targets.map((target) => [target.deviceKey, target]));
  const listeners = new Set<(keys: readonly number[]) => void>();
  const port: ProbeTargets = {
    list: async () => [...registry.values()],
    find: async (keys) => keys.flatMap((key) => registry.get(key) ?? []),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const calls: {
    id: string;
    at: number;
    target: ProbeTarget;
    thorough: boolean;
    signal: AbortSignal;
    answer: (r: ProbeResult) => void;
  }[] = [];
  const reports: ProbeEvidence[] = [];
  const start = clock.monotonic();
  const rtsp: TargetProbe = (target, { signal, thorough }) =>
    new Promise<ProbeResult>((resolve, reject) => {
      calls.push({ id: target.deviceId, at: clock.monotonic() - start, target, thorough, signal, answer: resolve });
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const probing = createProbing({
    targets: port,
    probe: { rtsp },
    report: (evidence) => void reports.push(evidence),
    clock,
    log: silent,
    phase: () => 0,
    ...options,
  });
  running.push(probing);
  await probing.start();
  probing.tick();
  const answered = new Set<object>();
  return {
    clock,
    registry,
    calls,
    reports,
    probing,
    /** Calls not answered yet. */
    open: () => calls.filter((call) => !answered.has(call) && !call.signal.aborted),
    async answer(result: ProbeResult | ((id: string) => ProbeResult | undefined)) {
      for (const call of calls) {
        const one = typeof result === 'function' ? result(call.id) : result;
        if (answered.has(call) || !one) continue;
        answered.add(call);
        call.answer(one);
      }
      await settled();
    },
    async advance(ms: number) {
      clock.advance(ms);
      probing.tick();
      await settled();
    },
    async change(...keys: number[]) {
      for (const listener of listeners) listener(keys);
      // The feed reads on a timer of 0 ms.
      await new Promise((resolve) => setTimeout(resolve, 20));
      probing.tick();
      await settled();
    },
  };
}

describe('the schedule', () => {
  it('probes at once, then on the grid of the device, and reports each result', async () => {
    const one = await rig([camera(1)]);
    expect(one.calls).toHaveLength(1);
    one.clock.advance(3_000);
    await one.answer({ ...OK, detail: 'd', facts: { codec: 'H264' } });
    expect(one.reports).toEqual([
      {
        device: 1,
        path: 'rtsp',
        at: one.clock.now(),
        ok: true,
        reason: 'ok',
        detail: 'd',
        rttMs: 20,
        facts: { codec: 'H264' },
      },
    ]);
    await one.advance(56_999);
    expect(one.calls).toHaveLength(1);
    await one.advance(1);
    expect(one.calls).toHaveLength(2);
    expect(one.calls[1]?.at).toBe(60_000);
  });

  it('reaches four failures over more than 90 seconds in less than 100, then returns to the interval', async () => {
    const one = await rig([camera(1, { intervalMs: 300_000 })]);
    for (let second = 0; second < 700; second += 1) {
      await one.answer(TIMEOUT);
      await one.advance(1_000);
    }
    const at = one.reports.map((report) => report.at - (one.reports[0]?.at ?? 0));
    expect(at.slice(0, 4)).toEqual([0, 31_000, 62_000, 93_000]);
    expect(one.calls.slice(4).map((call) => call.at)).toEqual([124_000, 155_000, 300_000, 600_000]);
  });

  it('confirms a recovery faster, too', async () => {
    const one = await rig([camera(1, { intervalMs: 300_000, retryMs: 10_000 })], { settleMs: 15_000 });
    for (let second = 0; second < 330; second += 1) {
      await one.answer(second < 295 ? TIMEOUT : OK);
      await one.advance(1_000);
    }
    expect(one.calls.map((call) => call.at)).toEqual([0, 10_000, 20_000, 300_000, 310_000, 320_000]);
  });

  it('spreads the first probes of many new devices', async () => {
    const many = await rig(
      Array.from({ length: 1_000 }, (_, n) => camera(n + 1)),
      { phase: (id) => Number(id.slice(4)) / 1_000 - 0.001, firstPerSecond: 200 },
    );
    await many.answer(OK);
    for (let step = 0; step < 49; step += 1) {
      await many.advance(100);
      await many.answer(OK);
    }
    const inSecond = (second: number) => many.calls.filter((call) => Math.floor(call.at / 1_000) === second).length;
    expect([0, 1, 2, 3, 4].map(inSecond)).toEqual([181, 200, 200, 200, 200]);
  });
});

describe('caps', () => {
  it('hold per host without holding up anybody else', async () => {
    const nvr = (key: number) => camera(key, { connection: { protocol: 'rtsp', url: `rtsp://10.9.9.9/ch${key}` } });
    const many = await rig([nvr(1), nvr(2), nvr(3), nvr(4), camera(5)], { perHost: 2 });
    expect(many.open().map((call) => call.id)).toEqual(['cam-1', 'cam-2', 'cam-5']);
    expect(many.probing.stats()).toMatchObject({ running: 3, waiting: 2, queued: 0 });
    await many.answer((id) => (id === 'cam-2' ? OK : undefined));
    expect(many.open().map((call) => call.id)).toEqual(['cam-1', 'cam-5', 'cam-3']);
    await many.answer(OK);
    await many.answer(OK);
    expect(many.reports).toHaveLength(5);
    expect(many.probing.stats()).toMatchObject({ running: 0, waiting: 0, results: { ok: 5 } });
  });

  it('tell cameras behind one address apart by their port', async () => {
    const street = (key: number) =>
      camera(key, { connection: { protocol: 'rtsp', url: `rtsp://10.9.9.9:${8_000 + key}/` } });
    const many = await rig([street(1), street(2), street(3)], { perHost: 1 });
    expect(many.open()).toHaveLength(3);
  });

  it('hold per parent', async () => {
    const many = await rig([camera(1, { parentKey: 9 }), camera(2, { parentKey: 9 }), camera(3)], { perParent: 1 });
    expect(many.open().map((call) => call.id)).toEqual(['cam-1', 'cam-3']);
    await many.answer(OK);
    expect(many.open().map((call) => call.id)).toEqual(['cam-2']);
  });

  it('pass the place on when the first in line was removed', async () => {
    const many = await rig(
      [1, 2, 3].map((key) => camera(key, { parentKey: 9 })),
      { perParent: 1 },
    );
    many.registry.delete(2);
    await many.change(2);
    await many.answer(OK);
    expect(many.open().map((call) => call.id)).toEqual(['cam-3']);
  });

  it('keep places for cameras that answer, however many hang', async () => {
    const good = (id: string) => Number(id.slice(4)) > 50;
    const many = await rig(
      Array.from({ length: 100 }, (_, n) => camera(n + 1)),
      { maxConcurrent: 20, doubtfulShare: 0.75, firstPerSecond: 1_000_000 },
    );
    await many.advance(1);
    // First round: nobody is known, hangers hold their places for the whole deadline.
    for (let second = 0; second < 59; second += 1) {
      await many.answer((id) => (good(id) ? OK : undefined));
      if (second % 5 === 4) await many.answer(TIMEOUT);
      await many.advance(1_000);
    }
    // From now on no hanging probe ends at all, and every good camera is still on time.
    const before = many.calls.length;
    await many.answer((id) => (good(id) ? OK : undefined));
    for (let second = 0; second < 65; second += 1) {
      await many.advance(1_000);
      // Quick ones make room for the next in line: five at a time beside fifteen that hang.
      for (let round = 0; round < 15; round += 1) await many.answer((id) => (good(id) ? OK : undefined));
    }
    const later = many.calls.slice(before).filter((call) => good(call.id));
    expect(new Set(later.map((call) => call.id)).size).toBe(50);
    expect(many.probing.stats().running).toBeLessThanOrEqual(15);
    for (const call of later) expect(call.at % 60_000).toBeLessThan(1_000);
  });
});

describe('changes of the registry', () => {
  it('start, replace and end probes', async () => {
    const many = await rig([camera(1)]);
    await many.answer(OK);
    many.registry.set(2, camera(2));
    await many.change(2);
    await many.advance(10);
    expect(many.open().map((call) => call.id)).toEqual(['cam-2']);

    const moved = camera(2, { connection: { protocol: 'rtsp', url: 'rtsp://10.1.1.1/new' } });
    many.registry.set(2, moved);
    await many.change(2);
    await many.advance(10);
    expect(many.calls[1]?.signal.aborted).toBe(true);
    expect(many.open().map((call) => call.target.connection)).toEqual([moved.connection]);

    many.registry.delete(2);
    await many.change(2);
    expect(many.open()).toEqual([]);
    expect(many.reports).toHaveLength(1);
    expect(many.probing.stats()).toMatchObject({ targets: 1, errors: 0 });
  });

  it('that were never told are found by the full reading', async () => {
    const many = await rig([camera(1)], { reloadMs: 10_000 });
    many.registry.delete(1);
    many.clock.advance(10_000);
    await many.change();
    expect(many.probing.stats().targets).toBe(0);
  });

  it('with a protocol nobody speaks are counted', async () => {
    const many = await rig([camera(1, { connection: { protocol: 'onvif', host: '10.0.0.1' } })]);
    expect(many.probing.stats()).toMatchObject({ targets: 0, unsupported: 1 });
    await expect(many.probing.probeNow(1)).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
  });
});

describe('a probe asked for now', () => {
  it('uses the connection as it is now and resolves after its report', async () => {
    const one = await rig([camera(1)]);
    await one.answer(OK);
    const moved = camera(1, { connection: { protocol: 'rtsp', url: 'rtsp://10.1.1.1/new' } });
    one.registry.set(1, moved);
    const asked = one.probing.probeNow(1);
    await settled();
    expect(one.open().map((call) => call.target.connection)).toEqual([moved.connection]);
    await one.answer(TIMEOUT);
    expect(await asked).toEqual(TIMEOUT);
    expect(one.reports).toHaveLength(2);
  });

  it('starts anew behind one already running, once for all who ask', async () => {
    const one = await rig([camera(1)]);
    const asked = [one.probing.probeNow(1), one.probing.probeNow(1)];
    await settled();
    expect(one.calls).toHaveLength(1);
    await one.answer(TIMEOUT);
    await one.answer(OK);
    expect(await Promise.all(asked)).toEqual([OK, OK]);
    expect(one.calls).toHaveLength(2);
  });

  it('goes ahead of a full pool', async () => {
    const many = await rig([camera(1), camera(2)], { maxConcurrent: 1, doubtfulShare: 1 });
    expect(many.open().map((call) => call.id)).toEqual(['cam-1']);
    const asked = many.probing.probeNow(2);
    await settled();
    expect(many.open().map((call) => call.id)).toEqual(['cam-1', 'cam-2']);
    await many.answer(OK);
    expect(await asked).toEqual(OK);
    // The place it had in the queue is not used a second time.
    expect(many.calls).toHaveLength(2);
  });

  it('of an unknown device is refused', async () => {
    const one = await rig([]);
    await expect(one.probing.probeNow(7)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('trouble of our own', () => {
  it('is no evidence and is tried again soon', async () => {
    let fail = true;
    const one = await rig([camera(1, { intervalMs: 300_000 })], {
      probe: { rtsp: () => (fail ? Promise.reject(new Error('EMFILE')) : Promise.resolve(OK)) },
    });
    await settled();
    expect(one.probing.stats()).toMatchObject({ errors: 1, results: {} });
    expect(one.reports).toEqual([]);
    fail = false;
    await one.advance(31_000);
    expect(one.reports).toHaveLength(1);
  });

  it('cuts off a probe that ignores its deadline', async () => {
    const one = await rig([camera(1)], { probe: { rtsp: () => new Promise(() => undefined) }, deadlineMs: 5_000 });
    await one.advance(5_999);
    expect(one.probing.stats().running).toBe(1);
    await one.advance(1);
    expect(one.probing.stats()).toMatchObject({ running: 0, errors: 1 });
  });

  it('in taking a report loses that report only', async () => {
    const one = await rig([camera(1)], { report: () => Promise.reject(new Error('database away')) });
    await one.answer(OK);
    expect(one.probing.stats()).toMatchObject({ reportErrors: 1, running: 0 });
    await one.advance(60_000);
    expect(one.open()).toHaveLength(1);
  });
});

describe('the end', () => {
  it('aborts what is in flight, reports nothing more and answers who waits', async () => {
    const one = await rig([camera(1), camera(2)]);
    const asked = one.probing.probeNow(1);
    await settled();
    await one.probing.stop();
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(one.calls.every((call) => call.signal.aborted)).toBe(true);
    await one.advance(600_000);
    expect(one.reports).toEqual([]);
    expect(one.calls).toHaveLength(2);
    await expect(one.probing.probeNow(1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a look asked for', () => {
  it('comes within seconds, thoroughly, once, and leaves the grid as it was', async () => {
    const one = await rig([camera(1)]);
    await one.answer(OK);
    await one.advance(30_000);
    for (let n = 0; n < 3; n += 1) one.probing.soon(1);
    one.probing.soon(2);
    await one.advance(1_000);
    await one.answer(OK);
    await one.advance(20_000);
    await one.advance(9_000);
    expect(one.calls.map(({ at, thorough }) => [at, thorough])).toEqual([
      [0, false],
      [31_000, true],
      [60_000, false],
    ]);
  });

  it('follows a probe that is running now', async () => {
    const one = await rig([camera(1)]);
    one.probing.soon(1);
    await one.advance(100);
    expect(one.calls).toHaveLength(1);
    await one.answer(OK);
    await one.advance(0);
    expect(one.calls.map(({ thorough }) => thorough)).toEqual([false, true]);
  });

  it('never delays one that is due earlier', async () => {
    const one = await rig([camera(1)], { phase: () => 0.99 });
    await one.advance(1_000);
    await one.answer(OK);
    await one.advance(57_000);
    one.probing.soon(1);
    await one.advance(1_500);
    expect(one.calls).toHaveLength(2);
  });
});

describe('how thorough a look is', () => {
  it('is a matter of who shares the port, hangs on a parent or waits for the answer', async () => {
    const channel = (key: number, more: Partial<ScheduledTarget> = {}) =>
      camera(key, { connection: { protocol: 'rtsp', url: `rtsp://10.1.1.1/channel${key}` }, ...more });
    const one = await rig([camera(1), camera(2, { parentKey: 9 }), channel(3), channel(4)]);
    await one.advance(1_000);
    const thorough = () => Object.fromEntries(one.calls.map((call) => [call.id, call.thorough]));
    expect(thorough()).toEqual({ 'cam-1': false, 'cam-2': true, 'cam-3': true, 'cam-4': true });
    await one.answer(OK);
    // The neighbour moves away: the port is its own again.
    one.registry.set(4, camera(4));
    await one.change(4);
    await one.advance(60_000);
    expect(thorough()).toMatchObject({ 'cam-3': false });
    await one.answer(OK);
    const asked = one.probing.probeNow(1);
    await settled();
    await one.answer(OK);
    await asked;
    expect(thorough()).toMatchObject({ 'cam-1': true });
  });
});

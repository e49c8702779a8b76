import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../adapters/rtsp/testing-prober.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import { createSystemClock } from '../src/clock.ts';
import type { ProbeEvidence } from '../src/domain/evidence.ts';
import { createLogger } from '../src/log.ts';
import type { ScheduledTarget } from '../src/probing/ports.ts';
import { createProbing } from '../src/probing/scheduler.ts';
import { type GstRtspServer, gstAvailable, startGstRtspServer } from './support/gst-rtsp-server.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function camera(deviceKey: number, url: string, intervalMs: number): ScheduledTarget {
  const connection = { protocol: 'rtsp' as const, url, username: 'admin', password: 'Camera-1' };
  return { deviceKey, deviceId: `cam-${deviceKey}`, connection, intervalMs, parentKey: null };
}

/** The scheduler with the real adapter, clock and timers. */
async function probeAll(targets: ScheduledTarget[], limits: Partial<Parameters<typeof createProbing>[0]>) {
  const reports: ProbeEvidence[] = [];
  const adapter = connect();
  if (!adapter.probe) throw new Error('the adapter has no probe');
  const probing = createProbing({
    targets: {
      list: async () => targets,
      find: async (keys) => targets.filter((target) => keys.includes(target.deviceKey)),
      onChange: () => () => undefined,
    },
    probe: { rtsp: adapter.probe },
    report: (evidence) => void reports.push(evidence),
    clock: createSystemClock(),
    log: createLogger('error'),
    ...limits,
  });
  ends.push(() => adapter.stop());
  ends.push(() => probing.stop());
  await probing.start();
  return { probing, reports };
}

describe('fifty cameras that hang', () => {
  it('never delay fifty that answer', async () => {
    const servers = Array.from({ length: 100 }, () => createRtspServer({ cameras: [{ path: '/cam' }] }));
    ends.push(async () => void (await Promise.all(servers.map((server) => server.stop()))));
    await Promise.all(servers.map((server) => server.start()));
    const cameras = servers.map((server) => server.camera('/cam'));
    await Promise.all(cameras.slice(0, 50).map((one) => one.fault('hang')));

    const targets = cameras.map((one, n) => camera(n + 1, one.url, 1_000));
    const limits = { maxConcurrent: 24, doubtfulShare: 0.75, deadlineMs: 400, firstPerSecond: 1_000 };
    const { probing, reports } = await probeAll(targets, limits);
    const times = (device: number) => reports.filter((report) => report.device === device).length;
    await expect
      .poll(() => Math.min(...targets.map((one) => times(one.deviceKey))), { timeout: 20_000 })
      .toBeGreaterThan(2);
    const judged = (device: number) => new Set(reports.filter((one) => one.device === device).map((one) => one.reason));
    expect(targets.slice(0, 50).every((one) => judged(one.deviceKey).has('timeout'))).toBe(true);
    expect(targets.slice(50).every((one) => [...judged(one.deviceKey)].join() === 'ok')).toBe(true);
    // The hangers take their turns within their share; those that answer keep their pace.
    expect(times(100)).toBeGreaterThanOrEqual(times(1));
    expect(probing.stats().errors).toBe(0);
  });
});

describe.skipIf(!gstAvailable())('a GStreamer camera under the scheduler', () => {
  it('is online, a timeout when stopped, and a closed port when killed', async () => {
    const server: GstRtspServer = await startGstRtspServer({ auth: 'digest', user: 'admin', password: 'Camera-1' });
    ends.push(() => server.kill());
    const limits = { deadlineMs: 1_500, retryMs: 300 };
    const { probing, reports } = await probeAll([camera(1, server.url('/cam'), 300)], limits);
    const last = () => reports.at(-1)?.reason;
    await expect.poll(last, { timeout: 20_000 }).toBe('ok');
    server.pause();
    await expect.poll(last, { timeout: 20_000 }).toBe('timeout');
    server.resume();
    // The first answer may be that of a probe that began while the camera was stopped.
    await expect.poll(() => probing.probeNow(1), { timeout: 20_000 }).toMatchObject({ ok: true });
    await server.kill();
    await expect.poll(last, { timeout: 20_000 }).toBe('portClosed');
  });
});

describe('an NVR', () => {
  it('is asked for two channels at a time at most', async () => {
    const paths = Array.from({ length: 12 }, (_, n) => ({ path: `/ch${n + 1}`, slowMs: 30 }));
    const nvr: RtspServer = createRtspServer({ cameras: paths });
    ends.push(() => nvr.stop());
    await nvr.start();
    for (const one of nvr.cameras) await one.fault('slow');
    const targets = nvr.cameras.map((one, n) => ({ ...camera(n + 1, one.url, 60_000), parentKey: 99 }));
    let most = 0;
    const { probing, reports } = await probeAll(targets, { perParent: 2, firstPerSecond: 10_000 });
    while (reports.length < 12) {
      most = Math.max(most, probing.stats().running);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(most).toBe(2);
    expect(reports.every((report) => report.ok)).toBe(true);
  });
});

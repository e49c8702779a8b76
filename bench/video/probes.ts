// DESCRIBE probes beside a bare TCP connect loop against the same cameras in the same run, then 10,000 cameras under the
// scheduler for a minute with one in twenty dead.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Probe } from '../../adapters/adapter.ts';
import { createTargetGuard, createTcpProbe } from '../../adapters/index.ts';
import { connect as connectRtsp } from '../../adapters/rtsp/testing-prober.ts';
import { createSystemClock } from '../../gateway/src/clock.ts';
import type { ProbeEvidence } from '../../gateway/src/domain/evidence.ts';
import { createLogger } from '../../gateway/src/log.ts';
import type { ScheduledTarget } from '../../gateway/src/probing/ports.ts';
import { createProbing } from '../../gateway/src/probing/scheduler.ts';
import { cpuOf, median, report } from './report.ts';

const LOGIN = { username: 'viewer', password: 'Street-2026!' };
const ROUNDS = 3;
const PROBES = 20_000;
const AT_ONCE = 64;
const CAMERAS = Number(process.env.BENCH_CAMERAS ?? 10_000);
const MINUTE_MS = 60_000;
const PORTS = 200;

export async function benchProbes(): Promise<void> {
  const cameras = await startCameras(PORTS, PORTS / 20);
  const adapter = connectRtsp();
  if (!adapter.probe) throw new Error('the rtsp adapter has no probe');
  try {
    await rates(cameras.ports.slice(0, PORTS), adapter.probe);
    await minute(cameras.ports, adapter.probe);
  } finally {
    await adapter.stop();
    await cameras.stop();
  }
}

async function rates(ports: readonly number[], probe: Probe): Promise<void> {
  const { signal } = new AbortController();
  const describe = async (port: number) => {
    const connection = { protocol: 'rtsp', url: `rtsp://127.0.0.1:${port}/cam`, ...LOGIN } as const;
    const result = await probe({ deviceId: 'bench', connection }, { deadline: 5_000, signal });
    if (!result.ok) throw new Error(`a healthy camera was judged ${result.reason}: ${result.detail}`);
  };
  const knock = createTcpProbe({
    guard: createTargetGuard({ allowed: '127.0.0.0/8' }),
    monotonic: () => performance.now(),
  });
  const knockAt = async (port: number) => {
    const connection = { protocol: 'rtsp', url: `rtsp://127.0.0.1:${port}/cam` } as const;
    const result = await knock({ deviceId: 'bench', connection }, { deadline: 5_000, signal });
    if (!result.ok) throw new Error(`a healthy camera was judged ${result.reason}: ${result.detail}`);
  };
  const bare: Figure[] = [];
  const knocks: Figure[] = [];
  const ours: Figure[] = [];
  await each(ports, 2_000, describe);
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await figure(() => each(ports, PROBES, tcp)));
    knocks.push(await figure(() => each(ports, PROBES, knockAt)));
    ours.push(await figure(() => each(ports, PROBES, describe)));
  }
  const rate = (figures: readonly Figure[]) => median(figures.map((one) => one.perSecond));
  const cpu = (figures: readonly Figure[]) => median(figures.map((one) => one.cpuUs));
  report('TCP probes (L1)', rate(knocks), '1/s', rate(bare));
  report('CPU of one TCP probe', cpu(knocks), 'us', cpu(bare));
  report('DESCRIBE probes with Digest (L2)', rate(ours), '1/s', rate(bare));
  report('CPU of one DESCRIBE probe', cpu(ours), 'us', cpu(bare));
}

/** Everybody is probed once in a minute; the dead hold their places for the whole deadline. */
async function minute(ports: readonly number[], probe: Probe): Promise<void> {
  const dead = new Set(ports.slice(PORTS));
  const targets = Array.from({ length: CAMERAS }, (_, n): ScheduledTarget => {
    const port = ports[n % ports.length] ?? 0;
    const connection = { protocol: 'rtsp' as const, url: `rtsp://127.0.0.1:${port}/cam${n}`, ...LOGIN };
    return { deviceKey: n + 1, deviceId: `cam-${n + 1}`, connection, intervalMs: MINUTE_MS, parentKey: null };
  });
  const isDead = (device: number) => dead.has(ports[(device - 1) % ports.length] ?? 0);
  const results: ProbeEvidence[] = [];
  const clock = createSystemClock();
  const probing = createProbing({
    targets: { list: async () => targets, find: async () => [], onChange: () => () => undefined },
    probe: { rtsp: probe },
    report: (evidence) => void results.push(evidence),
    clock,
    log: createLogger('error'),
    // Fifty cameras share a port here, which no street does.
    perHost: 64,
    retryMs: MINUTE_MS,
    firstPerSecond: CAMERAS / 60,
  });
  let worstLagMs = 0;
  const { cpuUs, wallMs } = await cpuOf(async () => {
    await probing.start();
    await new Promise((resolve) => setTimeout(resolve, MINUTE_MS));
    worstLagMs = probing.stats().worstLagMs;
  });
  await probing.stop();
  const wrong = results.filter((one) => one.ok === isDead(one.device)).length;
  report(
    `${CAMERAS} cameras in 60 s, 5 % dead: probed`,
    new Set(results.map((one) => one.device)).size,
    'cameras',
    CAMERAS,
  );
  report('the same: share of one core', cpuUs / 1_000 / wallMs, '1', 0.1);
  report('the same: false verdicts', wrong, 'verdicts');
  report('the same: greatest delay behind the plan', worstLagMs, 'ms');
}

interface Figure {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function figure(work: () => Promise<void>): Promise<Figure> {
  const { cpuUs, wallMs } = await cpuOf(work);
  return { perSecond: (PROBES / wallMs) * 1_000, cpuUs: cpuUs / PROBES };
}

async function each(ports: readonly number[], count: number, work: (port: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(ports[next++ % ports.length] ?? 0);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function tcp(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.destroy();
}

async function startCameras(alive: number, dead: number) {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'fake-cameras.ts'), String(alive), String(dead)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  if (!child.stdout) throw new Error('no output of the cameras');
  for await (const line of createInterface({ input: child.stdout })) {
    const { ports } = JSON.parse(line) as { ports: number[] };
    return {
      ports,
      async stop() {
        child.kill();
        await once(child, 'exit');
      },
    };
  }
  throw new Error('the cameras did not start');
}

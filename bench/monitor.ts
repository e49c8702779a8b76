/**
 * 100,000 devices on a private PostgreSQL: what a sweep with nothing due costs, how long 10,000 devices that fall
 * silent at once take to be judged, what a device costs in memory, and the processor's share at 5,000 evidence a second.
 * `--devices N` and `--silent N` for a smaller run, `--load` for the share alone.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createLogger } from '../gateway/src/log.ts';
import { sql } from '../gateway/src/store/database.ts';
import { migrate } from '../gateway/src/store/migrate.ts';
import { openPostgres } from '../gateway/src/store/postgres.ts';
import { addDevices, CHARGER, createMonitorRig } from '../gateway/test/support/monitor.ts';
import { type PostgresCluster, startPostgres } from '../gateway/test/support/postgres.ts';
import { serverProcessorMs } from './load/processor.ts';
import { measureLoad } from './monitor-load.ts';

const STEP_MS = 30_000;
/** A charger with four ports: one fresh metric of its own and four remembered for an alarm rule. */
const VALUES = {
  power: 840,
  note: 1,
  'ports.1.current': 2.1,
  'ports.2.current': 0.4,
  'ports.3.current': 3.3,
  'ports.4.current': 1.2,
};

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '100000' },
      silent: { type: 'string', default: '10000' },
      load: { type: 'boolean', default: false },
    },
  });
  const count = Number(values.devices);
  const silent = Number(values.silent);
  if (!values.load) await onCluster((cluster) => measure(cluster, count, silent));
  await onCluster(async (cluster) => {
    const db = openPostgres(cluster.url, { log: createLogger('error') });
    await migrate(db);
    await measureLoad(db, await addDevices(db, count, CHARGER.id), report, cluster.pid());
    await db.close();
  });
}

async function onCluster(work: (cluster: PostgresCluster) => Promise<void>): Promise<void> {
  const cluster = await startPostgres({ fsync: true });
  try {
    await work(cluster);
  } finally {
    await cluster.remove();
  }
}

async function measure(cluster: PostgresCluster, count: number, silent: number): Promise<void> {
  const db = openPostgres(cluster.url, { log: createLogger('error') });
  await migrate(db);
  const devices = await addDevices(db, count, CHARGER.id);
  const rig = await createMonitorRig(db, devices, { groupHoldMs: 60_000 });
  const keys = devices.map((brief) => brief.key);
  const speak = (from: number) => {
    for (let i = from; i < keys.length; i++) rig.say(keys[i] ?? 0, VALUES);
  };

  const heapBefore = await heap();
  speak(0);
  report('resident per device', ((await heap()) - heapBefore) / count, 'B', 1_024);

  const arming = await timed(async () => {
    await rig.monitor.sweep();
    await rig.monitor.flush();
  });
  report('first evidence of all devices judged', arming, 'ms');
  await sql(db.autocommit).script('vacuum analyze');

  const idle: number[] = [];
  for (let i = 0; i < 200; i++) idle.push(await timed(() => rig.monitor.sweep()));
  report('sweep with nothing due, p50', quantile(idle, 0.5), 'ms', 5);
  report('sweep with nothing due, p99', quantile(idle, 0.99), 'ms');

  const observed = await timed(async () => speak(silent));
  report('observe', (observed / (count - silent)) * 1_000, 'us/message');

  // All but the silent ones go on; the rows of everybody come due and are re-armed on the way.
  let rearming = 0;
  for (let at = 0; at < 60_000; at += STEP_MS) {
    rig.clock.advance(STEP_MS - 1_000);
    speak(silent);
    rig.clock.advance(1_000);
    rearming = Math.max(rearming, await timed(() => rig.monitor.sweep()));
  }
  report('sweep that re-arms every device', rearming, 'ms');

  speak(silent);
  rig.clock.advance(STEP_MS);
  const before = rig.changes.length;
  let spent = processorTime(cluster);
  const judged = await timed(() => rig.monitor.sweep());
  const judging = spent();
  const offline = rig.changes.slice(before).filter((change) => change.state === 'offline').length;
  if (offline !== silent) throw new Error(`${offline} of ${silent} silent devices were judged offline`);
  // The sweep runs every 500 ms, so the last one waits at most that much longer.
  report(`${silent} silent devices judged, incidents held`, judged + 500, 'ms', 2_000);
  report('processor time of that', judging.own, 'ms');
  report('processor time of PostgreSQL for it', judging.server, 'ms');

  rig.clock.advance(60_000);
  speak(silent);
  spent = processorTime(cluster);
  const decided = await timed(() => rig.monitor.sweep());
  const deciding = spent();
  if (rig.decisions.length !== silent) throw new Error(`${rig.decisions.length} of ${silent} incidents were decided`);
  report(`${silent} held incidents decided`, decided, 'ms');
  report('processor time of that', deciding.own, 'ms');
  report('processor time of PostgreSQL for it', deciding.server, 'ms');

  await rig.monitor.stop();
  const restart = await timed(() => rig.crash(180_000, { flush: false }));
  report('start with all devices known', restart, 'ms');
  await rig.monitor.stop();
  await db.close();
}

/** Milliseconds from now on, ours and the server's, whatever else the machine does. */
function processorTime(cluster: PostgresCluster): () => { own: number; server: number } {
  const own = process.cpuUsage();
  const server = serverProcessorMs(cluster.pid() ?? 0);
  return () => {
    const { user, system } = process.cpuUsage(own);
    return { own: (user + system) / 1_000, server: serverProcessorMs(cluster.pid() ?? 0) - server };
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Collects garbage without asking for a command-line flag. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

const collect = collector();

async function heap(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

function report(metric: string, value: number, unit: string, baseline?: number): void {
  const round = (n: number) => Math.round(n * 1_000) / 1_000;
  const line = {
    bench: 'monitor',
    metric,
    value: round(value),
    unit,
    baseline: baseline ?? null,
    ratio: baseline === undefined ? null : round(value / baseline),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run(process.argv.slice(2));

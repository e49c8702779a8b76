// Whole ingest path against a bare pipeline in the same run: QoS 1 publishers in another process, 200-byte payloads with
// five metrics, a real PostgreSQL with fsync on. Rate = messages ÷ time until the last one is committed (ours: and the
// spool is empty).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { createSecrets } from '../gateway/src/access/secrets.ts';
import { createSystemClock } from '../gateway/src/clock.ts';
import { createLogger } from '../gateway/src/log.ts';
import { sql } from '../gateway/src/store/database.ts';
import { migrate } from '../gateway/src/store/migrate.ts';
import { openPostgres } from '../gateway/src/store/postgres.ts';
import { createSqlTimeSeries } from '../gateway/src/timeseries/sql.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';
import type { PublisherOptions, PublisherResult } from './load/publisher.ts';

const ROOT = join(import.meta.dirname, '..');
const SECRET_KEY = 'a-secret-key-of-the-benchmark-long-enough';
const PASSWORD = 'a-device-password-of-the-benchmark';
const METRICS = ['totalPower', 'gridVoltage', 'energyTotal', 'cabinetTemp', 'csq'];
const DEVICES = 500;
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 150_000);
const WINDOW = 4;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const QUIET_RATE = 1_000;
const WARM_UP_S = 5;
const QUIET_S = 15;
const log = createLogger('error');

interface Run {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** 99th percentile of the event-loop delay, milliseconds. */
  readonly loopMs: number;
}

interface Target {
  readonly mqtt: number;
  /** Messages whose rows are committed. */
  committed(): Promise<number>;
  loopMs(): Promise<number>;
  stop(): Promise<void>;
}

const cluster = await startPostgres({ settings: { shared_buffers: '512MB', max_wal_size: '8GB' } });
const logins = Array.from({ length: DEVICES }, (_, n) => ({ id: `bench-${n}`, password: PASSWORD }));

async function freshDatabase(name: string) {
  const admin = new Client({ connectionString: cluster.url });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = new URL(cluster.url);
  url.pathname = `/${name}`;
  const db = openPostgres(url.href, { log });
  await migrate(db);
  const hash = createSecrets(SECRET_KEY).hash(PASSWORD);
  const { rows } = await sql(db.autocommit).query<{ id: string; key: number }>(
    `insert into device (id, type, name, lifecycle, secret_hash)
     select 'bench-' || n, 'generic/ebike-charger', 'bench', 'active', decode($1, 'base64') from generate_series(0, $2 - 1) as n returning id, key`,
    [hash, DEVICES],
  );
  // Both pipelines start with their partition and metric keys in place.
  const series = createSqlTimeSeries({ db, clock: createSystemClock() });
  const now = Date.now();
  const readings = METRICS.map((metric) => ({
    device: rows[0]?.key ?? 0,
    metric,
    time: now,
    receivedAt: now,
    value: 1,
  }));
  await series.prepare([...readings, ...readings.map((reading) => ({ ...reading, time: now - 3_600_000 }))]);
  const keys = await sql(db.autocommit).query<{ name: string; key: number }>('select name, key from metric');
  await db.close();
  return {
    url: url.href,
    devices: Object.fromEntries(rows.map(({ id, key }) => [id, key])),
    metrics: Object.fromEntries(keys.rows.map(({ name: metric, key }) => [metric, key])),
  };
}

async function firstLine<T>(child: ChildProcess, accept: (line: string) => boolean): Promise<T> {
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) if (accept(line)) return JSON.parse(line) as T;
  throw new Error('the process ended without a word');
}

async function startOurs(name: string): Promise<Target> {
  const { url } = await freshDatabase(name);
  const dataDir = await mkdtemp(join(tmpdir(), 'cgw-bench-'));
  const env = {
    ...process.env,
    CGW_HTTP_PORT: '0',
    CGW_MQTT_PORT: '0',
    CGW_HTTP_HOST: '127.0.0.1',
    CGW_DATA_DIR: dataDir,
    CGW_DATABASE_URL: url,
    CGW_SECRET_KEY: SECRET_KEY,
    CGW_ADMIN_PASSWORD: 'Bench-2026-first!',
    CGW_LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [join(ROOT, 'tools/cli/cgw.ts'), 'start'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { http, mqtt } = await firstLine<{ http: number; mqtt: number }>(child, (line) => line.includes('"ready"'));
  const db = new Client({ connectionString: url });
  await db.connect();
  return {
    mqtt,
    committed: async () =>
      Number((await db.query('select coalesce(sum(stored), 0) as n from ingest_ledger')).rows[0].n),
    async loopMs() {
      const text = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
      return Number(/cgw_event_loop_delay_seconds\{quantile="p99"\} (\S+)/.exec(text)?.[1] ?? Number.NaN) * 1_000;
    },
    async stop() {
      await db.end();
      child.kill('SIGTERM');
      await once(child, 'exit');
      await rm(dataDir, { recursive: true });
    },
  };
}

async function startBare(name: string): Promise<Target> {
  const options = await freshDatabase(name);
  const child = spawn(process.execPath, [join(ROOT, 'bench/load/bare.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin?.write(`${JSON.stringify(options)}\n`);
  const { mqtt } = await firstLine<{ mqtt: number }>(child, () => true);
  const db = new Client({ connectionString: options.url });
  await db.connect();
  return {
    mqtt,
    // Everything is committed when it is acknowledged.
    committed: async () => Number((await db.query('select count(*) / 5 as n from reading')).rows[0].n),
    loopMs: async () => Number.NaN,
    async stop() {
      await db.end();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function measure(target: Target, over: Partial<PublisherOptions>): Promise<Run> {
  const options: PublisherOptions = { port: target.mqtt, logins, messages: MESSAGES, window: WINDOW, ...over };
  const publisher = spawn(process.execPath, [join(ROOT, 'bench/load/publisher.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!publisher.stdin || !publisher.stdout) throw new Error('no pipes');
  const lines = createInterface({ input: publisher.stdout })[Symbol.asyncIterator]();
  publisher.stdin.write(`${JSON.stringify(options)}\n`);
  await lines.next();
  const started = performance.now();
  publisher.stdin.write('go\n');
  const result = JSON.parse(String((await lines.next()).value)) as PublisherResult;
  while ((await target.committed()) < options.messages) await new Promise((resolve) => setTimeout(resolve, 20));
  const tookMs = performance.now() - started;
  return {
    rate: options.messages / (tookMs / 1_000),
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    loopMs: await target.loopMs(),
  };
}

async function runOnce(
  start: (name: string) => Promise<Target>,
  name: string,
  over: Partial<PublisherOptions> = {},
): Promise<Run> {
  const target = await start(name);
  try {
    return await measure(target, over);
  } finally {
    await target.stop();
  }
}

/** Latency under a light load, after a few seconds in which caches fill and code is compiled. */
async function runQuiet(start: (name: string) => Promise<Target>, name: string): Promise<Run> {
  const target = await start(name);
  try {
    await measure(target, { rate: QUIET_RATE, messages: QUIET_RATE * WARM_UP_S });
    return await measure(target, { rate: QUIET_RATE, messages: QUIET_RATE * QUIET_S });
  } finally {
    await target.stop();
  }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

function print(metric: string, value: number, unit: string, baseline: number): void {
  const round = (number: number) => (Number.isFinite(number) ? Number(number.toPrecision(4)) : null);
  const ratio = round(value / baseline);
  console.log(JSON.stringify({ bench: 'ingest', metric, value: round(value), unit, baseline: round(baseline), ratio }));
}

const ours: Run[] = [];
const bare: Run[] = [];
const withIds: Run[] = [];
for (let round = 0; round < ROUNDS; round++) {
  bare.push(await runOnce(startBare, `bare_${round}`));
  ours.push(await runOnce(startOurs, `ours_${round}`));
  withIds.push(await runOnce(startOurs, `ids_${round}`, { msgIds: true }));
}
const quietOurs = await runQuiet(startOurs, 'ours_quiet');
const quietBare = await runQuiet(startBare, 'bare_quiet');
const of = (runs: Run[], pick: (run: Run) => number) => median(runs.map(pick));
print(
  'messages stored',
  of(ours, (run) => run.rate),
  'msg/s',
  of(bare, (run) => run.rate),
);
print(
  'messages with msgId stored',
  of(withIds, (run) => run.rate),
  'msg/s',
  of(bare, (run) => run.rate),
);
print(
  'PUBACK p50 at saturation',
  of(ours, (run) => run.p50Ms),
  'ms',
  of(bare, (run) => run.p50Ms),
);
print(
  'PUBACK p99 at saturation',
  of(ours, (run) => run.p99Ms),
  'ms',
  of(bare, (run) => run.p99Ms),
);
print(`PUBACK p99 at ${QUIET_RATE} msg/s`, quietOurs.p99Ms, 'ms', quietBare.p99Ms);
print(
  'event-loop delay p99 at saturation',
  of(ours, (run) => run.loopMs),
  'ms',
  Number.NaN,
);
await cluster.remove();

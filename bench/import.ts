/**
 * 20,000 new devices from one file through `POST /devices/import` of a whole gateway, on PostgreSQL and on the embedded
 * database, while a device publishes at QoS 1: how long, how long the event loop stood still, how long the slowest
 * acknowledgement took. `--rows N`, `--engine postgres|pglite`, `--format csv|xlsx` for less.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { connectAsync } from 'mqtt';
import { Client } from 'pg';
import { readConfig } from '../gateway/src/config.ts';
import { startGateway } from '../gateway/src/main.ts';
import { CONTENT_TYPES, type Format, sheetBytes } from '../gateway/src/sheets/write.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';

const FIRST = 'Bench-import-1!';
const PASSWORD = 'Bench-import-2!';
const POLL_MS = 250;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '20000' },
      engine: { type: 'string' },
      format: { type: 'string', default: 'xlsx' },
    },
  });
  const count = Number(values.rows);
  const format = values.format === 'csv' ? 'csv' : 'xlsx';
  if (values.engine !== 'pglite') {
    const cluster = await startPostgres({ fsync: true });
    try {
      const bare = await insertBare(cluster.url, count);
      await measure('postgres', count, format, cluster.url, bare);
    } finally {
      await cluster.remove();
    }
  }
  if (values.engine !== 'postgres') await measure('pglite', count, format, undefined, undefined);
}

async function measure(
  engine: string,
  count: number,
  format: Format,
  url: string | undefined,
  bare: number | undefined,
) {
  const dataDir = await mkdtemp(join(tmpdir(), 'cgw-bench-import-'));
  await mkdir(dataDir, { recursive: true });
  const gateway = await startGateway(
    readConfig({
      CGW_HTTP_HOST: '127.0.0.1',
      CGW_HTTP_PORT: '0',
      CGW_MQTT_PORT: '0',
      CGW_DATA_DIR: dataDir,
      CGW_LOG_LEVEL: 'error',
      CGW_ADMIN_PASSWORD: FIRST,
      ...(url ? { CGW_DATABASE_URL: url } : {}),
    }),
  );
  try {
    const api = await login(`http://127.0.0.1:${gateway.http}/api/v1`);
    const pulse = await publishSteadily(api, gateway.mqtt);
    const file = await table(count, format);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const begun = performance.now();
    const result = await importFile(api, file, CONTENT_TYPES[format]);
    const took = performance.now() - begun;
    delay.disable();
    const slowest = await pulse.stop();
    if (result.created !== count) throw new Error(`created ${result.created} of ${count}: ${JSON.stringify(result)}`);
    report(`${engine}: ${count} rows of ${format}`, took, 'ms', bare);
    report(`${engine}: longest stall of the event loop`, delay.max / 1e6, 'ms', 200);
    report(`${engine}: slowest acknowledgement of ${pulse.count()}`, slowest, 'ms');
    const again = performance.now();
    const second = await importFile(api, file, CONTENT_TYPES[format]);
    if (second.unchanged !== count) throw new Error(`unchanged ${second.unchanged} of ${count}`);
    report(`${engine}: the same file again`, performance.now() - again, 'ms', took);
  } finally {
    await gateway.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

type Call = (method: string, path: string, body?: unknown, contentType?: string) => Promise<Record<string, unknown>>;

async function login(base: string): Promise<Call> {
  let token = '';
  const call: Call = async (method, path, body, contentType = 'application/json') => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': contentType }) },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };
  const enter = async (password: string) => {
    const response = await fetch(`${base}/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password }),
    });
    token = ((await response.json()) as { token: string }).token;
  };
  await enter(FIRST);
  await call('POST', '/users/me/password', { currentPassword: FIRST, newPassword: PASSWORD });
  await enter(PASSWORD);
  return call;
}

/** A message at a time; `stop` answers the longest wait for an acknowledgement in milliseconds. */
async function publishSteadily(api: Call, port: number) {
  const { credentials } = (await api('POST', '/devices', { type: 'generic/ebike-charger', name: 'pulse' })) as {
    credentials: { username: string; password: string };
  };
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, credentials);
  let going = true;
  let count = 0;
  let slowest = 0;
  const beat = (async () => {
    while (going) {
      const at = performance.now();
      await client.publishAsync(`cgw/v1/${credentials.username}/telemetry`, JSON.stringify({ totalPower: 800 }), {
        qos: 1,
      });
      slowest = Math.max(slowest, performance.now() - at);
      count++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    count: () => count,
    async stop() {
      going = false;
      await beat;
      await client.endAsync();
      return slowest;
    },
  };
}

async function table(count: number, format: Format): Promise<Buffer> {
  const headers = [
    '设备编号',
    '设备名称',
    '设备类型',
    '序列号',
    '经度',
    '纬度',
    '安装日期',
    '标签',
    '连接地址',
    '登录名',
    '登录密码',
  ];
  const rows = Array.from({ length: count }, (_, n) => [
    `bench-${n}`,
    `第 ${n} 号充电柜`,
    'generic/ebike-charger',
    String(n).padStart(20, '0'),
    121.5 + (n % 100) / 10_000,
    31.1 + Math.floor(n / 100) / 10_000,
    '2026-11-23',
    `楼栋=${n % 50}`,
    null,
    null,
    null,
  ]);
  return sheetBytes([{ name: '设备', columns: headers.map((header) => ({ header })), rows }], { format });
}

async function importFile(api: Call, file: Buffer, contentType: string) {
  const { jobId } = await api('POST', '/devices/import?async=true', file, contentType);
  for (;;) {
    const job = (await api('GET', `/devices/import/jobs/${jobId}`)) as {
      state: string;
      result: Record<string, unknown> | null;
    };
    if (job.result) return job.result;
    if (job.state === 'failed' || job.state === 'interrupted') throw new Error(JSON.stringify(job));
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The same number of bare rows in one transaction, as a measure of this machine. */
async function insertBare(url: string, count: number): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('create table bare (id text primary key, name text, serial text unique, place jsonb)');
  const begun = performance.now();
  await client.query('begin');
  for (let start = 0; start < count; start += 250) {
    const rows = Array.from({ length: Math.min(250, count - start) }, (_, n) => ({
      id: `bare-${start + n}`,
      name: `第 ${n} 号充电柜`,
      serial: String(start + n),
      place: { lat: 31, lon: 121 },
    }));
    await client.query(
      'insert into bare select * from jsonb_to_recordset($1::jsonb) as n (id text, name text, serial text, place jsonb)',
      [JSON.stringify(rows)],
    );
  }
  await client.query('commit');
  const took = performance.now() - begun;
  await client.query('drop table bare');
  await client.end();
  return took;
}

function report(metric: string, value: number, unit: string, baseline?: number): void {
  const line = {
    bench: 'import',
    metric,
    value: Number(value.toFixed(1)),
    unit,
    ...(baseline === undefined
      ? {}
      : { baseline: Number(baseline.toFixed(1)), ratio: Number((value / baseline).toFixed(2)) }),
  };
  console.log(JSON.stringify(line));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run(process.argv.slice(2));

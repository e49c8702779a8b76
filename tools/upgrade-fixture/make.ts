// Makes the data directory of a release as a fixture for the upgrade test of the next one; see README.md.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { constants as zlib, zstdCompressSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { findPostgres, startPostgres } from '../../gateway/test/support/postgres.ts';
import { FACTS, type FactName } from '../../gateway/test/support/upgrade-fixture.ts';
import { login } from '../simulator/api-client.ts';

const { values } = parseArgs({
  options: { root: { type: 'string', default: join(import.meta.dirname, '../..') }, out: { type: 'string' } },
});
/** Checkout of the release: its own programs make its own data. */
const root = resolve(values.root);
const release = execFileSync('git', ['-C', root, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const out = resolve(values.out ?? join(import.meta.dirname, '../../gateway/test/fixtures/upgrade', release));

const PASSWORD = 'Demo-Street-2026!';
const ENV = {
  PATH: process.env.PATH ?? '',
  CGW_HTTP_PORT: '0',
  CGW_MQTT_PORT: '0',
  CGW_HTTP_HOST: '127.0.0.1',
  CGW_ALLOWED_TARGETS: '127.0.0.0/8',
  CGW_LOG_LEVEL: 'warn',
};
const DEVICE = 'upgrade-01';
const UNDRAINED = 25;
const work = mkdtempSync(join(tmpdir(), 'cgw-upgrade-fixture-'));
const dataDir = join(work, 'data');
let writtenSegment = '';
try {
  await run(['demo', '--seed-only']);
  const point = await liveOn();
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await dumpPostgres();
  const facts = { ...(await readFacts()), undrained: await fillSpool(), device: DEVICE, point };
  trim();
  pack('data', ['secret-key', 'spool', 'pictures', 'audit-anchors', 'database']);
  writeFileSync(join(out, 'facts.json'), `${JSON.stringify({ release, password: PASSWORD, ...facts }, null, 2)}\n`);
  console.log(readFileSync(join(out, 'facts.json'), 'utf8'), execFileSync('ls', ['-l', out], { encoding: 'utf8' }));
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'tools/cli/cgw.ts'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...ENV, CGW_DATA_DIR: dataDir, ...env },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`cgw ${args.join(' ')} ended with ${code}`);
}

/** A life after the demo: a second start of the same release, with people's work in it. */
async function liveOn(): Promise<readonly [number, unknown]> {
  const child = spawn(process.execPath, [join(root, 'tools/cli/cgw.ts'), 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...ENV, CGW_DATA_DIR: dataDir },
  });
  let http = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"msg":"ready"')) continue;
    http = (JSON.parse(line) as { http: number }).http;
    break;
  }
  child.stdout.resume();
  const api = await login(`http://127.0.0.1:${http}`, 'admin', PASSWORD, PASSWORD);
  await api.post('/devices', { id: DEVICE, type: 'generic/garbage-room', name: '升级前登记的垃圾厢房' });
  const ticket = await api.post<{ id: string }>('/tickets', {
    title: '升级前的手工工单',
    deviceIds: [DEVICE],
    note: '门坏了',
  });
  await api.post(`/tickets/${ticket.id}/comments`, { note: '已联系维保单位' });
  await api.post(`/tickets/${ticket.id}/transitions`, { to: 'filed', note: '立案' });
  await api.post('/users', { username: 'reader', name: '查看员', role: 'viewer' });
  const page = await api.get<{ series: { points: [string, unknown][] }[] }>(
    '/devices/garbage-01/telemetry?metrics=nh3&limit=1',
  );
  const [time, value] = page.series[0]?.points[0] ?? [];
  if (time === undefined) throw new Error('the demo left no reading of garbage-01 nh3');
  child.kill('SIGTERM');
  await once(child, 'exit');
  return [Date.parse(time), value];
}

/** Acknowledged and not yet in the database: as after a kill, written by the release's own spool. */
async function fillSpool(): Promise<number> {
  type Spool = typeof import('../../gateway/src/spool/spool.ts');
  type Log = typeof import('../../gateway/src/log.ts');
  type Clock = typeof import('../../gateway/src/clock.ts');
  const { createSpool } = (await import(join(root, 'gateway/src/spool/spool.ts'))) as Spool;
  const { createLogger } = (await import(join(root, 'gateway/src/log.ts'))) as Log;
  const { createSystemClock } = (await import(join(root, 'gateway/src/clock.ts'))) as Clock;
  const clock = createSystemClock();
  const log = createLogger('warn');
  const spool = createSpool({ log, clock, dir: join(dataDir, 'spool'), capacityBytes: 1024 ** 3 });
  await spool.open();
  for (let n = 0; n < UNDRAINED; n += 1) {
    const at = clock.now() - (UNDRAINED - n) * 1_000;
    await spool.append({
      via: 'mqtt',
      principal: `device:${DEVICE}`,
      topic: `cgw/v1/${DEVICE}/telemetry`,
      payload: Buffer.from(JSON.stringify({ ts: at, msgId: `spooled-${n}`, metrics: { nh3: n } })),
      receivedAt: at,
      dup: false,
      retained: false,
    });
  }
  await spool.close();
  return UNDRAINED;
}

async function readFacts(): Promise<Record<FactName, number>> {
  const db = await PGlite.create({ dataDir: join(dataDir, 'database/current') });
  try {
    const facts = {} as Record<FactName, number>;
    for (const [name, statement] of Object.entries(FACTS)) {
      const { rows } = await db.query<[number]>(statement, [], { rowMode: 'array' });
      facts[name as FactName] = rows[0]?.[0] ?? 0;
    }
    // After this nothing but the segment being written is needed to open it.
    await db.exec('checkpoint');
    const { rows } = await db.query<{ name: string }>('select pg_walfile_name(pg_current_wal_lsn()) as name');
    writtenSegment = rows[0]?.name ?? '';
    return facts;
  } finally {
    await db.close();
  }
}

/** Segments of the write-ahead log that were only put by for later. */
function trim(): void {
  rmSync(join(dataDir, 'database/snapshots'), { recursive: true, force: true });
  rmSync(join(dataDir, 'database/lock'), { force: true });
  const log = join(dataDir, 'database/current/pg_wal');
  for (const name of readdirSync(log)) {
    if (/^[0-9A-F]{24}$/.test(name) && name !== writtenSegment) rmSync(join(log, name));
  }
}

/** The same content in PostgreSQL, by the release's own backup, as the statements of pg_dump. */
async function dumpPostgres(): Promise<void> {
  const found = findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  const cluster = await startPostgres();
  const other = join(work, 'other');
  const file = join(work, 'all.cgwbak');
  const key = { CGW_BACKUP_KEY: 'upgrade-fixture-backup-key-of-2026-long-enough' };
  try {
    await run(['backup', file], key);
    mkdirSync(other);
    cpSync(join(dataDir, 'secret-key'), join(other, 'secret-key'));
    await run(['restore', file], { ...key, CGW_DATABASE_URL: cluster.url, CGW_DATA_DIR: other });
    const statements = execFileSync(join(found.bin, 'pg_dump'), ['--no-owner', '--no-privileges', cluster.url], {
      maxBuffer: 2 ** 30,
    });
    writeFileSync(join(out, 'postgres.sql.zst'), squeeze(statements));
  } finally {
    await cluster.remove();
  }
}

function pack(name: string, parts: readonly string[]): void {
  const tar = execFileSync('tar', ['-c', '--owner=0', '--group=0', '-C', dataDir, ...parts], { maxBuffer: 2 ** 30 });
  writeFileSync(join(out, `${name}.tar.zst`), squeeze(tar));
}

function squeeze(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes, { params: { [zlib.ZSTD_c_compressionLevel]: 19, [zlib.ZSTD_c_windowLog]: 24 } });
}

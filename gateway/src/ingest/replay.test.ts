import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import type { DeviceBrief } from '../domain/device.ts';
import { compileDeviceType, type DeviceType, decodeMessage } from '../domain/device-type/index.ts';
import type { MessageEvidence } from '../domain/evidence.ts';
import { createLogger } from '../log.ts';
import { createSpool, type Spool } from '../spool/spool.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createIngestStore } from '../store/ingest.ts';
import { createReadStore } from '../store/reads.ts';
import { createSqlTimeSeries } from '../timeseries/sql.ts';
import { createIngest, type Ingest } from './ingest.ts';
import { createReplay } from './replay.ts';

const title = { zh: '泵', en: 'pump' };
const pump = (max: number) =>
  compileDeviceType({
    id: 'acme/pump',
    title,
    module: 'twin',
    adapter: 'mqtt',
    topics: ['acme/{serial}/data'],
    identify: { from: '{serial}', match: 'serial' },
    time: { from: '/ts', format: 'epochMs' },
    msgId: '/no',
    metrics: { flow: { type: 'number', unit: '1', min: 0, max, title } },
    health: { interval: '1m' },
    examples: [],
  });

const no = () => undefined;
const quiet = { received: no, puback: no, recovered: no, drained: no, failed: no };

describe.each(ENGINES)('a replay after the mapping was fixed on %s', (engine) => {
  let database: TestDatabase;
  let spool: Spool;
  let directory: string;
  let ingest: Ingest;
  let type: DeviceType = pump(10);
  let device: DeviceBrief;
  const clock = createManualClock();
  const log = createLogger('silent');
  const evidence: MessageEvidence[] = [];
  const reads = createReadStore();

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    const { db } = database;
    await sql(db.autocommit).script(`insert into vendor (id, name) values ('acme', 'A'), ('globex', 'G')`);
    const { rows } = await sql(db.autocommit).query<{ key: number }>(
      `insert into device (id, type, name, lifecycle, vendor_id, serial) values ('p1', 'acme/pump', 'P', 'active', 'acme', '7') returning key`,
    );
    const nothing = { siteId: null, orgId: null, module: null, parentKey: null, healthPolicy: null, externalId: null };
    const own = { id: 'p1', type: 'acme/pump', lifecycle: 'active', vendorId: 'acme', serial: '7' } as const;
    device = { key: rows[0]?.key ?? 0, ...own, ...nothing };
    directory = await mkdtemp(join(tmpdir(), 'cgw-replay-'));
    spool = createSpool({ dir: directory, capacityBytes: 50_000_000, log, clock });
    await spool.open();
    ingest = createIngest({
      spool,
      transactor: db,
      store: createIngestStore(),
      readings: createSqlTimeSeries({ db, clock }),
      directory: {
        byId: (id) => (id === 'p1' ? device : undefined),
        bySerial: (serial, vendor) => (serial === '7' && (vendor ?? 'acme') === 'acme' ? device : undefined),
        byExternalId: () => undefined,
      },
      types: {
        decode: (_, input) => decodeMessage(type, input),
        typesForTopic: (topic) => (topic.startsWith('acme/') ? ['acme/pump'] : []),
        identityIn: (_, topic) => ({ match: 'serial', value: topic.split('/')[1] ?? '' }),
        lateAfter: () => 90_000,
      },
      metrics: quiet,
      observe: (batch) => evidence.push(...batch),
      sendError: async () => undefined,
      clock,
      log,
    });
    await ingest.start();
  });
  afterAll(async () => {
    await ingest?.stop();
    await spool?.close();
    await database?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const say = (payload: unknown, topic = 'acme/7/data', vendorId = 'acme') => {
    clock.advance(1_000);
    const at = clock.now();
    const message = { via: 'mqtt', principal: { kind: 'vendor' as const, vendorId }, dup: false, retained: false };
    const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
    return ingest.accept({ ...message, topic, payload: bytes, receivedAt: at }).then(() => at);
  };
  const settled = () =>
    expect.poll(async () => (await ingest.accounting()).spooled, { timeout: 30_000, interval: 20 }).toBe(0);
  const readings = async () => {
    const { rows } = await sql(database.db.autocommit).query<{ at: number; got: number; num: number }>(
      `select (extract(epoch from time) * 1000)::float8 as at, (extract(epoch from received_at) * 1000)::float8 as got, num
       from reading order by time`,
    );
    return rows.map(({ at, got, num }) => [Math.round(at), Math.round(got), num]);
  };
  const replay = (feed = ingest.replay) =>
    createReplay({ db: database.db, store: reads, feed, audit: createAuditStore(), clock, log });
  const vendor = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
  const other = testActor('vendor', { kind: 'vendor', vendorId: 'globex' });
  const all = { filter: { code: 'READING_OUT_OF_RANGE' } };
  const open = async (code?: string) => {
    const { rows } = await sql(database.db.autocommit).query<{ code: string }>(
      'select code from quarantine where replayed_at is null and ($1::text is null or code = $1::text) order by id',
      [code ?? null],
    );
    return rows.map((row) => row.code);
  };

  it('keeps the times, says nothing of life now, and each message is fed once', async () => {
    const first = await say({ flow: 50 });
    const second = await say({ flow: 60, ts: clock.now() - 5_000, no: 1 });
    const third = await say({ flow: 5_000 });
    await settled();
    expect(await open()).toEqual(Array(3).fill('READING_OUT_OF_RANGE'));
    expect(ingest.recent.of(device.key).map(({ verdict, code }) => [verdict, code])).toEqual(
      Array(3).fill(['quarantined', 'READING_OUT_OF_RANGE']),
    );
    expect(await replay().run(other, all)).toEqual({ replayed: 0, remaining: 0 });

    type = pump(100);
    clock.advance(3_600_000);
    evidence.length = 0;
    const runs = await Promise.all([replay().run(vendor, all), replay().run(vendor, all)]);
    expect(runs.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(3);
    await settled();
    expect(await readings()).toEqual(
      [
        [second - 6_000, second, 60],
        [first, first, 50],
      ].sort(([a = 0], [b = 0]) => a - b),
    );
    expect(evidence).toHaveLength(2);
    expect(evidence.every(({ late }) => late)).toBe(true);
    // What fails again is there again, with its own time, and can be fed again.
    expect(await open()).toEqual(['READING_OUT_OF_RANGE']);
    const { rows } = await sql(database.db.autocommit).query<{ at: number }>(
      `select (extract(epoch from received_at) * 1000)::float8 as at from quarantine where replayed_at is null`,
    );
    expect(Math.round(rows[0]?.at ?? 0)).toBe(third);
  });

  it('a number that was stored meanwhile makes it a duplicate', async () => {
    type = pump(10);
    await say({ flow: 70, no: 2 });
    await settled();
    type = pump(100);
    const again = await say({ flow: 70, no: 2 });
    await settled();
    await replay().run(vendor, all);
    await settled();
    expect((await readings()).filter(([, , value]) => value === 70)).toEqual([[again, again, 70]]);
    expect(ingest.recent.of(device.key).some(({ verdict }) => verdict === 'duplicate')).toBe(true);
  });

  it('what the spool does not take is given back', async () => {
    const full = () => Promise.reject(new Error('the spool is full'));
    const before = await open();
    expect(before.length).toBeGreaterThan(0);
    await expect(replay(full).run(vendor, all)).rejects.toThrow('full');
    expect(await open()).toEqual(before);
  });

  it('many thousand go in slices, each proven', async () => {
    await sql(database.db.autocommit).query(
      `insert into quarantine (received_at, via, principal, topic, payload, code, detail)
       select to_timestamp(1795392000 + n), 'mqtt', 'vendor:acme', 'acme/9/data', '{}', 'MANY', '' from generate_series(1, 3000) as n`,
    );
    const sizes: number[] = [];
    const feed = async (entries: readonly unknown[]) => void sizes.push(entries.length);
    const many = { filter: { code: 'MANY', unattributed: true } };
    expect(await replay(feed).run(vendor, many)).toEqual({ replayed: 3_000, remaining: 0 });
    expect(sizes).toEqual(Array(6).fill(500));
    const { rows } = await sql(database.db.autocommit).query<{ n: number }>(
      `select count(*)::int as n from audit where action = 'replay' and actor = 'user:u-vendor'`,
    );
    expect(rows[0]?.n).toBeGreaterThanOrEqual(6);
  });

  it('the last messages are shown by device, and by login where there is none', async () => {
    await say({ flow: 3, colour: 1 });
    await say('{', 'acme/7/data');
    await say({ flow: 3 }, 'acme/none/data');
    await say({ flow: 3 }, 'who/knows');
    await settled();
    const own = ingest.recent.of(device.key);
    expect(own.slice(0, 2).map(({ verdict, code, readings: n }) => [verdict, code, n])).toEqual([
      ['quarantined', 'BAD_JSON', 0],
      ['stored', null, 1],
    ]);
    expect(ingest.recent.of('vendor:acme').map(({ code, topic }) => [code, topic])).toEqual([
      ['UNKNOWN_TOPIC', 'who/knows'],
      ['UNKNOWN_DEVICE', 'acme/none/data'],
    ]);
    expect(ingest.recent.of('vendor:globex')).toEqual([]);
  });
});

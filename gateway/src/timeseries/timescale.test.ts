import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBarePgliteDirectory, engineVersions, type TestDatabase } from '../../test/support/databases.ts';
import {
  createNativeTimescaleDatabase,
  createTimescaleDatabase,
  openTimescale,
  TIMESCALE_URL,
} from '../../test/support/timescale.ts';
import { createManualClock, createSystemClock } from '../clock.ts';
import type { Reading } from '../domain/reading.ts';
import { createLogger } from '../log.ts';
import { createBackupSource } from '../store/backup-dump.ts';
import { createBackupTarget } from '../store/backup-load.ts';
import { type Database, sql } from '../store/database.ts';
import { openPglite } from '../store/pglite.ts';
import { CONTRACT_NOW, deviceMaker, timeSeriesContract } from './contract.ts';
import { createSqlTimeSeries } from './sql.ts';
import { convertToTimescale } from './timescale-convert.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const NOW = Math.floor(CONTRACT_NOW);

const createStore = (db: Database) =>
  createSqlTimeSeries({
    db,
    clock: createManualClock(NOW),
    dayStart: 16 * HOUR,
    unitOf: (_, metric) => (metric === 'power' ? 'W' : undefined),
  });

const makeDevice = deviceMaker('dev-');

async function open(database: Promise<TestDatabase>) {
  const { db, close } = await database;
  const version = () => engineVersions(db);
  return { store: createStore(db), other: createStore(db), db, version, device: () => makeDevice(db), close };
}

timeSeriesContract('timescaledb in PGlite', () => open(createTimescaleDatabase()));

const native = TIMESCALE_URL;
if (native === undefined)
  console.log('time series contract: CGW_TEST_TIMESCALE_URL names no native TimescaleDB server');
else timeSeriesContract('native timescaledb', () => open(createNativeTimescaleDatabase(native)));

const engines = [
  ['in PGlite', () => createTimescaleDatabase()],
  ...(native === undefined ? [] : [['native', () => createNativeTimescaleDatabase(native)] as const]),
] as const;

async function save(db: Database, store: ReturnType<typeof createStore>, readings: Reading[]) {
  await store.prepare(readings);
  return db.transaction((tx) => store.write(tx, readings));
}

describe.each(engines)('readings on TimescaleDB %s', (_, make) => {
  let test: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    test = await make();
    db = test.db;
  });
  afterAll(() => test?.close());

  const one = async <T extends object>(query: string) => (await sql(db.autocommit).query<T>(query)).rows[0];

  it('are a hypertable of days, with continuous aggregates and compression after a week', async () => {
    const store = createStore(db);
    const device = await makeDevice(db);
    const readings = Array.from({ length: 12 * 24 * 6 }, (__, n) => ({
      device,
      metric: 'power',
      time: NOW - 12 * DAY + n * 10 * MINUTE,
      receivedAt: NOW,
      value: n % 100,
    }));
    await save(db, store, readings);
    expect(await store.rollUp()).toBe(true);
    expect(
      await one("select count(*) from timescaledb_information.hypertables where hypertable_name = 'reading'"),
    ).toEqual({ count: 1 });
    expect(await one('select count(*) from timescaledb_information.continuous_aggregates')).toEqual({ count: 2 });
    const chunks = await sql(db.autocommit).query<{ day: string; is_compressed: boolean }>(
      `select range_start::date as day, is_compressed from timescaledb_information.chunks
       where hypertable_name = 'reading' order by 1`,
    );
    expect(chunks.rows.filter((chunk) => chunk.is_compressed).map(({ day }) => day)).toEqual(
      ['11', '12', '13', '14', '15'].map((day) => `2026-11-${day}`),
    );
    const { parts, rows } = await store.stats();
    expect(rows).toBeGreaterThan(readings.length / 2);
    expect(parts?.compressed.rows).toBeGreaterThan(600);
    expect(parts?.hourly.rows).toBeGreaterThan(0);
  });

  it('take late ones into compressed days by the thousand, duplicates told, and sum them up', async () => {
    const store = createStore(db);
    const pairs = await Promise.all(Array.from({ length: 20 }, () => makeDevice(db)));
    const day = Math.floor(NOW / DAY) * DAY - 10 * DAY;
    // 20 × 10 series with 720 readings each: what a batch may touch is far above the extension's own limit.
    const all = pairs.flatMap((device) =>
      Array.from({ length: 10 * 720 }, (__, n) => ({
        device,
        metric: `m${n % 10}`,
        time: day + Math.floor(n / 10) * 2 * MINUTE,
        receivedAt: NOW,
        value: n,
      })),
    );
    for (let at = 0; at < all.length; at += 20_000) await save(db, store, all.slice(at, at + 20_000));
    await store.rollUp();
    const late = all.filter((__, n) => n % 50 === 7).map((reading) => ({ ...reading, time: reading.time + MINUTE }));
    const twice = all.filter((__, n) => n % 50 === 9);
    const outcome = await save(db, store, [...late, ...twice]);
    expect(outcome.duplicates).toHaveLength(twice.length);
    expect(outcome.conflicts).toEqual([]);
    await store.rollUp();
    const page = await store.query({
      device: pairs[3] ?? 0,
      metrics: ['m7'],
      from: day,
      to: day + 3 * DAY,
      bucket: { ms: DAY, agg: 'count' },
      limit: 10,
    });
    expect(page.source).toBe('hourly');
    expect(page.series[0]?.points).toEqual([[day, 720 + 144]]);
    const open = await one('select count(*) from _timescaledb_catalog.chunk where status & 8 = 8');
    expect(open).toEqual({ count: 0 });
  }, 60_000);
});

async function createEmptyDatabase() {
  const directory = await createBarePgliteDirectory();
  const db = await openPglite(directory, { log: createLogger('error'), clock: createSystemClock(), fsync: false });
  return { db, close: () => db.close().then(() => rm(directory, { recursive: true, force: true })) };
}

describe('a backup of TimescaleDB', () => {
  it('brings readings and their sums to any other database', async () => {
    const [from, to] = [await createTimescaleDatabase(), await createEmptyDatabase()];
    try {
      const device = await makeDevice(from.db);
      const store = createStore(from.db);
      const readings = Array.from({ length: 12 * 24 }, (__, n) => ({
        device,
        metric: 'a',
        time: NOW - 12 * DAY + n * HOUR,
        receivedAt: NOW,
        value: n,
      }));
      await save(from.db, store, readings);
      await store.retention({ rawDays: 8 });
      const ask = (db: Database) =>
        createStore(db).query({
          device,
          from: NOW - 13 * DAY,
          to: NOW,
          bucket: { ms: HOUR, agg: 'avg' },
          limit: 1_000,
        });
      const before = await ask(from.db);
      expect(before.series[0]?.points.length).toBeGreaterThan(280);

      await createBackupSource(from.db).atOneMoment(async (view) => {
        const contents = { takenAt: '', gateway: '0', ...(await view.facts()) };
        await createBackupTarget(to.db).load(contents, async (loader) => {
          const counts: Record<string, number> = {};
          for (const { name, columns } of await view.tables()) {
            counts[name] = 0;
            for await (const lines of view.rows(name)) {
              await loader.rows(name, columns, lines);
              counts[name] += lines.length;
            }
          }
          return counts;
        });
      });
      expect(await ask(to.db)).toEqual(before);
    } finally {
      await from.close();
      await to.close();
    }
  }, 60_000);
});

describe('a reopened database with TimescaleDB', () => {
  it('is refused without the library, because it would look empty, and whole with it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cgw-timescale-'));
    try {
      const first = await createTimescaleDatabase(directory);
      const device = await makeDevice(first.db);
      const readings = [0, 1, 2].map((n) => ({ device, metric: 'a', time: NOW + n, receivedAt: NOW, value: n }));
      const store = createStore(first.db);
      await store.prepare(readings);
      await first.db.transaction((tx) => store.write(tx, readings));
      await first.close();

      const bare = await openTimescale(directory, { load: false });
      await expect(createStore(bare).prepare(readings)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(createStore(bare).stats()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await bare.close();

      const again = await openTimescale(directory);
      const reopened = createStore(again);
      expect((await reopened.latest(device)).map(({ value }) => value)).toEqual([2]);
      await reopened.prepare(readings);
      const outcome = await again.transaction((tx) => reopened.write(tx, readings));
      expect(outcome.duplicates).toEqual([0, 1, 2]);
      await again.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }, 60_000);
});

describe.each(engines)('days in partitions on TimescaleDB %s', (_, make) => {
  it('move to the hypertable by command, go on after a stop, and lose neither readings nor sums', async () => {
    const test = await make();
    const { db } = test;
    try {
      const device = await makeDevice(db);
      const session = sql(db.autocommit);
      const count = async (table: string) =>
        (await session.query<{ n: number }>(`select count(*) as n from ${table}`)).rows[0]?.n;
      // Readings were there before the extension: a partition with one of them keeps the gateway from converting.
      await session.script(
        "create table reading_20261120 partition of reading for values from ('2026-11-20 00:00+00') to ('2026-11-21 00:00+00')",
      );
      await session.query(
        `insert into reading (time, received_at, device, metric, num) values ('2026-11-20 12:00+00', now(), $1, 1, 1)`,
        [device],
      );
      const before = createStore(db);
      const readings = Array.from({ length: 12 * 24 }, (__, n) => ({
        device,
        metric: 'a',
        time: NOW - 12 * DAY + n * HOUR,
        receivedAt: NOW,
        value: n,
      }));
      await save(db, before, readings);
      await before.rollUp();
      await before.retention({ rawDays: 8 });
      const ask = async (store: ReturnType<typeof createStore>) =>
        (
          await store.query({
            device,
            metrics: ['a'],
            from: Date.UTC(2026, 10, 12, 16),
            to: NOW,
            bucket: { ms: HOUR, agg: 'avg' },
            limit: 1_000,
          })
        ).series;
      const hours = await ask(before);
      const kept = await count('reading');

      const stop = new Error('stopped');
      const options = { dayStart: 16 * HOUR, now: NOW };
      const half = convertToTimescale(db, {
        ...options,
        onDay: () => {
          throw stop;
        },
      });
      await expect(half).rejects.toBe(stop);
      await expect(createStore(db).prepare([])).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
      await convertToTimescale(db, options);
      const after = createStore(db);
      await after.rollUp();
      expect(await count('reading')).toBe(kept);
      expect(await ask(after)).toEqual(hours);
      expect(await convertToTimescale(db, options)).toBe(0);
    } finally {
      await test.close();
    }
  }, 60_000);
});

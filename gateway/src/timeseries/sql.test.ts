import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTestDatabase,
  ENGINES,
  type Engine,
  engineVersions,
  type TestDatabase,
} from '../../test/support/databases.ts';
import { createManualClock } from '../clock.ts';
import type { Reading } from '../domain/reading.ts';
import { type Database, sql } from '../store/database.ts';
import { CONTRACT_NOW, deviceMaker, timeSeriesContract } from './contract.ts';
import { createSqlTimeSeries } from './sql.ts';

const createStore = (db: Database) =>
  createSqlTimeSeries({
    db,
    clock: createManualClock(Math.floor(CONTRACT_NOW)),
    dayStart: 16 * 3_600_000,
    unitOf: (_, metric) => (metric === 'power' ? 'W' : undefined),
  });

const makeDevice = deviceMaker('dev-');

async function open(engine: Engine) {
  const { db, close } = await createTestDatabase(engine);
  const version = () => engineVersions(db);
  return { store: createStore(db), other: createStore(db), db, version, device: () => makeDevice(db), close };
}

for (const engine of ENGINES) timeSeriesContract(engine, () => open(engine));

describe.each(ENGINES)('readings in %s', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
  });
  afterAll(() => test?.close());

  const batch = (device: number, values: number[]): Reading[] =>
    values.map((value, n) => ({ device, metric: 'a', time: CONTRACT_NOW + n, receivedAt: CONTRACT_NOW, value }));

  it('find rows the engine refuses for reasons of its own by halving the batch', async () => {
    const store = createStore(test.db);
    const device = await makeDevice(test.db);
    await sql(test.db.autocommit).script('alter table reading add constraint no_666 check (num <> 666)');
    const readings = batch(device, [1, 666, 3, 4, 666, 6, 7]);
    await store.prepare(readings);
    const outcome = await test.db.transaction((tx) => store.write(tx, readings));
    expect(outcome.poison.map(({ index }) => index)).toEqual([1, 4]);
    expect(outcome.poison[0]?.detail).toContain('no_666');
    const page = await store.query({ device, from: 0, to: CONTRACT_NOW + 100, limit: 100 });
    expect(page.series[0]?.points.map(([, value]) => value)).toEqual([1, 3, 4, 6, 7]);
    await sql(test.db.autocommit).script('alter table reading drop constraint no_666');
  });

  it('go on in the transaction of the caller after a repeated batch', async () => {
    const store = createStore(test.db);
    const device = await makeDevice(test.db);
    const readings = batch(device, [1, 2]);
    await store.prepare(readings);
    await test.db.transaction((tx) => store.write(tx, readings));
    await test.db.transaction(async (tx) => {
      await sql(tx).query('update device set nickname = $2 where key = $1', [device, 'before']);
      expect((await store.write(tx, readings)).duplicates).toEqual([0, 1]);
      await sql(tx).query("update device set name = nickname || ' after' where key = $1", [device]);
    });
    const { rows } = await sql(test.db.autocommit).query('select name from device where key = $1', [device]);
    expect(rows).toEqual([{ name: 'before after' }]);
  });

  it('refuse to be written without prepare', async () => {
    const store = createStore(test.db);
    const device = await makeDevice(test.db);
    const readings = [{ device, metric: 'unprepared', time: CONTRACT_NOW, receivedAt: CONTRACT_NOW, value: 1 }];
    await expect(test.db.transaction((tx) => store.write(tx, readings))).rejects.toThrow('was not prepared');
  });

  it('follow a unit that the device type corrected', async () => {
    const device = await makeDevice(test.db);
    const readings = batch(device, [1]);
    for (const unit of ['kW', 'W']) {
      const store = createSqlTimeSeries({ db: test.db, clock: createManualClock(), unitOf: () => unit });
      await store.prepare(readings);
      await test.db.transaction((tx) => store.write(tx, readings));
      expect((await store.latest(device))[0]?.unit).toBe(unit);
    }
  });
});

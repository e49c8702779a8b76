import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { mortalDatabase } from '../../test/support/mortal-database.ts';
import { createManualClock } from '../clock.ts';
import type { Reading } from '../domain/reading.ts';
import { type Database, sql } from '../store/database.ts';
import { CONTRACT_NOW, deviceMaker } from './contract.ts';
import { createSqlTimeSeries } from './sql.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const NOW = Math.floor(CONTRACT_NOW);
const DAY_START = 16 * HOUR;
const CHILD = new URL('../../test/support/roll-up-killed.ts', import.meta.url).pathname;

const open = (db: Database) => createSqlTimeSeries({ db, clock: createManualClock(NOW), dayStart: DAY_START });
const makeDevice = deviceMaker('killed-');

describe.each(ENGINES)('summing up on %s', (engine) => {
  let test: TestDatabase;
  let device: number;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
    device = await makeDevice(test.db);
  });
  afterAll(() => test?.close());

  const reading = (time: number, value: number): Reading => ({ device, metric: 'n', time, value, receivedAt: NOW });
  const save = async (readings: Reading[]) => {
    const store = open(test.db);
    await store.prepare(readings);
    await test.db.transaction((tx) => store.write(tx, readings));
  };
  /** As if nothing had ever been summed up. */
  const forgetSums = () =>
    sql(test.db.autocommit).script(`delete from reading_hourly; delete from reading_daily; delete from reading_dirty;
      update reading_rollup set open_from = 'epoch', hourly_until = 'epoch', daily_until = 'epoch'`);
  const sumsAnswer = async () => {
    const answers = [];
    for (const [ms, origin] of [
      [HOUR, 0],
      [DAY, DAY_START],
    ] as const) {
      for (const agg of ['count', 'last'] as const) {
        const page = await open(test.db).query({
          device,
          from: NOW - 3 * DAY,
          to: NOW + HOUR,
          bucket: { ms, origin, agg },
          limit: 10_000,
        });
        answers.push([ms, agg, page.series[0]?.points]);
      }
    }
    return answers;
  };
  const readingsAnswer = async () => {
    await forgetSums();
    return sumsAnswer();
  };
  const stored = async () => {
    const { rows } = await sql(test.db.autocommit).query(
      `select (select count(*)::int from reading_hourly) as hours, (select count(*)::int from reading_daily) as days,
         (select sum(n)::int from reading_hourly) as n, (select sum(n)::int from reading_daily) as "ofDays",
         (select count(*)::int from reading_dirty) as dirty`,
    );
    return rows[0];
  };

  const late = (kill: number) => reading(NOW - DAY + kill, kill);

  it('is right after a kill before any of its statements, also with late readings in between', async () => {
    const history = Array.from({ length: 2 * 24 * 3 }, (_, n) => reading(NOW - 2 * DAY + n * 20 * MINUTE, n % 97));
    await save(history);
    let killedAt = '';
    let kill = 0;
    for (; killedAt !== 'nowhere'; kill += 1) {
      await forgetSums();
      let left = kill;
      killedAt = 'nowhere';
      const dying = mortalDatabase(
        test.db,
        (statement) => {
          if (left-- > 0) return false;
          killedAt = statement;
          return true;
        },
        () => {
          throw new Error('killed');
        },
      );
      await open(dying)
        .rollUp()
        .catch((error: Error) => expect({ killedAt, error: error.message }).toMatchObject({ error: 'killed' }));
      // Whoever asks between the kill and the next turn gets the truth, too.
      await save([late(kill)]);
      const between = await sumsAnswer();
      expect(await open(test.db).rollUp()).toBe(true);
      const after = await sumsAnswer();
      const facts = await stored();
      const truth = await readingsAnswer();
      expect({ killedAt, between }).toEqual({ killedAt, between: truth });
      expect({ killedAt, after }).toEqual({ killedAt, after: truth });
      expect({ killedAt, dirty: facts?.dirty }).toEqual({ killedAt, dirty: 0 });
      expect(Number(facts?.n)).toBeGreaterThanOrEqual(history.length - 3);
    }
    // Three days each with its mark, and the days of them: a job of fewer statements would not be this one.
    expect(kill).toBeGreaterThan(20);
  });

  it.runIf(engine === 'postgres')('is right after kill -9 between summing an hour or day and marking it', async () => {
    const truth = await readingsAnswer();
    for (const words of [
      'set open_from',
      'set hourly_until',
      'set daily_until',
      'insert into reading_hourly',
      'insert into reading_daily',
    ]) {
      await forgetSums();
      const args = [CHILD, test.url ?? '', words, String(NOW), String(DAY_START)];
      expect({ words, signal: spawnSync(process.execPath, args).signal }).toEqual({ words, signal: 'SIGKILL' });
      expect(await sumsAnswer()).toEqual(truth);
      expect(await open(test.db).rollUp()).toBe(true);
      expect(await sumsAnswer()).toEqual(truth);
    }
  });
});

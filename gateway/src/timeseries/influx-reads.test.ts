import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/databases.ts';
import { INFLUX_MISSING, type InfluxServer, startInflux } from '../../test/support/influx.ts';
import { createManualClock } from '../clock.ts';
import type { Reading, Value } from '../domain/reading.ts';
import { createLogger } from '../log.ts';
import { sql } from '../store/database.ts';
import { createIngestStore } from '../store/ingest.ts';
import { createQualityStore } from '../store/inspection-quality.ts';
import { createTrialStore } from '../store/trials.ts';
import { CONTRACT_NOW } from './contract.ts';
import { createInflux, createInfluxTimeSeries, type Influx } from './influx.ts';
import { createSqlTimeSeries } from './sql.ts';
import type { TimeSeriesStore } from './timeseries.ts';

const [SECOND, HOUR, DAY] = [1_000, 3_600_000, 86_400_000];
const NOON = Date.UTC(2026, 10, 22, 12);

describe.skipIf(INFLUX_MISSING)('what the database asks of readings', () => {
  let server: InfluxServer;
  let test: TestDatabase;
  let influx: Influx;
  let stores: readonly TimeSeriesStore[] = [];
  let devices: number[] = [];

  beforeAll(async () => {
    server = await startInflux();
    test = await createTestDatabase('pglite');
    const { db } = test;
    const clock = createManualClock(CONTRACT_NOW);
    const log = createLogger('silent');
    influx = createInflux(server.url('reads'), log);
    stores = [createSqlTimeSeries({ db, clock }), createInfluxTimeSeries({ influx, db, clock, log, alone: false })];
    const { rows } = await sql(db.autocommit).query<{ key: number }>(
      `insert into device (id, type, name, lifecycle) select 'r' || n, 'generic/test', 'test', 'active'
       from generate_series(1, 3) n returning key`,
    );
    devices = rows.map(({ key }) => key);
    await save([
      ...many(0, 'power', 30, (n) => n % 7),
      ...many(0, 'still', 25, () => 20, true),
      ...many(0, 'door', 24, (n) => n % 2 === 0),
      ...many(1, 'ports.1.state', 22, (n) => (n < 9 ? 'charging' : 'idle')),
      ...many(1, 'ports.2.state', 3, () => "o'clock"),
      ...many(1, 'power', 5, (n) => n),
    ]);
  });
  afterAll(async () => {
    influx?.close();
    await server?.remove();
    await test?.close();
  });

  function many(device: number, metric: string, count: number, value: (n: number) => Value, skewed = false): Reading[] {
    return Array.from({ length: count }, (_, n) => ({
      device: devices[device] ?? 0,
      metric,
      time: NOON + n * SECOND,
      receivedAt: NOON + n * SECOND,
      value: value(n),
      ...(skewed && n % 2 === 0 ? { flags: ['skew'] as const } : {}),
    }));
  }

  /** The same readings in the database and in InfluxDB. */
  async function save(readings: readonly Reading[]): Promise<void> {
    for (const store of stores) {
      await store.prepare(readings);
      const outcome = await test.db.transaction((tx) => store.write(tx, readings));
      expect(outcome.poison).toEqual([]);
    }
  }

  it('is answered alike when a message without a key may be a repetition', async () => {
    const probe = (at: number, values: Record<string, Value>, device = 0) => ({
      device: devices[device] ?? 0,
      receivedAt: NOON + at,
      values: new Map(Object.entries(values)),
      events: [],
    });
    const probes = [
      probe(40 * SECOND, { power: 3, still: 20 }),
      probe(3 * SECOND, { power: 3 }),
      probe(3.5 * SECOND, { power: 3, door: false }),
      probe(40 * SECOND, { power: 3, door: true, still: 21 }),
      probe(HOUR, { power: 3 }),
      probe(40 * SECOND, { 'ports.1.state': 'charging', power: 4 }, 1),
      probe(40 * SECOND, { 'ports.1.state': 'idle', power: 4 }, 1),
      probe(40 * SECOND, { power: 1 }, 2),
    ];
    const ask = (elsewhere?: Influx['reads']) =>
      createIngestStore(elsewhere).findRepeats(test.db.autocommit, probes, 600_000);
    const repeats = await ask(influx.reads);
    expect([...repeats].sort()).toEqual([...(await ask())].sort());
    expect([...repeats].sort()).toEqual([0, 2, 5]);
  });

  it('is answered alike about what a device on trial sent', async () => {
    const ask = async (elsewhere?: Influx['reads']) => {
      const asks = [
        { key: devices[0] ?? 0, metric: 'power', since: NOON + 3 * SECOND },
        { key: devices[1] ?? 0, metric: 'ports.*.state', since: NOON + SECOND },
        { key: devices[1] ?? 0, metric: 'p%wer', since: NOON },
        { key: devices[2] ?? 0, metric: 'power', since: NOON },
      ];
      const rows = await createTrialStore(elsewhere).trialMetrics(test.db.autocommit, asks);
      return rows.sort((a, b) => a.name.localeCompare(b.name));
    };
    const rows = await ask(influx.reads);
    expect(rows).toEqual(
      (await ask()).map(({ first, last, ...row }) => ({ ...row, first: Number(first), last: Number(last) })),
    );
    expect(rows.map(({ name, readings }) => [name, readings])).toEqual([
      ['ports.1.state', 21],
      ['ports.2.state', 2],
      ['power', 27],
    ]);
  });

  it('is answered alike about the quality of a day', async () => {
    const day = Date.UTC(2026, 10, 22) / DAY;
    const ask = async (elsewhere?: Influx['reads']) => {
      const span = { from: day * DAY, to: (day + 1) * DAY, blindMs: 0, excusedMs: new Map() };
      const types = [{ type: 'generic/test', interval: HOUR, sends: true, use: ['ports.%.state'] }];
      const of = { after: 0, limit: 10 };
      const session = sql(test.db.autocommit);
      await session.query("update device set created_at = '2026-01-01'");
      await session.query('delete from device_day');
      await test.db.transaction((tx) => createQualityStore(elsewhere).rollDay(tx, day, span, types, of));
      return (await session.query('select * from device_day order by device')).rows;
    };
    const rows = await ask(influx.reads);
    expect(rows).toEqual(await ask());
    expect(rows[0]).toMatchObject({ readings: 79, skewed: 13, judged: 2, stuck: 1 });
    expect(rows[1]).toMatchObject({ readings: 30, use_of: 25, used: 9 });
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/databases.ts';
import { INFLUX_MISSING, type InfluxServer, startInflux } from '../../test/support/influx.ts';
import { createManualClock } from '../clock.ts';
import type { Reading, Value } from '../domain/reading.ts';
import { createLogger } from '../log.ts';
import { sql } from '../store/database.ts';
import { CONTRACT_NOW } from './contract.ts';
import { createInflux, createInfluxTimeSeries, type Influx } from './influx.ts';
import { createInfluxClient, parseInfluxUrl } from './influx-client.ts';

const log = createLogger('silent');
const DAY = 86_400_000;

describe('the address of an InfluxDB', () => {
  it('holds host, login and database', () => {
    expect(parseInfluxUrl('influx://gate%40way:p%2Fw@[::1]:9999/city')).toEqual({
      secure: false,
      host: '[::1]',
      port: 9999,
      user: 'gate@way',
      password: 'p/w',
      database: 'city',
    });
    expect(parseInfluxUrl('influxs://db.example/city')).toMatchObject({ secure: true, port: 8086, user: '' });
  });

  it.each(['influx://h:8086', 'influx://h:8086/', 'influx://h/a/b', 'influx://h/%zz'])('is refused as %s', (url) => {
    expect(() => parseInfluxUrl(url)).toThrow(/CGW_TIMESERIES_URL：.*含数据库名.* \/ CGW_TIMESERIES_URL: write influx/);
  });
});

describe.skipIf(INFLUX_MISSING)('an InfluxDB with limits', () => {
  let server: InfluxServer;
  let test: TestDatabase;
  let device = 0;

  beforeAll(async () => {
    server = await startInflux({ http: 'max-body-size = 20000', data: 'max-values-per-tag = 12' });
    test = await createTestDatabase('pglite');
    const { rows } = await sql(test.db.autocommit).query<{ key: number }>(
      "insert into device (id, type, name, lifecycle) values ('limited', 'generic/test', 'test', 'active') returning key",
    );
    device = rows[0]?.key ?? 0;
  });
  afterAll(async () => {
    await server?.remove();
    await test?.close();
  });

  const reading = (metric: string, time: number, value: Value): Reading => ({
    device,
    metric,
    time,
    value,
    receivedAt: time + 5,
  });
  const open = (influx: Influx, alone = true) =>
    createInfluxTimeSeries({ influx, db: test.db, clock: createManualClock(CONTRACT_NOW), log, alone });
  const save = async (store: ReturnType<typeof open>, readings: Reading[]) => {
    await store.prepare(readings);
    return store.write(test.db.autocommit, readings);
  };
  const values = async (store: ReturnType<typeof open>, metric: string) => {
    const page = await store.query({ device, metrics: [metric], from: 0, to: CONTRACT_NOW + DAY, limit: 1_000 });
    return page.series[0]?.points.map(([, value]) => value);
  };

  it('has what it cannot hold told one by one, and the rest stored', async () => {
    const influx = createInflux(server.url('limits'), log);
    const store = open(influx);
    const readings = [
      ...Array.from({ length: 6 }, (_, n) => reading('text', CONTRACT_NOW + n, `${n} `.repeat(2_000))),
      reading('text', CONTRACT_NOW + 6, 'x'.repeat(30_000)),
      reading('m'.repeat(66_000), CONTRACT_NOW, 1),
      reading('text', CONTRACT_NOW + 7, "it's \\'so\\' \\\\ and\nso = on, \u{1F600}"),
    ];
    const outcome = await save(store, readings);
    expect(outcome.poison).toEqual([
      { index: 6, detail: expect.stringContaining('max-body-size') },
      { index: 7, detail: expect.any(String) },
    ]);
    expect(await values(store, 'text')).toEqual([...readings.slice(0, 6), readings[8]].map((one) => one?.value));

    // InfluxDB counts what was there before a request.
    const tags = (from: number) => Array.from({ length: 14 }, (_, n) => reading(`tag${from + n}`, CONTRACT_NOW, n));
    await save(store, tags(0));
    const full = await save(store, tags(13));
    expect(full.poison.map(({ index }) => index)).toEqual(Array.from({ length: 13 }, (_, n) => n + 1));
    for (const { detail } of full.poison) expect(detail).toContain('full by its setting max-values-per-tag');
    influx.close();
  });

  it('keeps names of metrics apart, whatever is in them', async () => {
    const influx = createInflux(server.url('names'), log);
    const store = open(influx);
    const names = ['', '%', 'a b', 'a,b=c', 'a\\', "it's", 'line\nbreak', '温度', '%5C', '"quoted"'];
    expect(
      (
        await save(
          store,
          names.map((name, n) => reading(name, CONTRACT_NOW, n)),
        )
      ).poison,
    ).toEqual([]);
    for (const [n, name] of names.entries()) expect(await values(store, name)).toEqual([n]);
    const own = (await store.latest(device)).filter(({ metric }) => names.includes(metric));
    expect(own.map(({ metric, value }) => names[Number(value)] === metric)).toEqual(names.map(() => true));
    influx.close();
  });

  it('keeps the first value also when a new process alone meets what an older one wrote', async () => {
    const influx = createInflux(server.url('marks'), log);
    const later = (one: Reading, value: Value) => ({ ...one, value, receivedAt: one.receivedAt + 9_000 });
    const readings = [0, 1_000, 2_000].map((after, n) => reading('a', CONTRACT_NOW - after, n));
    await save(open(influx), readings);
    const store = open(influx);
    const [newest, middle, oldest] = readings as [Reading, Reading, Reading];
    expect(await save(store, [later(oldest, 'x')])).toMatchObject({ conflicts: [{ index: 0, stored: 2 }] });
    expect(await save(store, [later(newest, 0), later(middle, 'y')])).toEqual({
      duplicates: [0],
      conflicts: [{ index: 1, stored: 1 }],
      poison: [],
    });
    const next = reading('a', CONTRACT_NOW + 50, 7);
    expect(await save(store, [next])).toMatchObject({ duplicates: [], conflicts: [] });
    expect(await save(store, [later(next, 7)])).toMatchObject({ duplicates: [0] });
    expect(await values(store, 'a')).toEqual([2, 1, 0, 7]);
    influx.close();
  });

  it('is used with a retention policy of the operator, and says when that forgets too early', async () => {
    await server.ask('create database theirs with duration 30d replication 1 name "month"');
    const influx = createInflux(server.url('theirs'), log);
    const refusing: Influx = {
      ...influx,
      database: { ...influx.database, policy: async () => 'month', readings: async () => '"month"."reading"' },
    };
    const store = open(refusing);
    const outcome = await save(store, [reading('a', CONTRACT_NOW - 400 * DAY, 1), reading('a', Date.now(), 2)]);
    expect(outcome.poison).toEqual([
      { index: 0, detail: expect.stringContaining('older than InfluxDB keeps readings') },
    ]);
    influx.close();
  });

  it('forgets metrics of a class when the class says, and days when nothing of them is wanted', async () => {
    const influx = createInflux(server.url('classes'), log);
    const store = open(influx);
    const days = [0, 1, 2, 3, 4, 5, 6].map((ago) => CONTRACT_NOW - ago * DAY);
    const names = ['smoke', 'vibration.x', 'vibration/y', 'other'];
    await save(
      store,
      days.flatMap((time) => names.map((name) => reading(name, time, 1))),
    );
    const policy = {
      rawDays: 4,
      classes: [
        { metrics: ['vibration.*', 'vibration/y'], rawDays: 2 },
        { metrics: ['smoke'], rawDays: 5 },
      ],
    };
    expect(await store.retention(policy)).toEqual({ droppedDays: ['2026-11-17'] });
    const left = await Promise.all(names.map(async (name) => (await values(store, name))?.length));
    expect(left).toEqual([6, 3, 3, 5]);
    influx.close();
  });

  it('is not used where another program keeps other things under the same name', async () => {
    await server.ask('create database shared with duration inf replication 1 name "cgw_raw"');
    await fetch(`http://127.0.0.1:${server.port}/write?db=shared`, { method: 'POST', body: 'reading value="text"' });
    const influx = createInflux(server.url('shared'), log);
    await expect(influx.database.ping()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      extra: { reason: 'TIMESERIES_FOREIGN_FIELDS' },
      message: expect.stringContaining('value string'),
    });
    influx.close();
  });

  it('is asked again after it lost its database', async () => {
    const influx = createInflux(server.url('lost'), log);
    const store = open(influx);
    await save(store, [reading('a', CONTRACT_NOW, 1)]);
    await server.ask('drop database lost');
    const next = [reading('a', CONTRACT_NOW + 1, 2)];
    await expect(save(store, next)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await save(store, next)).toMatchObject({ poison: [] });
    expect(await values(store, 'a')).toEqual([2]);
    influx.close();
  });
});

describe.skipIf(INFLUX_MISSING)('an InfluxDB that wants a login', () => {
  it('is told apart from one that is away, without the password in the words', async () => {
    const server = await startInflux({ auth: true });
    try {
      await server.ask('create user "root" with password \'toor\' with all privileges');
      const ping = async (login?: string) => {
        const influx = createInflux(server.url('city', login), log);
        return influx.database.ping().finally(influx.close);
      };
      for (const login of [undefined, 'root:wrongpass']) {
        const refused = await ping(login).catch((error: unknown) => error as Error);
        expect(refused).toMatchObject({ code: 'UNAVAILABLE', extra: { reason: 'TIMESERIES_DENIED' } });
        expect(JSON.stringify(refused) + (refused as Error).message).not.toContain('wrongpass');
        expect((refused as Error).message).toMatch(/拒绝访问数据库 city.* \/ InfluxDB at .* refuses database city/);
      }
      await ping('root:toor');
      const admin = createInfluxClient(server.url('city', 'root:toor'));
      await admin.query(['create user "gate" with password \'way\'', 'grant all on "city" to "gate"']);
      admin.close();
      await ping('gate:way');
      await server.kill();
      await expect(ping('gate:way')).rejects.toMatchObject({ extra: { reason: 'TIMESERIES_UNREACHABLE' } });
    } finally {
      await server.remove();
    }
  });
});

describe('a server that only takes lines, as VictoriaMetrics does', () => {
  let server: Server;
  beforeAll(async () => {
    // What its /query answers to every statement.
    server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"results":[{"name":"databases","series":[{"columns":["name"],"values":[["city"]]}]}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());

  it('is named as what it is', async () => {
    const { port } = server.address() as AddressInfo;
    const influx = createInflux(`influx://127.0.0.1:${port}/city`, log);
    await expect(influx.database.ping()).rejects.toMatchObject({ extra: { reason: 'TIMESERIES_NO_QUERIES' } });
    influx.close();
  });
});

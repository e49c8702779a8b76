import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createManualClock } from '../clock.ts';
import type { DeviceBrief, Lifecycle } from '../domain/device.ts';
import type { MessageEvidence } from '../domain/evidence.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createSpool, type Spool } from '../spool/spool.ts';
import { sql } from '../store/database.ts';
import { createIngestStore } from '../store/ingest.ts';
import { createSqlTimeSeries } from '../timeseries/sql.ts';
import { createDrain } from './drain.ts';
import { createPlanner } from './plan.ts';
import type { Bucket, DecodedItem, SpoolEntry, TypesPort } from './ports.ts';
import { createLateness, DEFAULT_WINDOW } from './timing.ts';

const log = createLogger('silent');
const clock = createManualClock();

/** Reads `{ts,msgId,metrics,events,identity,notes}` or an array of them; the real decoder is tested by itself. */
const types: TypesPort = {
  decode(_, { payload }) {
    const text = Buffer.from(payload).toString();
    if (text.startsWith('{"refused"')) return { ok: false, ...JSON.parse(text).refused };
    if (!text.startsWith('{') && !text.startsWith('[')) return { ok: false, code: 'BAD_JSON', detail: 'not JSON' };
    const items = [JSON.parse(text)].flat() as Record<string, unknown>[];
    return {
      ok: true,
      items: items.map((item) => ({
        notes: [],
        unknown: [],
        ...item,
        values: new Map(Object.entries((item.metrics ?? {}) as object)),
        events: (item.events ?? []) as DecodedItem['events'],
        ...(item.ts === undefined ? {} : { deviceTime: item.ts as number }),
      })) as DecodedItem[],
    };
  },
  typesForTopic: (topic) => (topic.startsWith('vendor/') ? ['t'] : []),
  lateAfter: () => 90_000,
};

describe.each(ENGINES)('draining into %s', (engine) => {
  let database: TestDatabase;
  let spool: Spool;
  let directory: string;
  let devices: Map<string, DeviceBrief>;
  let serial = 0;
  const store = createIngestStore();

  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterAll(() => database.close());

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cgw-drain-'));
    spool = createSpool({ dir: directory, capacityBytes: 50_000_000, log, clock });
    await spool.open();
    devices = new Map();
    serial += 1;
    await sql(database.db.autocommit).query(`insert into vendor (id, name) values ($1, $1), ($2, $2)`, [
      `v${serial}`,
      `w${serial}`,
    ]);
    for (const [id, lifecycle, vendor] of [
      ['a', 'active', null],
      ['b', 'active', `v${serial}`],
      ['zombie', 'retired', null],
      ['new', 'pending', null],
    ] as const) {
      await addDevice(id, lifecycle, vendor);
    }
  });
  afterEach(async () => {
    await spool.close();
    await rm(directory, { recursive: true });
  });

  async function addDevice(id: string, lifecycle: Lifecycle, vendorId: string | null) {
    const { rows } = await sql(database.db.autocommit).query<{ key: number }>(
      `insert into device (id, type, name, lifecycle, vendor_id, external_id) values ($1, 't', $1, $2, $3, $4) returning key`,
      [`${id}${serial}`, lifecycle, vendorId, `ext-${id}${serial}`],
    );
    devices.set(id, {
      key: rows[0]?.key ?? 0,
      id,
      type: 't',
      lifecycle,
      vendorId,
      serial: null,
      externalId: `ext-${id}`,
      siteId: null,
      orgId: null,
      module: null,
      parentKey: null,
      healthPolicy: null,
    });
  }

  function entry(device: string, payload: unknown, over: Partial<SpoolEntry> = {}): SpoolEntry {
    clock.advance(10);
    return {
      via: 'mqtt',
      principal: `device:${device}`,
      topic: `cgw/v1/${device}/telemetry`,
      payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
      receivedAt: clock.now(),
      dup: false,
      retained: false,
      ...over,
    };
  }

  interface Result {
    counts: Record<Bucket, number>;
    evidence: MessageEvidence[];
    replies: { deviceId: string; code: string }[];
  }

  /** Appends, drains until everything is in the database, and tells what came of it. */
  async function drain(entries: SpoolEntry[], transactor: Transactor = database.db, maxBatch = 1_500): Promise<Result> {
    for (const one of entries) await spool.append(one);
    const result: Result = {
      counts: { stored: 0, duplicate: 0, rejected: 0, quarantined: 0 },
      evidence: [],
      replies: [],
    };
    const stopping = new AbortController();
    const done = Promise.withResolvers<void>();
    const check = () => {
      if (spool.status().undrained === 0) done.resolve();
    };
    const timer = setInterval(check, 2);
    const running = createDrain({
      spool,
      transactor,
      store,
      readings: createSqlTimeSeries({ db: database.db, clock }),
      planner: createPlanner({
        directory: {
          byId: (id) => devices.get(id),
          bySerial: () => undefined,
          byExternalId: (id) => [...devices.values()].find((device) => device.externalId === id),
        },
        types,
        window: () => DEFAULT_WINDOW,
        isLate: createLateness(),
      }),
      hooks: {
        observe: (evidence) => void result.evidence.push(...evidence),
        reply: (deviceId, error) => void result.replies.push({ deviceId, code: error.code }),
      },
      metrics: {
        received: () => undefined,
        puback: () => undefined,
        recovered: () => undefined,
        failed: (code) => void (code === 'UNAVAILABLE' || code === 'CONFLICT' || done.reject(new Error(code))),
        drained: (counts) => {
          for (const bucket of Object.keys(counts) as Bucket[]) result.counts[bucket] += counts[bucket];
        },
      },
      clock,
      log,
      maxBatch,
      lingerMs: 0,
      trimTo: (drained) => drained,
      crowded: () => spool.status().level !== 'ok',
    }).run(stopping.signal);
    await done.promise.finally(() => clearInterval(timer));
    stopping.abort();
    await running;
    return result;
  }

  async function readings(device: string): Promise<{ name: string; time: number; num: number; flags: number }[]> {
    const { rows } = await sql(database.db.autocommit).query<{
      name: string;
      time: number;
      num: number;
      flags: number;
    }>(
      `select m.name, r.time, r.num, r.flags from reading r join metric m on m.key = r.metric where r.device = $1 order by r.time, m.name`,
      [devices.get(device)?.key],
    );
    return rows;
  }
  const quarantined = async () =>
    (
      await sql(database.db.autocommit).query<{ code: string; device: number | null; payload: Uint8Array }>(
        'select code, device, payload from quarantine order by id desc',
      )
    ).rows;

  it('stores a message without ts under its receive time and counts it once', async () => {
    const sent = entry('a', { metrics: { power: 840 } });
    const { counts, evidence } = await drain([sent]);
    expect(counts).toEqual({ stored: 1, duplicate: 0, rejected: 0, quarantined: 0 });
    expect(await readings('a')).toEqual([{ name: 'power', time: sent.receivedAt, num: 840, flags: 0 }]);
    expect(evidence).toMatchObject([{ receivedAt: sent.receivedAt, late: false, path: 'mqtt' }]);
  });

  it('gives a redelivered msgId its first time again: a duplicate, stored once', async () => {
    const first = entry('a', { msgId: 'm1', metrics: { power: 1 } });
    await drain([first]);
    const again = await drain([entry('a', { msgId: 'm1', metrics: { power: 1 } }, { dup: true })]);
    expect(again.counts).toMatchObject({ stored: 0, duplicate: 1 });
    expect(again.evidence).toEqual([]);
    expect(await readings('a')).toHaveLength(1);
  });

  it('makes room for large messages however few they are', async () => {
    await spool.close();
    spool = createSpool({ dir: directory, capacityBytes: 4_000_000, log, clock });
    await spool.open();
    const pad = 'x'.repeat(100_000);
    for (let round = 0; round < 10; round++) {
      const batch = Array.from({ length: 10 }, (_, i) => entry('a', { pad, metrics: { power: round * 10 + i } }));
      expect((await drain(batch)).counts).toMatchObject({ stored: 10 });
    }
  });

  it('finds a redelivered msgId inside one batch', async () => {
    const { counts } = await drain([1, 2, 3].map(() => entry('a', { msgId: 'm1', metrics: { power: 1 } })));
    expect(counts).toMatchObject({ stored: 1, duplicate: 2 });
  });

  it('keeps the first of two values of one msgId and quarantines the second with its bytes', async () => {
    await drain([entry('a', { msgId: 'm1', metrics: { power: 1 } })]);
    const { counts, replies } = await drain([entry('a', { msgId: 'm1', metrics: { power: 2 } })]);
    expect(counts).toMatchObject({ quarantined: 1 });
    expect((await readings('a')).map((row) => row.num)).toEqual([1]);
    const [row] = await quarantined();
    expect(row?.code).toBe('CONFLICT');
    expect(JSON.parse(Buffer.from(row?.payload ?? []).toString())).toEqual({ msgId: 'm1', metrics: { power: 2 } });
    expect(replies).toEqual([{ deviceId: 'a', code: 'CONFLICT' }]);
  });

  it('takes the device time as identity: same value duplicate, other value conflict, other metric stored', async () => {
    const ts = clock.now() - 1_000;
    const { counts } = await drain([
      entry('a', { ts, metrics: { power: 1 } }),
      entry('a', { ts, metrics: { power: 1 } }),
      entry('a', { ts, metrics: { power: 2 } }),
      entry('a', { ts, metrics: { current: 3 } }),
    ]);
    expect(counts).toEqual({ stored: 2, duplicate: 1, rejected: 0, quarantined: 1 });
    expect((await readings('a')).map((row) => [row.name, row.num])).toEqual([
      ['current', 3],
      ['power', 1],
    ]);
  });

  it('stores keyless messages per delivery, but a DUP-flagged identical one within ten minutes once', async () => {
    const body = { metrics: { power: 5, current: 2 } };
    expect((await drain([entry('a', body), entry('a', body)])).counts).toMatchObject({ stored: 2 });
    const second = await drain([
      entry('a', body, { dup: true }),
      entry('a', { metrics: { power: 6, current: 2 } }, { dup: true }),
      entry('a', { metrics: { power: 6, current: 2 } }, { dup: true }),
    ]);
    expect(second.counts).toMatchObject({ stored: 1, duplicate: 2 });
    clock.advance(11 * 60_000);
    expect((await drain([entry('a', body, { dup: true })])).counts).toMatchObject({ stored: 1 });
  });

  it('takes a DUP-flagged event for a repetition only when the same one came before, whatever the readings beside it', async () => {
    const smoke = { code: 'smoke', severity: 'critical', lifeSafety: true, data: { by: 'a\0b' } };
    const quiet = { metrics: { power: 5 } };
    const alarm = { metrics: { power: 5 }, events: [smoke] };
    await drain([entry('a', quiet)]);
    expect((await drain([entry('a', alarm, { dup: true })])).counts).toMatchObject({ stored: 1 });
    expect((await drain([entry('a', alarm, { dup: true })])).counts).toMatchObject({ duplicate: 1 });
    const alone = { events: [smoke] };
    const { counts } = await drain([
      entry('b', alone),
      entry('b', { events: [{ ...smoke, data: { by: 'c' } }] }, { dup: true }),
      entry('b', alone, { dup: true }),
    ]);
    expect(counts).toMatchObject({ stored: 2, duplicate: 1 });
    expect((await drain([entry('b', alone, { dup: true })])).counts).toMatchObject({ duplicate: 1 });
    clock.advance(11 * 60_000);
    expect((await drain([entry('b', alone, { dup: true })])).counts).toMatchObject({ stored: 1 });
  });

  it('stores wild device times at receive time with a mark, once per device time', async () => {
    const first = entry('a', { ts: 0, metrics: { power: 1 } });
    await drain([first, entry('a', { ts: Date.UTC(2100, 0, 1), metrics: { power: 2 } })]);
    const again = await drain([entry('a', { ts: 0, metrics: { power: 1 } })]);
    expect(again.counts).toMatchObject({ duplicate: 1 });
    expect((await readings('a')).map((row) => [row.num, row.flags])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it('stores an array as one message, each item at its own time', async () => {
    const ts = clock.now();
    const { counts } = await drain([
      entry('a', [
        { ts: ts - 2, metrics: { power: 1 } },
        { ts: ts - 1, metrics: { power: 2 } },
        { metrics: { power: 3 } },
      ]),
    ]);
    expect(counts).toMatchObject({ stored: 1 });
    expect(await readings('a')).toHaveLength(3);
  });

  it('keeps a keyless array and the messages that follow it within its millisecond apart', async () => {
    const array = entry('a', [{ metrics: { power: 1 } }, { metrics: { power: 2 } }, { metrics: { power: 3 } }]);
    const next = { ...entry('a', { metrics: { power: 4 } }), receivedAt: array.receivedAt + 0.001 };
    const last = {
      ...entry('a', [{ metrics: { power: 5 } }, { metrics: { power: 6 } }]),
      receivedAt: array.receivedAt + 0.002,
    };
    const { counts } = await drain([array, next, last]);
    expect(counts).toMatchObject({ stored: 3, quarantined: 0 });
    expect((await readings('a')).map((row) => row.num)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('refuses what the lifecycle or the login does not allow, with the reason', async () => {
    const { counts, evidence } = await drain([
      entry('zombie', { metrics: { power: 1 } }),
      entry('new', { metrics: { power: 1 } }),
      entry('b', { metrics: { power: 1 } }, { principal: 'vendor:other' }),
      entry('ghost', { metrics: { power: 1 } }, { principal: 'broker:x' }),
      entry('a', 'rubbish'),
    ]);
    expect(counts).toMatchObject({ quarantined: 5, stored: 0 });
    expect(evidence).toEqual([]);
    expect(
      (await quarantined())
        .slice(0, 5)
        .map((row) => row.code)
        .reverse(),
    ).toEqual(['ZOMBIE', 'LIFECYCLE', 'UNKNOWN_DEVICE', 'UNKNOWN_DEVICE', 'BAD_JSON']);
    const { rows } = await sql(database.db.autocommit).query('select zombie_count from device where key = $1', [
      devices.get('zombie')?.key,
    ]);
    expect(rows).toEqual([{ zombie_count: 1 }]);
  });

  it('finds the device of a foreign topic by the identity in the payload', async () => {
    const vendor = { principal: `vendor:v${serial}`, topic: 'vendor/x' };
    const { counts } = await drain([
      entry('b', { identity: { match: 'externalId', value: 'ext-b' }, metrics: { power: 1 } }, vendor),
      entry('b', { identity: { match: 'externalId', value: 'ext-a' }, metrics: { power: 1 } }, vendor),
    ]);
    expect(counts).toMatchObject({ stored: 1, quarantined: 1 });
  });

  it('says whose message it was when all of it is refused and only the payload names the device', async () => {
    const vendor = { principal: `vendor:v${serial}`, topic: 'vendor/x' };
    const refused = (value: string) => ({
      refused: { code: 'READING_REQUIRED', detail: 'level', identity: { match: 'externalId', value } },
    });
    await drain([entry('b', refused('ext-b'), vendor), entry('b', refused('ext-a'), vendor)]);
    const { rows } = await sql(database.db.autocommit).query('select device from quarantine order by id desc limit 2');
    // The other device is no device of this vendor: its login learns nothing by naming it.
    expect(rows).toEqual([{ device: null }, { device: devices.get('b')?.key }]);
  });

  it('flags a zombie among the devices of one vendor message', async () => {
    await addDevice('gone', 'retired', `v${serial}`);
    const of = (id: string) => ({ identity: { match: 'externalId', value: `ext-${id}` }, metrics: { power: 1 } });
    const { counts } = await drain([
      entry('b', [of('b'), of('gone')], { principal: `vendor:v${serial}`, topic: 'vendor/batch' }),
    ]);
    expect(counts).toMatchObject({ stored: 1 });
    const { rows } = await sql(database.db.autocommit).query('select zombie_count from device where key = $1', [
      devices.get('gone')?.key,
    ]);
    expect(rows).toEqual([{ zombie_count: 1 }]);
  });

  it('counts what intake refused without decoding it', async () => {
    const { counts } = await drain([1, 2, 3].map(() => entry('a', '', { refused: 'RATE_EXCEEDED' })));
    expect(counts).toMatchObject({ rejected: 3 });
    const { rows } = await sql(database.db.autocommit).query(
      `select code, sum(count)::int as n from ingest_rejection where principal = 'device:a' group by code`,
    );
    expect(rows).toContainEqual({ code: 'RATE_EXCEEDED', n: expect.any(Number) });
  });

  it('stores an event once however often it is sent, at its first time', async () => {
    const event = { code: 'smoke', severity: 'critical', lifeSafety: true };
    const first = await drain([entry('a', { msgId: 'e1', events: [event] })]);
    expect(first.evidence[0]?.events).toHaveLength(1);
    expect((await drain([entry('a', { msgId: 'e1', events: [event] })])).counts).toMatchObject({ duplicate: 1 });
  });

  it('isolates what the database cannot hold and stores the rest of the batch', async () => {
    const good = Array.from({ length: 40 }, (_, n) => entry('a', { metrics: { power: n } }));
    const { counts } = await drain([
      ...good.slice(0, 20),
      entry('a', { metrics: { note: 'a\u0000b' } }),
      ...good.slice(20),
    ]);
    expect(counts).toMatchObject({ stored: 40, quarantined: 1 });
    expect((await quarantined())[0]?.code).toBe('UNSTORABLE');
  });

  it('keeps hostile text in topics, codes and event data from stopping the drain', async () => {
    const nasty = '\u0000\ud800 "\\';
    const { counts } = await drain([
      entry('a', {
        msgId: nasty,
        metrics: { power: 1 },
        events: [{ code: nasty, severity: 'minor', lifeSafety: false, data: { [nasty]: nasty } }],
      }),
      entry('a', 'rubbish', { topic: `cgw/v1/a/${nasty}` }),
    ]);
    expect(counts).toMatchObject({ stored: 1, quarantined: 1 });
  });

  it('goes on where the ledger stands when the process dies after the commit', async () => {
    await drain([1, 2, 3].map((power) => entry('a', { metrics: { power } })));
    await spool.close();
    spool = createSpool({ dir: directory, capacityBytes: 50_000_000, log, clock });
    await spool.open();
    const after = await drain([entry('a', { metrics: { power: 4 } })]);
    expect(after.counts).toMatchObject({ stored: 1, duplicate: 0 });
    expect(await readings('a')).toHaveLength(4);
  });

  it('asks the ledger when a COMMIT is not answered: nothing twice, and the evidence is not lost', async () => {
    let broken = 1;
    const inDoubt: Transactor = {
      autocommit: database.db.autocommit,
      async transaction(work) {
        const result = await database.db.transaction(work);
        if (broken-- > 0) throw new GatewayError('UNAVAILABLE', 'connection lost in COMMIT');
        return result;
      },
    };
    const { counts, evidence } = await drain([entry('a', { metrics: { power: 1 } })], inDoubt);
    expect(counts).toEqual({ stored: 1, duplicate: 0, rejected: 0, quarantined: 0 });
    expect(evidence).toHaveLength(1);
    expect(await readings('a')).toHaveLength(1);
  });

  it('writes nothing when another drainer has moved the ledger, and goes on from where it stands', async () => {
    let rivals = 1;
    const raced: Transactor = {
      autocommit: database.db.autocommit,
      async transaction(work) {
        if (rivals-- > 0) {
          await sql(database.db.autocommit).query(
            'update ingest_ledger set drained = drained + 1, stored = stored + 1 where spool = $1',
            [spool.id],
          );
        }
        return database.db.transaction(work);
      },
    };
    const two = [1, 2].map((power) => entry('a', { metrics: { power } }));
    const { counts } = await drain(two, raced);
    expect(counts).toMatchObject({ stored: 1 });
    expect((await readings('a')).map((row) => row.num)).toEqual([2]);
  });

  it('waits for the database and then drains everything, in batches of any size', async () => {
    let down = 3;
    const flaky: Transactor = {
      autocommit: database.db.autocommit,
      transaction: (work) =>
        down-- > 0 ? Promise.reject(new GatewayError('UNAVAILABLE')) : database.db.transaction(work),
    };
    const { counts } = await drain(
      Array.from({ length: 25 }, (_, n) => entry('a', { metrics: { power: n } })),
      flaky,
      7,
    );
    expect(counts).toMatchObject({ stored: 25 });
    const ledger = await store.ledger(database.db.autocommit, spool.id);
    expect(ledger).toEqual({ drained: 25, stored: 25, duplicate: 0, rejected: 0, quarantined: 0, lost: 0 });
  });

  it('says of late data that it proves no life, and stores it', async () => {
    const { counts, evidence } = await drain([entry('a', { ts: clock.now() - 3_600_000, metrics: { power: 1 } })]);
    expect(counts).toMatchObject({ stored: 1 });
    expect(evidence[0]?.late).toBe(true);
  });
});

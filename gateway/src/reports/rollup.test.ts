import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { createManualClock } from '../clock.ts';
import { figuresOf, TIME_CLASSES, type TimeClass } from '../domain/availability.ts';
import { createReportCalendar } from '../domain/report-period.ts';
import type { DeviceMaintenance } from '../domain/report-rows.ts';
import { createLogger } from '../log.ts';
import { sql } from '../store/database.ts';
import { createReportStore } from '../store/reports.ts';
import { createRollup } from './rollup.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 2026-10-30 00:00 in Shanghai: the days of the test lie on both sides of a month. */
const START = Date.UTC(2026, 9, 29, 16);
const DAYS = 4;
/** Everything happens on this grid, so that the reference may look at every slot. */
const SLOT = 20 * MINUTE;
const SLOTS = (DAYS * DAY) / SLOT;
const calendar = createReportCalendar('Asia/Shanghai');
const FIRST = calendar.dayOf(START);

interface World {
  readonly devices: readonly {
    readonly created: number;
    readonly module: string | null;
    readonly lifecycles: readonly { at: number; to: string }[];
    readonly states: readonly { at: number; to: string; reason: string }[];
    readonly maintenance: readonly { from: number; to: number | null }[];
    readonly seen: boolean;
  }[];
  readonly blind: readonly { path: string; from: number; to: number | null }[];
  /** Slot at which the last look is taken. */
  readonly now: number;
}

const slot = fc.integer({ min: 0, max: SLOTS });
const span = fc.record({ from: slot, length: fc.option(fc.integer({ min: 1, max: 60 }), { nil: null }) });
const interval = span.map(({ from, length }) => ({ from, to: length === null ? null : from + length }));
const ordered = <T extends { at: number }>(list: readonly T[]) => [...list].sort((a, b) => a.at - b.at);

const world: fc.Arbitrary<World> = fc.record({
  devices: fc.array(
    fc.record({
      created: fc.integer({ min: -20, max: SLOTS }),
      module: fc.constantFrom('charging', 'security', null),
      lifecycles: fc
        .array(fc.record({ at: slot, to: fc.constantFrom('trial', 'active', 'suspended', 'retired') }), {
          maxLength: 4,
        })
        .map(ordered),
      states: fc
        .array(
          fc.record({
            at: fc.integer({ min: -30, max: SLOTS }),
            to: fc.constantFrom('online', 'offline', 'stale', 'flapping', 'degraded', 'unknown'),
            reason: fc.constantFrom('heard', 'black', 'overCurrent'),
          }),
          { maxLength: 8 },
        )
        .map(ordered),
      maintenance: fc.array(interval, { maxLength: 3 }),
      seen: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  blind: fc.uniqueArray(
    fc.tuple(fc.constantFrom('mqtt', 'rtsp'), interval).map(([path, rest]) => ({ path, ...rest })),
    { maxLength: 4, selector: ({ path, from }) => `${path}${from}` },
  ),
  now: fc.integer({ min: SLOTS - 100, max: SLOTS }),
});

const time = (at: number) => START + at * SLOT;

/** The rule once more, as slowly and plainly as it can be said: slot by slot, looking through everything each time. */
function reference(given: World, device: World['devices'][number], from: number, to: number) {
  const sums = Object.fromEntries(TIME_CLASSES.map((name) => [name, 0])) as Record<TimeClass, number>;
  for (let at = from; at < Math.min(to, given.now); at++) {
    const covers = (one: { from: number; to: number | null }) => one.from <= at && (one.to === null || at < one.to);
    const lifecycle = device.lifecycles.findLast((turn) => turn.at <= at)?.to ?? 'active';
    const state = device.states.findLast((change) => change.at <= at) ?? { to: 'unknown', reason: '' };
    const path = device.seen ? 'rtsp' : 'mqtt';
    let name: TimeClass;
    if (at < device.created || lifecycle === 'trial' || lifecycle === 'retired') name = 'outside';
    else if (device.maintenance.some(covers)) name = 'maintenance';
    else if (given.blind.some((one) => one.path === path && covers(one))) name = 'blind';
    else if (lifecycle === 'suspended') name = 'suspended';
    else if (state.to === 'unknown') name = 'unseen';
    else if (state.to === 'offline') name = 'offline';
    else if (state.to === 'stale') name = 'stale';
    else if (state.to === 'flapping' || (state.to === 'degraded' && state.reason === 'black')) name = 'flawed';
    else name = 'good';
    sums[name] += SLOT;
  }
  return sums;
}

describe.each(ENGINES)('availability by day on %s', (engine) => {
  let database: TestDatabase;
  const store = createReportStore();
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(
      `insert into module (id, name_zh, name_en) values ('charging', '充电', 'c'), ('security', '安防', 's')`,
    );
  });
  afterAll(() => database.close());

  /** Writes the world as the gateway would have and answers the keys of its devices. */
  async function write(given: World): Promise<number[]> {
    const { db } = database;
    await emptyTables(
      db,
      ...['availability_sum', 'availability_day', 'availability_run', 'availability_group', 'report_lease'],
      ...['health_history', 'health', 'device_history', 'device_seen', 'blind_interval', 'device'],
    );
    const keys: number[] = [];
    for (const [index, device] of given.devices.entries()) {
      const { rows } = await sql(db.autocommit).query<{ key: number }>(
        `insert into device (id, type, name, module, lifecycle, created_at)
         values ($1, 't', $1, $2, $3, to_timestamp($4 / 1000.0)) returning key`,
        [`d${index}`, device.module, device.lifecycles.at(-1)?.to ?? 'active', time(device.created)],
      );
      const key = rows[0]?.key ?? 0;
      keys.push(key);
      if (device.seen)
        await sql(db.autocommit).query(`insert into device_seen (device, path) values ($1, 'rtsp')`, [key]);
      let was = 'active';
      for (const { at, to } of device.lifecycles) {
        await sql(db.autocommit).query(
          `insert into device_history (device, at, by, what, before, after) values ($1, to_timestamp($2 / 1000.0), 'x', 'x', $3, $4)`,
          [key, time(at), JSON.stringify({ lifecycle: was }), JSON.stringify({ lifecycle: to })],
        );
        was = to;
      }
      was = 'unknown';
      for (const { at, to, reason } of device.states) {
        await sql(db.autocommit).query(
          `insert into health_history (device, at, was, state, reason) values ($1, to_timestamp($2 / 1000.0), $3, $4, $5)`,
          [key, time(at), was, to, reason],
        );
        was = to;
      }
      const last = device.states.at(-1);
      if (last) {
        await sql(db.autocommit).query(
          `insert into health (device, state, reason, since) values ($1, $2, $3, to_timestamp($4 / 1000.0))`,
          [key, last.to, last.reason, time(last.at)],
        );
      }
    }
    for (const { path, from, to } of given.blind) {
      await sql(db.autocommit).query(
        `insert into blind_interval (path, from_at, to_at, reason)
         values ($1, to_timestamp($2 / 1000.0), to_timestamp($3::float8 / 1000.0), 'x')`,
        [path, time(from), to === null ? null : time(to)],
      );
    }
    return keys;
  }

  const rollupAt = (given: World, keys: readonly number[], now: number, store_ = store) =>
    createRollup({
      store: store_,
      transactor: database.db,
      calendar,
      clock: createManualClock(now),
      log: createLogger('silent'),
      owner: 'me',
      maintenance: {
        intervals: async () =>
          given.devices.flatMap((device, index) =>
            device.maintenance.map(
              ({ from, to }): DeviceMaintenance => ({
                device: keys[index] ?? 0,
                from: time(from),
                to: to === null ? null : time(to),
              }),
            ),
          ),
        mark: async () => JSON.stringify(given.devices.map((device) => device.maintenance)),
      },
    });

  const perDay = DAY / SLOT;
  const expectSums = async (given: World, first: number, last: number) => {
    for (const module of ['charging', 'security', null]) {
      const mine = given.devices.filter((device) => device.module === module);
      const parts = mine.map((device) => reference(given, device, first * perDay, (last + 1) * perDay));
      const expected = Object.fromEntries(
        TIME_CLASSES.filter((name) => name !== 'outside').map((name) => [
          name,
          parts.reduce((sum, part) => sum + part[name], 0),
        ]),
      );
      const all = await store.groupSums(
        database.db.autocommit,
        { kind: 'all' },
        { first: FIRST + first, last: FIRST + last },
        'module',
        {},
      );
      const found = all.find((row) => row.key === module);
      const zero = Object.values(expected).every((value) => value === 0);
      if (zero && !found) continue;
      expect(found, `${module} ${first}–${last}`).toMatchObject(expected);
      const byProject = await store.groupSums(
        database.db.autocommit,
        { kind: 'all' },
        { first: FIRST + first, last: FIRST + last },
        'project',
        module === null ? {} : { module },
      );
      if (module !== null) expect(byProject[0]).toMatchObject(expected);
    }
  };

  it('is what a slow look at every moment of the raw rows says, for any days, over random histories', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const keys = await write(given);
        await rollupAt(given, keys, time(given.now)).run();
        for (const [first, last] of [
          [0, 0],
          [1, 2],
          [0, DAYS - 1],
          [2, 3],
        ] as const) {
          await expectSums(given, first, last);
        }
        // The answer for one device comes from the raw rows by the same rule.
        const [device] = given.devices;
        const [own] = await store.histories(database.db.autocommit, time(0), time(given.now), {
          id: 'd0',
          scope: { kind: 'all' },
        });
        expect(own?.device).toBe(keys[0]);
        expect(device).toBeDefined();
      }),
      { numRuns: engine === 'pglite' ? 15 : 30, seed: 20261123, endOnFailure: true },
    );
  }, 60_000);

  it('is computed again when a day gets something later, and so are the sums of the days after it', async () => {
    const quiet: World = {
      devices: [
        {
          created: -5,
          module: 'charging',
          lifecycles: [],
          states: [{ at: -3, to: 'online', reason: 'heard' }],
          maintenance: [],
          seen: false,
        },
      ],
      blind: [],
      now: SLOTS - 10,
    };
    const keys = await write(quiet);
    await rollupAt(quiet, keys, time(quiet.now)).run();
    await expectSums(quiet, 0, 3);

    // The gateway had been away, and it says so only when it is back.
    const blind = [{ path: 'mqtt', from: perDay + 3, to: perDay + 9 }];
    await sql(database.db.autocommit).query(
      `insert into blind_interval (path, from_at, to_at, reason)
       values ('mqtt', to_timestamp($1 / 1000.0), to_timestamp($2 / 1000.0), 'x')`,
      [time(perDay + 3), time(perDay + 9)],
    );
    await rollupAt(quiet, keys, time(quiet.now)).run();
    await expectSums({ ...quiet, blind }, 0, 3);
    await expectSums({ ...quiet, blind }, 2, 3);
  });

  it('leaves the past with whom a device was assigned to on the day', async () => {
    const quiet: World = {
      devices: [
        {
          created: -5,
          module: 'charging',
          lifecycles: [],
          states: [{ at: -3, to: 'online', reason: 'heard' }],
          maintenance: [],
          seen: false,
        },
      ],
      blind: [],
      now: 2 * perDay,
    };
    const keys = await write(quiet);
    await rollupAt(quiet, keys, time(perDay) + MINUTE).run();
    await sql(database.db.autocommit).script(`update device set module = 'security'`);
    await rollupAt(quiet, keys, time(2 * perDay) + MINUTE).run();
    const days = (first: number, last: number) =>
      store.groupSums(
        database.db.autocommit,
        { kind: 'all' },
        { first: FIRST + first, last: FIRST + last },
        'module',
        {},
      );
    expect((await days(0, 0)).map(({ key, good }) => [key, good])).toEqual([['charging', DAY]]);
    // The second day was over before the move was known and is computed with the new assignment.
    const both = await days(0, 1);
    expect(both.reduce((sum, row) => sum + row.good, 0)).toBe(2 * DAY);
    expect(figuresOf(both[0] ?? fail()).onlineRate).toBe(1);
  });

  it('is work of one gateway at a time', async () => {
    const given: World = { devices: [], blind: [], now: 0 };
    await write(given);
    const now = time(10);
    expect(await store.lease(database.db.autocommit, 'availability', 'other', now, now + HOUR)).toBe(true);
    let asked = 0;
    const watched = {
      ...store,
      firstDeviceAt: async () => {
        asked += 1;
        return null;
      },
    };
    await rollupAt(given, [], now, watched).run();
    expect(asked).toBe(0);
    await rollupAt(given, [], now + 2 * HOUR, watched).run();
    expect(asked).toBe(1);
  });
});

function fail(): never {
  throw new Error('no row');
}

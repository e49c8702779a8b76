import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createManualClock } from '../clock.ts';
import { classOf, RETENTION, STATE_TABLES } from '../domain/retention.ts';
import { SETTINGS, type SettingValues } from '../domain/settings.ts';
import { createLogger } from '../log.ts';
import { sql } from '../store/database.ts';
import { createRetentionStore } from '../store/retention.ts';
import { SCHEMA_SNAPSHOT } from '../store/schema-dump.ts';
import { createRetention } from './retention.ts';

const DAY = 86_400_000;
const settings = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { fallback }]) => [name, fallback]),
) as unknown as SettingValues;

describe('what grows', () => {
  it('is declared: every table has a class, or a row a thing', async () => {
    const schema = await readFile(SCHEMA_SNAPSHOT, 'utf8');
    const tables = [...schema.matchAll(/^create table (\w+) \(/gm)].map(([, name]) => name ?? '');
    expect(tables.length).toBeGreaterThan(100);
    const unknown = tables.filter((table) => classOf(table) === undefined && !STATE_TABLES.includes(table));
    expect(unknown, 'declare it in domain/retention.ts: kept how long, or as large as what it describes').toEqual([]);
    // Nothing is in both, and nothing is declared that is not there.
    expect(STATE_TABLES.filter((table) => classOf(table) !== undefined || !tables.includes(table))).toEqual([]);
    const named = RETENTION.flatMap(({ tables }) => [...tables]).filter((table) => !table.endsWith('*'));
    expect(named.filter((table) => !tables.includes(table))).toEqual([]);
  });
});

describe.each(ENGINES)('retention on %s', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
  });
  afterAll(() => test?.close());

  it('takes what is too old in small slices, keeps what it needs, and runs once a day', async () => {
    const clock = createManualClock(Date.UTC(2030, 0, 1));
    const session = sql(test.db.autocommit);
    await session.script(`
      insert into device (key, id, type, name, lifecycle) overriding system value
        values (1, 'd1', 'generic/any', 'one', 'active'), (2, 'd2', 'generic/any', 'two', 'active');
      insert into device_event (device, code, time, received_at, severity, life_safety)
        select 1, 'door', t, t, 'info', false
        from generate_series(timestamptz '2026-01-01Z', timestamptz '2029-12-31Z', interval '30 days') t;
      -- One device turned often, the other once, years ago: that turn says how it is.
      insert into health_history (device, at, was, state, reason)
        select 1, t, 'online', 'offline', 'silent'
        from generate_series(timestamptz '2026-01-01Z', timestamptz '2029-12-31Z', interval '30 days') t;
      insert into health_history (device, at, was, state, reason) values (2, '2025-06-01Z', 'unknown', 'online', 'ok');
      insert into blind_interval (path, from_at, to_at, reason)
        values ('mqtt', '2026-01-01Z', '2026-01-02Z', 'x'), ('mqtt', '2029-01-01Z', null, 'x');
      insert into device_command (id, device, name, issued_by, issued_at, closed_at)
        values ('old', 1, 'reset', 'u', '2026-01-01Z', '2026-01-01Z'), ('open', 1, 'reset', 'u', '2026-01-01Z', null);
      insert into ingest_rejection (day, principal, code, count, last_at)
        values ('2026-01-01', 'p', 'X', 1, '2026-01-01Z'), ('2029-12-01', 'p', 'X', 1, '2029-12-01Z');
      insert into backup_run (id, trigger, started_by, started_at, state, file)
        values ('kept', 'daily', 's', '2026-01-01Z', 'done', 'a'), ('gone', 'daily', 's', '2026-01-01Z', 'done', null);
    `);
    const store = createRetentionStore();
    const retention = createRetention({
      store,
      db: test.db,
      settings: () => settings,
      clock,
      log: createLogger('error'),
      batch: 3,
    });
    const before = "at < timestamptz '2030-01-01Z' - interval '1095 days'";
    const count = async (table: string, where = 'true') =>
      (await session.query<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`)).rows[0]?.n;

    const gone = await retention.run();
    expect(gone).toMatchObject({ events: 13, commands: 1, refusals: 1, backupRuns: 1 });
    expect(await count('device_event')).toBe(36);
    expect(await count('health_history', `device = 1 and ${before}`)).toBe(1);
    expect(await count('health_history', 'device = 2')).toBe(1);
    expect(await count('blind_interval')).toBe(1);
    expect(await count('device_command')).toBe(1);
    expect(await count('backup_run', "id = 'kept'")).toBe(1);

    // The day is not over: nobody takes a second turn.
    expect(await retention.run()).toEqual({});
    clock.advance(DAY);
    expect(Object.keys(await retention.run())).toEqual([...store.names]);
    const oldest = await store.oldest(test.db.autocommit);
    expect(oldest.events).toBeGreaterThan(clock.now() - 1_095 * DAY - DAY);

    // A clock that had run years ahead is put right: nobody waits for those years to pass.
    const now = clock.now() - 1_000 * DAY;
    expect(await store.claim(test.db.autocommit, 'events', now, now - DAY)).toBe(true);
    expect(await store.claim(test.db.autocommit, 'events', now, now - DAY)).toBe(false);
    expect(await store.claim(test.db.autocommit, 'events', now - 60_000, now - DAY)).toBe(false);
  });

  it('bounds refused messages by their bytes too', async () => {
    const session = sql(test.db.autocommit);
    await session.query(
      `insert into quarantine (received_at, via, principal, topic, payload, code, detail)
       select now(), 'mqtt', 'p', 't', decode(repeat('00', 1000), 'hex'), 'X', '' from generate_series(1, 10)`,
    );
    const store = createRetentionStore();
    expect(await store.boundQuarantineBytes(test.db.autocommit, 4_500)).toBe(6);
    expect(await store.boundQuarantineBytes(test.db.autocommit, 4_500)).toBe(0);
  });
});

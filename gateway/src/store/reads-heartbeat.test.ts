import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { sql } from './database.ts';
import { createDeviceStore } from './devices.ts';
import { heartbeatReads } from './reads-heartbeat.ts';

const ALL = { kind: 'all' } as const;
const READER = { scope: ALL, userId: 'u' } as const;
const HOUR = 3_600_000;
const now = Date.UTC(2026, 10, 23, 12);

describe.each(ENGINES)('the list of devices on %s', (engine) => {
  let database: TestDatabase;
  const store = createDeviceStore();
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(`
      insert into vendor (id, name) values ('v1', '甲');
      insert into org (id, kind, level, name) values ('o1', 'area', 5, '香樟居民区');
      insert into device (id, type, name, vendor_id, lifecycle, created_at) select id, 't', id, v, l, to_timestamp(${now / 1000}) - interval '9 days'
        from (values ('a', 'v1', 'active'), ('b', null, 'active'), ('c', null, 'retired'), ('d', 'v1', 'active')) as n (id, v, l);
      update device set org_id = 'o1' where id = 'a';
      insert into health (device, state, reason, since, suspect)
        select key, case id when 'a' then 'offline' else 'online' end, 'x', to_timestamp(${now / 1000}) - case id when 'a' then interval '2 hours' else interval '3 days' end, id = 'a'
        from device where id in ('a', 'b', 'c');
      insert into health_history (device, at, was, state, reason)
        select key, to_timestamp(${now / 1000}) - interval '2 hours', 'online', 'offline', 'silent' from device where id = 'a';
      insert into incident (id, kind, key, fault, reason, severity, state, opened_at, path, last_at) values
        ('g', 'group', 'site:s', 'offline', 'sameCause', 'major', 'open', to_timestamp(${now / 1000}) - interval '2 hours', 'mqtt', now());
      insert into incident_member (incident, device, state, since)
        select 'g', key, case id when 'a' then 'bad' else 'good' end, to_timestamp(${now / 1000}) - interval '1 hour' from device where id in ('a', 'b');
      insert into ticket (id, no, kind, stage, stage_since, round_since, subject, fault, priority, severity, title, opened_at, opened_by, drill)
        select 't' || n, 'T' || n, 'deviceFault', s, now(), now(), 's' || n, 'offline', 'normal', 'major', '离线', now(), 'system', d
        from (values (1, 'handling', false), (2, 'closed', false), (3, 'handling', true)) as v (n, s, d);
      insert into ticket_device (ticket_id, device) select 't1', key from device where id = 'a'
        union all select 't2', key from device where id = 'b' union all select 't3', key from device where id = 'd';
      insert into device_registration (device, returned_at, returned_by, returned_reason)
        select key, case id when 'b' then now() end, case id when 'b' then 'u' end, case id when 'b' then '坐标不符' end
        from device where id in ('b', 'd');
    `);
  });
  afterAll(() => database.close());
  const ids = async (query: object) =>
    (await store.list(database.db.autocommit, { limit: 50, ...query }, ALL)).items.map(({ id }) => id);

  it('finds what is not confirmed, what has an open ticket, what was given back, and what is as it is for long', async () => {
    expect(await ids({ suspect: true })).toEqual(['a']);
    expect(await ids({ suspect: false })).toEqual(['b', 'c', 'd']);
    expect(await ids({ openTicket: true })).toEqual(['a']);
    expect(await ids({ openTicket: false })).toEqual(['b', 'c', 'd']);
    expect(await ids({ returned: true })).toEqual(['b']);
    expect(await ids({ returned: false, lifecycle: ['active'] })).toEqual(['a', 'd']);
    expect(await ids({ unchangedSince: now - 24 * HOUR })).toEqual(['b', 'c', 'd']);
    expect(await ids({ changedSince: now - 24 * HOUR })).toEqual(['a']);
  });

  it('goes page by page through what changed last, a device without a verdict by when it came', async () => {
    const tx = database.db.autocommit;
    const first = await store.list(tx, { sort: '-stateSince', limit: 3 }, ALL);
    const rest = await store.list(tx, { sort: '-stateSince', limit: 3, cursor: first.nextCursor ?? '' }, ALL);
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(['a', 'c', 'b', 'd']);
  });

  it('counts by state, lifecycle and doubt', async () => {
    const counts = await store.counts(database.db.autocommit, {}, ALL);
    expect(counts).toHaveLength(4);
    expect(counts).toEqual(
      expect.arrayContaining([
        { state: 'offline', lifecycle: 'active', n: 1, suspect: 1 },
        { state: 'online', lifecycle: 'active', n: 1, suspect: 0 },
        { state: 'online', lifecycle: 'retired', n: 1, suspect: 0 },
        { state: 'unknown', lifecycle: 'active', n: 1, suspect: 0 },
      ]),
    );
  });

  it('counts each organisation by itself where it is asked for', async () => {
    const counts = await store.counts(database.db.autocommit, {}, ALL, 'org');
    expect(counts).toContainEqual({ state: 'offline', lifecycle: 'active', n: 1, suspect: 1, orgId: 'o1' });
    expect(counts).toContainEqual({ state: 'online', lifecycle: 'active', n: 1, suspect: 0, orgId: null });
  });

  it('shows the last hours of some devices, within reach only', async () => {
    const tx = database.db.autocommit;
    const vendor = { scope: { kind: 'vendor', vendorId: 'v1' }, userId: 'v' } as const;
    const seen = await heartbeatReads.heartbeats(tx, ['d', 'b', 'a', 'none'], vendor, now - 24 * HOUR, now);
    expect(seen.map(({ id }) => id)).toEqual(['a', 'd']);
    expect(seen[0]).toMatchObject({ state: 'online', changes: [{ at: now - 2 * HOUR, state: 'offline' }] });
    const all = await heartbeatReads.heartbeats(tx, ['a', 'b'], READER, now - 24 * HOUR, now);
    const keys = all.map(({ device }) => device);
    const outages = await heartbeatReads.groupOutages(tx, keys, now - 24 * HOUR, now);
    expect(keys.map((key) => outages.get(key))).toEqual([[[now - 2 * HOUR, null]], [[now - 2 * HOUR, now - HOUR]]]);
    expect(await heartbeatReads.groupOutages(tx, keys.slice(1), now - HOUR / 2, now)).toEqual(new Map());
    expect((await heartbeatReads.openTickets(tx, keys, READER)).map(({ no }) => no)).toEqual(['T1']);
  });
});

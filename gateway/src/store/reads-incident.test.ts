import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { sql } from './database.ts';
import { createIncidentReads } from './reads-incident.ts';

describe.each(ENGINES)('incidents of many devices as people see them on %s', (engine) => {
  let database: TestDatabase;
  const reads = createIncidentReads();
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(`
      insert into vendor (id, name) values ('v1', '甲'), ('v2', '乙');
      insert into device (id, type, name, vendor_id, lifecycle)
        values ('a', 't', 'A', 'v1', 'active'), ('b', 't', 'B', 'v2', 'active'), ('c', 't', 'C', 'v1', 'active');
      insert into incident (id, kind, key, fault, reason, cause, severity, state, opened_at, path, last_at, evidence) values
        ('mixed', 'group', 'site:s1', 'offline', 'sameCause', '点位 s1：2 台中 2 台离线', 'major', 'open', now(), 'mqtt', now(), '[{"silent":2}]'),
        ('own', 'group', 'vendorLink:v1', 'offline', 'vendorLinkDown', '厂商平台 甲 连接中断', 'major', 'open', now(), 'mqtt', now(), '[{"silent":1}]');
      insert into incident_member (incident, device, state, since)
        select 'mixed', key, case id when 'a' then 'good' else 'bad' end, now() from device where id in ('a', 'b');
      insert into incident_member (incident, device, state, since) select 'own', key, 'bad', now() from device where id = 'c';
    `);
  });
  afterAll(() => database.close());
  const all = { kind: 'all' } as const;
  const vendor = { kind: 'vendor', vendorId: 'v1' } as const;

  it('shows members one by one with who is back, and finds a group by its members', async () => {
    const tx = database.db.autocommit;
    expect(await reads.incident(tx, all, 'mixed')).toMatchObject({
      kind: 'group',
      key: 'site:s1',
      cause: '点位 s1：2 台中 2 台离线',
      members: [
        { deviceId: 'a', orgId: null, state: 'good' },
        { deviceId: 'b', state: 'bad' },
      ],
      evidence: [{ silent: 2 }],
    });
    const found = await reads.incidents(tx, all, { deviceId: 'b' });
    expect(found.items.map(({ id }) => id)).toEqual(['mixed']);
    expect(found.total).toBe(1);
  });

  it('tells a vendor nothing of devices of others: neither who nor how many nor what they share', async () => {
    const tx = database.db.autocommit;
    expect(await reads.incident(tx, vendor, 'mixed')).toMatchObject({
      key: 'site',
      cause: null,
      evidence: [],
      members: [{ deviceId: 'a', state: 'good' }],
    });
    expect(await reads.incident(tx, vendor, 'own')).toMatchObject({ key: 'vendorLink:v1', evidence: [{ silent: 1 }] });
    expect((await reads.incidents(tx, vendor, { deviceId: 'b' })).items).toEqual([]);
  });
});

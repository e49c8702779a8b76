import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { sql } from './database.ts';
import { deviceLanes } from './device-lanes.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-11-23T12:00:00+08:00');
const at = (hours: number) => `to_timestamp(${(NOON + hours * HOUR) / 1000})`;

describe.each(ENGINES)('what held for a device from when to when on %s', (engine) => {
  let database: TestDatabase;
  let device: { key: number; id: string };
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(`
      insert into device (id, type, name, lifecycle, created_at) values
        ('d1', 't', 'D', 'active', ${at(-48)}), ('d2', 't', 'E', 'active', ${at(-48)});
      insert into device_seen (device, path) select key, 'mqtt' from device;
      insert into health (device, state, reason, since) select key, 'online', 'heard', ${at(-1)} from device;
      insert into health_history (device, at, was, state, reason) select key, ${at(-30)}, 'unknown', 'online', 'heard' from device;
      insert into health_history (device, at, was, state, reason) select key, ${at(-3)}, 'online', 'offline', 'silent' from device where id = 'd1';
      insert into health_history (device, at, was, state, reason) select key, ${at(-1)}, 'offline', 'online', 'heard' from device where id = 'd1';
      insert into blind_interval (path, from_at, to_at, reason) values ('mqtt', ${at(-6)}, ${at(-5)}, 'downtime'), ('rtsp', ${at(-6)}, null, 'x');
      insert into incident (id, kind, key, device, fault, reason, severity, state, opened_at, resolved_at, path, last_at, evidence)
        select 'gone', 'device', 'd1', key, 'stale', 'stale', 'minor', 'resolved', ${at(-40)}, ${at(-39)}, 'mqtt', now(), '[]'::jsonb from device where id = 'd1'
        union all select 'own', 'device', 'd1', key, 'stale', 'stale', 'minor', 'resolved', ${at(-4)}, ${at(-2)}, 'mqtt', now(), '[{"metrics":["h2s"]}]'::jsonb from device where id = 'd1';
      insert into incident (id, kind, key, fault, reason, severity, state, opened_at, path, last_at)
        values ('group', 'group', 'site:s1', 'offline', 'sameCause', 'major', 'open', ${at(-3)}, 'mqtt', now());
      insert into incident_member (incident, device, state, since)
        select 'group', key, case id when 'd1' then 'good' else 'bad' end, ${at(-1)} from device;
    `);
    const { rows } = await sql(database.db.autocommit).query<{ key: number; id: string }>(
      `select key, id from device where id = 'd1'`,
    );
    device = rows[0] ?? { key: 0, id: '' };
  });
  afterAll(() => database.close());
  const span = { from: NOON - 24 * HOUR, to: NOON, incidents: true, reader: null };

  it('cuts verdicts into spans that fill the time asked for, beginning with what held before', async () => {
    const { health, coarse } = await deviceLanes(database.db.autocommit, device, span);
    expect(health.map(({ state, from, to }) => [state, (from - NOON) / HOUR, (to - NOON) / HOUR])).toEqual([
      ['online', -24, -3],
      ['offline', -3, -1],
      ['online', -1, 0],
    ]);
    expect(coarse).toBe(false);
  });

  it('ends a group for a device when that device is back, and names the metrics that stood still', async () => {
    const { incidents } = await deviceLanes(database.db.autocommit, device, span);
    expect(incidents.map(({ id, to, metrics }) => [id, to && (to - NOON) / HOUR, metrics])).toEqual([
      ['own', -2, ['h2s']],
      ['group', -1, []],
    ]);
  });

  it('tells of blindness on the path over which the device is heard, and of nothing the reader may not see', async () => {
    const lanes = await deviceLanes(database.db.autocommit, device, { ...span, incidents: false });
    expect(lanes.blind).toEqual([[NOON - 6 * HOUR, NOON - 5 * HOUR]]);
    expect(lanes.incidents).toEqual([]);
    expect(lanes.tickets).toEqual([]);
  });

  it('joins turns too short to be seen as the worse of both, so that a fault never disappears', async () => {
    await sql(database.db.autocommit).script(`
      insert into health_history (device, at, was, state, reason)
        select d.key, ${at(-20)} + n * interval '1 second', 'online', case n % 2 when 0 then 'offline' else 'online' end, 'x'
        from device d, generate_series(1, 3000) n where d.id = 'd1'`);
    const { health, coarse } = await deviceLanes(database.db.autocommit, device, span);
    expect(coarse).toBe(true);
    expect(health.length).toBeLessThan(2_000);
    expect(health.some((one) => one.state === 'offline' && one.from <= NOON - 19.5 * HOUR)).toBe(true);
    expect(health.reduce((sum, one) => sum + one.to - one.from, 0)).toBe(24 * HOUR);
  });
});

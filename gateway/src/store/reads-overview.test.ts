import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { sql } from './database.ts';
import { overview } from './reads-overview.ts';

const LIFECYCLES = ['pending', 'trial', 'active', 'suspended', 'retired', 'rejected'];
const JUDGED = ['trial', 'active', 'suspended'];
const STATES = [null, 'unknown', 'online', 'offline', 'stale'];

describe.each(ENGINES)('counts of the overview on %s', (engine) => {
  let database: TestDatabase;
  // Every lifecycle with every state, more of the later ones.
  const devices = LIFECYCLES.flatMap((lifecycle, l) =>
    STATES.flatMap((state, s) =>
      Array.from({ length: 1 + ((l + s) % 3) }, (_, n) => ({ id: `d${l}-${s}-${n}`, lifecycle, state })),
    ),
  );
  const counted: Record<string, number> = {};
  for (const { lifecycle, state } of devices) {
    if (JUDGED.includes(lifecycle)) counted[state ?? 'unknown'] = (counted[state ?? 'unknown'] ?? 0) + 1;
  }

  const NOW = Date.UTC(2026, 10, 23);
  const judged = devices.filter(({ lifecycle }) => JUDGED.includes(lifecycle)).length;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    const tx = sql(database.db.autocommit);
    await tx.query("insert into vendor (id, name) values ('v', '甲')");
    await tx.query(
      `with made as (
         insert into device (id, type, name, vendor_id, lifecycle)
         select n.id, 't', 'n', 'v', n.lifecycle from unnest($1::text[], $2::text[]) as n (id, lifecycle) returning id, key)
       insert into health (device, state, reason, since)
       select made.key, n.state, 'r', now() from made join unnest($1::text[], $3::text[]) as n (id, state) using (id)
       where n.state is not null`,
      [devices.map(({ id }) => id), devices.map(({ lifecycle }) => lifecycle), devices.map(({ state }) => state)],
    );
    await tx.script(`
      insert into device_seen (device, path, seen_at)
      select key, 'mqtt', to_timestamp(${NOW / 1000}) - case when key % 2 = 0 then interval '1 minute' else interval '3 days' end
      from device where lifecycle <> 'trial';
      insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, opened_at, round_since, drill)
      select 't' || n, 'n' || n, 'manual', 'f', 'normal', 'major', case when n < 4 then 'handling' else 'closed' end, now(), now(), now(), n = 3
      from generate_series(1, 6) n;
      update ticket set due_at = to_timestamp(${NOW / 1000}) + case when id = 't1' then interval '-1 minute' else interval '1 minute' end;
      insert into ticket_device (ticket_id, device) select id, (select min(key) from device) from ticket;
      insert into incident (id, kind, key, device, fault, reason, severity, state, opened_at, resolved_at, path, last_at)
      select 'i' || n, 'device', 'device:1', (select min(key) from device), 'f' || n, 'r', 'major',
        case when n < 3 then 'open' else 'resolved' end, now(), case when n < 3 then null else now() end, 'mqtt', now()
      from generate_series(1, 5) n`);
  });
  afterAll(() => database.close());

  /** Those on trial were never heard of; of the others every second one lately. */
  async function heard() {
    const { rows } = await sql(database.db.autocommit).query<{ even: number; odd: number }>(
      `select count(*) filter (where key % 2 = 0)::int as even, count(*) filter (where key % 2 = 1)::int as odd
       from device where lifecycle in ('active', 'suspended')`,
    );
    const { even = 0, odd = 0 } = rows[0] ?? {};
    return { minutes5: even, older: odd, never: judged - even - odd };
  }

  it.each([
    ['everything', { kind: 'all' }],
    ['one vendor whose devices are all there are', { kind: 'vendor', vendorId: 'v' }],
  ] as const)('of %s: judged devices by state, drills left out', async (_, scope) => {
    expect(await overview(database.db.autocommit, scope, NOW)).toEqual({
      devices: {
        total: devices.length,
        byState: counted,
        byLifecycle: Object.fromEntries(
          LIFECYCLES.map((name) => [name, devices.filter(({ lifecycle }) => lifecycle === name).length]),
        ),
        heard: await heard(),
      },
      tickets: { open: 2, byStage: { handling: 2, closed: 3 }, overdueByStage: { handling: 1 } },
      incidents: { open: 2 },
    });
  });

  it('shows a stranger nothing', async () => {
    expect(await overview(database.db.autocommit, { kind: 'vendor', vendorId: 'other' }, NOW)).toEqual({
      devices: { total: 0, byState: {}, byLifecycle: {}, heard: {} },
      tickets: { open: 0, byStage: {}, overdueByStage: {} },
      incidents: { open: 0 },
    });
  });
});

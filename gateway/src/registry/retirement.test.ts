import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createTestRegistry, seedTestOrganisations, testActor } from '../../test/support/registry.ts';
import type { TicketRequest } from '../domain/ticket-request.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createDeviceFindingStore } from '../store/device-findings.ts';
import { createDeviceFinder } from './device-finder.ts';
import { createRetirement } from './retirement.ts';
import { createStrays } from './strays.ts';

const DAY = 86_400_000;
const admin = testActor();

describe.each(ENGINES)('devices that are gone, and devices that should be, on %s', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
  });
  afterAll(() => database.close());

  async function rig(prefix: string, ids: readonly string[], more = {}) {
    const { db } = database;
    const registry = createTestRegistry(db);
    await registry.directory.load(db.autocommit);
    const { devices, clock, store } = registry;
    for (const id of ids) {
      const { device } = await devices.create(admin, {
        type: 'generic/camera',
        name: id,
        id: prefix + id,
        vendorId: 'acme',
        ...more,
      });
      await sql(db.autocommit).query('insert into health (device, state, reason, since) values ($1, $2, $3, now())', [
        device.key,
        'online',
        'ok',
      ]);
    }
    const findings = createDeviceFindingStore();
    const retirement = createRetirement({
      db,
      store: findings,
      devices: store,
      finder: createDeviceFinder({ db, devices: store }),
      retire: (actor, id, reason) => devices.lifecycle(actor, id, 'retire', reason),
      byType: () => new Map([['generic/ebike-charger', 10 * DAY]]),
      audit: createAuditStore(),
      clock,
    });
    const requests: TicketRequest[] = [];
    const strays = createStrays({
      db,
      store: findings,
      clock,
      file: async (_tx, wanted) => {
        requests.push(...wanted);
        return wanted.map((_, index) => `t-${index}`);
      },
    });
    const offline = (id: string, since: number, state = 'offline') =>
      sql(db.autocommit).query(
        `update health h set state = $2, since = to_timestamp($3::float8 / 1000) from device d
         where d.key = h.device and d.id = $1`,
        [prefix + id, state, since],
      );
    const flags = async (id: string) => (await devices.get(admin, prefix + id)).flags;
    const flagged = async (flag: string) =>
      (await devices.list(admin, { flag: [flag], limit: 100 })).items
        .map(({ id }) => id)
        .filter((id) => id.startsWith(prefix))
        .map((id) => id.slice(prefix.length));
    return { ...registry, retirement, strays, requests, offline, flags, flagged, db };
  }

  it('asks after 30 days offline, or what type or device says, and no longer once it is back', async () => {
    const test = await rig('a-', ['long', 'short', 'back'], {});
    const { clock } = test;
    const { device } = await test.devices.create(admin, {
      type: 'generic/camera',
      name: 'own',
      id: 'a-own',
      healthPolicy: { retirementCandidateAfter: '2d' },
    });
    await sql(test.db.autocommit).query(
      'insert into health (device, state, reason, since) values ($1, $2, $3, to_timestamp($4::float8 / 1000))',
      [device.key, 'offline', 'silent', clock.now() - 3 * DAY],
    );
    await test.offline('long', clock.now() - 31 * DAY);
    await test.offline('back', clock.now() - 31 * DAY);
    await test.offline('short', clock.now() - 29 * DAY);
    expect((await test.retirement.sweep()).marked).toBe(3);
    expect((await test.flagged('retirementCandidate')).sort()).toEqual(['back', 'long', 'own']);
    await test.offline('back', clock.now(), 'online');
    await test.retirement.sweep();
    expect(await test.flags('long')).toContain('retirementCandidate');
    expect(await test.flags('back')).not.toContain('retirementCandidate');
    expect(await test.flags('short')).not.toContain('retirementCandidate');
  });

  it('does not count what we could not see', async () => {
    const test = await rig('b-', ['one']);
    const { clock, db } = test;
    const since = clock.now() - 31 * DAY;
    await test.offline('one', since);
    const at = (ms: number) => new Date(ms).toISOString();
    await sql(db.autocommit).query(
      `insert into health_fact (device, name, state, reason, since, path)
       select key, 'link', 'bad', 'silent', now(), 'path-b' from device where id = 'b-one'`,
    );
    await sql(db.autocommit).query(
      'insert into blind_interval (path, from_at, to_at, reason) values ($1, $2, $3, $4)',
      ['path-b', at(since - DAY), at(since + 2 * DAY), 'downtime'],
    );
    await test.retirement.sweep();
    expect(await test.flags('one')).not.toContain('retirementCandidate');
    clock.advance(2 * DAY);
    await test.retirement.sweep();
    expect(await test.flags('one')).toContain('retirementCandidate');
  });

  it('is decided by a person: retired, or kept for another 30 days with a reason', async () => {
    const test = await rig('c-', ['gone', 'stays', 'fine']);
    const { clock, retirement } = test;
    await test.offline('gone', clock.now() - 40 * DAY);
    await test.offline('stays', clock.now() - 40 * DAY);
    await retirement.sweep();
    await expect(retirement.decide(admin, 'c-fine', { decision: 'retire', reason: 'x' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(retirement.decide(admin, 'c-gone', { decision: 'keep', reason: '' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(
      retirement.decide(testActor('viewer'), 'c-gone', { decision: 'retire', reason: 'x' }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const gone = await retirement.decide(admin, 'c-gone', { decision: 'retire', reason: '已拆除' });
    expect(gone).toMatchObject({ lifecycle: 'retired' });
    const stays = await retirement.decide(admin, 'c-stays', { decision: 'keep', reason: '修路断电' });
    expect(stays.flags).not.toContain('retirementCandidate');
    expect((await test.devices.turns(admin, 'c-stays'))[0]).toMatchObject({
      what: 'keepInService',
      reason: '修路断电',
    });
    const { rows } = await sql(test.db.autocommit).query<{ action: string }>(
      `select action from audit where resource_id = 'c-stays' and action = 'keepInService'`,
    );
    expect(rows).toHaveLength(1);
    clock.advance(29 * DAY);
    await retirement.sweep();
    expect(await test.flags('stays')).not.toContain('retirementCandidate');
    clock.advance(2 * DAY);
    await retirement.sweep();
    expect(await test.flags('stays')).toContain('retirementCandidate');
  });

  it('asks once who powers a retired device that still sends, naming the vendor; a device that was never approved only shows', async () => {
    const test = await rig('d-', ['zombie', 'planned']);
    const { clock, devices, strays, requests } = test;
    await devices.lifecycle(admin, 'd-zombie', 'retire', 'x');
    const key = test.directory.byId('d-zombie')?.key ?? 0;
    const planned = test.directory.byId('d-planned')?.key ?? 0;
    await sql(test.db.autocommit).query(`update device set lifecycle = 'rejected' where key = $1`, [planned]);
    const send = (count: number) =>
      test.store.addUnexpected(test.db.autocommit, [
        { key, count, at: clock.now() },
        { key: planned, count, at: clock.now() },
      ]);
    expect(await strays.sweep()).toBe(0);
    await send(3);
    expect(await strays.sweep()).toBe(1);
    expect(requests).toEqual([
      expect.objectContaining({
        fault: 'zombie',
        subject: `device:${key}`,
        devices: [key],
        values: { vendor: '甲厂', count: 3 },
      }),
    ]);
    expect(await test.flagged('zombie')).toEqual(['zombie']);
    expect(await test.flagged('plannedButSending')).toEqual(['planned']);
    expect(await test.flags('planned')).toContain('plannedButSending');
    clock.advance(DAY);
    await send(1);
    expect(await strays.sweep()).toBe(0);
    clock.advance(7 * DAY);
    expect(await strays.sweep()).toBe(0);
    await send(1);
    expect(await strays.sweep()).toBe(1);
  });

  it('lists who was never heard', async () => {
    const test = await rig('e-', ['silent', 'heard']);
    await sql(test.db.autocommit).query(
      `insert into device_seen (device, seen_at, path) select key, now(), 'mqtt' from device where id = 'e-heard'`,
    );
    expect(await test.flagged('neverSeen')).toEqual(['silent']);
    expect(await test.flags('silent')).toContain('neverSeen');
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { addDevices, CHARGER, createMonitorRig, type MonitorRig } from '../../test/support/monitor.ts';
import type { DeviceBrief, HealthPolicy, Lifecycle } from '../domain/device.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('monitor on %s', (engine) => {
  let database: TestDatabase;
  const rigs: MonitorRig[] = [];

  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.monitor.stop();
    await emptyTables(
      database.db,
      'incident',
      'incident_member',
      'health',
      'health_fact',
      'health_history',
      'alarm_state',
      'device_seen',
      'observed_clock',
      'blind_interval',
      'device_event',
    );
  });
  afterAll(() => database.close());

  async function rigFor(
    count: number,
    options: { type?: string; lifecycle?: Lifecycle; healthPolicy?: HealthPolicy; groupHoldMs?: number } = {},
  ): Promise<{ rig: MonitorRig; devices: DeviceBrief[]; one: DeviceBrief }> {
    const { type = CHARGER.id, groupHoldMs = 60_000, ...rest } = options;
    const devices = await addDevices(database.db, count, type, rest);
    const rig = await createMonitorRig(database.db, devices, { groupHoldMs });
    rigs.push(rig);
    const [one] = devices;
    if (!one) throw new Error('no device');
    return { rig, devices, one };
  }

  const state = async (rig: MonitorRig, brief: DeviceBrief) => (await rig.states()).get(brief.key);
  const incidents = async () =>
    (
      await sql(database.db.autocommit).query<{
        fault: string;
        state: string;
        notified: boolean;
        suppressed: string[];
      }>('select fault, state, notified, suppressed from incident order by opened_at, id')
    ).rows;
  const told = (rig: MonitorRig) => rig.decisions.map((made) => `${made.fault} ${made.action}`);

  it('goes unknown → online → suspect → offline, and tells of it after the hold', async () => {
    const { rig, one } = await rigFor(1);
    expect(await state(rig, one)).toBeUndefined();
    rig.say(one.key, { power: 1 });
    await rig.pass(1_000);
    expect(await state(rig, one)).toBe('online');
    await rig.pass(60_000);
    const { rows } = await sql(database.db.autocommit).query('select state, suspect from health where device = $1', [
      one.key,
    ]);
    expect(rows).toEqual([{ state: 'online', suspect: true }]);
    await rig.pass(30_000);
    expect(await state(rig, one)).toBe('offline');
    expect(told(rig)).toEqual([]);
    await rig.pass(60_000);
    expect(told(rig)).toEqual(['offline opened']);
    await rig.pass(600_000);
    expect(told(rig)).toEqual(['offline opened']);
  });

  it('never calls a device offline that was never seen', async () => {
    const { rig, one } = await rigFor(1);
    await rig.pass(600_000, { step: 60_000 });
    expect(await state(rig, one)).toBeUndefined();
    expect(await incidents()).toEqual([]);
  });

  it('comes back by two signs of life, or by one that lasts', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.say(one.key);
    await rig.pass(100_000);
    expect(told(rig)).toEqual(['offline opened']);
    rig.say(one.key);
    await rig.pass(1_000);
    expect(await state(rig, one)).toBe('offline');
    rig.say(one.key);
    await rig.pass(1_000);
    expect(await state(rig, one)).toBe('online');
    expect(told(rig)).toEqual(['offline opened', 'offline resolved']);
    // The proof of the recovery is what is good now, not what was bad then.
    expect(rig.decisions.at(-1)?.evidence).toMatchObject([{ fact: 'link', state: 'good', session: 'none' }]);

    await rig.pass(120_000);
    expect(told(rig).at(-1)).toBe('offline relapsed');
    rig.say(one.key);
    await rig.pass(55_000);
    expect(await state(rig, one)).toBe('offline');
    await rig.pass(10_000);
    expect(await state(rig, one)).toBe('online');
    expect(told(rig)).toHaveLength(4);
    expect((await incidents()).map((row) => row.state)).toEqual(['resolved']);
  });

  it('keeps quiet about what fell silent behind a vendor login that we closed, until the vendor had time to come back', async () => {
    const { rig, devices } = await rigFor(3, { groupHoldMs: 0 });
    const [through, returning, own] = devices.map((brief) => ({ ...brief, vendorId: 'acme' })) as [
      DeviceBrief,
      DeviceBrief,
      DeviceBrief,
    ];
    for (const brief of [through, returning, own]) rig.briefs.set(brief.key, brief);
    for (const { key } of devices) rig.say(key);
    rig.sessionUp(own.key);
    await rig.pass(1_000);
    rig.muted.add('acme');
    // One with a login of its own was not cut with its vendor's.
    rig.sessionDown(own.key, 'closed');
    await rig.pass(200_000);
    expect(await state(rig, through)).toBe('offline');
    expect(told(rig)).toEqual(['offline opened']);
    expect(rig.decisions[0]?.devices).toEqual([own.key]);
    expect((await incidents()).map(({ suppressed }) => suppressed.join()).sort()).toEqual([
      '',
      'vendorAccessEnded',
      'vendorAccessEnded',
    ]);

    // Its time to come back: nothing was told, so nothing is taken back.
    rig.say(returning.key);
    await rig.pass(1_000);
    rig.say(returning.key);
    await rig.pass(1_000);
    expect(await state(rig, returning)).toBe('online');
    rig.muted.clear();
    rig.monitor.lifecycleChanged(through.key);
    await rig.pass(1_000);
    expect(rig.decisions.map(({ devices: [key], action }) => [key, action])).toEqual([
      [own.key, 'opened'],
      [through.key, 'opened'],
    ]);
  });

  it('says nothing when the device returns before the decision', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await rig.pass(100_000);
    rig.say(one.key);
    await rig.pass(2_000);
    rig.say(one.key);
    await rig.pass(20_000);
    rig.say(one.key);
    await rig.pass(60_000);
    expect(told(rig)).toEqual([]);
    expect(await incidents()).toEqual([expect.objectContaining({ fault: 'offline', state: 'dismissed' })]);
  });

  it('waits with the decision while a return is under way', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await rig.pass(140_000);
    rig.say(one.key);
    await rig.pass(40_000);
    expect(told(rig)).toEqual([]);
    await rig.pass(40_000);
    expect((await incidents()).map((row) => row.state)).toEqual(['dismissed']);
  });

  it('does not take a live session for silence, nor a clean goodbye for death', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.sessionUp(one.key);
    await rig.pass(600_000, { step: 20_000 });
    expect(await state(rig, one)).toBe('online');
    rig.sessionDown(one.key, 'disconnect');
    await rig.pass(80_000);
    expect(await state(rig, one)).toBe('online');
    await rig.pass(15_000);
    expect(await state(rig, one)).toBe('offline');
  });

  it('suspects a lost session at once and confirms it after the hold', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0, healthPolicy: { hold: 20_000 } });
    rig.sessionUp(one.key);
    rig.say(one.key);
    await rig.pass(1_000);
    rig.sessionDown(one.key, 'keepAliveTimeout');
    await rig.monitor.sweep();
    const read = () =>
      sql(database.db.autocommit).query('select state, reason, suspect from health where device = $1', [one.key]);
    expect((await read()).rows).toEqual([{ state: 'online', reason: 'keepAliveTimeout', suspect: true }]);
    await rig.pass(25_000);
    expect((await read()).rows).toEqual([{ state: 'offline', reason: 'keepAliveTimeout', suspect: false }]);
  });

  it('ignores the late end of an old session, and its will', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0, healthPolicy: { hold: 20_000 } });
    rig.sessionUp(one.key, 'old');
    await rig.pass(5_000);
    rig.sessionUp(one.key, 'new');
    rig.sessionDown(one.key, 'closed', 'old');
    rig.say(one.key, {}, { claim: 'offline' });
    await rig.pass(120_000);
    expect(await state(rig, one)).toBe('online');
  });

  it('does not blame devices for our own shutdown of their sessions', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0, healthPolicy: { hold: 10_000 } });
    rig.sessionUp(one.key);
    await rig.pass(600_000, { step: 30_000 });
    rig.sessionDown(one.key, 'shutdown');
    await rig.pass(60_000);
    expect(await state(rig, one)).toBe('online');
    expect(await incidents()).toEqual([]);
  });

  it('tells stale from offline: a live device with a silent sensor', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.say(one.key, { power: 1 });
    await rig.pass(590_000, { step: 20_000, each: () => rig.say(one.key, { note: 1 }) });
    expect(await state(rig, one)).toBe('online');
    await rig.pass(20_000, { step: 10_000, each: () => rig.say(one.key, { note: 1 }) });
    expect(await state(rig, one)).toBe('stale');
    expect(told(rig)).toEqual(['stale opened']);
    rig.say(one.key, { power: 2 });
    await rig.pass(1_000);
    rig.say(one.key, { power: 3 });
    await rig.pass(1_000);
    expect(await state(rig, one)).toBe('online');
    expect(told(rig)).toEqual(['stale opened', 'stale resolved']);
  });

  it('gives values their whole window anew after an outage of the device', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.say(one.key, { power: 1 });
    await rig.pass(900_000, { step: 30_000 });
    expect(told(rig)).toEqual(['offline opened']);
    await rig.pass(590_000, { step: 10_000, each: () => rig.say(one.key, { note: 1 }) });
    expect(await state(rig, one)).toBe('online');
    await rig.pass(30_000, { step: 10_000, each: () => rig.say(one.key, { note: 1 }) });
    expect(await state(rig, one)).toBe('stale');
  });

  it('does so also when the device is back before the value was due', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.say(one.key, { power: 1 });
    await rig.pass(580_000, { step: 20_000 });
    expect(told(rig)).toEqual(['offline opened']);
    // Both signs of life lie between two sweeps, so the return is judged in one go.
    rig.say(one.key, { note: 1 });
    rig.clock.advance(19_000);
    rig.say(one.key, { note: 1 });
    await rig.pass(300_000, { step: 10_000, each: () => rig.say(one.key, { note: 1 }) });
    expect(await state(rig, one)).toBe('online');
    expect(told(rig)).toEqual(['offline opened', 'offline resolved']);
  });

  it('holds an alarm for its time, keeps it until the clearing value, and survives a restart in between', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    const current = (amps: number) => rig.say(one.key, { 'ports.1.current': amps });
    current(13);
    await rig.pass(20_000);
    expect(told(rig)).toEqual([]);
    await rig.crash(600_000);
    await rig.pass(5_000);
    expect(told(rig)).toEqual([]);
    await rig.pass(10_000);
    expect(told(rig)).toEqual(['overCurrent opened']);
    expect(await state(rig, one)).toBe('degraded');
    current(11);
    await rig.pass(5_000);
    await rig.crash(1_000);
    current(10.5);
    await rig.pass(5_000);
    expect(await state(rig, one)).toBe('degraded');
    current(9);
    await rig.pass(1_000);
    expect(await state(rig, one)).toBe('online');
    expect(told(rig)).toEqual(['overCurrent opened', 'overCurrent resolved']);
  });

  it('forgets a condition that did not hold for long enough', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.say(one.key, { 'ports.1.current': 13 });
    await rig.pass(20_000);
    rig.say(one.key, { 'ports.1.current': 5 });
    await rig.pass(60_000);
    expect(told(rig)).toEqual([]);
    const { rows } = await sql(database.db.autocommit).query('select * from alarm_state');
    expect(rows).toEqual([]);
  });

  it('tells of a life-safety event at once, without a sweep and while the path is blind; late ones too', async () => {
    const { rig, one } = await rigFor(1);
    rig.monitor.pathDown('mqtt', 'brokerDown');
    const smoke = (late: boolean, component: string) =>
      rig.say(
        one.key,
        {},
        {
          late,
          events: [
            {
              device: one.key,
              code: 'smoke',
              component,
              time: rig.clock.now(),
              receivedAt: rig.clock.now(),
              severity: 'critical',
              lifeSafety: true,
            },
          ],
        },
      );
    smoke(false, '');
    await expect.poll(() => told(rig)).toEqual(['smoke opened']);
    smoke(true, '2');
    await expect.poll(() => rig.decisions.map((made) => made.late)).toEqual([false, true]);
  });

  it('tells of a life-safety alarm at once and retries while the database is away', async () => {
    const { rig, one } = await rigFor(1);
    rig.breakDatabase(true);
    rig.say(one.key, { cabinet: 95 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told(rig)).toEqual([]);
    rig.breakDatabase(false);
    await expect.poll(() => told(rig), { timeout: 3_000 }).toEqual(['overHeat opened']);
  });

  it('raises after a crash what was committed but not yet raised', async () => {
    const { rig, one } = await rigFor(1);
    await rig.pass(1_000);
    await sql(database.db.autocommit).query(
      `insert into device_event (device, code, time, received_at, severity, life_safety)
       values ($1, 'smoke', to_timestamp($2::float8 / 1000), to_timestamp($2::float8 / 1000), 'critical', true)`,
      [one.key, rig.clock.now()],
    );
    await rig.crash(10_000);
    await expect.poll(() => told(rig)).toEqual(['smoke opened']);
    await rig.crash(10_000);
    await rig.pass(1_000);
    expect(told(rig)).toEqual(['smoke opened']);
  });

  it('lets late data change nothing but what is about life and limb', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.say(one.key, { power: 1 });
    await rig.pass(120_000);
    const overCurrent = () => rig.say(one.key, { power: 1, 'ports.1.current': 13 }, { late: true });
    await rig.pass(40_000, { each: overCurrent });
    expect(await state(rig, one)).toBe('offline');
    expect(told(rig)).toEqual(['offline opened']);
    rig.say(one.key, { cabinet: 99 }, { late: true });
    await rig.pass(10_000);
    expect(await state(rig, one)).toBe('offline');
    expect(told(rig)).toEqual(['offline opened', 'overHeat opened']);
    const { rows } = await sql(database.db.autocommit).query('select * from alarm_state');
    expect(rows).toEqual([]);
  });

  it('marks a wild device clock', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key, {}, { skewMs: -300_000 });
    await rig.pass(1_000);
    const read = () =>
      sql(database.db.autocommit).query('select state, reason, flags from health where device = $1', [one.key]);
    expect((await read()).rows).toEqual([{ state: 'degraded', reason: 'clockSkew', flags: ['clockSkew'] }]);
    rig.say(one.key, {}, { skewMs: 1_000 });
    await rig.pass(1_000);
    expect((await read()).rows).toEqual([{ state: 'online', reason: 'heard', flags: [] }]);
  });

  it('has no false offline after three minutes of downtime, and flags what died meanwhile within its deadline', async () => {
    const { rig, devices, one } = await rigFor(300, { groupHoldMs: 0 });
    const speak = (but?: DeviceBrief) => {
      for (const brief of devices) if (brief !== but) rig.say(brief.key, { power: 1 });
    };
    speak();
    await rig.pass(60_000, { step: 30_000, each: () => speak() });
    await rig.crash(180_000);
    await rig.monitor.sweep();
    expect(told(rig)).toEqual([]);
    await rig.pass(60_000, { step: 30_000, each: () => speak(one) });
    expect(told(rig)).toEqual([]);
    await rig.pass(60_000, { step: 30_000, each: () => speak(one) });
    expect(rig.decisions.map((made) => made.devices)).toEqual([[one.key]]);
    const { rows } = await sql(database.db.autocommit).query<{ reason: string; ms: number }>(
      `select reason, (extract(epoch from to_at - from_at) * 1000)::float8 as ms from blind_interval
       where path = 'mqtt' and reason = 'downtime'`,
    );
    expect(rows).toEqual([{ reason: 'downtime', ms: 180_000 }]);
  });

  it('still finds a dead device when the gateway restarts every two minutes', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0, healthPolicy: { offlineAfter: 300_000 } });
    rig.sessionUp(one.key);
    await rig.pass(5_000);
    for (let round = 0; round < 4; round++) {
      await rig.crash(10_000);
      await rig.pass(110_000, { step: 10_000 });
    }
    expect(told(rig)).toEqual(['offline opened']);
  });

  it('judges nobody for an outage of the database, and the dead after it', async () => {
    const { rig, devices, one } = await rigFor(20, { groupHoldMs: 0 });
    const speak = (but?: DeviceBrief) => {
      for (const brief of devices) if (brief !== but) rig.say(brief.key, { power: 1 });
    };
    speak();
    await rig.pass(30_000);
    rig.breakDatabase(true);
    const began = rig.clock.now();
    // Messages pile up in the spool; none of them reaches the monitor until the database is back.
    await expect(rig.pass(5_000)).rejects.toThrow('down for the test');
    rig.oldestUndrained = began;
    for (let i = 0; i < 12; i++) {
      rig.clock.advance(10_000);
      await expect(rig.monitor.sweep()).rejects.toThrow();
      await expect(rig.monitor.flush()).rejects.toThrow();
    }
    rig.breakDatabase(false);
    await rig.pass(30_000);
    expect(told(rig)).toEqual([]);
    rig.oldestUndrained = null;
    speak(one);
    await rig.pass(80_000, { step: 20_000, each: () => speak(one) });
    expect(rig.decisions.map((made) => made.devices)).toEqual([[one.key]]);
  });

  it('judges nobody for an outage of the database in which no message could be accepted', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.say(one.key, { power: 1 });
    await rig.pass(30_000);
    rig.breakDatabase(true);
    await expect(rig.monitor.flush()).rejects.toThrow();
    rig.clock.advance(600_000);
    await expect(rig.monitor.sweep()).rejects.toThrow();
    rig.breakDatabase(false);
    await rig.pass(50_000);
    expect(await state(rig, one)).toBe('online');
    await rig.pass(20_000);
    expect(await state(rig, one)).toBe('offline');
    const { rows } = await sql(database.db.autocommit).query(
      'select reason from blind_interval where to_at is not null',
    );
    expect(rows).toContainEqual({ reason: 'databaseDown' });
  });

  it('judges nobody while their path is down', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.sessionUp(one.key);
    await rig.pass(5_000);
    rig.monitor.pathDown('mqtt', 'brokerDown');
    rig.sessionDown(one.key, 'closed');
    await rig.pass(600_000, { step: 60_000 });
    rig.monitor.pathUp('mqtt');
    await rig.pass(60_000);
    expect(await state(rig, one)).toBe('online');
    await rig.pass(40_000);
    expect(await state(rig, one)).toBe('offline');
    const { rows } = await sql(database.db.autocommit).query(
      `select reason from blind_interval where path = 'mqtt' and to_at is not null`,
    );
    expect(rows).toEqual([{ reason: 'brokerDown' }]);
  });

  it('decides after a crash between the two transactions', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await rig.pass(95_000);
    rig.failDecisions(true);
    await rig.pass(70_000);
    expect(told(rig)).toEqual([]);
    expect((await incidents()).map((row) => row.state)).toEqual(['held']);
    rig.failDecisions(false);
    await rig.crash(1_000);
    await rig.pass(70_000);
    expect(told(rig)).toEqual(['offline opened']);
    expect(await incidents()).toEqual([expect.objectContaining({ state: 'open', notified: true })]);
  });

  it('makes one incident when two monitors race', async () => {
    const { rig, devices } = await rigFor(50, { groupHoldMs: 0 });
    for (const brief of devices) rig.say(brief.key, { power: 1 });
    await rig.pass(5_000);
    const other = await createMonitorRig(database.db, devices, { groupHoldMs: 0 });
    rigs.push(other);
    // Both have heard the same, so both find the same rows due at the same moment.
    for (const brief of devices) for (const each of [rig, other]) each.say(brief.key, { power: 2 });
    for (let i = 0; i < 24; i++) {
      rig.clock.advance(5_000);
      other.clock.advance(5_000);
      await Promise.all([rig.monitor.sweep(), other.monitor.sweep()]);
    }
    expect((await incidents()).length).toBe(devices.length);
    const { rows } = await sql(database.db.autocommit).query<{ n: number }>(
      `select count(*)::int as n from health_history where state = 'offline'`,
    );
    expect(rows).toEqual([{ n: devices.length }]);
    const all = [...rig.decisions, ...other.decisions];
    expect(all.length).toBe(devices.length);
    expect(new Set(all.map((made) => made.incidentId)).size).toBe(devices.length);
  });

  it('keeps incidents of a device on trial quiet until it is approved', async () => {
    const { rig, one } = await rigFor(1, { lifecycle: 'trial', groupHoldMs: 0 });
    rig.say(one.key);
    await rig.pass(120_000);
    expect(await state(rig, one)).toBe('offline');
    expect(told(rig)).toEqual([]);
    expect(await incidents()).toEqual([
      { fault: 'offline', state: 'open', notified: false, suppressed: ['lifecycle'] },
    ]);
    rig.briefs.set(one.key, { ...one, lifecycle: 'active' });
    rig.monitor.lifecycleChanged(one.key);
    await rig.pass(1_000);
    expect(told(rig)).toEqual(['offline opened']);
    rig.briefs.set(one.key, { ...one, lifecycle: 'retired' });
    rig.monitor.lifecycleChanged(one.key);
    await rig.pass(1_000);
    expect(await state(rig, one)).toBe('unknown');
    expect((await incidents()).map((row) => row.state)).toEqual(['resolved']);
  });
});

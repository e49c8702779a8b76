import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { useMonitors } from '../../test/support/monitor-suite.ts';
import type { DeviceBrief } from '../domain/device.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('monitor on %s', (engine) => {
  const { db, incidents, rigFor, state, told } = useMonitors(engine);

  it('goes unknown → online → suspect → offline, and tells of it after the hold', async () => {
    const { rig, one } = await rigFor(1);
    expect(await state(rig, one)).toBeUndefined();
    rig.say(one.key, { power: 1 });
    await rig.pass(1_000);
    expect(await state(rig, one)).toBe('online');
    await rig.pass(60_000);
    const { rows } = await sql(db().autocommit).query('select state, suspect from health where device = $1', [one.key]);
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
      sql(db().autocommit).query('select state, reason, suspect from health where device = $1', [one.key]);
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

  it('takes fresh data for no sign that the device is there, nor the device for fresh data', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    const facts = async () => {
      const { rows } = await sql(db().autocommit).query<{ name: string; state: string }>(
        `select name, state from health_fact where device = $1 and name in ('link', 'data:power') order by name`,
        [one.key],
      );
      return rows.map(({ name, state: is }) => `${name} ${is}`);
    };
    rig.sessionUp(one.key);
    rig.say(one.key, { power: 1 });
    await rig.pass(2_000);
    rig.sessionDown(one.key, 'closed');
    await rig.pass(100_000);
    // Its value would be fresh for another eight minutes.
    expect(await state(rig, one)).toBe('offline');
    rig.sessionUp(one.key, 's2');
    await rig.pass(70_000);
    expect(await state(rig, one)).toBe('online');
    await rig.pass(660_000, { step: 30_000 });
    expect(await state(rig, one)).toBe('stale');
    expect(await facts()).toEqual(['data:power bad', 'link good']);
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
    const { rows } = await sql(db().autocommit).query('select * from alarm_state');
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
    await expect.poll(() => told(rig), { timeout: 20_000 }).toEqual(['overHeat opened']);
  });

  it('raises after a crash what was committed but not yet raised', async () => {
    const { rig, one } = await rigFor(1);
    await rig.pass(1_000);
    await sql(db().autocommit).query(
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
    const { rows } = await sql(db().autocommit).query('select * from alarm_state');
    expect(rows).toEqual([]);
  });

  it('marks a wild device clock', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key, {}, { skewMs: -300_000 });
    await rig.pass(1_000);
    const read = () =>
      sql(db().autocommit).query('select state, reason, flags from health where device = $1', [one.key]);
    expect((await read()).rows).toEqual([{ state: 'degraded', reason: 'clockSkew', flags: ['clockSkew'] }]);
    rig.say(one.key, {}, { skewMs: 1_000 });
    await rig.pass(1_000);
    expect((await read()).rows).toEqual([{ state: 'online', reason: 'heard', flags: [] }]);
  });
});

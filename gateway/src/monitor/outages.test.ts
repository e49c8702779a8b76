import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { useMonitors } from '../../test/support/monitor-suite.ts';
import type { DeviceBrief } from '../domain/device.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('a monitor that was blind or away on %s', (engine) => {
  const { db, incidents, rigFor, rigOf, state, told } = useMonitors(engine);

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
    const { rows } = await sql(db().autocommit).query<{ reason: string; ms: number }>(
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
    const { rows } = await sql(db().autocommit).query('select reason from blind_interval where to_at is not null');
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
    const { rows } = await sql(db().autocommit).query(
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

  it('says that a device cannot be judged, and judges the others and later this one', async () => {
    const { rig, devices, one } = await rigFor(20, { groupHoldMs: 0 });
    const [, other] = devices;
    const speak = () => {
      for (const brief of devices) if (brief !== one && brief !== other) rig.say(brief.key, { power: 1 });
    };
    for (const { key } of devices) rig.say(key, { power: 1 });
    rig.pace = ({ key }) => {
      if (key === one.key) throw new Error('no such pace');
      return 1;
    };
    await rig.pass(120_000, { step: 30_000, each: speak });
    expect(rig.decisions.map((made) => made.devices)).toEqual([[other?.key]]);
    expect(rig.monitor.status()).toMatchObject({ state: 'degraded', reason: 'NOT_JUDGED', trouble: 'no such pace' });
    rig.pace = () => 1;
    await rig.pass(120_000, { step: 30_000, each: speak });
    expect(rig.decisions.map((made) => made.devices)).toEqual([[other?.key], [one.key]]);
    expect(rig.monitor.status()).toMatchObject({ state: 'ready', reason: 'ok' });
  });

  it('makes one incident when two monitors race', async () => {
    const { rig, devices } = await rigFor(50, { groupHoldMs: 0 });
    for (const brief of devices) rig.say(brief.key, { power: 1 });
    await rig.pass(5_000);
    const other = await rigOf(devices, 0);
    // Both have heard the same, so both find the same rows due at the same moment.
    for (const brief of devices) for (const each of [rig, other]) each.say(brief.key, { power: 2 });
    for (let i = 0; i < 24; i++) {
      rig.clock.advance(5_000);
      other.clock.advance(5_000);
      await Promise.all([rig.monitor.sweep(), other.monitor.sweep()]);
    }
    const ofDevices = (await incidents()).filter((row) => row.notified || row.suppressed.length > 0);
    expect(ofDevices.filter(({ suppressed }) => suppressed.length > 0)).toHaveLength(devices.length);
    const { rows } = await sql(db().autocommit).query<{ n: number }>(
      `select count(*)::int as n from health_history where state = 'offline'`,
    );
    expect(rows).toEqual([{ n: devices.length }]);
    const all = [...rig.decisions, ...other.decisions];
    // All of them at once is one outage: one incident that tells of it, one ticket for what has no common cause. The
    // slower of the two may add its devices to that ticket; nobody is told of twice.
    const incidentsOf = new Map(all.map(({ incidentId, groupKey }) => [incidentId, groupKey]));
    expect([...incidentsOf.values()].sort()).toEqual(['mass:all', 'rest:all']);
    const inTicket = all.filter(({ groupKey }) => groupKey === 'rest:all').flatMap((made) => made.devices);
    expect([...inTicket].sort((a, b) => a - b)).toEqual(devices.map(({ key }) => key).sort((a, b) => a - b));
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

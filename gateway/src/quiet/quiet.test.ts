import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { addPlacedDevices } from '../../test/support/places.ts';
import { ADMIN, createQuietRig, GRACE, MINUTE, type QuietRig } from '../../test/support/quiet.ts';
import type { DeviceBrief } from '../domain/device.ts';
import { sql } from '../store/database.ts';

const HOUR = 60 * MINUTE;

describe.each(ENGINES.slice(-1))('what is kept quiet and what becomes of it on %s', (engine) => {
  let database: TestDatabase;
  const rigs: QuietRig[] = [];
  let sites = 0;
  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterEach(async () => {
    for (const { rig } of rigs.splice(0)) await rig.monitor.stop();
    const names = ['incident', 'incident_member', 'health', 'health_fact', 'health_history', 'alarm_state'];
    const more = ['device_seen', 'learned_deadline', 'observed_clock', 'blind_interval', 'device_event', 'ticket'];
    await emptyTables(database.db, ...names, ...more, 'quiet_time', 'quiet_place', 'drill_fault');
  });
  afterAll(() => database.close());

  /** Devices of one site each, so that nothing but the window groups them. */
  async function street(count: number): Promise<{ one: QuietRig; devices: DeviceBrief[]; all: { devices: string[] } }> {
    const devices: DeviceBrief[] = [];
    const site = `q${sites++}`;
    devices.push(...(await addPlacedDevices(database.db, count, { site })));
    // A mass outage would be a matter of grouping: most of the street is well.
    const others = await addPlacedDevices(database.db, Math.ceil(count * 2.5), { site: `${site}-others` });
    const one = await createQuietRig(database.db, [...devices, ...others]);
    rigs.push(one);
    await one.live(MINUTE);
    return { one, devices, all: { devices: devices.map(({ id }) => id) } };
  }
  const silence = (one: QuietRig, devices: readonly DeviceBrief[]) => {
    for (const { key } of devices) one.mute.add(key);
  };
  /** Without what the owner of a silence is told. */
  const ofTickets = ({ told }: QuietRig) => told.filter(({ ticketId }) => ticketId !== null);
  const window = (one: QuietRig, scope: { devices: string[] }, from: number, to: number) => {
    const now = one.rig.clock.now();
    return one.quiet.create(ADMIN, 'maintenance', { reason: '换电池', scope, startsAt: now + from, endsAt: now + to });
  };

  it('100 devices that were down before: their ticket stands, and the end of the window tells nobody anything', async () => {
    const { one, devices, all } = await street(100);
    silence(one, devices);
    await one.live(5 * MINUTE);
    const before = (await one.filed()).length;
    const notices = one.told.length;
    expect(before).toBeGreaterThan(0);
    await window(one, all, 0, 10 * MINUTE);
    await one.live(10 * MINUTE + GRACE + 5 * MINUTE);
    expect(await one.filed()).toHaveLength(before);
    expect(one.told).toHaveLength(notices);
  });

  it('what goes down inside is offline at once, and one ticket a grace after the end, which ends with the last of them', async () => {
    const { one, devices, all } = await street(8);
    const made = await window(one, all, 0, HOUR);
    silence(one, devices);
    await one.live(30 * MINUTE);
    // Suppress alerting, never monitoring.
    expect(new Set((await one.rig.states()).values())).toEqual(new Set(['online', 'offline']));
    expect(await one.suppressed()).toEqual([`maintenance:${made.id}`]);
    // Three come back in time.
    for (const { key } of devices.slice(0, 3)) one.mute.delete(key);
    await one.live(30 * MINUTE + GRACE - MINUTE);
    expect(await one.filed()).toEqual([]);
    await one.live(2 * MINUTE);
    expect(await one.filed()).toMatchObject([
      { fault: 'offline', subject: `maintenance:${made.id}:${made.endsAt}`, devices: 5 },
    ]);
    expect(one.told.map(({ event, deviceCount }) => [event, deviceCount])).toEqual([['firing', 5]]);
    expect(await one.suppressed()).toEqual([]);
    for (const { key } of devices.slice(0, 7)) one.mute.delete(key);
    await one.live(5 * MINUTE);
    expect(one.told).toHaveLength(1);
    one.mute.clear();
    await one.live(5 * MINUTE);
    expect(one.told.map(({ event }) => event)).toEqual(['firing', 'resolved']);
  });

  it('what falls silent in the last minute shows it after the end, and waits for the grace like the others', async () => {
    const { one, devices, all } = await street(3);
    await window(one, all, 0, HOUR);
    await one.live(HOUR - MINUTE);
    silence(one, devices);
    await one.live(GRACE);
    expect(one.told).toEqual([]);
    await one.live(2 * MINUTE);
    expect(await one.filed()).toMatchObject([{ devices: 3 }]);
  });

  it('what goes down after the end is told as ever', async () => {
    const { one, devices, all } = await street(3);
    await window(one, all, 0, HOUR);
    await one.live(HOUR + MINUTE);
    silence(one, devices.slice(0, 1));
    await one.live(5 * MINUTE);
    expect(await one.filed()).toMatchObject([
      { fault: 'offline', devices: 1, subject: expect.stringMatching(/^device:/) },
    ]);
  });

  it('life safety is told inside a window and a silence at once', async () => {
    const { one, devices, all } = await street(2);
    await window(one, all, 0, HOUR);
    await one.quiet.create(ADMIN, 'silence', { reason: '误报多', scope: all, endsAt: one.rig.clock.now() + HOUR });
    const [first] = devices;
    if (!first) throw new Error('no device');
    const receivedAt = one.rig.clock.now();
    const smoke = { device: first.key, code: 'smoke', time: receivedAt, receivedAt, lifeSafety: true };
    one.rig.say(first.key, {}, { events: [{ ...smoke, severity: 'critical' }] });
    await expect.poll(() => one.told.map(({ fault, event: what }) => [fault, what])).toEqual([['smoke', 'firing']]);
  });

  it('a restart in the middle of a window forgets nothing', async () => {
    const { one, devices, all } = await street(4);
    const made = await window(one, all, 0, HOUR);
    await one.live(10 * MINUTE);
    silence(one, devices);
    await one.live(10 * MINUTE);
    await one.crash(5 * MINUTE);
    await one.live(20 * MINUTE);
    expect(await one.suppressed()).toEqual([`maintenance:${made.id}`]);
    await one.live(15 * MINUTE);
    // Down while the grace passes: the first sweep afterwards deals with it.
    await one.crash(GRACE);
    await one.live(10 * MINUTE);
    expect(await one.filed()).toMatchObject([{ subject: `maintenance:${made.id}:${made.endsAt}`, devices: 4 }]);
  });

  it('two gateways that sweep at once file one ticket', async () => {
    const { one, devices, all } = await street(4);
    await window(one, all, 0, HOUR);
    silence(one, devices);
    await one.live(HOUR + GRACE - MINUTE);
    one.rig.clock.advance(2 * MINUTE);
    await Promise.all([one.quiet.sweep(), one.quiet.sweep(), one.quiet.sweep()]);
    expect(await one.filed()).toHaveLength(1);
    expect(one.told).toHaveLength(1);
  });

  it('a silence that ends lets what still stands be decided again: one ticket', async () => {
    const { one, devices, all } = await street(1);
    const now = one.rig.clock.now();
    const made = await one.quiet.create(ADMIN, 'silence', { reason: '已知', scope: all, endsAt: now + HOUR });
    silence(one, devices);
    await one.live(10 * MINUTE);
    expect(await one.suppressed()).toEqual([`silence:${made.id}`]);
    expect(one.told).toEqual([]);
    await one.live(HOUR);
    expect(await one.filed()).toMatchObject([{ fault: 'offline', devices: 1 }]);
    expect(ofTickets(one).map(({ event }) => event)).toEqual(['firing']);
  });

  it('a silence of some faults leaves the others alone; an early end counts at once', async () => {
    const { one, devices, all } = await street(1);
    const endsAt = one.rig.clock.now() + 24 * HOUR;
    const other = { ...all, faults: ['stale'] };
    await one.quiet.create(ADMIN, 'silence', { reason: '不相干', scope: other, endsAt });
    const made = await one.quiet.create(ADMIN, 'silence', {
      reason: '相干',
      scope: { ...all, faults: ['offline'] },
      endsAt,
    });
    silence(one, devices);
    await one.live(5 * MINUTE);
    expect(await one.suppressed()).toEqual([`silence:${made.id}`]);
    await one.quiet.end(ADMIN, 'silence', made.id, '已修好');
    await one.live(3 * MINUTE);
    expect(await one.filed()).toHaveLength(1);
  });

  it('a window that ends under a silence says nothing until the silence is over', async () => {
    const { one, devices, all } = await street(2);
    const now = one.rig.clock.now();
    const made = await window(one, all, 0, HOUR);
    const quiet = await one.quiet.create(ADMIN, 'silence', { reason: '另有工程', scope: all, endsAt: now + 3 * HOUR });
    silence(one, devices);
    await one.live(10 * MINUTE);
    expect(await one.suppressed()).toEqual([`maintenance:${made.id}`, `silence:${quiet.id}`]);
    await one.live(HOUR + GRACE);
    expect(await one.suppressed()).toEqual([`silence:${quiet.id}`]);
    expect(one.told).toEqual([]);
    await one.live(2 * HOUR);
    expect(
      ofTickets(one)
        .filter(({ event }) => event === 'firing')
        .map(({ deviceCount }) => deviceCount),
    ).toEqual((await one.filed()).map(({ devices: count }) => count));
    expect(await one.suppressed()).toEqual([]);
  });

  it('a proposed window keeps nothing quiet; an approved one does from its approval on', async () => {
    const { one, devices, all } = await street(2);
    const now = one.rig.clock.now();
    const proposer = {
      ...ADMIN,
      id: 'li',
      role: 'cooperating' as const,
      rights: { maintenanceWindows: ['read', 'create'] as const },
    };
    const made = await one.quiet.create(proposer, 'maintenance', {
      reason: '检修',
      scope: all,
      startsAt: now,
      endsAt: now + HOUR,
    });
    expect(made).toMatchObject({ state: 'proposed', active: false });
    silence(one, devices.slice(0, 1));
    await one.live(5 * MINUTE);
    expect(await one.filed()).toHaveLength(1);
    await one.quiet.decide(ADMIN, made.id, { approve: true });
    silence(one, devices);
    await one.live(5 * MINUTE);
    expect(await one.filed()).toHaveLength(1);
    const keys = devices.map(({ key }) => key);
    const approvedAt = now + 5 * MINUTE;
    expect(await one.quiet.excused.intervals(database.db.autocommit, keys, now, now + 24 * HOUR)).toEqual(
      keys.map((device) => ({ device, from: approvedAt, to: now + HOUR })),
    );
  });

  it('while 重保 goes on, tickets are a step more urgent and their notices say so', async () => {
    const { one, devices, all } = await street(2);
    const endsAt = one.rig.clock.now() + 24 * HOUR;
    const [first, second] = devices;
    if (!first || !second) throw new Error('no devices');
    const scope = { devices: [first.id] };
    const made = await one.quiet.create(ADMIN, 'security', { name: '进博会', reason: '保障', scope, endsAt });
    await window(one, all, 10 * HOUR, 11 * HOUR).catch((error) => expect(error).toMatchObject({ code: 'CONFLICT' }));
    expect(devices.map((device) => one.quiet.pace(device))).toEqual([7, 1]);
    silence(one, devices);
    await one.live(5 * MINUTE);
    const urgent = (secured: boolean) => one.told.filter((notice) => (notice.secured ?? false) === secured);
    const steps = ['normal', 'urgent', 'critical'];
    expect(steps.indexOf(urgent(true)[0]?.priority ?? '')).toBe(steps.indexOf(urgent(false)[0]?.priority ?? '') + 1);
    expect(await one.quiet.security(ADMIN)).toMatchObject([{ id: made.id, name: '进博会' }]);
    await one.quiet.end(ADMIN, 'security', made.id, '活动结束');
    expect(await one.quiet.security(ADMIN)).toEqual([]);
    expect(one.quiet.securityOf([first.key])).toBeUndefined();
  });

  it('where 重保 goes on a fault is held for a fraction of the time', async () => {
    const { one, devices } = await street(2);
    const [first] = devices;
    if (!first) throw new Error('no device');
    const endsAt = one.rig.clock.now() + 24 * HOUR;
    await one.quiet.create(ADMIN, 'security', { reason: '保障', scope: { devices: [first.id] }, endsAt });
    silence(one, devices);
    await one.live(2 * MINUTE);
    const { rows } = await sql(database.db.autocommit).query<{ device: number; held: number }>(
      'select device, decide_at::float8 as held from incident',
    );
    const heldOf = (key: number | undefined) => rows.find(({ device }) => device === key)?.held ?? 0;
    expect(heldOf(devices[1]?.key) - heldOf(first.key)).toBe(60_000 - 8_571);
  });

  it('the owner of a silence hears that it ends, and that it has ended, while something is still faulty', async () => {
    const { one, devices, all } = await street(2);
    const endsAt = one.rig.clock.now() + 2 * HOUR;
    await one.quiet.create(ADMIN, 'silence', { name: '换电', reason: '已知', scope: all, endsAt });
    await one.live(HOUR + 35 * MINUTE);
    expect(one.told).toEqual([]);
    silence(one, devices.slice(0, 1));
    await one.live(20 * MINUTE);
    const told = () => one.told.filter(({ subject }) => subject.startsWith('silence:'));
    expect(told()).toMatchObject([
      { fault: 'silenceEnding', assigneeId: ADMIN.id, words: '换电', devices: [{ id: devices[0]?.id }] },
    ]);
    await one.live(10 * MINUTE);
    expect(told().map(({ fault }) => fault)).toEqual(['silenceEnding', 'silenceEnded']);
    // One with nothing faulty ends without a word.
    one.mute.clear();
    await one.live(5 * MINUTE);
    await one.quiet.create(ADMIN, 'silence', { reason: '没事', scope: all, endsAt: one.rig.clock.now() + HOUR });
    await one.live(HOUR + MINUTE);
    expect(told()).toHaveLength(2);
  });

  it('a drill has marked tickets of its own, a real fault of the same device its real one; the end takes the former along', async () => {
    const { one, devices, all } = await street(2);
    const [first] = devices;
    if (!first) throw new Error('no device');
    const endsAt = one.rig.clock.now() + HOUR;
    const drill = await one.quiet.create(ADMIN, 'drill', { name: '断网演练', reason: '季度演练', scope: all, endsAt });
    const faults = [{ deviceId: first.id, fault: 'offline' }];
    const unknown = one.quiet.drills.inject(ADMIN, drill.id, [{ deviceId: first.id, fault: 'abracadabra' }]);
    await expect(unknown).rejects.toMatchObject({ errors: [{ path: '/faults/0/fault', code: 'notFound' }] });
    expect(await one.filed()).toEqual([]);
    const [injected] = await one.quiet.drills.inject(ADMIN, drill.id, faults);
    expect(await one.quiet.drills.inject(ADMIN, drill.id, faults)).toMatchObject([{ ticketId: injected?.ticketId }]);
    expect(one.told).toMatchObject([{ drill: true, event: 'firing' }]);
    expect((await one.rig.states()).get(first.key)).toBe('online');
    silence(one, [first]);
    await one.live(5 * MINUTE);
    expect((await one.filed()).map(({ drill: is, subject }) => [is, subject])).toEqual([
      [true, `drill:${drill.id}:device:${first.key}`],
      [false, `device:${first.key}`],
    ]);
    one.mute.clear();
    await one.live(HOUR);
    expect((await one.filed()).map(({ stage }) => stage)).toEqual([
      'cancelled',
      expect.not.stringMatching('cancelled'),
    ]);
    expect(one.told.filter(({ drill: is }) => is).map(({ event }) => event)).toEqual(['firing', 'resolved']);
    await expect(one.quiet.drills.inject(ADMIN, drill.id, faults)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

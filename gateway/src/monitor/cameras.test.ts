import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { addDevices, CAMERA, createMonitorRig, type MonitorRig } from '../../test/support/monitor.ts';
import { unheldConditions } from '../store/conditions.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('judging cameras on %s', (engine) => {
  let database: TestDatabase;
  const rigs: MonitorRig[] = [];
  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.monitor.stop();
  });
  afterAll(() => database.close());

  async function camera() {
    const [one] = await addDevices(database.db, 1, CAMERA.id);
    if (!one) throw new Error('no device');
    const rig = await createMonitorRig(database.db, [one], { groupHoldMs: 0 });
    rigs.push(rig);
    const probe = (ok: boolean, reason: string) =>
      rig.monitor.probe({ device: one.key, path: 'rtsp', at: rig.clock.now(), ok, reason, detail: '' });
    const condition = (code: string, active: boolean, evidence: Record<string, unknown>) =>
      rig.monitor.condition({ device: one.key, path: 'rtsp', at: rig.clock.now(), code, active, evidence });
    const health = async () => {
      const { rows } = await sql(database.db.autocommit).query<{ state: string; reason: string; suspect: boolean }>(
        'select state, reason, suspect from health where device = $1',
        [one.key],
      );
      return rows[0];
    };
    const told = () => rig.decisions.map((made) => `${made.fault} ${made.action}`);
    return { rig, device: one.key, probe, condition, health, told };
  }

  it('takes three failed probes over 90 s for an outage, and gives the reason', async () => {
    const { rig, probe, health, told } = await camera();
    probe(true, 'ok');
    await rig.pass(60_000);
    expect(await health()).toMatchObject({ state: 'online', suspect: false });
    for (const wait of [10_000, 10_000, 10_000]) {
      probe(false, 'timeout');
      await rig.pass(wait);
    }
    expect(await health()).toMatchObject({ state: 'online', suspect: true });
    await rig.pass(60_000);
    probe(false, 'wrongPassword');
    await rig.pass(1_000);
    expect(await health()).toMatchObject({ state: 'offline', reason: 'wrongPassword' });
    probe(true, 'ok');
    await rig.pass(1_000);
    expect(await health()).toMatchObject({ state: 'offline', suspect: true });
    probe(true, 'ok');
    await rig.pass(1_000);
    expect(await health()).toMatchObject({ state: 'online' });
    expect(told()).toEqual(['offline opened', 'offline resolved']);
  });

  it('does not call unreachable what speaks another way, but does not take its word for a stream', async () => {
    const { rig, device, probe, health, told } = await camera();
    const fail = async (reason: string) => {
      for (let i = 0; i < 6; i++) {
        probe(false, reason);
        await rig.pass(15_000, { step: 15_000 });
        rig.monitor.sign({ device, path: 'rtsp', at: rig.clock.now() });
        await rig.pass(15_000, { step: 15_000 });
      }
    };
    probe(true, 'ok');
    await rig.pass(30_000, { step: 30_000 });
    await fail('hostUnreachable');
    expect(await health()).toMatchObject({ state: 'online' });
    await fail('noSuchStream');
    expect(await health()).toMatchObject({ state: 'offline', reason: 'noSuchStream' });
    expect(told()).toEqual(['offline opened']);
  });

  it('blames no camera for probes that fail while nothing can be probed', async () => {
    const { rig, probe, health, told } = await camera();
    probe(true, 'ok');
    await rig.pass(10_000);
    rig.monitor.pathDown('rtsp', 'networkDown');
    await rig.pass(300_000, { step: 30_000, each: () => probe(false, 'hostUnreachable') });
    rig.monitor.pathUp('rtsp');
    await rig.pass(10_000);
    expect(await health()).toMatchObject({ state: 'online', suspect: false });
    probe(false, 'timeout');
    await rig.pass(30_000);
    expect(await health()).toMatchObject({ state: 'online', suspect: true });
    expect(told()).toEqual([]);
  });

  it('opens and ends what another stage has confirmed, with its numbers as proof, and is not moved by a repetition', async () => {
    const { rig, probe, condition, health, told } = await camera();
    probe(true, 'ok');
    await rig.pass(1_000);
    condition('black', true, { yavg: 9, picture: 'p2', reference: 'p1' });
    condition('black', true, { yavg: 8 });
    await rig.pass(2_000);
    expect(await health()).toMatchObject({ state: 'degraded', reason: 'black' });
    condition('black', true, { yavg: 8 });
    await rig.crash(5_000, { flush: true });
    await rig.pass(2_000);
    condition('black', false, { yavg: 120, picture: 'p3' });
    condition('black', false, { yavg: 121 });
    await rig.pass(2_000);
    expect(await health()).toMatchObject({ state: 'online' });
    expect(told()).toEqual(['black opened', 'black resolved']);
    expect(rig.decisions.map(({ evidence }) => evidence)).toEqual([
      [{ yavg: 9, picture: 'p2', reference: 'p1' }],
      [{ reason: 'conditionEnded', yavg: 120, picture: 'p3' }],
    ]);
    expect(rig.decisions[0]).toMatchObject({
      severity: 'major',
      lifeSafety: false,
      advice: { zh: expect.any(String) },
    });
  });

  it('holds no fault for ever that its finder has forgotten: a crash came between the two', async () => {
    const { rig, device, condition, told } = await camera();
    const codes = { pictures: ['black', 'frozen'], watches: ['clockWrong', 'codecChanged'] };

    for (const code of [...codes.pictures, ...codes.watches, 'sessionLimit']) condition(code, true, {});
    await rig.pass(1_000);
    const { db } = database;
    await sql(db.autocommit).query(
      `insert into diagnosis_state (device, code, state, since, bad, good, counted_at, numbers)
       values ($1, 'frozen', 'confirmed', now(), 2, 0, now(), '{}'), ($1, 'black', 'suspected', now(), 1, 0, now(), '{}')`,
      [device],
    );
    await sql(db.autocommit).query(
      `insert into camera (device, watch) values ($1, '{"clockWrong": {"active": true}, "codecChanged": {"active": false}}')
       on conflict (device) do update set watch = excluded.watch`,
      [device],
    );
    const unheld = async (before: number) =>
      (await unheldConditions(db.autocommit, codes, before)).filter((alarm) => alarm.device === device);
    expect(await unheld(0)).toEqual([]);
    const found = await unheld(rig.clock.now() + 1);
    expect(found.map(({ code }) => code).sort()).toEqual(['black', 'codecChanged']);
    for (const { code } of found) condition(code, false, { reason: 'notHeld' });
    await rig.pass(1_000);
    expect(told().filter((turn) => turn.endsWith('resolved'))).toHaveLength(2);
    expect(await unheld(rig.clock.now() + 1)).toEqual([]);
  });
});

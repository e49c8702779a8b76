import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import type { MonitorRig } from '../../test/support/monitor.ts';
import { useMonitors } from '../../test/support/monitor-suite.ts';
import type { DeviceBrief } from '../domain/device.ts';
import { sql } from '../store/database.ts';

const MINUTE = 60_000;

describe('a device that comes and goes', () => {
  const { db, incidents, rigFor, state, told } = useMonitors(ENGINES.at(-1) ?? 'pglite');

  /** Silent until it is dead, but back before anyone would be told. */
  async function down(rig: MonitorRig): Promise<void> {
    await rig.pass(100_000, { step: 20_000 });
  }
  async function up(rig: MonitorRig, { key }: DeviceBrief): Promise<void> {
    for (let i = 0; i < 2; i++) {
      rig.say(key);
      await rig.pass(1_000);
    }
  }
  /** Alive for so long. */
  async function calm(rig: MonitorRig, { key }: DeviceBrief, ms: number): Promise<void> {
    await rig.pass(ms, { step: 25_000, each: () => rig.say(key) });
  }
  async function flapUntilDead(rig: MonitorRig, one: DeviceBrief): Promise<void> {
    for (let i = 0; i < 2; i++) {
      await down(rig);
      await up(rig, one);
    }
    await down(rig);
  }
  const fact = async (one: DeviceBrief) => {
    const { rows } = await sql(db().autocommit).query<{ state: string; reason: string; evidence: { score: number } }>(
      `select state, reason, evidence from health_fact where device = $1 and name = 'flapping'`,
      [one.key],
    );
    return rows[0];
  };

  it('is one incident, nobody is told of each turn, and the score stands with the facts', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await flapUntilDead(rig, one);
    // Dead is worse than unsteady.
    expect(await state(rig, one)).toBe('offline');
    await up(rig, one);
    expect(await state(rig, one)).toBe('flapping');
    expect(await fact(one)).toMatchObject({ state: 'bad', reason: 'flapping' });
    expect((await fact(one))?.evidence.score).toBeGreaterThan(4);
    for (let i = 0; i < 3; i++) {
      await down(rig);
      await rig.pass(70_000, { step: 35_000 });
      await up(rig, one);
    }
    expect(told(rig)).toEqual([]);
    expect((await incidents()).filter(({ state: is }) => is === 'open')).toEqual([
      expect.objectContaining({ fault: 'flapping', notified: false, suppressed: ['flapping'] }),
    ]);
    await calm(rig, one, 60 * MINUTE);
    expect(await state(rig, one)).toBe('online');
    expect(told(rig)).toEqual([]);
    expect((await incidents()).every(({ state: is }) => is === 'resolved' || is === 'dismissed')).toBe(true);
  });

  // What Icinga calls suppressed notifications: what was told before is held against what is when it ends.
  it('ok into bad: its death is told once it lasts, long before the flapping ends', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await flapUntilDead(rig, one);
    // Three deadlines of 90 s after it was found dead, and the hold of a minute.
    await rig.pass(5 * MINUTE, { step: 20_000 });
    expect(told(rig)).toEqual([]);
    await rig.pass(MINUTE, { step: 20_000 });
    expect(told(rig)).toEqual(['offline opened']);
    expect(await fact(one)).toMatchObject({ state: 'bad', reason: 'flapping' });
    await rig.pass(80 * MINUTE, { step: MINUTE });
    expect(await fact(one)).toMatchObject({ state: 'suspect' });
    expect(told(rig)).toEqual(['offline opened']);
  });

  it('ok over bad into ok: nothing is told', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await flapUntilDead(rig, one);
    await up(rig, one);
    await calm(rig, one, 60 * MINUTE);
    expect(told(rig)).toEqual([]);
  });

  it('bad into ok: the recovery of what was told is told once, and never swallowed', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await down(rig);
    await rig.pass(2 * MINUTE, { step: MINUTE });
    expect(told(rig)).toEqual(['offline opened']);
    await up(rig, one);
    await flapUntilDead(rig, one);
    await up(rig, one);
    await calm(rig, one, 60 * MINUTE);
    expect(await state(rig, one)).toBe('online');
    expect(told(rig)).toEqual(['offline opened', 'offline resolved']);
  });

  it('bad over ok into bad: the open incident goes on, or is opened again, but never stands still', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await flapUntilDead(rig, one);
    await up(rig, one);
    await calm(rig, one, 32 * MINUTE);
    // Nearly forgotten; then dead long enough to be told, and the turns begin anew.
    await down(rig);
    await rig.pass(2 * MINUTE, { step: MINUTE });
    const before = told(rig);
    await up(rig, one);
    await flapUntilDead(rig, one);
    await rig.pass(90 * MINUTE, { step: MINUTE });
    expect(await state(rig, one)).toBe('offline');
    expect(
      told(rig)
        .slice(before.length)
        .filter((what) => what.startsWith('offline')),
    ).toEqual(before.includes('offline opened') ? ['offline resolved', 'offline relapsed'] : ['offline opened']);
    const open = (await incidents()).filter(({ state: is }) => is === 'open');
    expect(open).toEqual([expect.objectContaining({ fault: 'offline', notified: true })]);
  });

  it('goes on across a crash', async () => {
    const { rig, one } = await rigFor(1);
    rig.say(one.key);
    await flapUntilDead(rig, one);
    await rig.crash(30_000);
    await up(rig, one);
    expect(await state(rig, one)).toBe('flapping');
    await down(rig);
    await rig.pass(5 * MINUTE, { step: MINUTE });
    expect(told(rig)).toEqual([]);
  });

  it('is a ticket after a day (设备不稳定), and its end is told', async () => {
    const { rig, one } = await rigFor(1, { healthPolicy: { interval: 30 * MINUTE } });
    rig.say(one.key);
    for (let i = 0; i < 13; i++) {
      await rig.pass(99 * MINUTE, { step: 33 * MINUTE });
      await up(rig, one);
    }
    expect(told(rig).filter((what) => what.startsWith('flapping'))).toEqual([]);
    for (let i = 0; i < 6; i++) {
      await rig.pass(99 * MINUTE, { step: 33 * MINUTE });
      await up(rig, one);
    }
    expect(told(rig).filter((what) => what.startsWith('flapping'))).toEqual(['flapping opened']);
    expect(rig.decisions.find(({ fault }) => fault === 'flapping')).toMatchObject({
      reason: 'unstable',
      severity: 'major',
    });
    await rig.pass(24 * 60 * MINUTE, { step: 50 * MINUTE, each: () => rig.say(one.key) });
    expect(told(rig).at(-1)).toBe('flapping resolved');
    expect(await state(rig, one)).toBe('online');
  });

  it('a fault of it that comes and goes is shown, survives a crash, and is one ticket after a day that names it', async () => {
    const { rig, one } = await rigFor(1, { healthPolicy: { interval: 30 * MINUTE } });
    const round = async (hot: boolean) => {
      await rig.pass(60 * MINUTE, {
        step: 15 * MINUTE,
        each: () => rig.say(one.key, { 'ports.1.current': hot ? 20 : 5, power: 1 }),
      });
    };
    for (let i = 0; i < 3; i++) {
      await round(true);
      await round(false);
    }
    expect(told(rig)).toEqual(['overCurrent opened', 'overCurrent resolved']);
    await rig.crash(30_000);
    await round(true);
    expect(await rig.states()).toEqual(new Map([[one.key, 'degraded']]));
    await round(false);
    const { rows } = await sql(db().autocommit).query<{ name: string; state: string; reason: string }>(
      `select name, state, reason from health_fact where device = $1 and name like 'flapping%'`,
      [one.key],
    );
    expect(rows).toEqual([{ name: 'flapping:alarm:overCurrent', state: 'bad', reason: 'flapping' }]);
    expect((await incidents()).filter(({ state: is }) => is === 'open')).toEqual([
      expect.objectContaining({ fault: 'unsteady', notified: false, suppressed: ['flapping'] }),
    ]);
    for (let i = 0; i < 12; i++) {
      await round(true);
      await round(false);
    }
    expect(told(rig)).toEqual(['overCurrent opened', 'overCurrent resolved', 'unsteady opened']);
    const unsteady = rig.decisions.find(({ fault }) => fault === 'unsteady');
    expect(unsteady).toMatchObject({ reason: 'unstableFault', severity: 'major' });
    expect(unsteady?.evidence.at(-1)).toMatchObject({ faults: ['alarm:overCurrent'] });
    await rig.pass(10 * 60 * MINUTE, { step: 50 * MINUTE, each: () => rig.say(one.key, { power: 1 }) });
    expect(told(rig).at(-1)).toBe('unsteady resolved');
    expect(await state(rig, one)).toBe('online');
  });
});

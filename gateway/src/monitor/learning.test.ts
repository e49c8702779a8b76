import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import type { MonitorRig } from '../../test/support/monitor.ts';
import { useMonitors } from '../../test/support/monitor-suite.ts';
import type { DeviceBrief } from '../domain/device.ts';
import { sql } from '../store/database.ts';

const MINUTE = 60_000;

describe.each(ENGINES)('learning how often a device speaks, on %s', (engine) => {
  const { db, rigFor, state } = useMonitors(engine);

  /** One that says it speaks every minute, and does so every five. */
  const slow = () => rigFor(1, { groupHoldMs: 0, healthPolicy: { interval: 3 * MINUTE, learn: true } });
  async function speak(rig: MonitorRig, { key }: DeviceBrief, times: number, gap = 5 * MINUTE): Promise<void> {
    for (let i = 0; i < times; i++) {
      rig.say(key);
      await rig.pass(gap, { step: gap });
    }
  }
  const learned = async ({ key }: DeviceBrief) => {
    const { rows } = await sql(db().autocommit).query<{ after: number | null; samples: number; median: number | null }>(
      'select offline_after::float8 as after, samples::float8 as samples, median::float8 as median from learned_deadline where device = $1',
      [key],
    );
    return rows[0];
  };

  it('moves the deadline, proves it and shows it with the fact', async () => {
    const { rig, one } = await slow();
    await speak(rig, one, 45);
    expect((await learned(one))?.after).toBeGreaterThan(14 * MINUTE);
    expect(rig.audited.filter(({ action }) => action === 'learnDeadline')).toEqual([
      expect.objectContaining({
        resourceId: one.id,
        before: { offlineAfterMs: 9 * MINUTE },
        after: expect.objectContaining({ samples: expect.any(Number) }),
      }),
    ]);
    // Twelve minutes of silence would have been its death by the declared interval.
    await rig.pass(7 * MINUTE, { step: MINUTE });
    expect(await state(rig, one)).toBe('online');
    await rig.pass(6 * MINUTE, { step: MINUTE });
    expect(await state(rig, one)).toBe('offline');
    const { rows } = await sql(db().autocommit).query<{ evidence: unknown }>(
      `select evidence from health_fact where device = $1 and name = 'link'`,
      [one.key],
    );
    expect(rows[0]?.evidence).toMatchObject({ learned: { withoutMs: 9 * MINUTE, samples: expect.any(Number) } });
  });

  it('learns nothing from outages, their ends, our own absence or what it is told to leave out', async () => {
    const { rig, one } = await slow();
    await speak(rig, one, 22);
    const before = (await learned(one))?.samples;
    expect(before).toBe(20);
    // A gap that ends a failure, and the first one after it.
    await rig.pass(60 * MINUTE, { step: 5 * MINUTE });
    expect(await state(rig, one)).toBe('offline');
    await speak(rig, one, 2);
    expect(await state(rig, one)).toBe('online');
    // A broker that was away for four of ten minutes.
    rig.say(one.key);
    await rig.pass(3 * MINUTE, { step: MINUTE });
    rig.monitor.pathDown('mqtt', 'brokerDown');
    await rig.pass(4 * MINUTE, { step: MINUTE });
    rig.monitor.pathUp('mqtt');
    await rig.pass(3 * MINUTE, { step: MINUTE });
    rig.say(one.key);
    rig.mayLearn = false;
    await speak(rig, one, 5, 8 * MINUTE);
    rig.mayLearn = true;
    rig.say(one.key);
    await rig.monitor.stop();
    // One gap before the outage, and one each before the broker went and after it came back.
    const samples = (await learned(one))?.samples ?? 0;
    expect(samples - 20).toBeLessThanOrEqual(3);
  });

  it('survives a restart, without the gap that lies across it', async () => {
    const { rig, one } = await slow();
    await speak(rig, one, 45);
    const before = await learned(one);
    await rig.monitor.stop();
    await rig.crash(MINUTE, { flush: false });
    rig.say(one.key);
    await rig.pass(12 * MINUTE, { step: MINUTE });
    expect(await state(rig, one)).toBe('online');
    expect((await learned(one))?.after).toBe(before?.after);
  });

  it('costs a device that does not learn nothing, and counts no longer once it is switched off', async () => {
    const { rig, one } = await slow();
    await speak(rig, one, 45);
    rig.briefs.set(one.key, { ...one, healthPolicy: { interval: 3 * MINUTE } });
    rig.monitor.lifecycleChanged(one.key);
    rig.say(one.key);
    await rig.pass(10 * MINUTE, { step: MINUTE });
    expect(await state(rig, one)).toBe('offline');
  });
});

describe('a clock that is wrong', () => {
  const { rigFor, told, state } = useMonitors(ENGINES.at(-1) ?? 'pglite');

  it('is shown at once and a fault after ten minutes, and ends well below where it began', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    const say = async (skewMs: number, ms = 20_000) => {
      rig.say(one.key, {}, { skewMs });
      await rig.pass(ms, { step: 10_000 });
    };
    await say(200_000);
    expect(await state(rig, one)).toBe('degraded');
    expect(told(rig)).toEqual([]);
    for (let i = 0; i < 29; i++) await say(200_000);
    expect(told(rig)).toEqual([]);
    await say(200_000);
    await say(200_000);
    expect(told(rig)).toEqual(['clockSkew opened']);
    expect(rig.decisions[0]).toMatchObject({ severity: 'minor', evidence: [{ skewMs: 200_000 }] });
    await say(110_000);
    expect(told(rig)).toHaveLength(1);
    await say(99_000);
    expect(told(rig)).toEqual(['clockSkew opened', 'clockSkew resolved']);
    expect(rig.decisions.at(-1)?.evidence).toMatchObject([{ reason: 'conditionEnded', skewMs: 99_000 }]);
    expect(await state(rig, one)).toBe('online');
  });

  it('is none when only one message said so', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    rig.say(one.key, {}, { skewMs: -500_000 });
    await rig.pass(20_000);
    for (let i = 0; i < 40; i++) {
      rig.say(one.key);
      await rig.pass(20_000, { step: 20_000 });
    }
    expect(told(rig)).toEqual([]);
    rig.say(one.key, {}, { skewMs: 10 });
    await rig.pass(1_000);
    expect(told(rig)).toEqual([]);
    expect(await state(rig, one)).toBe('online');
  });
});

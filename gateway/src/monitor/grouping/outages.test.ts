import { expect, it } from 'vitest';
import { ENGINES } from '../../../test/support/databases.ts';
import type { MonitorRig } from '../../../test/support/monitor.ts';
import { useMonitors } from '../../../test/support/monitor-suite.ts';
import { addPlacedDevices, type Place } from '../../../test/support/places.ts';
import type { DeviceBrief } from '../../domain/device.ts';
import { sql } from '../../store/database.ts';

const MINUTE = 60_000;
const { db, rigOf } = useMonitors(ENGINES.at(-1) ?? 'pglite');

/** Everybody but `but` speaks every minute, the slow one at the end of `ms`. */
async function live(rig: MonitorRig, slow: DeviceBrief, ms: number, but: readonly DeviceBrief[] = []): Promise<void> {
  const silent = new Set([slow, ...but].map(({ key }) => key));
  await rig.pass(ms, {
    step: MINUTE,
    each: () => {
      for (const key of rig.briefs.keys()) if (!silent.has(key)) rig.say(key, { power: 1 });
    },
  });
  rig.say(slow.key);
}
const samples = async ({ key }: DeviceBrief) => {
  const { rows } = await sql(db().autocommit).query<{ samples: number }>(
    'select samples::float8 as samples from learned_deadline where device = $1',
    [key],
  );
  return rows[0]?.samples ?? 0;
};

it.each<{ of: string; where: Place }>([
  { of: 'site', where: { site: 's1' } },
  { of: 'power feed', where: { site: 's1', feed: '3' } },
  { of: 'uplink', where: { uplink: 'pole-7' } },
])(
  'nothing is learned of a device while its $of is out, nor of the gap across the end',
  { timeout: 120_000 },
  async ({ where }) => {
    const lost = await addPlacedDevices(db(), 7, where);
    const [placed] = (await addPlacedDevices(db(), 1, where)) as [DeviceBrief];
    const slow = { ...placed, healthPolicy: { interval: 3 * MINUTE, learn: true } };
    const rig = await rigOf([...lost, slow, ...(await addPlacedDevices(db(), 20, {}))], MINUTE);
    const restart = async () => {
      await rig.monitor.stop();
      await rig.crash(0, { flush: false });
    };
    for (let n = 0; n < 22; n++) await live(rig, slow, 5 * MINUTE);
    await live(rig, slow, 5 * MINUTE, lost);
    expect(rig.decisions).toHaveLength(1);
    await restart();
    const before = await samples(slow);
    expect(before).toBeGreaterThanOrEqual(20);
    for (let n = 0; n < 3; n++) await live(rig, slow, 8 * MINUTE, lost);
    // The others are back long before it speaks: the outage is over then, and its gap began in it.
    await live(rig, slow, 8 * MINUTE);
    expect(rig.decisions.at(-1)).toMatchObject({ kind: 'group', action: 'resolved' });
    await restart();
    expect(await samples(slow)).toBe(before);
    for (let n = 0; n < 3; n++) await live(rig, slow, 5 * MINUTE);
    await restart();
    expect(await samples(slow)).toBeGreaterThan(before);
  },
);

import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../../test/support/databases.ts';
import { speakBut, useMonitors } from '../../../test/support/monitor-suite.ts';
import { addPlacedDevices } from '../../../test/support/places.ts';
import type { DeviceBrief } from '../../domain/device.ts';
import { sql } from '../../store/database.ts';

const MINUTE = 60_000;

describe.each(ENGINES)('a gateway killed while many are silent, on %s', { timeout: 120_000 }, (engine) => {
  const { db, rigOf } = useMonitors(engine);
  const place = (count: number, where: Parameters<typeof addPlacedDevices>[2]) => addPlacedDevices(db(), count, where);

  async function street() {
    const lost = [...(await place(15, { site: 'a' })), ...(await place(10, {}))];
    const rig = await rigOf([...lost, ...(await place(35, {}))], MINUTE);
    await speakBut(rig, MINUTE);
    return { rig, lost };
  }
  const frozenMs = async () => {
    const { rows } = await sql(db().autocommit).query<{ ms: number }>(
      `select (sum(extract(epoch from to_at - from_at)) * 1000)::float8 as ms from blind_interval where reason = 'ownPathBroken'`,
    );
    return rows[0]?.ms ?? 0;
  };
  const broken = async () => ({ ok: false, evidence: { broker: 'no answer' } });

  it('is frozen as before until its own path is sound, and tells nobody of what came back', async () => {
    const { rig, lost } = await street();
    rig.ownPath = broken;
    await speakBut(rig, 5 * MINUTE, lost);
    const before = rig.monitor.status().paths[0];
    expect(before).toMatchObject({ path: 'mqtt', state: 'frozen' });
    await rig.crash(20_000);
    await rig.monitor.sweep();
    const after = rig.monitor.status().paths[0];
    expect(after).toMatchObject({ path: 'mqtt', state: 'frozen', reasons: ['ownPathBroken'], since: before?.since });
    expect(after?.until).toBeGreaterThan(before?.until ?? 0);
    await speakBut(rig, 2 * MINUTE, lost);
    rig.ownPath = async () => ({ ok: true, evidence: {} });
    await speakBut(rig, 5 * MINUTE);
    expect(rig.monitor.status()).toMatchObject({ state: 'ready', paths: [] });
    expect(rig.decisions).toEqual([]);
  });

  it('is frozen for ten minutes in all, however often it is killed, and then tells each thing once', async () => {
    const { rig, lost } = await street();
    rig.ownPath = broken;
    await speakBut(rig, 4 * MINUTE, lost);
    const begun = rig.clock.now();
    for (let life = 0; life < 5; life++) {
      await speakBut(rig, 1.5 * MINUTE, lost);
      expect(rig.decisions).toEqual([]);
      await rig.crash(30_000);
    }
    for (let life = 0; life < 5; life++) {
      await speakBut(rig, 1.5 * MINUTE, lost);
      await rig.crash(30_000);
    }
    expect(rig.decisions.map(({ groupKey }) => groupKey).sort()).toEqual(['mass:all', 'rest:all', 'site:a']);
    // What falls silent after that is not frozen anew: it is judged until our path was sound once.
    const after = rig.decisions.length;
    const others = [...rig.briefs.values()].filter((one) => !lost.includes(one)).slice(0, 20);
    await rig.crash(MINUTE);
    await speakBut(rig, 5 * MINUTE, [...lost, ...others]);
    expect(rig.monitor.status().state).toBe('ready');
    expect(rig.decisions.length).toBeGreaterThan(after);
    expect(rig.clock.now() - begun).toBeLessThan(30 * MINUTE);
    const ms = await frozenMs();
    expect(ms).toBeGreaterThan(9 * MINUTE);
    // Of the time down itself nothing is counted; each kill may cost what was not written down yet.
    expect(ms).toBeLessThan(17 * MINUTE);
  });

  it('is not thawed by its broker’s coming back', async () => {
    const { rig, lost } = await street();
    rig.ownPath = broken;
    await speakBut(rig, 5 * MINUTE, lost);
    expect(rig.monitor.status().reason).toBe('FROZEN');
    rig.monitor.pathDown('mqtt', 'brokerDown');
    await rig.pass(30_000);
    rig.monitor.pathUp('mqtt');
    await speakBut(rig, 3 * MINUTE, lost);
    expect(rig.monitor.status().reason).toBe('FROZEN');
    expect(rig.decisions).toEqual([]);
  });

  it('knows a vendor’s login that was lost before: who comes back by himself ends nothing, who follows joins', async () => {
    const through = await place(6, { vendor: 'acme' });
    const rig = await rigOf([...through, ...(await place(60, { vendor: 'acme' }))], MINUTE);
    const link = (state: 'up' | 'down', session: string) =>
      rig.monitor.vendorLink({ vendorId: 'acme', state, session, at: rig.clock.now(), reason: 'closed' });
    for (const key of rig.briefs.keys()) if (!through.some((one) => one.key === key)) rig.sessionUp(key);
    link('up', 'v1');
    await speakBut(rig, MINUTE);
    link('down', 'v1');
    const away = through.slice(0, 4);
    await speakBut(rig, 4 * MINUTE, away);
    expect(rig.decisions.map(({ groupKey }) => groupKey)).toEqual(['vendorLink:acme']);
    await rig.crash(20_000);
    await speakBut(rig, 3 * MINUTE, away.slice(1));
    expect(rig.decisions).toHaveLength(1);
    const [, , , , late] = through as [DeviceBrief, DeviceBrief, DeviceBrief, DeviceBrief, DeviceBrief];
    await speakBut(rig, 4 * MINUTE, [...away.slice(1), late]);
    expect(rig.decisions.slice(1)).toMatchObject([
      { groupKey: 'vendorLink:acme', action: 'opened', devices: [late.key] },
    ]);
    link('up', 'v2');
    await speakBut(rig, 2 * MINUTE);
    expect(rig.decisions.at(-1)).toMatchObject({ groupKey: 'vendorLink:acme', action: 'resolved' });
  });
});

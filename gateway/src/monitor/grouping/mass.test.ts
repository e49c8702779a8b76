import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../../test/support/databases.ts';
import type { MonitorRig } from '../../../test/support/monitor.ts';
import { speakBut, useMonitors } from '../../../test/support/monitor-suite.ts';
import { addPlacedDevices } from '../../../test/support/places.ts';
import type { DeviceBrief } from '../../domain/device.ts';
import { sql } from '../../store/database.ts';

const MINUTE = 60_000;

describe.each(ENGINES)('mass silence on %s', (engine) => {
  const { db, rigOf, incidents } = useMonitors(engine);

  /** A street of 100: two sites of 15, five devices that share nothing, and 65 others. */
  async function street() {
    const a = await addPlacedDevices(db(), 15, { site: 'a', org: 'o' });
    const b = await addPlacedDevices(db(), 15, { site: 'b', org: 'o' });
    const loose = await addPlacedDevices(db(), 5, {});
    const well = await addPlacedDevices(db(), 65, { org: 'o' });
    const all = [...a, ...b, ...loose, ...well];
    const rig = await rigOf(all, MINUTE);
    return { rig, a, b, loose, well, all, lost: [...a, ...b, ...loose] };
  }

  const told = (rig: MonitorRig) =>
    rig.decisions.map(({ action, kind, groupKey, fault, severity, ticket, devices }) =>
      [
        kind === 'group' ? groupKey : 'device',
        action,
        fault,
        severity,
        ticket === false ? 'no ticket' : 'ticket',
        devices.length,
      ].join(' '),
    );
  const blind = async () =>
    (
      await sql(db().autocommit).query<{ reason: string; ms: number | null }>(
        `select reason, (extract(epoch from to_at - from_at) * 1000)::float8 as ms from blind_interval
         where path = 'mqtt' and reason = 'ownPathBroken'`,
      )
    ).rows;

  it('is one 重大 incident and a ticket for each cause when our own path is sound', async () => {
    const { rig, lost } = await street();
    const asked: string[] = [];
    rig.ownPath = async (path) => {
      asked.push(path);
      return { ok: true, evidence: { canary: 'heard' } };
    };
    await speakBut(rig, MINUTE);
    expect(asked).toEqual([]);
    await speakBut(rig, 6 * MINUTE, lost);
    expect(asked).toEqual(['mqtt']);
    expect(told(rig).sort()).toEqual([
      'mass:all opened massOutage critical no ticket 35',
      'rest:all opened offline major ticket 5',
      'site:a opened offline major ticket 15',
      'site:b opened offline major ticket 15',
    ]);
    const mass = rig.decisions.find(({ groupKey }) => groupKey === 'mass:all');
    expect(mass).toMatchObject({ lifeSafety: false, cause: '大面积离线：在判设备 100 台中 35 台同时离线' });
    expect(mass?.evidence[0]).toMatchObject({
      ownPath: { mqtt: { ok: true, canary: 'heard' } },
      causes: ['site:a', 'site:b'],
    });
    expect(rig.monitor.status()).toMatchObject({ state: 'ready', paths: [] });
    rig.decisions.length = 0;
    await speakBut(rig, 3 * MINUTE);
    expect(
      told(rig)
        .sort()
        .map((line) => line.split(' ').slice(0, 2).join(' ')),
    ).toEqual(['mass:all resolved', 'rest:all resolved', 'site:a resolved', 'site:b resolved']);
  });

  it('takes a device without a common cause in again that came back and fell silent once more', async () => {
    const { rig, lost, loose } = await street();
    await speakBut(rig, MINUTE);
    await speakBut(rig, 6 * MINUTE, lost);
    const [returning] = loose as [DeviceBrief];
    rig.decisions.length = 0;
    const without = lost.filter((one) => one !== returning);
    await speakBut(rig, 3 * MINUTE, without);
    await speakBut(rig, 6 * MINUTE, lost);
    expect(told(rig)).toEqual(['rest:all opened offline major ticket 1']);
  });

  it('is nobody’s fault while our own path is broken: frozen, shown, and judged again when it is sound', async () => {
    const { rig, lost, all } = await street();
    rig.ownPath = async () => ({ ok: false, evidence: { broker: 'no answer' } });
    await speakBut(rig, MINUTE);
    await speakBut(rig, 5 * MINUTE, lost);
    expect(told(rig)).toEqual([]);
    const { state, reason, paths } = rig.monitor.status();
    expect({ state, reason }).toEqual({ state: 'degraded', reason: 'FROZEN' });
    expect(paths).toMatchObject([{ path: 'mqtt', state: 'frozen', reasons: ['ownPathBroken'] }]);
    expect((paths[0]?.until ?? 0) - (paths[0]?.since ?? 0)).toBe(10 * MINUTE);
    // Nobody hears anything now, and nobody is called silent for it.
    await rig.pass(3 * MINUTE);
    expect(told(rig)).toEqual([]);
    // Life safety passes all of it.
    const [one] = all as [DeviceBrief];
    const at = rig.clock.now();
    rig.say(
      one.key,
      {},
      {
        events: [
          {
            device: one.key,
            code: 'smoke',
            time: at,
            receivedAt: at,
            severity: 'critical',
            lifeSafety: true,
            data: {},
          },
        ],
      },
    );
    await rig.monitor.sweep();
    expect(told(rig)).toEqual(['device opened smoke critical ticket 1']);

    rig.ownPath = async () => ({ ok: true, evidence: {} });
    await speakBut(rig, 4 * MINUTE);
    expect(rig.monitor.status().state).toBe('ready');
    expect(told(rig)).toHaveLength(1);
    expect(await blind()).toMatchObject([{ reason: 'ownPathBroken', ms: expect.any(Number) }]);
    expect(
      (await incidents()).filter(({ fault }) => fault === 'offline').every(({ state }) => state === 'dismissed'),
    ).toBe(true);
  });

  it('freezes for ten minutes at most, and then tells of it with what it found', async () => {
    const { rig, lost } = await street();
    rig.ownPath = async () => {
      throw new Error('canary died');
    };
    await speakBut(rig, MINUTE);
    await speakBut(rig, 30 * MINUTE, lost);
    expect(told(rig)).toContain('mass:all opened massOutage critical no ticket 35');
    expect(told(rig)).toHaveLength(4);
    const mass = rig.decisions.find(({ groupKey }) => groupKey === 'mass:all');
    expect(mass?.evidence[0]).toMatchObject({ ownPath: { mqtt: { ok: false, error: 'canary died' } } });
    const [frozen, ...more] = await blind();
    expect(more).toEqual([]);
    expect(frozen?.ms).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(frozen?.ms).toBeLessThanOrEqual(10.5 * MINUTE);
  });

  it('asks nobody about nineteen devices, or about less than a third', async () => {
    const devices = await addPlacedDevices(db(), 19, {});
    const rig = await rigOf(devices, MINUTE);
    rig.ownPath = async () => {
      throw new Error('asked');
    };
    await speakBut(rig, MINUTE);
    await speakBut(rig, 4 * MINUTE, devices.slice(0, 10));
    expect(rig.decisions).toHaveLength(10);
    expect(rig.monitor.status().state).toBe('ready');
  });

  it('decides thousands of devices at once, more than one transaction takes', async () => {
    if (engine === 'pglite') return;
    const devices = await addPlacedDevices(db(), 2_500, { site: 'big' });
    const others = await addPlacedDevices(db(), 6_500, {});
    const rig = await rigOf([...devices, ...others], MINUTE);
    const speak = (some: readonly DeviceBrief[]) => {
      for (const { key } of some) rig.say(key);
    };
    speak([...devices, ...others]);
    await rig.pass(30_000, { step: 30_000 });
    for (let i = 0; i < 8; i++) {
      speak(others);
      await rig.pass(30_000, { step: 30_000 });
    }
    expect(told(rig)).toEqual(['site:big opened offline major ticket 2500']);
  }, 60_000);
});

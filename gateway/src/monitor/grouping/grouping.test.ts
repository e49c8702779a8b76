import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../../test/support/databases.ts';
import type { MonitorRig } from '../../../test/support/monitor.ts';
import { speakBut, useMonitors } from '../../../test/support/monitor-suite.ts';
import { addPlacedDevices } from '../../../test/support/places.ts';
import type { DeviceBrief } from '../../domain/device.ts';
import { sql } from '../../store/database.ts';

const MINUTE = 60_000;

describe.each(ENGINES)('one cause is one incident on %s', (engine) => {
  const { db, rigOf, state } = useMonitors(engine);
  const place = (count: number, where: Parameters<typeof addPlacedDevices>[2]) => addPlacedDevices(db(), count, where);

  const told = (rig: MonitorRig) =>
    rig.decisions.map(({ kind, action, cause, groupKey, devices }) =>
      kind === 'group' ? `${groupKey} ${action} ${devices.length}: ${cause}` : `device ${action}`,
    );
  const incidents = async () =>
    (
      await sql(db().autocommit).query<{
        kind: string;
        key: string;
        state: string;
        cause: string | null;
        suppressed: string[];
        members: number;
        bad: number;
      }>(
        `select kind, key, state, cause, suppressed,
           (select count(*)::int from incident_member m where m.incident = i.id) as members,
           (select count(*)::int from incident_member m where m.incident = i.id and m.state = 'bad') as bad
         from incident i order by kind desc, key`,
      )
    ).rows;
  const groups = async () => (await incidents()).filter(({ kind }) => kind === 'group');

  it('names the feed of a site that lost half its devices: one ticket, members tick off, leftovers after 30 minutes', async () => {
    const feed = await place(14, { site: '幸福里', org: 'o1', feed: '3' });
    const rest = await place(30, { site: '幸福里', org: 'o1', feed: '4' });
    const others = await place(30, { site: '和平里', org: 'o1' });
    const rig = await rigOf([...feed, ...rest, ...others], MINUTE);
    await speakBut(rig, MINUTE);
    const dark = feed.slice(0, 12);
    await speakBut(rig, 4 * MINUTE, dark);
    expect(told(rig)).toEqual(['powerFeed:幸福里/3 opened 12: 幸福里 供电回路 3：14 台中 12 台离线']);
    expect(rig.decisions[0]).toMatchObject({
      fault: 'offline',
      severity: 'major',
      reason: 'sameCause',
      lifeSafety: false,
    });
    // Suppress alerting, never monitoring: each of them is offline by itself.
    for (const one of dark) expect(await state(rig, one)).toBe('offline');
    const [group] = await groups();
    expect(group).toMatchObject({ state: 'open', members: 12, bad: 12, suppressed: [] });
    const children = (await incidents()).filter(({ kind }) => kind === 'device');
    expect(children).toHaveLength(12);
    expect(new Set(children.flatMap(({ suppressed }) => suppressed)).size).toBe(1);
    expect(children[0]?.suppressed[0]).toMatch(/^group:/);

    // Two come back, then most: suppress creation, never resolution.
    await speakBut(rig, 2 * MINUTE, dark.slice(2));
    expect(await state(rig, dark[0] as DeviceBrief)).toBe('online');
    expect(await groups()).toMatchObject([{ state: 'open', bad: 10 }]);
    const stuck = dark.slice(10);
    await speakBut(rig, 2 * MINUTE, stuck);
    expect(told(rig).slice(1)).toEqual(['powerFeed:幸福里/3 resolved 12: 幸福里 供电回路 3：14 台中 12 台离线']);
    await speakBut(rig, 25 * MINUTE, stuck);
    expect(told(rig)).toHaveLength(2);
    await speakBut(rig, 6 * MINUTE, stuck);
    expect(told(rig).slice(2)).toEqual(['device opened', 'device opened']);
    await speakBut(rig, 3 * MINUTE);
    expect(told(rig).slice(4)).toEqual(['device resolved', 'device resolved']);
    expect((await incidents()).every((row) => row.state === 'resolved')).toBe(true);
  });

  it('is one for a recorder with its cameras, which all join it when they are late', async () => {
    const [nvr] = (await place(1, { site: 's1' })) as [DeviceBrief];
    const cameras = await place(16, { site: 's1', parent: nvr });
    const [below] = (await place(1, { parent: cameras[0] as DeviceBrief })) as [DeviceBrief];
    const street = await place(60, {});
    const rig = await rigOf([nvr, ...cameras, below, ...street], MINUTE);
    await speakBut(rig, MINUTE);
    const late = cameras.slice(10);
    await speakBut(rig, 3 * MINUTE, [nvr, ...cameras.slice(0, 10), below]);
    await speakBut(rig, 3 * MINUTE, [nvr, ...cameras, below]);
    expect(rig.decisions.map(({ kind, groupKey, devices }) => [kind, groupKey, devices.length])).toEqual([
      ['group', `parent:${nvr.id}`, 12],
      ['group', `parent:${nvr.id}`, late.length],
    ]);
    expect(new Set(rig.decisions.map(({ incidentId }) => incidentId)).size).toBe(1);
    expect(await groups()).toMatchObject([{ members: 18, bad: 18 }]);
    // The recorder is back: that is the end of the cause, whatever its cameras do.
    await speakBut(rig, 2 * MINUTE, cameras);
    expect(rig.decisions.at(-1)).toMatchObject({ action: 'resolved', kind: 'group' });
    // What stays dark behind a recorder that is well has a cause of its own.
    await speakBut(rig, 31 * MINUTE, cameras);
    expect(rig.decisions.at(-1)).toMatchObject({ action: 'opened', groupKey: 'site:s1' });
  });

  it('does not let a parent speak that was never seen, or that is well', async () => {
    const [unseen, well] = (await place(2, {})) as [DeviceBrief, DeviceBrief];
    const a = await place(1, { parent: unseen });
    const b = await place(1, { parent: well });
    const rig = await rigOf([unseen, well, ...a, ...b], MINUTE);
    for (const one of [well, ...a, ...b]) rig.say(one.key);
    await rig.pass(4 * MINUTE, { step: 15_000, each: () => rig.say(well.key) });
    expect(told(rig)).toEqual(['device opened', 'device opened']);
    expect(await groups()).toEqual([]);
  });

  it('is two for two sites at once, and none for three devices of a hundred', async () => {
    const a = await place(10, { site: 'a', org: 'o' });
    const b = await place(10, { site: 'b', org: 'o' });
    const c = await place(100, { site: 'c', org: 'o' });
    const rig = await rigOf([...a, ...b, ...c], MINUTE);
    await speakBut(rig, MINUTE);
    await speakBut(rig, 4 * MINUTE, [...a, ...b, ...c.slice(0, 3)]);
    expect(told(rig).sort()).toEqual([
      'device opened',
      'device opened',
      'device opened',
      'site:a opened 10: 点位 a：10 台中 10 台离线',
      'site:b opened 10: 点位 b：10 台中 10 台离线',
    ]);
  });

  it('waits for those that are late too, so that devices with long timeouts are one incident', async () => {
    const site = await place(12, { site: 's1' });
    const street = await place(40, {});
    for (const one of site) Object.assign(one, { healthPolicy: { interval: 300_000, offlineAfter: 900_000 } });
    const rig = await rigOf([...site, ...street], MINUTE);
    const speak = (but: readonly DeviceBrief[]) => {
      for (const one of street) if (!but.includes(one)) rig.say(one.key, { power: 1 });
    };
    // Their last words are spread over their interval of five minutes.
    for (const one of site) {
      rig.say(one.key, { power: 1 });
      await rig.pass(25_000, { step: 25_000, each: () => speak([]) });
    }
    await rig.pass(25 * MINUTE, { step: 25_000, each: () => speak([]) });
    // One ticket from the moment half of them are confirmed; the later ones join it, and none was told of alone.
    expect(new Set(rig.decisions.map(({ incidentId }) => incidentId)).size).toBe(1);
    expect(rig.decisions.flatMap(({ devices }) => devices)).toHaveLength(12);
    expect(await groups()).toMatchObject([{ cause: '点位 s1：12 台中 12 台离线', members: 12 }]);
  });

  it('says nothing when all return within the hold', async () => {
    const site = await place(12, { site: 's1' });
    const street = await place(40, {});
    const rig = await rigOf([...site, ...street], MINUTE);
    await speakBut(rig, MINUTE);
    await speakBut(rig, 120_000, site);
    await speakBut(rig, 4 * MINUTE);
    expect(told(rig)).toEqual([]);
    expect(await groups()).toEqual([]);
    expect((await incidents()).every((row) => row.state === 'dismissed')).toBe(true);
  });

  it('makes one incident of a vendor’s login that drops by itself', async () => {
    const through = await place(6, { vendor: 'acme' });
    const street = await place(60, { vendor: 'acme' });
    const rig = await rigOf([...through, ...street], MINUTE);
    const link = (to: 'up' | 'down') =>
      rig.monitor.vendorLink({ vendorId: 'acme', state: to, session: 'v1', at: rig.clock.now(), reason: 'closed' });
    for (const { key } of street) rig.sessionUp(key);
    link('up');
    await speakBut(rig, MINUTE);
    link('down');
    await speakBut(rig, 4 * MINUTE, [...through, ...street.slice(0, 2)]);
    // Two with a login of their own did not hang on the vendor's.
    for (const { key } of street.slice(0, 2)) rig.sessionDown(key, 'closed');
    await speakBut(rig, 4 * MINUTE, [...through, ...street.slice(0, 2)]);
    expect(told(rig).sort()).toEqual([
      'device opened',
      'device opened',
      'vendorLink:acme opened 6: 厂商平台 acme 连接中断，6 台设备离线',
    ]);
    link('up');
    await speakBut(rig, 2 * MINUTE);
    expect(rig.decisions.filter(({ kind }) => kind === 'group').at(-1)?.action).toBe('resolved');
  });

  it('leaves devices in maintenance out of every group, and holds them again when it is over', async () => {
    const site = await place(10, { site: 's1' });
    const street = await place(40, {});
    const rig = await rigOf([...site, ...street], MINUTE);
    rig.quiet = ({ device }) => (device.siteId === 's1' ? ['maintenance:mw_1'] : []);
    await speakBut(rig, MINUTE);
    await speakBut(rig, 4 * MINUTE, site);
    expect(told(rig)).toEqual([]);
    rig.quiet = () => [];
    rig.monitor.decideAgain(site.map(({ key }) => key));
    await speakBut(rig, 2 * MINUTE, site);
    expect(told(rig)).toEqual(['site:s1 opened 10: 点位 s1：10 台中 10 台离线']);
  });

  it('is one group when two monitors race, and heals when one dies between the transactions', async () => {
    const site = await place(10, { site: 's1' });
    const street = await place(40, {});
    const rig = await rigOf([...site, ...street], MINUTE);
    const other = await rigOf([...site, ...street], MINUTE);
    const step = async (but: readonly DeviceBrief[]) => {
      for (const each of [rig, other]) {
        each.clock.advance(15_000);
        for (const one of [...site, ...street]) if (!but.includes(one)) each.say(one.key, { power: 1 });
      }
      await Promise.all([rig.monitor.sweep().catch(() => undefined), other.monitor.sweep().catch(() => undefined)]);
    };
    for (let i = 0; i < 4; i++) await step([]);
    rig.failDecisions(true);
    other.failDecisions(true);
    for (let i = 0; i < 14; i++) await step(site);
    expect(await groups()).toEqual([]);
    rig.failDecisions(false);
    other.failDecisions(false);
    for (let i = 0; i < 10; i++) await step(site);
    const all = [...told(rig), ...told(other)];
    expect(all).toEqual(['site:s1 opened 10: 点位 s1：10 台中 10 台离线']);
    expect(await groups()).toMatchObject([{ members: 10, bad: 10 }]);
  });
});

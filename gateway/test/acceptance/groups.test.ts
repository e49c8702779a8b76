import { describe, expect, it } from 'vitest';
import { numbered } from '../support/acceptance/street.ts';
import { PLAY_WITHIN_MS, useScenarios } from '../support/acceptance/suite.ts';
import { ADMIN } from '../support/quiet.ts';

describe('devices that fall silent together', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios();

  it('half a site is one ticket that names the site; members tick off, and what stays away gets its own after half an hour', async () => {
    const ends = { events: ['firing', 'resolved'] as const };
    const others = ['wecom', 'dingtalk', 'feishu', 'smtp'];
    const s = await scenario({
      sites: { market: 20 },
      alone: 60,
      channels: { duty: ends, ...Object.fromEntries(others.map((kind) => [kind, { kind, ...ends }])) },
    });
    const lost = numbered('market', 10);
    s.at('10m').silence(...lost);
    s.at('20m').speaks(...lost.slice(0, 4));
    s.at('22m').do(async (street) => {
      const { rows } = await street.query(
        `select count(*) filter (where state = 'online')::int as back, count(*)::int as all from health h
         join device d on d.key = h.device where d.id = any($1::text[])`,
        [lost],
      );
      expect(rows).toEqual([{ back: 4, all: 10 }]);
    });
    s.at('25m').speaks(...lost.slice(4, 8));
    s.expectTicket({ fault: 'offline', devices: 10, title: /market/ }).between('11m', '14m');
    s.expectNotice({ event: 'firing', fault: 'offline', title: /market/ }).between('11m', '14m');
    s.expectNotice({ event: 'resolved', fault: 'offline', title: /market/ }).between('25m', '28m');
    for (const device of lost.slice(8)) {
      s.expectTicket({ fault: 'offline', device }).between('55m', '60m');
      s.expectNotice({ event: 'firing', fault: 'offline', device }).between('55m', '60m');
    }
    await s.run('65m');
    // Its beginning, its end, and one of each that stayed away, on every platform, each as strict as the real one.
    expect(await s.street.outboxCount('dead')).toBe(0);
    const said = (kind: string) => s.street.heard.filter(({ channel }) => channel === kind).length;
    expect(others.map((kind) => [kind, said(kind)])).toEqual(others.map((kind) => [kind, 4]));
  });

  it('who leaves a group for a ticket of their own recovers by themselves, is filed once, and is not waited for by the group', async () => {
    const s = await scenario({ sites: { market: 20 }, alone: 60 });
    const lost = numbered('market', 10);
    const leave = async (...deviceIds: string[]) => {
      const group = (await s.tickets()).find(({ title }) => title?.includes('market'));
      for (const device of deviceIds)
        await s.street.gateway.tickets.split(ADMIN, group?.id ?? '', { deviceIds: [device], note: '另有原因' });
    };
    s.at('10m').silence(...lost);
    // While the group fires: half of it has a cause of its own, so four of the other five are most of it.
    s.at('15m').do(() => leave(...lost.slice(0, 5)));
    s.at('20m').speaks(...lost.slice(5, 8));
    // And after it is over.
    s.at('26m').do(() => leave('market-9'));
    s.at('30m').speaks('market-1', 'market-9');
    s.expectTicket({ fault: 'offline', devices: 4, title: /market/ }).between('11m', '14m');
    s.expectNotice({ event: 'firing', fault: 'offline', title: /market/ }).between('11m', '14m');
    s.expectNotice({ event: 'resolved', fault: 'offline', title: /market/ }).between('20m', '23m');
    for (const device of lost.slice(0, 5)) {
      s.expectTicket({ fault: 'offline', device }).between('15m', '16m');
      s.expectNotice({ event: 'firing', fault: 'offline', device }).between('15m', '16m');
    }
    s.expectTicket({ fault: 'offline', device: 'market-9' }).between('26m', '27m');
    s.expectNotice({ event: 'firing', fault: 'offline', device: 'market-9' }).between('26m', '27m');
    for (const device of ['market-1', 'market-9'])
      s.expectNotice({ event: 'resolved', fault: 'offline', device }).between('30m', '33m');
    s.expectTicket({ fault: 'offline', device: 'market-10' }).between('50m', '57m');
    s.expectNotice({ event: 'firing', fault: 'offline', device: 'market-10' }).between('50m', '57m');
    await s.run('65m');
  });

  const mass = { sites: { a: 15, b: 15 }, alone: 70 };
  const lost = [...numbered('a', 15), ...numbered('b', 15), ...numbered('alone', 5)];
  const channels = {
    duty: { events: ['firing', 'resolved'] as const },
    leaders: { events: ['firing', 'resolved'] as const, faults: ['massOutage'] },
  };

  it('35 % of everything while our own path is broken is nobody’s fault: no ticket, no notice, and judged again when it is sound', async () => {
    const s = await scenario({ ...mass, channels });
    s.at('10m').breakBroker();
    s.at('10m').silence(...lost);
    s.at('14m').do(({ gateway }) => {
      expect(gateway.monitor.status()).toMatchObject({ reason: 'FROZEN', paths: [{ path: 'mqtt', state: 'frozen' }] });
    });
    s.at('17m').mendBroker();
    s.at('17m').speaks(...lost);
    s.at('20m').do(({ gateway }) => expect(gateway.monitor.status().paths).toEqual([]));
    // A fault afterwards is one as ever.
    s.at('30m').silence('alone-9');
    s.expectTicket({ fault: 'offline', device: 'alone-9' }).between('32m', '34m');
    s.expectNotice({ channel: 'duty', event: 'firing', device: 'alone-9' }).between('32m', '34m');
    await s.run('40m');
  });

  it('is frozen for ten minutes at most: then it is judged, whatever our own path says', async () => {
    const s = await scenario({ ...mass, channels });
    s.at('10m').breakBroker();
    s.at('10m').silence(...lost);
    s.at('21m').do(async () => expect(await s.tickets()).toEqual([]));
    for (const site of ['a', 'b'])
      s.expectTicket({ fault: 'offline', devices: 15, title: new RegExp(site) }).between('21m', '27m');
    s.expectTicket({ fault: 'offline', devices: 5 }).between('21m', '27m');
    s.expectNotice({ channel: 'duty', event: 'firing' }).between('21m', '27m').times(4);
    s.expectNotice({ channel: 'leaders', event: 'firing', fault: 'massOutage' }).between('21m', '27m');
    await s.run('30m');
  });

  it('35 % while our own path is sound is one 重大 incident the leaders hear of, and one ticket per cause', async () => {
    const s = await scenario({ ...mass, channels });
    s.at('10m').silence(...lost);
    s.at('20m').speaks(...lost);
    for (const site of ['a', 'b'])
      s.expectTicket({ fault: 'offline', devices: 15, title: new RegExp(site) }).between('11m', '16m');
    s.expectTicket({ fault: 'offline', devices: 5 }).between('11m', '16m');
    s.expectNotice({ channel: 'leaders', event: 'firing', fault: 'massOutage', title: /大面积离线/ }).between(
      '11m',
      '16m',
    );
    s.expectNotice({ channel: 'leaders', event: 'resolved', fault: 'massOutage' }).between('20m', '23m');
    s.expectNotice({ channel: 'duty', event: 'firing', fault: 'massOutage' }).between('11m', '16m');
    s.expectNotice({ channel: 'duty', event: 'firing', fault: 'offline' }).between('11m', '16m').times(3);
    s.expectNotice({ channel: 'duty', event: 'resolved' }).between('20m', '23m').times(4);
    await s.run('30m');
  });
});

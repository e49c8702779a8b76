import { describe, expect, it } from 'vitest';
import { numbered } from '../support/acceptance/street.ts';
import { PLAY_WITHIN_MS, useScenarios } from '../support/acceptance/suite.ts';
import { ADMIN } from '../support/quiet.ts';

describe('gateways that come and go', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios();

  it('a restart every two minutes, killed or in order, still finds the real outage, and no other', async () => {
    const s = await scenario({ alone: 10 });
    s.at('9m').silence('alone-1');
    s.at('31m').speaks('alone-1');
    for (let at = 4; at < 24; at += 4) s.at(`${at}m`).crash('20s');
    for (let at = 6; at < 24; at += 4) s.at(`${at}m`).restart('20s');
    s.expectTicket({ fault: 'offline', device: 'alone-1' }).between('11m', '15m');
    s.expectNotice({ event: 'firing', device: 'alone-1' }).between('11m', '15m');
    s.expectNotice({ event: 'resolved', device: 'alone-1' }).between('31m', '33m');
    await s.run('35m');
  });

  it('two monitors, two sweeps and two senders that race make one ticket of each thing and say it once', async () => {
    const s = await scenario({ sites: { market: 10 }, alone: 30, gateways: 2 });
    s.at('5m').silence('alone-1', 'alone-2', ...numbered('market', 10));
    s.at('8m').event('alone-3', 'smoke');
    s.at('9m').do(async ({ gateway }) => {
      const [smoke] = (await s.tickets()).filter(({ fault }) => fault === 'smoke');
      await gateway.acknowledgements.acknowledge(ADMIN, { ticketId: smoke?.id ?? '' });
    });
    s.at('15m').speaks('alone-1', 'alone-2', ...numbered('market', 10));
    for (const device of ['alone-1', 'alone-2']) {
      s.expectTicket({ fault: 'offline', device, stage: 'closed' }).between('6m', '9m');
      s.expectNotice({ event: 'firing', device, fault: 'offline' }).between('6m', '9m');
      s.expectNotice({ event: 'resolved', device, fault: 'offline' }).between('15m', '18m');
    }
    s.expectTicket({ fault: 'offline', devices: 10, title: /market/, stage: 'closed' }).between('6m', '10m');
    s.expectNotice({ event: 'firing', title: /market/ }).between('6m', '10m');
    s.expectNotice({ event: 'resolved', title: /market/ }).between('15m', '18m');
    s.expectTicket({ fault: 'smoke', device: 'alone-3' }).between('8m', '9m');
    s.expectNotice({ event: 'firing', fault: 'smoke' }).between('8m', '9m');
    await s.run('50m');
    const { rows } = await s.street.query(
      `select t.fault, t.fire_count as fired,
         (select count(*)::int from ticket_history h where h.ticket_id = t.id and h.code = 'selfRecovered') as closed
       from ticket t order by fault, t.id`,
    );
    expect(rows).toEqual([
      ...Array.from({ length: 3 }, () => ({ fault: 'offline', fired: 1, closed: 1 })),
      { fault: 'smoke', fired: 1, closed: 0 },
    ]);
  });
});

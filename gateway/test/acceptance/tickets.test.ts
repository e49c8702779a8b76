import { describe, expect, it } from 'vitest';
import { PLAY_WITHIN_MS, useScenarios } from '../support/acceptance/suite.ts';
import { ADMIN } from '../support/quiet.ts';

describe('tickets over days', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios();

  it('closes as 自恢复 after half an hour, opens again within a day, and the third fault of a week is one 隐患', async () => {
    const s = await scenario({ alone: 10, pace: 60_000 });
    const outages = [
      [10, 25],
      [120, 140],
      [240, 260],
    ] as const;
    for (const [index, [from, to]] of outages.entries()) {
      s.at(`${from}m`).silence('alone-1');
      s.at(`${to}m`).speaks('alone-1');
      s.expectNotice({ event: 'firing', fault: 'offline', device: 'alone-1' }).between(`${from}m`, `${from + 6}m`);
      s.expectNotice({ event: 'resolved', fault: 'offline', device: 'alone-1' }).between(`${to}m`, `${to + 4}m`);
      s.at(`${to + 28}m`).do(async () => expect(await stages()).toEqual(['verifying']));
      s.at(`${to + 34}m`).do(async () => expect(await stages()).toEqual(['closed']));
      s.at(`${to + 34}m`).do(async () => {
        const [ticket] = (await s.tickets()).filter(({ fault }) => fault === 'offline');
        const count = (code: string) => ticket?.log.filter((one) => one === code).length;
        expect([count('selfRecovered'), count('reopened')]).toEqual([index + 1, index]);
      });
    }
    const stages = async () => (await s.tickets()).filter(({ fault }) => fault === 'offline').map(({ stage }) => stage);
    s.expectTicket({ fault: 'offline', device: 'alone-1', stage: 'closed' }).between('11m', '16m');
    s.expectTicket({ fault: 'hazard', kind: 'inspection', device: 'alone-1' }).between('250m', '264m');
    s.expectNotice({ event: 'firing', fault: 'hazard', device: 'alone-1' }).between('250m', '264m');
    await s.run('300m');
  });

  it('what nobody sees to goes up level by level, each once, whatever restarts and however many gateways watch', async () => {
    const s = await scenario({
      alone: 5,
      gateways: 2,
      channels: {
        duty: { events: ['firing', 'resolved'] },
        lead: { events: ['escalated'] },
        chief: { events: ['escalated'], level: 3 },
      },
    });
    s.at('10m').event('alone-1', 'smoke');
    s.at('11m').do(async ({ gateway }) => {
      const [smoke] = await s.tickets();
      await gateway.acknowledgements.acknowledge(ADMIN, { ticketId: smoke?.id ?? '' });
    });
    s.at('19m').crash('20s');
    s.at('49m').crash('20s');
    s.at('60m').restart('20s');
    s.expectTicket({ fault: 'smoke', device: 'alone-1' }).between('10m', '11m');
    s.expectNotice({ channel: 'duty', event: 'firing' }).between('10m', '11m');
    s.expectNotice({ channel: 'lead', event: 'escalated' }).between('20m', '22m');
    for (const channel of ['lead', 'chief']) s.expectNotice({ channel, event: 'escalated' }).between('109m', '113m');
    await s.run('150m');
    const { rows } = await s.street.query(`select level, state from ticket_escalation order by level`);
    expect(rows).toEqual([
      { level: 1, state: 'done' },
      { level: 3, state: 'done' },
    ]);
  });
});

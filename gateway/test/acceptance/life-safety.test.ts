import { describe, expect, it } from 'vitest';
import { exampleNotice } from '../../src/notify/testing.ts';
import { numbered } from '../support/acceptance/street.ts';
import { PLAY_WITHIN_MS, useScenarios } from '../support/acceptance/suite.ts';
import { person } from '../support/quiet.ts';

describe('smoke', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios();

  it('while 35 % is silent, judgement frozen and 500 notices queued arrives within 10 s, again and higher until acknowledged', async () => {
    const s = await scenario({
      sites: { a: 15, b: 15 },
      alone: 70,
      channels: {
        duty: { lifeSafety: true, events: ['firing', 'resolved'] },
        leader: { lifeSafety: true, events: ['firing', 'resolved'], level: 2 },
        crowd: { kind: 'wecom' },
      },
    });
    const lost = [...numbered('a', 15), ...numbered('b', 15), ...numbered('alone', 5)];
    const { street } = s;
    const saidToCrowd = () =>
      street.heard.filter(({ channel, text }) => channel === 'crowd' && text.includes('烟雾报警'));
    s.at('10m').breakBroker();
    s.at('10m').silence(...lost);
    s.at('14m').do(async ({ gateway, event }) => {
      expect(gateway.monitor.status()).toMatchObject({ reason: 'FROZEN' });
      const queued = Array.from({ length: 500 }, (_, n) =>
        exampleNotice({ key: `tk_${n}:1`, subject: `tk_${n}`, ticketId: null, assigneeId: null }),
      );
      await gateway.inTransaction((tx) => gateway.outbox.add(tx, queued));
      expect(await street.outboxCount('pending')).toBeGreaterThan(400);
      event('alone-50', 'smoke');
      // By the timers of the gateway alone, and by the real clock.
      await expect.poll(() => street.heard.some(({ channel }) => channel === 'duty'), { timeout: 10_000 }).toBe(true);
      await expect.poll(() => saidToCrowd().length, { timeout: 10_000 }).toBe(1);
    });
    s.at('18m').mendBroker();
    s.at('18m').speaks(...lost);
    s.at('26m').do(async ({ gateway, clock }) => {
      const [ticket] = await s.tickets();
      await gateway.acknowledgements.acknowledge(person('dispatcher'), { ticketId: ticket?.id ?? '' });
      expect(clock.now()).toBeGreaterThan(0);
    });
    s.expectTicket({ fault: 'smoke', device: 'alone-50', lifeSafety: true, kind: 'event' }).between('14m', '14m');
    s.expectNotice({ channel: 'duty', event: 'firing', title: /生命安全/ }).between('14m', '14m');
    s.expectNotice({ channel: 'duty', event: 'firing', title: /第 2 次提醒/ }).between('19m', '20m');
    s.expectNotice({ channel: 'duty', event: 'firing', title: /第 3 次提醒/ }).between('24m', '25m');
    s.expectNotice({ channel: 'leader', event: 'firing', title: /升级提醒/ }).between('19m', '20m');
    s.expectNotice({ channel: 'leader', event: 'firing', title: /第 2 次提醒/ }).between('24m', '25m');
    await s.run('45m');
  });

  it('in a drill is told, told again, raised and acknowledged as in earnest, and marked all the way', async () => {
    const s = await scenario({
      alone: 20,
      channels: {
        duty: { lifeSafety: true, events: ['firing', 'resolved'] },
        leader: { lifeSafety: true, events: ['firing', 'resolved'], level: 2 },
      },
    });
    const admin = person('admin');
    s.at('5m').do(async ({ gateway, clock }) => {
      const scope = { devices: ['alone-1'] };
      const input = { name: '消防演练', reason: '季度演练', scope, endsAt: clock.now() + 60 * 60_000 };
      const { id } = await gateway.quiet.create(admin, 'drill', input);
      await gateway.quiet.drills.inject(admin, id, [{ deviceId: 'alone-1', fault: 'smoke' }]);
    });
    s.at('12m').do(async ({ gateway }) => {
      const [ticket] = await s.tickets();
      await gateway.acknowledgements.acknowledge(person('dispatcher'), { ticketId: ticket?.id ?? '' });
    });
    const drill = /演练/;
    s.expectTicket({ fault: 'smoke', device: 'alone-1', lifeSafety: true }).between('5m', '5m');
    s.expectNotice({ channel: 'duty', event: 'firing', title: drill }).between('5m', '6m');
    s.expectNotice({ channel: 'duty', event: 'firing', title: /演练.*第 2 次提醒|第 2 次提醒.*演练/ }).between(
      '10m',
      '11m',
    );
    s.expectNotice({ channel: 'leader', event: 'firing', title: /演练.*升级提醒|升级提醒.*演练/ }).between(
      '10m',
      '11m',
    );
    await s.run('30m');
  });
});

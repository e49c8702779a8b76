import { describe, it } from 'vitest';
import type { Street } from '../support/acceptance/street.ts';
import { numbered } from '../support/acceptance/street.ts';
import { PLAY_WITHIN_MS, useScenarios } from '../support/acceptance/suite.ts';
import { person } from '../support/quiet.ts';

const MINUTE = 60_000;
const ADMIN = person('admin');
const begin =
  (kind: 'maintenance' | 'silence', scope: object, minutes: number, reason = '换电池') =>
  ({ clock, gateway }: Street) => {
    const endsAt = clock.now() + minutes * MINUTE;
    const from = kind === 'maintenance' ? { startsAt: clock.now() } : {};
    return gateway.quiet.create(ADMIN, kind, { reason, scope, endsAt, ...from });
  };

describe('quiet times', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios();

  it('the end of a window tells nothing of 100 devices that were down before, and one thing of what went down inside', async () => {
    const s = await scenario({ sites: { depot: 100, yard: 10 }, alone: 270 });
    s.at('5m').silence(...numbered('depot', 100));
    s.expectTicket({ fault: 'offline', devices: 100, title: /depot/ }).between('6m', '9m');
    s.expectNotice({ event: 'firing', title: /depot/ }).between('6m', '9m');
    s.at('12m').do(begin('maintenance', { sites: ['depot', 'yard'] }, 30));
    s.at('20m').silence(...numbered('yard', 10));
    s.at('30m').speaks(...numbered('yard', 4));
    // The window ends at 42 min, its grace 30 min later.
    s.expectTicket({ fault: 'offline', devices: 6 }).between('72m', '74m');
    s.expectNotice({ event: 'firing', fault: 'offline' }).between('72m', '74m');
    await s.run('90m');
  });

  it('a window whose devices were all down before ends without a word', async () => {
    const s = await scenario({ sites: { depot: 100 }, alone: 250 });
    s.at('5m').silence(...numbered('depot', 100));
    s.expectTicket({ fault: 'offline', devices: 100 }).between('6m', '9m');
    s.expectNotice({ event: 'firing' }).between('6m', '9m');
    s.at('12m').do(begin('maintenance', { sites: ['depot'] }, 20));
    await s.run('75m');
  });

  it('a silence that expires lets what still stands be told, once; what ended meanwhile never is', async () => {
    const s = await scenario({ alone: 20 });
    s.at('5m').do(begin('silence', { devices: ['alone-1', 'alone-2'] }, 30, '已知'));
    s.at('10m').silence('alone-1', 'alone-2');
    s.at('20m').speaks('alone-2');
    s.at('45m').speaks('alone-1');
    s.expectStates('alone-2', ['online', '0s', '1m'], ['offline', '11m', '12m'], ['online', '20m', '22m']);
    s.expectTicket({ fault: 'offline', device: 'alone-1' }).between('35m', '37m');
    s.expectNotice({ event: 'firing', fault: 'silenceEnding', device: 'alone-1' }).between('27m', '28m');
    s.expectNotice({ event: 'firing', fault: 'silenceEnded', device: 'alone-1' }).between('35m', '36m');
    s.expectNotice({ event: 'firing', fault: 'offline', device: 'alone-1' }).between('35m', '37m');
    s.expectNotice({ event: 'resolved', device: 'alone-1' }).between('45m', '48m');
    await s.run('55m');
  });

  it('the recovery of what was told before is told inside a window and a silence', async () => {
    const s = await scenario({ alone: 20 });
    s.at('5m').silence('alone-1', 'alone-2');
    s.at('10m').do(begin('maintenance', { devices: ['alone-1'] }, 60));
    s.at('10m').do(begin('silence', { devices: ['alone-2'] }, 60, '已知'));
    s.at('20m').speaks('alone-1', 'alone-2');
    for (const device of ['alone-1', 'alone-2']) {
      s.expectTicket({ fault: 'offline', device, stage: 'verifying' }).between('6m', '9m');
      s.expectNotice({ event: 'firing', fault: 'offline', device }).between('6m', '9m');
      s.expectNotice({ event: 'resolved', fault: 'offline', device }).between('20m', '22m');
    }
    await s.run('30m');
  });

  it('nothing keeps life and limb quiet: not a window, not a silence, not a freeze; what comes late is told as 补报', async () => {
    const s = await scenario({ sites: { a: 15, b: 15 }, alone: 70 });
    s.at('5m').do(begin('maintenance', { devices: ['alone-60'] }, 60));
    s.at('5m').do(begin('silence', { devices: ['alone-61'] }, 60));
    s.at('10m').event('alone-60', 'smoke');
    s.at('10m').event('alone-61', 'leakage');
    s.at('12m').breakBroker();
    s.at('12m').silence(...numbered('a', 15), ...numbered('b', 15), ...numbered('alone', 5));
    s.at('16m').event('alone-62', 'smoke');
    s.at('17m').event('alone-63', 'smoke', { late: true, time: Date.UTC(2026, 10, 22, 20) });
    s.at('18m').mendBroker();
    s.at('18m').speaks(...numbered('a', 15), ...numbered('b', 15), ...numbered('alone', 5));
    for (const [device, fault, from, to] of [
      ['alone-60', 'smoke', '10m', '640s'],
      ['alone-61', 'leakage', '10m', '640s'],
      ['alone-62', 'smoke', '16m', '1000s'],
      ['alone-63', 'smoke', '17m', '1060s'],
    ] as const) {
      const late = device === 'alone-63';
      s.expectTicket({ fault, device, lifeSafety: true }).between(from, to);
      s.expectNotice({ event: 'firing', fault, device, late, title: late ? /补报/ : /生命安全/ }).between(from, to);
    }
    for (const at of ['15m', '15m']) s.expectNotice({ event: 'firing', lifeSafety: true }).between(at, '16m');
    await s.run('19m');
  });
});

import { describe, it } from 'vitest';
import { PLAY_WITHIN_MS, useScenarios } from '../support/acceptance/suite.ts';

/** What a device does: from when to when (minutes or seconds) it says nothing; what it must become. */
const MATRIX = [
  { what: 'one word missed', quiet: [['10m', '630s']], states: [], told: [] },
  { what: 'two words missed', quiet: [['10m', '660s']], states: [], told: [] },
  {
    what: 'three words missed, back before anybody is told',
    quiet: [['10m', '12m']],
    states: [
      ['offline', '11m', '720s'],
      ['online', '12m', '13m'],
    ],
    told: [],
  },
  {
    what: 'silent for ten minutes',
    quiet: [['10m', '20m']],
    states: [
      ['offline', '11m', '12m'],
      ['online', '20m', '21m'],
    ],
    told: [
      ['firing', '12m', '14m'],
      ['resolved', '20m', '22m'],
    ],
  },
  {
    what: 'three attempts to fall silent, the third one is meant',
    quiet: [
      ['10m', '630s'],
      ['12m', '780s'],
      ['15m', '25m'],
    ],
    states: [
      ['offline', '16m', '17m'],
      ['online', '25m', '26m'],
    ],
    told: [
      ['firing', '17m', '19m'],
      ['resolved', '25m', '27m'],
    ],
  },
] as const;

describe('a device and its states', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios('pglite');

  it('is what its silences make it, at their times, and is told of once', async () => {
    const s = await scenario({ alone: 40, pace: 10_000 });
    for (const [index, { quiet, states, told }] of MATRIX.entries()) {
      const device = `alone-${index + 1}`;
      for (const [from, to] of quiet) {
        s.at(from).silence(device);
        s.at(to).speaks(device);
      }
      s.expectStates(device, ['online', '0s', '1m'], ...states);
      for (const [event, from, to] of told) {
        s.expectNotice({ event, device, fault: 'offline' }).between(from, to);
        if (event === 'firing') s.expectTicket({ fault: 'offline', device, stage: 'verifying' }).between(from, to);
      }
    }
    await s.run('30m');
  });

  it('is stale when it speaks and its data stand still, which is not offline, and offline when it falls silent then', async () => {
    const s = await scenario({ alone: 10 });
    s.at('10m').do((street) => street.values('alone-1', { csq: 20 }));
    s.at('10m').do((street) => street.values('alone-2', { csq: 20 }));
    s.at('30m').silence('alone-2');
    s.at('40m').do((street) => street.values('alone-1', { totalPower: 1, gridVoltage: 230, cabinetTemp: 20 }));
    s.expectStates('alone-1', ['online', '0s', '1m'], ['stale', '19m', '22m'], ['online', '40m', '42m']);
    s.expectStates('alone-2', ['online', '0s', '1m'], ['stale', '19m', '22m'], ['offline', '31m', '33m']);
    s.expectTicket({ fault: 'stale', device: 'alone-1' }).between('19m', '23m');
    s.expectTicket({ fault: 'stale', device: 'alone-2' }).between('19m', '23m');
    s.expectTicket({ fault: 'offline', device: 'alone-2' }).between('32m', '35m');
    s.expectNotice({ event: 'firing', fault: 'stale' }).between('19m', '23m').times(2);
    s.expectNotice({ event: 'resolved', fault: 'stale', device: 'alone-1' }).between('40m', '43m');
    s.expectNotice({ event: 'firing', fault: 'offline' }).between('32m', '35m');
    await s.run('45m');
  });
});

describe('a device that flaps', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios();
  /** Silent for two minutes and heard for two, in which nobody is told yet. */
  const flap = (s: Awaited<ReturnType<typeof scenario>>, device: string, fromMin: number, toMin: number) => {
    for (let at = fromMin; at < toMin; at += 4) {
      s.at(`${at}m`).silence(device);
      s.at(`${at + 2}m`).speaks(device);
    }
  };

  it('is told dead once that lasts longer than three deadlines and twice as long as of late', async () => {
    const s = await scenario({ alone: 40 });
    // Well before and after: nothing. Well before and dead after: one ticket, long before the score has faded.
    flap(s, 'alone-1', 10, 50);
    flap(s, 'alone-2', 10, 50);
    s.at('50m').silence('alone-2');
    s.expectTicket({ fault: 'offline', device: 'alone-2' }).between('55m', '59m');
    s.expectNotice({ event: 'firing', fault: 'offline', device: 'alone-2' }).between('55m', '59m');
    // Dead before: no recovery is swallowed, and no fall in between is told; what stands at the end is.
    s.at('5m').silence('alone-3', 'alone-4');
    flap(s, 'alone-3', 12, 50);
    flap(s, 'alone-4', 12, 50);
    s.at('52m').silence('alone-4');
    for (const device of ['alone-3', 'alone-4']) {
      s.expectTicket({ fault: 'offline', device }).between('6m', '9m');
      s.expectNotice({ event: 'firing', fault: 'offline', device }).between('6m', '9m');
      s.expectNotice({ event: 'resolved', fault: 'offline', device }).between('14m', '16m');
    }
    s.expectNotice({ event: 'firing', fault: 'offline', device: 'alone-4' }).between('60m', '65m');
    await s.run('100m');
  });

  it('that never ends is a ticket of its own after a day: 设备不稳定', async () => {
    const s = await scenario({ alone: 10 });
    flap(s, 'alone-1', 10, 50);
    s.at('50m').pace('3m');
    for (let at = 50; at < 26 * 60; at += 12) {
      s.at(`${at}m`).silence('alone-1');
      s.at(`${at + 6}m`).speaks('alone-1');
    }
    s.expectTicket({ fault: 'flapping', device: 'alone-1' }).between('24h', '1460m');
    s.expectNotice({ event: 'firing', fault: 'flapping', device: 'alone-1' }).between('24h', '1460m');
    await s.run('26h');
  });
});

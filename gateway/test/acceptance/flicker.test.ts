import { describe, it } from 'vitest';
import type { CameraFault } from '../../src/domain/camera-faults.ts';
import type { MessageEvidence } from '../../src/domain/evidence.ts';
import type { Street } from '../support/acceptance/street.ts';
import { PLAY_WITHIN_MS, useScenarios } from '../support/acceptance/suite.ts';

const WELL = { totalPower: 40, gridVoltage: 230, cabinetTemp: 20 };
const WITHOUT_VOLTAGE = { totalPower: 40, cabinetTemp: 20 };

const says = (device: string, values: MessageEvidence['values']) => (street: Street) => street.values(device, values);
const picture = (device: string, code: CameraFault, active: boolean) => (street: Street) =>
  street.gateway.monitor.condition({
    device: street.key(device),
    path: 'mqtt',
    at: street.clock.now(),
    code,
    active,
    evidence: { brightness: active ? 3 : 120 },
  });

describe('a fault that comes and goes on a device that is there', { timeout: PLAY_WITHIN_MS }, () => {
  const scenario = useScenarios();
  type S = Awaited<ReturnType<typeof scenario>>;
  /** There for `on` minutes and away for `off`, over and over. */
  const flicker = (
    s: S,
    [from, to]: [number, number],
    [on, off]: [number, number],
    act: (is: boolean) => (s: Street) => void,
  ) => {
    for (let at = from; at < to; at += on + off) {
      s.at(`${at}m`).do(act(true));
      s.at(`${at + on}m`).do(act(false));
    }
  };

  it('is told once with its end, whatever it is; smoke is told each time', async () => {
    const s = await scenario({ alone: 40, healthPolicy: { freshWithin: { gridVoltage: 60_000 } } });
    // A sensor that flickers, a value about its threshold, a picture, and smoke.
    flicker(s, [10, 42], [3, 1], (is) => says('alone-1', is ? WITHOUT_VOLTAGE : WELL));
    s.expectTicket({ fault: 'stale', device: 'alone-1' }).between('12m', '14m');
    s.expectNotice({ event: 'firing', fault: 'stale', device: 'alone-1' }).between('12m', '14m');
    s.expectNotice({ event: 'resolved', fault: 'stale', device: 'alone-1' }).between('13m', '15m');

    flicker(s, [10, 42], [4, 2], (is) => says('alone-2', { ...WELL, cabinetTemp: is ? 65 : 50 }));
    s.expectTicket({ fault: 'cabinetWarm', device: 'alone-2' }).between('12m', '14m');
    s.expectNotice({ event: 'firing', fault: 'cabinetWarm', device: 'alone-2' }).between('12m', '14m');
    s.expectNotice({ event: 'resolved', fault: 'cabinetWarm', device: 'alone-2' }).between('14m', '15m');

    flicker(s, [10, 130], [10, 15], (is) => picture('alone-3', 'black', is));
    s.expectTicket({ fault: 'black', device: 'alone-3' }).between('11m', '12m');
    s.expectNotice({ event: 'firing', fault: 'black', device: 'alone-3' }).between('11m', '12m');
    s.expectNotice({ event: 'resolved', fault: 'black', device: 'alone-3' }).between('20m', '21m');

    flicker(s, [10, 34], [2, 4], (is) => says('alone-4', { ...WELL, smoke: is }));
    s.expectTicket({ fault: 'smoke', device: 'alone-4', lifeSafety: true }).between('10m', '11m');
    for (const at of [10, 16, 22, 28]) {
      s.expectNotice({ event: 'firing', fault: 'smoke', device: 'alone-4' }).between(`${at}m`, `${at + 1}m`);
      s.expectNotice({ event: 'resolved', fault: 'smoke', device: 'alone-4' }).between(`${at + 2}m`, `${at + 3}m`);
    }

    // What comes and goes and then stays is told: late, but not after its score has faded.
    flicker(s, [10, 42], [3, 1], (is) => says('alone-5', is ? WITHOUT_VOLTAGE : WELL));
    s.at('42m').do(says('alone-5', WITHOUT_VOLTAGE));
    s.expectTicket({ fault: 'stale', device: 'alone-5' }).between('12m', '14m');
    s.expectNotice({ event: 'firing', fault: 'stale', device: 'alone-5' }).between('12m', '14m');
    s.expectNotice({ event: 'resolved', fault: 'stale', device: 'alone-5' }).between('13m', '15m');
    s.expectNotice({ event: 'firing', fault: 'stale', device: 'alone-5' }).between('47m', '51m');

    // Another fault of a device that flickers is its own.
    s.at('43m').do(says('alone-1', { ...WELL, gridVoltage: 190 }));
    s.expectTicket({ fault: 'underVoltage', device: 'alone-1' }).between('44m', '47m');
    s.expectNotice({ event: 'firing', fault: 'underVoltage', device: 'alone-1' }).between('44m', '47m');
    await s.run('140m');
  });
});

import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { CAMERA, CHARGER, rule } from '../../test/support/monitor.ts';
import { useMonitors } from '../../test/support/monitor-suite.ts';
import type { AlarmRule } from '../domain/device-type/types.ts';
import type { DeviceEvent } from '../domain/reading.ts';
import { sql } from '../store/database.ts';
import type { MonitoredType } from './ports.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe.each(ENGINES.slice(-1))('kinds of alarm rules on %s', (engine) => {
  const { db, rigFor, rigOf, told } = useMonitors(engine);

  const typeWith = (alarms: readonly AlarmRule[], more: Partial<MonitoredType> = {}): MonitoredType => ({
    ...CHARGER,
    alarms,
    ...more,
  });
  const withRules = async (...alarms: AlarmRule[]) => {
    const made = await rigFor(1, { groupHoldMs: 0 });
    made.rig.types.set(CHARGER.id, typeWith(alarms));
    return made;
  };
  const event = (device: number, code: string, at: number): DeviceEvent => ({
    device,
    code,
    time: at,
    receivedAt: at,
    severity: 'info',
    lifeSafety: false,
  });

  it('holds: exactly at the threshold nothing, over it only after the hold, broken off it begins anew', async () => {
    const { rig, one } = await withRules(rule('hot', 'temp > 60', { forMs: MINUTE, clearWhen: 'temp < 50' }));
    const say = async (temp: number, seconds: number) => {
      rig.say(one.key, { temp });
      await rig.pass(seconds * 1_000);
    };
    await say(60, 70);
    await say(61, 30);
    await say(60, 10);
    await say(61, 55);
    expect(told(rig)).toEqual([]);
    await say(61, 5);
    expect(told(rig)).toEqual(['hot opened']);
    // Between the two values it goes on.
    await say(55, 30);
    await say(50, 30);
    expect(told(rig)).toEqual(['hot opened']);
    await say(49.9, 5);
    expect(told(rig)).toEqual(['hot opened', 'hot resolved']);
  });

  it('a rate of change is seen after half its window, and anew after a restart', async () => {
    const { rig, one } = await withRules(rule('rising', 'rate(level, 10m) >= 2'));
    let level = 0;
    const rise = async (perMinute: number, minutes: number) => {
      for (let i = 0; i < minutes; i++) {
        level += perMinute;
        rig.say(one.key, { level });
        await rig.pass(MINUTE, { step: 30_000 });
      }
    };
    await rise(2, 5);
    expect(told(rig)).toEqual([]);
    await rise(2, 1);
    expect(told(rig)).toEqual(['rising opened']);
    await rig.crash(1_000);
    rig.types.set(CHARGER.id, typeWith([rule('rising', 'rate(level, 10m) >= 2')]));
    await rise(0, 3);
    expect(told(rig)).toEqual(['rising opened']);
    await rise(0, 4);
    expect(told(rig)).toEqual(['rising opened', 'rising resolved']);
  });

  it('a metric that does not come is missed only of a device that speaks', async () => {
    const { rig, one } = await withRules(rule('noLevel', 'absent(level, 1h)'));
    const alive = async (minutes: number, values = {}) => {
      for (let i = 0; i < minutes; i++) {
        rig.say(one.key, values);
        await rig.pass(MINUTE, { step: 60_000 });
      }
    };
    await alive(1, { level: 1 });
    await alive(59);
    expect(told(rig)).toEqual([]);
    await alive(2);
    expect(told(rig)).toEqual(['noLevel opened']);
    await alive(1, { level: 2 });
    expect(told(rig)).toEqual(['noLevel opened', 'noLevel resolved']);
    // Away for three hours: it owes nothing for that time.
    await rig.pass(3 * HOUR, { step: 10 * MINUTE });
    const before = told(rig).filter((text) => text.startsWith('noLevel')).length;
    await alive(50);
    expect(told(rig).filter((text) => text.startsWith('noLevel'))).toHaveLength(before);
    await alive(15);
    expect(told(rig).at(-1)).toBe('noLevel relapsed');
  });

  it('an absence goes on over a restart, late by a twentieth at most and never false', async () => {
    const { rig, one } = await withRules(rule('noLevel', 'absent(level, 1h)'));
    const alive = async (minutes: number, values = {}) => {
      for (let i = 0; i < minutes; i++) {
        rig.say(one.key, values);
        await rig.pass(MINUTE, { step: 60_000 });
      }
    };
    await alive(1, { level: 1 });
    await alive(30);
    await rig.crash(2_000);
    await alive(27);
    expect(told(rig)).toEqual([]);
    await alive(8);
    expect(told(rig)).toEqual(['noLevel opened']);
    const { rows } = await sql(db().autocommit).query('select name from alarm_watch where device = $1', [one.key]);
    expect(rows).toEqual([{ name: 'level' }]);
  });

  it('events are counted within a window that goes on, also over a restart', async () => {
    const { rig, one } = await withRules(rule('slamming', 'count(doorOpen, 10m) >= 3'));
    const door = async (seconds: number) => {
      rig.say(one.key, {}, { events: [event(one.key, 'doorOpen', rig.clock.now())] });
      await rig.pass(seconds * 1_000);
    };
    const slams = () => told(rig).filter((text) => text.startsWith('slamming'));
    await door(30);
    await door(30);
    await rig.crash(1_000);
    expect(slams()).toEqual([]);
    await door(5);
    expect(slams()).toEqual(['slamming opened']);
    for (let i = 0; i < 22; i++) {
      rig.say(one.key);
      await rig.pass(30_000, { step: 30_000 });
    }
    expect(slams()).toEqual(['slamming opened', 'slamming resolved']);
  });

  it('an alarm whose rule is switched off ends', async () => {
    const { rig, one } = await withRules(rule('hot', 'temp > 60'));
    rig.say(one.key, { temp: 70 });
    await rig.pass(1_000);
    rig.types.set(CHARGER.id, typeWith([]));
    rig.monitor.rulesChanged();
    await rig.pass(1_000);
    expect(told(rig)).toEqual(['hot opened', 'hot resolved']);
  });

  it('the event of a rule that is off is not told, a milder one not as more, a held one not when it is taken back', async () => {
    const { rig, one } = await rigFor(1, { groupHoldMs: 0 });
    const doorOpen = { code: 'doorOpen', title: { zh: '门', en: 'door' }, lifeSafety: false, advice: null } as const;
    const put = (more: object) =>
      rig.types.set(
        CHARGER.id,
        typeWith([], { events: new Map([['doorOpen', { ...doorOpen, severity: 'major', ...more }]]) }),
      );
    const door = async (code: string, seconds: number) => {
      rig.say(one.key, {}, { events: [{ ...event(one.key, code, rig.clock.now()), severity: 'major' }] });
      await rig.pass(seconds * 1_000);
    };
    put({ enabled: false });
    await door('doorOpen', 5);
    expect(told(rig)).toEqual([]);
    put({ holdMs: MINUTE });
    await door('doorOpen', 30);
    await door('doorOpenCleared', 60);
    expect(told(rig)).toEqual([]);
    put({ severity: 'minor' });
    await door('doorOpen', 5);
    expect(rig.decisions.map(({ fault, severity }) => [fault, severity])).toEqual([['doorOpen', 'minor']]);
  });

  it('a silent sensor beside a living camera is one incident of both, and an outage of both is none of it', async () => {
    const { devices } = await rigFor(2);
    const [sensor, camera] = devices.map((brief) => ({ ...brief, siteId: 'room-1' }));
    if (!sensor || !camera) throw new Error('no devices');
    const rig = await rigOf([sensor, { ...camera, type: CAMERA.id }], MINUTE);
    const pair = {
      code: 'sensorFault',
      own: { state: 'offline' },
      other: { deviceType: CAMERA.id, state: 'online' },
      forMs: 0,
    } as const;
    const fault = rule('sensorFault', 'never == 1');
    rig.types.set(CHARGER.id, typeWith([fault], { pairs: [pair] }));
    rig.types.set(CAMERA.id, { ...CAMERA, pairedEvents: new Set() });
    const both = async (seconds: number, keys: readonly number[]) => {
      for (let i = 0; i < seconds / 20; i++) {
        for (const key of keys) rig.say(key);
        await rig.pass(20_000, { step: 20_000 });
      }
    };
    await both(40, [sensor.key, camera.key]);
    await both(260, [camera.key]);
    expect(told(rig)).toEqual(['sensorFault opened']);
    expect(rig.decisions[0]?.devices).toEqual([sensor.key, camera.key]);
    expect(rig.decisions[0]?.evidence[0]).toMatchObject({ devices: [sensor.id, camera.id] });
    // The camera goes too: it was the power after all.
    await both(400, []);
    expect(told(rig)).toContain('sensorFault resolved');
    expect(rig.decisions.filter((made) => made.fault === 'offline').flatMap((made) => made.devices)).toContain(
      sensor.key,
    );
    await both(60, [sensor.key, camera.key]);
    expect(told(rig).at(-1)).toMatch(/resolved/);
  });
});

import { describe, expect, it } from 'vitest';
import { createManualClock } from '../clock.ts';
import { CAMERA_EVENTS, eventTitle } from '../domain/camera-events.ts';
import type { ConditionEvidence } from '../domain/evidence.ts';
import type { DeviceEvent } from '../domain/reading.ts';
import { createLogger } from '../log.ts';
import { createEventIntake, type NoticedEvent } from './event-intake.ts';

const HOUR_MS = 3_600_000;

function rig(save?: (events: readonly DeviceEvent[]) => Promise<void>) {
  const clock = createManualClock();
  const kept: DeviceEvent[] = [];
  const looks: number[] = [];
  const conditions: ConditionEvidence[] = [];
  const counts: Record<string, number> = {};
  const intake = createEventIntake({
    clock,
    log: createLogger('silent'),
    save:
      save ??
      (async (events) => {
        kept.push(...events);
      }),
    look: (device) => void looks.push(device),
    condition: (evidence) => void conditions.push(evidence),
    counted(outcome) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    },
  });
  const say = (code: NoticedEvent['code'], state: boolean | null, more: Partial<NoticedEvent> = {}) =>
    intake.take(7, [{ code, state, operation: 'changed', source: 'source_1', at: null, ...more }]);
  /** Codes kept so far. */
  const codes = async () => {
    await intake.stop();
    return kept.map(({ code }) => code);
  };
  return { clock, intake, say, codes, kept, looks, conditions, counts };
}

describe('what a camera notices', () => {
  it('is kept when it begins and ends, and no more often when it is repeated', async () => {
    const { say, codes, looks, counts } = rig();
    for (const state of [true, true, true, false, false, true]) say('tamper', state);
    expect(await codes()).toEqual(['tamper', 'tamperCleared', 'tamper']);
    expect(looks).toEqual([7, 7, 7]);
    expect(counts).toEqual({ kept: 3, nothingNew: 3 });
  });

  it('opens no ticket and asks for no look when it is motion, which is kept once a minute', async () => {
    const { clock, say, codes, looks, conditions, kept } = rig();
    for (let n = 0; n < 10; n += 1) {
      say('motion', n % 2 === 0);
      clock.advance(20_000);
    }
    expect(await codes()).toEqual(['motion', 'motion', 'motion']);
    expect(kept.every(({ severity, lifeSafety }) => severity === 'info' && !lifeSafety)).toBe(true);
    expect([looks, conditions]).toEqual([[], []]);
  });

  it('is no news where it only tells how things stand, except a picture that is wrong', async () => {
    const { say, codes, looks, conditions } = rig();
    const operation = 'initialized';
    say('motion', true, { operation });
    say('digitalInput', true, { operation });
    say('storageFailure', true, { operation });
    say('videoLoss', false, { operation });
    expect([looks, conditions]).toEqual([[], []]);
    say('tamper', true, { operation });
    expect(await codes()).toEqual(['tamper']);
    expect(looks).toEqual([7]);
  });

  it('tells of what happened while nobody listened', async () => {
    const { say, codes } = rig();
    say('videoLoss', true);
    say('videoLoss', false, { operation: 'initialized' });
    expect(await codes()).toEqual(['videoLoss', 'videoLossCleared']);
  });

  it('is a fault when a disk breaks, until all disks are well', async () => {
    const { intake, say, conditions } = rig();
    expect(intake.stands(7, 'storageFailure')).toBeUndefined();
    for (const [source, state] of [
      ['sd', true],
      ['hdd', true],
      ['sd', false],
    ] as const)
      say('storageFailure', state, { source });
    expect(intake.stands(7, 'storageFailure')).toBe(true);
    expect(conditions.map(({ code, active }) => `${code} ${active}`)).toEqual([
      'storageFailure true',
      'storageFailure true',
    ]);
    say('storageFailure', false, { source: 'hdd', operation: 'deleted' });
    expect(intake.stands(7, 'storageFailure')).toBe(false);
    expect(conditions.at(-1)).toMatchObject({ device: 7, active: false });
  });

  it('ends a fault of the run before, when the camera says that all is well', () => {
    const { say, conditions } = rig();
    say('storageFailure', false, { operation: 'initialized' });
    expect(conditions).toMatchObject([{ code: 'storageFailure', active: false }]);
  });

  it('stands at the time of the camera, when that is possible', async () => {
    const { clock, say, codes, kept } = rig();
    const now = clock.now();
    for (const at of [now - 60_000, now - 25 * HOUR_MS, now + HOUR_MS, null]) say('tamper', null, { at });
    await codes();
    expect(kept.map(({ time }) => time - now)).toEqual([-60_000, 0, 0, 0]);
  });

  it('is bounded for a camera that names ever new inputs', () => {
    const { say, counts } = rig();
    for (let n = 0; n < 1_000; n += 1) say('digitalInput', true, { source: `${n}` });
    expect(counts).toEqual({ kept: 64, lost: 936 });
  });

  it('waits for the database and is written once', async () => {
    let down = true;
    const rows: string[] = [];
    const { intake, say } = rig(async (events) => {
      if (down) throw new Error('down');
      rows.push(...events.map(({ code }) => code));
    });
    say('tamper', true);
    await expect(intake.stop()).rejects.toThrow('down');
    say('tamper', false);
    down = false;
    await intake.stop();
    await intake.stop();
    expect(rows).toEqual(['tamper', 'tamperCleared']);
  });
});

describe('what an event is called', () => {
  it('comes from the device type, else from what cameras tell, with its end', () => {
    const own = new Map([['tamper', { title: { zh: '箱门被打开', en: 'Box opened' } }]]);
    expect(eventTitle('tamper', own)?.zh).toBe('箱门被打开');
    expect(eventTitle('tamperCleared', own)?.zh).toBe('箱门被打开（已解除）');
    expect(eventTitle('videoLoss', undefined)).toEqual({ zh: '视频丢失', en: 'Video loss' });
    expect(eventTitle('videoLossCleared', new Map())?.en).toBe('Video loss (over)');
    for (const code of ['constructor', 'Cleared', 'x', 'xCleared']) expect(eventTitle(code, own)).toBeUndefined();
    for (const { title } of Object.values(CAMERA_EVENTS)) expect(title.zh).toMatch(/\p{Script=Han}/u);
  });
});

import { describe, expect, it } from 'vitest';
import type { CameraConnection } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import { SYSTEM } from '../domain/actor.ts';
import type { AuditEntry } from '../domain/audit.ts';
import { shippedRights } from '../domain/role-rights.ts';
import { createLogger } from '../log.ts';
import { createPtz, type PtzClient } from './ptz.ts';

const onvif = { protocol: 'onvif', host: '10.0.0.5' } as const;
const stream = { role: 'main', profile: 'p1', uri: null, codec: 'H264', width: 1, height: 1, fps: 1 } as const;

/** The service over a camera that notes what it is told; nothing else is replaced. */
function setUp({
  connection = onvif as CameraConnection,
  hasPtz = true,
  masked = false,
  fail,
  moveMs = 0,
}: {
  connection?: CameraConnection;
  hasPtz?: boolean;
  masked?: boolean;
  fail?: (what: string, nth: number) => Error | undefined;
  /** How long the camera takes to answer a move. */
  moveMs?: number;
} = {}) {
  const told: string[] = [];
  const entries: AuditEntry[] = [];
  const tell = async (what: string) => {
    told.push(what);
    const error = fail?.(what, told.filter((each) => each === what).length);
    if (error) throw error;
    if (what.startsWith('move')) await soon(moveMs);
  };
  const client = {
    describe: async () => {
      throw new Error('the facts are known');
    },
    move: (_t, profile, { pan, tilt, zoom }, ms) => tell(`move ${profile} ${pan} ${tilt} ${zoom} ${ms}`),
    stop: (_t, profile) => tell(`stop ${profile}`),
    presets: async () => [{ token: '1', name: '大门' }],
    gotoPreset: (_t, _profile, preset) => tell(`preset ${preset}`),
    reboot: () => tell('reboot'),
  } satisfies PtzClient;
  const tx = {} as never;
  const ptz = createPtz({
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: createLogger('error', () => undefined),
    db: { transaction: (work: (tx: never) => unknown) => work(tx), autocommit: tx } as never,
    audit: { append: async (_tx, more) => void entries.push(...more) },
    client,
    device: async (_actor, id) => ({ id, key: 1 }),
    connection: async () => connection,
    masked: async () => masked,
    facts: async () => ({ streams: [stream], ptz: hasPtz }),
  });
  return { ptz, told, entries };
}
const who = (role: Actor['role']): Actor => ({ ...SYSTEM, kind: 'user', id: role, role, rights: shippedRights(role) });
const dispatcher = who('dispatcher');
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const onvifError = (reason: string) => Object.assign(new Error(reason), { name: 'OnvifError', reason });

describe('turning a camera', () => {
  it('ends by itself, also when nobody asks any more', async () => {
    const { ptz, told } = setUp();
    await ptz.act(dispatcher, 'c', { action: 'move', pan: 0.5, seconds: 0.1 });
    expect(told).toEqual(['move p1 0.5 0 0 100']);
    await soon(250);
    expect(told.at(-1)).toBe('stop p1');
  });

  it('is refused where areas are private, since it would uncover them; a stop is not', async () => {
    const { ptz, told } = setUp({ masked: true });
    for (const input of [
      { action: 'move', pan: 1 },
      { action: 'preset', preset: '1' },
    ] as const)
      await expect(ptz.act(dispatcher, 'c', input)).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    await ptz.act(dispatcher, 'c', { action: 'stop' });
    expect(told).toEqual(['stop p1']);
  });

  it('ends when the answer to the move got lost', async () => {
    const { ptz, told } = setUp({ fail: (what) => (what.startsWith('move') ? onvifError('timeout') : undefined) });
    const lost = ptz.act(dispatcher, 'c', { action: 'move', tilt: 1, seconds: 0.1 });
    await expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await soon(250);
    expect(told.at(-1)).toBe('stop p1');
  });

  it('is stopped again when the first stop fails', async () => {
    const { ptz, told } = setUp({
      fail: (what, nth) => (what.startsWith('stop') && nth === 1 ? onvifError('connectionLost') : undefined),
    });
    await ptz.act(dispatcher, 'c', { action: 'move', pan: 1, seconds: 0.1 });
    await soon(250);
    expect(told.slice(1)).toEqual(['stop p1', 'stop p1']);
  });

  it('goes on while the joystick is held: a new move puts the stop off', async () => {
    const { ptz, told, entries } = setUp();
    for (let i = 0; i < 4; i += 1) {
      await ptz.act(dispatcher, 'c', { action: 'move', pan: 1, seconds: 0.3 });
      await soon(100);
    }
    expect(told).not.toContain('stop p1');
    await ptz.act(dispatcher, 'c', { action: 'stop' });
    await soon(400);
    expect(told.filter((each) => each === 'stop p1')).toHaveLength(1);
    expect(entries).toHaveLength(1);
  });

  it('ends when the stop of a person fails: the end that was called off is made up for', async () => {
    const { ptz, told } = setUp({
      fail: (what, nth) => (what.startsWith('stop') && nth === 1 ? onvifError('timeout') : undefined),
    });
    await ptz.act(dispatcher, 'c', { action: 'move', pan: 1, seconds: 10 });
    await expect(ptz.act(dispatcher, 'c', { action: 'stop' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect.poll(() => told.slice(1), { timeout: 8_000 }).toEqual(['stop p1', 'stop p1']);
  });

  it('ends when the preset that was to follow fails', async () => {
    const { ptz, told } = setUp({ fail: (what) => (what.startsWith('preset') ? onvifError('timeout') : undefined) });
    await ptz.act(dispatcher, 'c', { action: 'move', pan: 1, seconds: 10 });
    await expect(ptz.act(dispatcher, 'c', { action: 'preset', preset: '1' })).rejects.toThrow();
    await expect.poll(() => told.at(-1)).toBe('stop p1');
  });

  it('ends after a camera that takes longer for the move than the move was to last', async () => {
    const { ptz, told } = setUp({ moveMs: 300 });
    await ptz.act(dispatcher, 'c', { action: 'move', pan: 1, seconds: 0.1 });
    expect(told.slice(1)).toEqual(['stop p1']);
    await expect.poll(() => told.slice(1)).toEqual(['stop p1', 'stop p1']);
  });

  it('never outlives the gateway', async () => {
    const { ptz, told } = setUp();
    await ptz.act(dispatcher, 'c', { action: 'move', pan: 1, seconds: 10 });
    await ptz.close();
    expect(told.at(-1)).toBe('stop p1');
  });
});

describe('what cannot be', () => {
  it('is said: RTSP, no PTZ, a preset without a name', async () => {
    const plain = setUp({ connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.5/' } });
    await expect(plain.ptz.act(dispatcher, 'c', { action: 'stop' })).rejects.toMatchObject({
      code: 'UNPROCESSABLE',
      message: expect.stringMatching(/ONVIF/),
    });
    const fixed = setUp({ hasPtz: false });
    await expect(fixed.ptz.act(dispatcher, 'c', { action: 'stop' })).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    const { ptz } = setUp();
    await expect(ptz.act(dispatcher, 'c', { action: 'preset' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ path: '/preset' }],
    });
  });

  it('is refused to those without the right', async () => {
    const { ptz, told } = setUp();
    await expect(ptz.act(who('viewer'), 'c', { action: 'stop' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(ptz.reboot(who('maintainer'), 'c', 'x')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(told).toEqual([]);
  });
});

it('a restart is audited with its reason before the camera is told', async () => {
  const { ptz, told, entries } = setUp({ fail: () => onvifError('wrongPassword') });
  await expect(ptz.reboot(dispatcher, 'c', '画面冻结')).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
  expect(told).toEqual(['reboot']);
  expect(entries).toMatchObject([{ action: 'reboot', resource: 'cameras', resourceId: 'c', reason: '画面冻结' }]);
});

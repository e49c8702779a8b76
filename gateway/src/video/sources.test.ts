import { describe, expect, it } from 'vitest';
import type { CameraConnection } from '../../../adapters/adapter.ts';
import type { CameraFacts, StreamFacts } from '../domain/camera.ts';
import { SourceError } from './source.ts';
import { type CameraSourcesDeps, createCameraSources } from './sources.ts';

const signal = new AbortController().signal;
const ONVIF: CameraConnection = { protocol: 'onvif', host: '10.0.0.5', username: 'admin', password: 's3cret' };

function stream(role: 'main' | 'sub', uri: string | null): StreamFacts {
  return { role, uri, codec: role === 'main' ? 'H265' : 'H264', width: 640, height: 360, fps: 25, profile: role };
}

function factsOf(...streams: StreamFacts[]): CameraFacts {
  const unknown = { manufacturer: null, model: null, firmware: null, serial: null, clockOffsetMs: null };
  return { ...unknown, streams, snapshotUri: 'http://10.0.0.5/snap', ptz: false, answeredBy: 'node-onvif', readAt: 1 };
}

/** Sources of one camera, and what was opened of it. */
function harness(
  connection: CameraConnection | null,
  facts: CameraFacts | null,
  over: Partial<CameraSourcesDeps> = {},
) {
  const opened: CameraConnection[] = [];
  let now = 0;
  const sources = createCameraSources({
    targets: {
      find: async (keys) =>
        connection ? keys.map((deviceKey) => ({ deviceKey, deviceId: `cam-${deviceKey}`, connection })) : [],
    },
    camera: async (device) => (device === 7 ? { name: '东门', facts, connected: connection !== null } : undefined),
    describe: async () => null,
    allowed: async (url) => url.hostname.startsWith('10.'),
    openRelay: async (target) => {
      opened.push(target);
      return { url: 'rtsp://127.0.0.1:1/token', close: () => undefined, failure: () => null };
    },
    onvifSnapshot: async () => new Uint8Array([0xff, 0xd8]),
    monotonic: () => now,
    ...over,
  });
  return { sources, opened, wait: (ms: number) => (now += ms) };
}

describe('how a camera is reached', () => {
  it('is its registered URL for plain RTSP, with what it said of the stream', async () => {
    const connection: CameraConnection = { protocol: 'rtsp', url: 'rtsp://10.0.0.5/one', username: 'u', password: 'p' };
    const { sources, opened } = harness(connection, factsOf(stream('main', 'rtsp://10.0.0.9/other')));
    const source = await sources.find(7);
    expect(source).toMatchObject({ deviceId: 'cam-7', name: '东门', streams: [{ role: 'main', codec: 'H265' }] });
    expect(source.snapshot).toBeUndefined();
    await source.streams[0]?.open({ signal });
    expect(opened).toEqual([connection]);
  });

  it('adds a named sub stream with the login of the connection, also one written into its URL', async () => {
    const connection: CameraConnection = { protocol: 'rtsp', url: 'rtsp://u:p%40ss@10.0.0.5/one' };
    const { sources, opened } = harness(connection, factsOf(stream('sub', 'rtsp://x:y@10.0.0.5/two?a=1')));
    const source = await sources.find(7);
    expect(source.streams.map(({ role }) => role)).toEqual(['main', 'sub']);
    await source.streams[1]?.open({ signal });
    expect(opened).toEqual([{ protocol: 'rtsp', url: 'rtsp://10.0.0.5/two?a=1', username: 'u', password: 'p@ss' }]);
  });

  it('is nothing while the camera refuses our login: another try would lock its account', async () => {
    let said: string | undefined = '401 to a login';
    const { sources, opened } = harness(ONVIF, null, { refusedLogin: () => said, describe: async () => factsOf() });
    await expect(sources.find(7)).rejects.toMatchObject({ name: 'SourceError', reason: 'wrongPassword' });
    expect(opened).toEqual([]);
    said = undefined;
    await expect(sources.find(7)).rejects.toMatchObject({ reason: 'noSuchStream' });
  });

  it('is what an ONVIF camera names, main stream first, without addresses that are not allowed', async () => {
    const facts = factsOf(
      stream('sub', 'rtsp://10.0.0.5/sub'),
      stream('main', 'rtsp://10.0.0.5/main'),
      stream('sub', 'rtsp://169.254.169.254/'),
      stream('sub', 'file:///etc/passwd'),
      stream('sub', null),
    );
    const { sources, opened } = harness(ONVIF, facts);
    const source = await sources.find(7);
    expect(source.streams.map(({ role, codec }) => `${role} ${codec}`)).toEqual(['main H265', 'sub H264']);
    await source.streams[0]?.open({ signal });
    expect(opened).toEqual([{ protocol: 'rtsp', url: 'rtsp://10.0.0.5/main', username: 'admin', password: 's3cret' }]);
    expect(await source.snapshot?.({ deadline: 1, signal })).toHaveLength(2);
  });

  it('gets its login by Digest only on another host than the registered one', async () => {
    const login = { username: 'admin', password: 's3cret' };
    const main = stream('main', 'rtsp://10.0.0.9/main');
    const onvif = harness(ONVIF, factsOf(main, stream('sub', 'rtsp://10.0.0.5:8554/sub')));
    const rtsp = harness({ protocol: 'rtsp', url: 'rtsp://10.0.0.5/one', ...login }, factsOf(stream('sub', main.uri)));
    for (const { sources } of [onvif, rtsp]) {
      for (const { open } of (await sources.find(7)).streams) await open({ signal });
    }
    expect(onvif.opened).toEqual([
      { protocol: 'rtsp', url: 'rtsp://10.0.0.9/main', ...login, digestOnly: true },
      { protocol: 'rtsp', url: 'rtsp://10.0.0.5:8554/sub', ...login },
    ]);
    expect(rtsp.opened[1]).toMatchObject({ url: 'rtsp://10.0.0.9/main', digestOnly: true });
  });

  it('asks an unknown ONVIF camera once for all who wait', async () => {
    let asked = 0;
    const describe = async () => {
      asked += 1;
      return factsOf(stream('main', 'rtsp://10.0.0.5/main'));
    };
    const { sources } = harness(ONVIF, null, { describe });
    const found = await Promise.all([sources.find(7), sources.find(7), sources.find(7)]);
    expect(found.every(({ streams }) => streams.length === 1)).toBe(true);
    expect(asked).toBe(1);
  });

  it('does not knock again at once where the login was refused', async () => {
    let asked = 0;
    const describe = async () => {
      asked += 1;
      throw Object.assign(new Error('401'), { reason: 'wrongPassword' });
    };
    const { sources, wait } = harness(ONVIF, null, { describe });
    for (let n = 0; n < 3; n += 1) {
      await expect(sources.find(7)).rejects.toMatchObject({ name: 'SourceError', reason: 'wrongPassword' });
    }
    expect(asked).toBe(1);
    wait(31_000);
    await expect(sources.find(7)).rejects.toBeInstanceOf(SourceError);
    expect(asked).toBe(2);
  });
});

describe('a camera that cannot be reached', () => {
  it.each([
    ['is unknown', 8, ONVIF, null, 'NOT_FOUND'],
    ['has no connection', 7, null, null, 'UNPROCESSABLE'],
  ] as const)('%s', async (_name, device, connection, facts, code) => {
    await expect(harness(connection, facts).sources.find(device)).rejects.toMatchObject({ code });
  });

  it('may not be connected in its lifecycle', async () => {
    const { sources } = harness(ONVIF, null, { targets: { find: async () => [] } });
    await expect(sources.find(7)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('names no stream, or only forbidden ones', async () => {
    const none = harness(ONVIF, factsOf());
    await expect(none.sources.find(7)).rejects.toMatchObject({ reason: 'noSuchStream' });
    const foreign = harness(ONVIF, factsOf(stream('main', 'rtsp://127.0.0.1/x')));
    await expect(foreign.sources.find(7)).rejects.toMatchObject({ reason: 'targetNotAllowed' });
  });

  it('has a snapshot or a stream that is refused, with the reason; trouble of our own keeps its name', async () => {
    const refuse = async (): Promise<never> => {
      throw Object.assign(new Error('gone'), { reason: 'noSuchStream' });
    };
    const facts = factsOf(stream('main', 'rtsp://10.0.0.5/main'));
    const source = await harness(ONVIF, facts, { onvifSnapshot: refuse, openRelay: refuse }).sources.find(7);
    await expect(source.snapshot?.({ deadline: 1, signal })).rejects.toMatchObject({ reason: 'noSuchStream' });
    await expect(source.streams[0]?.open({ signal })).rejects.toBeInstanceOf(SourceError);
    const full = async (): Promise<never> => {
      throw Object.assign(new Error('no socket'), { code: 'LOCAL_SHORTAGE' });
    };
    const starved = await harness(ONVIF, facts, { openRelay: full }).sources.find(7);
    await expect(starved.streams[0]?.open({ signal })).rejects.not.toBeInstanceOf(SourceError);
  });
});

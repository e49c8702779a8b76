import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GstRtspServer, startGstRtspServer } from '../../../test/support/gst-rtsp-server.ts';
import { startHostileCamera } from '../../../test/support/hostile-cameras.ts';
import { until } from '../../../test/support/until.ts';
import { createSystemClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import { isWholeJpeg } from '../pictures/jpeg.ts';
import { type CameraStream, SourceError } from '../source.ts';
import { ProcessFailure, type Supervisor } from '../supervisor/interface.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { grabKeyFrame } from './key-frame.ts';
import { probeStream } from './probe-stream.ts';
import { type Misconduct, startPeer } from './testing-peers.ts';

let dir: string;
let supervisor: Supervisor;
let server: GstRtspServer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cgw-ffmpeg-'));
  supervisor = createSupervisor({ log: createLogger('silent'), clock: createSystemClock(), dir });
  await supervisor.start();
  server = await startGstRtspServer();
});
afterAll(async () => {
  await supervisor.stop();
  await server.kill();
  await rm(dir, { recursive: true, force: true });
});

interface Watched extends CameraStream {
  readonly opened: () => number;
  readonly closed: () => number;
}
const streamAt = (url: string, failure: SourceError['reason'] | null = null): Watched => {
  let opened = 0;
  let closed = 0;
  return {
    role: 'main',
    codec: null,
    width: null,
    height: null,
    opened: () => opened,
    closed: () => closed,
    async open() {
      opened += 1;
      return { url, close: () => void closed++, failure: () => failure };
    },
  };
};
const never = new AbortController().signal;
const grab = (stream: CameraStream, more: Partial<Parameters<typeof grabKeyFrame>[0]> = {}) =>
  grabKeyFrame({ supervisor, stream, kind: 'check', deadlineMs: 20_000, signal: never, ...more });
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a key frame and a probe of live H.264 and H.265 streams', async () => {
  const [h264, h265, first, second] = await Promise.all([
    grab(streamAt(server.url('/cam')), { width: 160 }),
    grab(streamAt(server.url('/hevc'))),
    ...['/cam', '/hevc'].map((path) =>
      probeStream({ supervisor, stream: streamAt(server.url(path)), kind: 'check', deadlineMs: 20_000, signal: never }),
    ),
  ]);
  expect(isWholeJpeg(h264?.jpeg ?? new Uint8Array())).toBe(true);
  expect(isWholeJpeg(h265?.jpeg ?? new Uint8Array())).toBe(true);
  expect(h264.jpeg.length).toBeLessThan(h265.jpeg.length);
  expect(first).toMatchObject({ codec: 'H264', width: 320, height: 240, fps: 10, audio: null });
  expect(second).toMatchObject({ codec: 'H265', width: 320, height: 240 });
});

/** Each of them for as long as it likes: only its own place is used, and only until its deadline. */
const UNTIL_DEADLINE = ['silent', 'trickle', 'endlessHeader', 'hugeBody', 'noise', 'playsNothing', 'playsRubbish'];
test('cameras that never end what they say cost their own place until the deadline', { timeout: 60_000 }, async () => {
  const peers = await Promise.all(UNTIL_DEADLINE.map((each) => startPeer(each as Misconduct)));
  const streams = peers.map(({ url }) => streamAt(url));
  const ends = streams.map((stream) => errorOf(grab(stream, { deadlineMs: 2_000, kind: 'live' })));
  await until('all are at it', () => supervisor.stats().running.live === UNTIL_DEADLINE.length, { everyMs: 10 });
  let most = 0;
  const memory = setInterval(() => {
    most = Math.max(most, ...supervisor.stats().pids.map(residentBytes));
  }, 50);
  const good = await grab(streamAt(server.url('/cam')));
  expect(isWholeJpeg(good.jpeg)).toBe(true);
  for (const [index, error] of (await Promise.all(ends)).entries()) {
    const [reason, what] = [(error as SourceError).reason, UNTIL_DEADLINE[index]];
    expect(error, what).toBeInstanceOf(SourceError);
    expect(['timeout', 'connectionLost'], what).toContain(reason);
    expect((error as SourceError).message, what).not.toContain('token');
  }
  clearInterval(memory);
  // Without a bound the one with the huge body takes a few hundred megabytes by then.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(200_000_000);
  for (const stream of streams) expect([stream.opened(), stream.closed()]).toEqual([1, 1]);
  expect(supervisor.stats().running.live).toBe(0);
  await until('no connection is left', () => peers.every((peer) => peer.connections() === 0), { everyMs: 10 });
  await Promise.all(peers.map((peer) => peer.stop()));
});

test.each([
  ['silent', 'timeout'],
  ['playsNothing', 'timeout'],
  ['refuses', 'wrongPassword'],
  ['hasNoSuchStream', 'noSuchStream'],
  ['hangsUp', 'connectionLost'],
] as const)('a camera that is %s is told as %s', async (misconduct, reason) => {
  const peer = await startPeer(misconduct);
  const error = await errorOf(grab(streamAt(peer.url), { deadlineMs: 800 }));
  expect(error).toMatchObject({ name: 'SourceError', reason });
  if (reason === 'timeout') expect((error as SourceError).message).toBe('no frame in 800 ms');
  await peer.stop();
});

test('noise behind a right header is no picture, though the decoder makes one of it', async () => {
  const camera = await startHostileCamera('noise');
  const errors = await Promise.all(
    [1, 2].map(() => errorOf(grab(streamAt(camera.url), { deadlineMs: 4_000, width: 64 }))),
  );
  for (const error of errors) {
    expect(error).toBeInstanceOf(SourceError);
    expect((error as SourceError).message).toMatch(/^no (whole )?frame/);
  }
  await camera.stop();
});

test('what the camera answered the relay counts before what ffmpeg says', async () => {
  const peer = await startPeer('hangsUp');
  expect(await errorOf(grab(streamAt(peer.url, 'sessionLimit')))).toMatchObject({ reason: 'sessionLimit' });
  await peer.stop();
});

test('nothing is opened for who gets no place, and a refused way is told as it is', async () => {
  const holders = await Promise.all(
    [1, 2].map(() =>
      supervisor.spawn({ kind: 'clip', program: 'ffmpeg', args: endless, deadlineMs: null, label: 'x' }),
    ),
  );
  const stream = streamAt(server.url('/cam'));
  const busy = await errorOf(grab(stream, { kind: 'clip', whenFull: 'refuse' }));
  expect(busy).toBeInstanceOf(ProcessFailure);
  expect([busy, stream.opened()]).toMatchObject([{ kind: 'busy' }, 0]);
  await Promise.all(holders.map((each) => each.stop()));
  const away = { ...stream, open: () => Promise.reject(new SourceError('hostUnreachable', 'no route')) };
  expect(await errorOf(grab(away))).toMatchObject({ reason: 'hostUnreachable' });
});

test('a way that opens after the asker has gone is closed again', async () => {
  const giveUp = new AbortController();
  let open: (() => void) | undefined;
  const slow = streamAt('rtsp://127.0.0.1:9/x');
  const stream: CameraStream = {
    ...slow,
    open: async (options) => {
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      return slow.open(options);
    },
  };
  const work = errorOf(grab(stream, { signal: giveUp.signal }));
  await until('it is being opened', () => open !== undefined, { everyMs: 5 });
  giveUp.abort();
  expect(await work).toMatchObject({ kind: 'aborted' });
  open?.();
  await until('it is closed', () => slow.closed() === 1, { everyMs: 5 });
});

const endless = ['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'color=s=64x64:r=2', '-f', 'null', '-'];

function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4_096;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return 0;
  }
}

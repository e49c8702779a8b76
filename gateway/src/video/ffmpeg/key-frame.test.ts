import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GstRtspServer, startGstRtspServer } from '../../../test/support/gst-rtsp-server.ts';
import { createSystemClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import type { CameraStream } from '../source.ts';
import type { Supervisor } from '../supervisor/interface.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { isWholeJpeg } from './jpeg.ts';
import { grabKeyFrame } from './key-frame.ts';
import { probeStream } from './probe-stream.ts';

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

const streamAt = (url: string): CameraStream => ({
  role: 'main',
  codec: null,
  width: null,
  height: null,
  open: async () => ({ url, close: () => undefined, failure: () => null }),
});
const never = new AbortController().signal;

test.each(['h264', 'h265'])('a key frame and a probe of a live %s stream', async (codec) => {
  const stream = streamAt(server.url(`/${codec === 'h264' ? 'cam' : 'hevc'}`));
  const options = { supervisor, stream, kind: 'check' as const, deadlineMs: 15_000, signal: never };
  const frame = await grabKeyFrame({ ...options, width: 160 });
  expect(isWholeJpeg(frame.jpeg)).toBe(true);
  expect(await probeStream(options)).toMatchObject({ codec: codec.toUpperCase() });
  console.log(frame.cpuMs, frame.wallMs, await probeStream(options));
});

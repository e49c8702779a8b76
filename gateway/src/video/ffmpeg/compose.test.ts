import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeFfmpeg, composeFfprobe } from './compose.ts';
import { readProbe } from './probe-stream.ts';

const URL_OK = 'rtsp://127.0.0.1:5540/b7f1c0ffee';
const run = promisify(execFile);
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cgw-compose-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const jpeg = { target: 'pipe:1', format: 'image2pipe', video: 'mjpeg', frames: 1 } as const;
const read = (url: string, ownDirectory = '/srv/own') =>
  composeFfmpeg({ inputs: [{ url, ownDirectory }], outputs: [jpeg] });

describe('a source', () => {
  test.each([
    '-version',
    '-i',
    '',
    ' rtsp://127.0.0.1:1/x',
    'concat:/etc/passwd|/etc/hosts',
    'file:/etc/passwd',
    'file:///etc/passwd',
    '/etc/passwd',
    '/srv/own',
    '/srv/own/',
    '/srv/own/../../etc/passwd',
    '/srv/own/a/./b',
    '/srv/ownother/x.mp4',
    'srv/own/x.mp4',
    '/srv/own/a\0.mp4',
    'pipe:0',
    '-',
    'subfile,,start,0,end,9,,:/etc/passwd',
    'http://127.0.0.1:8080/x',
    'rtsp://192.168.1.10:554/ch1',
    'rtsp://127.0.0.1.example.org:1/x',
    'rtsp://127.0.0.1@10.0.0.1:1/x',
    'rtsp://user:pass@127.0.0.1:1/x',
    'rtsp://localhost:1/x',
    'rtsp://127.0.0.1/x',
    'rtsp:127.0.0.1:1/x',
    'rtsp:/127.0.0.1:1/x',
    'RTSP://127.0.0.1:1/x\n',
    'rtsp://127.0.0.1:1/x y',
    'rtsp://127.0.0.1:1/x\\y',
    'tcp://127.0.0.1:1',
    'lavfi:testsrc',
    'crypto+file:/etc/passwd',
  ])('that is not ours is refused: %j', (source) => {
    expect(() => read(source)).toThrow('ffmpeg reads only the relay on loopback');
    expect(() => composeFfprobe({ url: source, ownDirectory: '/srv/own' })).toThrow('ffmpeg reads only');
  });

  test('on loopback may only speak RTSP, a file of ours may only be a file', () => {
    expect(optionOf(read(URL_OK), '-protocol_whitelist')).toBe('rtsp,rtp,tcp,udp,tls');
    expect(optionOf(read('/srv/own/a b.mp4'), '-protocol_whitelist')).toBe('file,crypto');
    expect(optionOf(read('/srv/own/a b.mp4'), '-i')).toBe('/srv/own/a b.mp4');
    expect(() => composeFfmpeg({ inputs: [{ url: '/srv/own/x.mp4' }], outputs: [jpeg] })).toThrow();
  });
});

test.each(['/etc/cron.d/x', '-', 'out.mp4', 'tcp://10.0.0.1:1', 'pipe:2', '/srv/own/../x'])(
  'a target that is not ours is refused: %s',
  (target) => {
    const output = { ...jpeg, target, ownDirectory: '/srv/own' };
    expect(() => composeFfmpeg({ inputs: [{ url: URL_OK }], outputs: [output] })).toThrow('ffmpeg writes only');
  },
);

test('the whole line of a key frame', () => {
  const args = composeFfmpeg({
    inputs: [{ url: URL_OK, silenceMs: 7_000, keyFramesOnly: true }],
    outputs: [{ ...jpeg, filters: ["scale='min(320,iw)':-2", 'format=yuvj420p'], options: ['-q:v', '3'] }],
  });
  expect(args.join(' ')).toBe(
    '-nostdin -hide_banner -nostats -loglevel error -y -filter_threads 1 -filter_complex_threads 1' +
      ' -protocol_whitelist rtsp,rtp,tcp,udp,tls -analyzeduration 500000 -probesize 1000000 -max_pixels 35389440' +
      ` -rtsp_transport tcp -timeout 7000000 -skip_frame nokey -threads 1 -i ${URL_OK}` +
      " -an -vcodec mjpeg -vframes 1 -filter:v scale='min(320,iw)':-2,format=yuvj420p -f image2pipe -threads 1 -q:v 3 pipe:1",
  );
  expect(args.every((arg) => typeof arg === 'string')).toBe(true);
});

test('what it composes runs: two outputs, a graph, a length, and reading back', async () => {
  const made = join(dir, 'made here.mp4');
  const generate = ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=s=64x48:r=10', '-t', '2'];
  await run('ffmpeg', [...generate, '-pix_fmt', 'yuv420p', '-y', made]);
  const copy = join(dir, 'copy.mp4');
  const small = join(dir, 'small.jpg');
  await run(
    'ffmpeg',
    composeFfmpeg({
      inputs: [{ url: made, ownDirectory: dir, durationMs: 1_000 }],
      complexFilter: ['[0:v]scale=32:24[small]'],
      outputs: [
        { target: copy, ownDirectory: dir, format: 'mp4', video: 'copy', options: ['-map', '0:v'] },
        { target: small, ownDirectory: dir, format: 'image2', video: 'mjpeg', frames: 1, options: ['-map', '[small]'] },
        { target: 'null', format: 'null', video: 'rawvideo', options: ['-map', '0:v'] },
      ],
    }),
    { timeout: 20_000 },
  );
  expect((await stat(small)).size).toBeGreaterThan(100);
  const { stdout } = await run('ffprobe', composeFfprobe({ url: copy, ownDirectory: dir }), { timeout: 20_000 });
  expect(readProbe(stdout)).toMatchObject({ codec: 'H264', width: 64, height: 48, fps: 10 });
});

test.each([
  ['{', 'notRtsp'],
  ['null', 'notRtsp'],
  ['{"streams":7}', 'noSuchStream'],
  ['{"streams":[null,7]}', 'noSuchStream'],
  ['{"streams":[{"codec_type":"audio"}]}', 'noSuchStream'],
])('a probe that answers %s is a %s', (json, reason) => {
  expect(() => readProbe(json)).toThrow(expect.objectContaining({ reason }));
});

test('what a probe does not say stays unsaid', () => {
  const video = { codec_type: 'video', codec_name: 'vp9', width: 0, avg_frame_rate: '0/0', r_frame_rate: '90000/1' };
  const known = { profile: null, level: null, audio: 'aac' };
  expect(readProbe(JSON.stringify({ streams: [{ codec_type: 'audio', codec_name: 'aac' }, video] }))).toEqual({
    ...{ codec: 'vp9', width: null, height: null, fps: null },
    ...known,
  });
});

function optionOf(args: readonly string[], name: string): string | undefined {
  return args[args.indexOf(name) + 1];
}

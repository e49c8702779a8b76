import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probe } from '../../../adapters/rtsp/testing-prober.ts';
import { gstAvailable } from '../../../gateway/test/support/gst-rtsp-server.ts';
import { until } from '../../../gateway/test/support/until.ts';
import { type Film, filmOf } from './film.ts';
import { type CameraPicture, codeColour, codeOf, type FilmRecipe } from './pictures.ts';
import { createRtspServer, type RtspServer, type SimulatedCameraOptions } from './server.ts';

const run = promisify(execFile);
const small = { width: 160, height: 120 };
const recipe: FilmRecipe = { ...small, picture: 'good', codec: 'h264', fps: 5, label: '', seed: 1 };

const servers: RtspServer[] = [];
// Tests run side by side: none may stop another's server.
afterAll(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(...cameras: SimulatedCameraOptions[]): Promise<RtspServer> {
  const server = createRtspServer({ cameras });
  servers.push(server);
  await server.start();
  return server;
}

type Numbers = Record<'YAVG' | 'UAVG' | 'VAVG' | 'SATAVG' | 'YDIF' | 'blur', number>;

/** The medians of ffmpeg's own filters over three seconds of a film. */
async function measure(film: Film): Promise<Numbers> {
  const start = Buffer.from([0, 0, 0, 1]);
  const pictures = film.clip.pictures.slice(0, film.clip.fps * 3);
  const stream = Buffer.concat(pictures.flatMap(({ nals }) => nals.flatMap((nal) => [start, nal])));
  const format = film.clip.codec === 'h265' ? 'hevc' : 'h264';
  const filters = 'signalstats,blurdetect,metadata=print:file=-';
  const reading = run('ffmpeg', ['-v', 'error', '-f', format, '-i', '-', '-vf', filters, '-f', 'null', '-'], {
    timeout: 20_000,
  });
  reading.child.stdin?.end(stream);
  const { stdout } = await reading;
  const median = (key: string) => {
    const all = [...stdout.matchAll(new RegExp(`${key}=(\\S+)`, 'g'))].map((found) => Number(found[1]));
    return all.sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
  };
  const keys = ['YAVG', 'UAVG', 'VAVG', 'SATAVG', 'YDIF', 'blur'] as const;
  return Object.fromEntries(keys.map((key) => [key, median(key)])) as Numbers;
}

describe('the pictures of a simulated camera, measured with ffmpeg', { concurrent: true, timeout: 30_000 }, () => {
  let good: Numbers;
  beforeAll(async () => {
    good = await measure(await filmOf(recipe));
  });

  it('are a street in daylight that moves when nothing is wrong', ({ expect }) => {
    expect(good.YAVG).toBeGreaterThan(80);
    expect(good.YAVG).toBeLessThan(150);
    expect(good.SATAVG).toBeLessThan(40);
    expect(good.YDIF).toBeGreaterThan(0.5);
  });

  it.each<[FilmRecipe['picture'], (one: Numbers) => boolean]>([
    ['night', (one) => one.YAVG > 30 && one.YAVG < 80 && one.YDIF > 0.5],
    ['black', (one) => one.YAVG < 22 && one.YDIF > 0.03],
    ['bright', (one) => one.YAVG > 194],
    ['blue', (one) => one.UAVG > 180 && one.SATAVG > 77],
    ['frozen', (one) => one.YDIF < 0.03 && Math.abs(one.YAVG - good.YAVG) < 5],
    ['frozenScene', (one) => one.YDIF < 0.03 && Math.abs(one.YAVG - good.YAVG) < 5],
    ['blurred', (one) => one.blur > 1.3 * good.blur],
    ['covered', (one) => one.YDIF > 0.03 && Math.abs(one.YAVG - good.YAVG) > 15],
    ['coveredPlain', (one) => one.blur < 0.8 * good.blur && one.YDIF > 0.03],
    ['colourCast', (one) => good.UAVG - one.UAVG > 10 && good.VAVG - one.VAVG > 10],
    ['noise', (one) => one.YDIF > 10 * good.YDIF],
  ])('show %s', async (picture, isSo) => {
    const one = await measure(await filmOf({ ...recipe, picture }));
    expect(isSo(one), JSON.stringify(one)).toBe(true);
  });

  it('tell cameras apart by colour', async ({ expect }) => {
    for (const code of [1, 6, 28, 43, 62]) {
      const { stills } = await filmOf({
        ...recipe,
        picture: 'plain',
        colour: codeColour(code),
        label: `camera-${code}`,
      });
      const args = [
        '-v',
        'error',
        '-i',
        '-',
        '-vf',
        'crop=100:60:30:20,scale=1:1',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'rgb24',
        '-',
      ];
      const reading = run('ffmpeg', args, { encoding: 'buffer', timeout: 10_000 });
      reading.child.stdin?.end(stills[0]);
      const [red = 0, green = 0, blue = 0] = (await reading).stdout;
      expect(codeOf(red, green, blue)).toBe(code);
    }
  });

  it('refuse a label that would be read as a filter', ({ expect }) => {
    expect(() => filmOf({ ...recipe, label: "x':expansion=normal" })).toThrow('label');
  });
});

it('two processes may make the same film at once', { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'films-'));
  try {
    const script = `import { filmOf } from ${JSON.stringify(new URL('./film.ts', import.meta.url).href)};
      console.log((await filmOf(${JSON.stringify({ ...recipe, picture: 'plain' })}, ${JSON.stringify(folder)})).clip.pictures.length);`;
    const one = () => run(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
    const outcomes = await Promise.all([one(), one()]);
    expect(outcomes.map(({ stdout }) => stdout.trim())).toEqual(['1', '1']);
    expect(await readdir(folder)).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe('a change of picture', { timeout: 30_000 }, () => {
  it('shows in a running session from a key picture on, without a decoding error', async () => {
    const server = await serve({ path: '/cam', picture: 'good', size: small, fps: 5 });
    const camera = server.camera('/cam');
    const filters = 'signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-';
    const input = ['-v', 'warning', '-nostdin', '-rtsp_transport', 'tcp', '-i', camera.url];
    const player = spawn('ffmpeg', [...input, '-t', '3', '-vf', filters, '-f', 'null', '-'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let complaints = '';
    player.stdout.on('data', (chunk) => {
      said += chunk;
    });
    player.stderr.on('data', (chunk) => {
      complaints += chunk;
    });
    const ended = once(player, 'close');
    await expect.poll(() => camera.viewers, { timeout: 15_000 }).toBe(1);
    await camera.picture('black');
    await ended;
    const luma = [...said.matchAll(/YAVG=([\d.]+)/g)].map((found) => Number(found[1]));
    expect(luma[0]).toBeGreaterThan(80);
    expect(luma.at(-1)).toBeLessThan(25);
    expect(complaints).not.toMatch(/error|corrupt|non.?monoton/i);
  });

  it('of codec ends the running sessions', async () => {
    const server = await serve({ path: '/cam', picture: 'good', size: small, fps: 5 });
    const { camera, socket } = await play(server);
    await camera.picture('h265');
    await once(socket, 'close');
    expect(camera.viewers).toBe(0);
  });
});

async function play(server: RtspServer) {
  const camera = server.cameras[0];
  if (!camera) throw new Error('the server has no camera');
  const socket = connectTcp(server.port, '127.0.0.1');
  const answers: string[] = [];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    if (chunk.subarray(0, 4).toString() === 'RTSP') answers.push(chunk.toString('latin1'));
    else bytes += chunk.length;
  });
  const ask = async (request: string) => {
    const before = answers.length;
    socket.write(`${request}\r\n\r\n`);
    await until('the answer', () => answers.length > before, { withinMs: 20_000, everyMs: 20 });
    return answers.at(-1) ?? '';
  };
  const transport = 'Transport: RTP/AVP/TCP;interleaved=0-1';
  const setup = await ask(`SETUP ${camera.url}/trackID=0 RTSP/1.0\r\nCSeq: 1\r\n${transport}`);
  const session = /Session: (\w+)/.exec(setup)?.[1];
  if (session) await ask(`PLAY ${camera.url} RTSP/1.0\r\nCSeq: 2\r\nSession: ${session}`);
  return { camera, socket, setup, received: () => bytes };
}

describe('a session on demand', { concurrent: true, timeout: 30_000 }, () => {
  const quiet = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('without frames stays silent, and plays again', async ({ expect }) => {
    const server = await serve({ path: '/cam', picture: 'noFrames', size: small, fps: 5 });
    const { camera, received } = await play(server);
    await quiet(300);
    expect([received(), camera.viewers, camera.still()]).toEqual([0, 1, undefined]);
    await camera.picture('good');
    await expect.poll(received, { timeout: 15_000 }).toBeGreaterThan(0);
    expect(camera.still()?.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  });

  it('lets the first picture wait', async ({ expect }) => {
    const server = await serve({ path: '/cam', picture: 'plain', slowMs: 500 });
    await server.camera('/cam').fault('slowFirstFrame');
    const { received } = await play(server);
    expect(received()).toBe(0);
    await expect.poll(received, { timeout: 15_000 }).toBeGreaterThan(0);
  });

  it('is refused at SETUP when the sessions are used up', async ({ expect }) => {
    const server = await serve({ path: '/cam' });
    await server.camera('/cam').fault('sessionLimit');
    expect(await probe(server.camera('/cam').url)).toMatchObject({ ok: true });
    expect((await play(server)).setup).toContain('RTSP/1.0 453');
  });

  it.each(['trickle', 'endlessHeader', 'redirect'] as const)('under %s gives no picture', async (fault) => {
    const server = await serve({ path: '/cam' });
    await server.camera('/cam').fault(fault);
    expect(await probe(server.camera('/cam').url, { deadline: 500 })).toMatchObject({ ok: false });
  });
});

const CLIENT = new URL('./testdata/gst-client.py', import.meta.url).pathname;
const twoStreams: SimulatedCameraOptions = {
  path: '/main',
  login: { username: 'admin', password: 'Street-1' },
  codec: 'h265',
  size: { width: 320, height: 240 },
  fps: 5,
  sub: { path: '/sub', size: small, fps: 5 },
};
const withLogin = (url = '') => url.replace('//', '//admin:Street-1@');

describe('the main stream in H.265 and the sub stream in H.264', { concurrent: true, timeout: 30_000 }, () => {
  it('are read by ffprobe over UDP and TCP', async ({ expect }) => {
    const camera = (await serve(twoStreams)).camera('/main');
    const look = async (url: string | undefined, transport: string) => {
      const args = [
        '-v',
        'error',
        '-analyzeduration',
        '500000',
        '-rtsp_transport',
        transport,
        '-show_entries',
        'stream=codec_name,width,height',
      ];
      return (await run('ffprobe', [...args, '-of', 'csv=p=0', withLogin(url)], { timeout: 20_000 })).stdout.trim();
    };
    expect(await Promise.all([look(camera.url, 'udp'), look(camera.subUrl, 'tcp')])).toEqual([
      'hevc,320,240',
      'h264,160,120',
    ]);
  });

  it.skipIf(!gstAvailable())('are played by GStreamer over TCP and UDP', async ({ expect }) => {
    const camera = (await serve(twoStreams)).camera('/main');
    const watch = async (url: string | undefined, codec: string, protocol: string) => {
      const args = [CLIENT, withLogin(url), codec, protocol, '8'];
      return JSON.parse((await run('/usr/bin/python3', args, { timeout: 20_000 })).stdout);
    };
    const seen = await Promise.all([watch(camera.url, 'h265', 'tcp'), watch(camera.subUrl, 'h264', 'udp')]);
    expect(seen).toEqual([
      { pictures: 8, keys: expect.any(Number), width: 320, height: 240 },
      { pictures: 8, keys: expect.any(Number), width: 160, height: 120 },
    ]);
  });
});

it('every channel of a recorder has a picture of its own', async () => {
  const paths = ['/ch1', '/ch2'];
  const server = await serve(...paths.map((path) => ({ path, picture: 'plain' as const })));
  const shown: (CameraPicture | undefined)[] = [];
  await server.camera('/ch2').picture('blue');
  for (const path of paths) shown.push(server.camera(path).currentPicture);
  expect(shown).toEqual(['plain', 'blue']);
  expect(server.camera('/ch1').still()).not.toEqual(server.camera('/ch2').still());
});

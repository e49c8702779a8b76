import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { probe } from '../../../adapters/rtsp/testing-prober.ts';
import { bundledClip } from './clip.ts';
import { MAX_BACKLOG_BYTES } from './player.ts';
import { createRtspServer, type RtspServer, type SimulatedCameraOptions } from './server.ts';

const run = promisify(execFile);
const hasFfmpeg = spawnSync('ffprobe', ['-version'], { stdio: 'ignore' }).status === 0;
const login = { username: 'admin', password: 'Street-1' };

const servers: RtspServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(...cameras: SimulatedCameraOptions[]): Promise<RtspServer> {
  const server = createRtspServer({ cameras });
  servers.push(server);
  await server.start();
  return server;
}

const withLogin = (url: string) => url.replace('//', `//${login.username}:${login.password}@`);

describe('the bundled clip', () => {
  it('holds four seconds that begin with a key picture', () => {
    const clip = bundledClip();
    expect(clip.pictures).toHaveLength(100);
    expect(clip.pictures.filter((picture) => picture.key)).toHaveLength(4);
  });
});

describe.skipIf(!hasFfmpeg)('a simulated camera played by ffmpeg', () => {
  it('is readable by ffprobe, with a login and a query in its path', async () => {
    const path = '/cam/realmonitor?channel=1&subtype=0';
    const server = await serve({ path, login: { ...login, scheme: 'md5' } });
    const show = ['-v', 'error', '-rtsp_transport', 'tcp', '-show_entries', 'stream=codec_name,width,height', '-of'];
    const { stdout } = await run('ffprobe', [...show, 'json', withLogin(server.camera(path).url)], { timeout: 20_000 });
    expect(JSON.parse(stdout)).toMatchObject({ streams: [{ codec_name: 'h264', width: 640, height: 360 }] });
  });

  it('plays on over the end of the clip without a decoding error', async () => {
    const server = await serve({ path: '/cam' });
    const input = ['-v', 'warning', '-nostdin', '-rtsp_transport', 'tcp', '-i', server.camera('/cam').url];
    const output = ['-frames:v', '115', '-f', 'null', '-', '-progress', 'pipe:1'];
    const { stdout, stderr } = await run('ffmpeg', [...input, ...output], { timeout: 20_000 });
    const frames = [...stdout.matchAll(/^frame=(\d+)/gm)].at(-1)?.[1];
    expect(Number(frames)).toBe(115);
    expect(stderr).not.toMatch(/error|corrupt|non.?monoton/i);
    await expect.poll(() => server.camera('/cam').viewers).toBe(0);
  });
});

describe('a simulated camera on demand', () => {
  const camera = { path: '/cam', login, slowMs: 100 };

  it.each([
    ['none', 'ok'],
    ['hang', 'timeout'],
    ['refuse', 'portClosed'],
    ['unauthorized', 'wrongPassword'],
    ['notFound', 'noSuchStream'],
    ['garbage', 'notRtsp'],
    ['slow', 'ok'],
    ['busy', 'sessionLimit'],
    ['broken', 'serverError'],
  ] as const)('with the fault %s is judged %s, and well again afterwards', async (fault, reason) => {
    const server = await serve(camera);
    const one = server.camera('/cam');
    const { url } = one;
    await one.fault(fault);
    expect(await probe(url, { login, deadline: fault === 'hang' ? 300 : 3_000 })).toMatchObject({ reason });
    await one.fault('none');
    expect(one.url).toBe(url);
    expect(await probe(url, { login })).toMatchObject({ ok: true });
  });

  it.each(['basic', 'md5', 'sha256'] as const)('lets in only the right %s login', async (scheme) => {
    const server = await serve({ path: '/cam', login: { ...login, scheme } });
    const { url } = server.camera('/cam');
    expect(await probe(url, { login })).toMatchObject({ ok: true });
    expect(await probe(url, { login: { ...login, password: 'x' } })).toMatchObject({ reason: 'wrongPassword' });
    expect(await probe(url)).toMatchObject({ reason: 'wrongPassword' });
  });

  it('shares a port with the other channels of its NVR, faults apart', async () => {
    const server = await serve({ path: '/ch1' }, { path: '/ch2' }, { path: '/ch3' });
    await server.camera('/ch1').fault('hang');
    await server.camera('/ch2').fault('notFound');
    expect(await probe(server.camera('/ch1').url, { deadline: 200 })).toMatchObject({ reason: 'timeout' });
    expect(await probe(server.camera('/ch2').url)).toMatchObject({ reason: 'noSuchStream' });
    expect(await probe(server.camera('/ch3').url)).toMatchObject({ ok: true });
    expect(await probe(server.camera('/ch3').url.replace('ch3', 'ch4'))).toMatchObject({ reason: 'noSuchStream' });
    await expect(server.camera('/ch3').fault('refuse')).rejects.toThrow('one camera');
  });

  it('hangs up on a peer that speaks another protocol', async () => {
    const server = await serve({ path: '/cam' });
    const socket = connectTcp(server.port, '127.0.0.1');
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'close');
  });
});

describe('a viewer that does not read', () => {
  it('is skipped instead of buffered', async () => {
    // 20,000 pictures a second fill any socket at once.
    const clip = { ...bundledClip(), fps: 20_000 };
    const server = await serve({ path: '/cam', clip });
    const { url } = server.camera('/cam');
    const socket = connectTcp(server.port, '127.0.0.1');
    const ask = async (request: string) => {
      socket.write(`${request}\r\n\r\n`);
      return String((await once(socket, 'data'))[0]);
    };
    const setup = await ask(`SETUP ${url}/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1`);
    const session = /Session: (\w+)/.exec(setup)?.[1];
    socket.pause();
    socket.write(`PLAY ${url} RTSP/1.0\r\nCSeq: 2\r\nSession: ${session}\r\n\r\n`);
    const backlog = () => server.camera('/cam').backlogBytes;
    await expect.poll(backlog, { timeout: 10_000 }).toBeGreaterThan(MAX_BACKLOG_BYTES);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(backlog()).toBeLessThan(2 * MAX_BACKLOG_BYTES);
    socket.destroy();
    await expect.poll(() => server.camera('/cam').viewers).toBe(0);
  });
});

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, login } from '../../tools/simulator/api-client.ts';
import { openBrowser, openScreen } from './console/support/browser.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { type GstRtspServer, gstAvailable, startGstRtspServer } from './support/gst-rtsp-server.ts';
import { until } from './support/until.ts';

const ADMIN = { username: 'admin', password: 'Whole-path-2027!' };
const OTHER = { username: 'dispatcher', password: 'Whole-path-2028!' };
const LOGIN = { username: 'viewer', password: 'Camera-1' };
const PURPOSE = '日常巡查';

interface Opened {
  readonly url: string;
  readonly token: string;
  readonly view: string;
  readonly mode: string;
  readonly kind: string;
  readonly codec: string;
  readonly masked: boolean;
  readonly why: { readonly code: string };
}

let dir: DataDir;
let camera: GstRtspServer;
let gateway: GatewayProcess;
let api: ApiClient;
let admin: Record<string, string>;
let other: Record<string, string>;

const open = (id: string, body: object = {}) => api.post<Opened>(`/cameras/${id}/live`, { purpose: PURPOSE, ...body });
const fetchFile = (url: string, headers: Record<string, string> = admin) => fetch(`${gateway.base}${url}`, { headers });
/** The ffmpeg processes that work for this gateway's live views. */
async function feeds(): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (/^[^\0]*ffmpeg\0/.test(command) && command.includes(join(dir.path, 'live'))) found.push(Number(name));
  }
  return found;
}

async function bearerOf(person: { username: string; password: string }) {
  const answer = await fetch(`${gateway.base}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(person),
  });
  return { authorization: `Bearer ${((await answer.json()) as { token: string }).token}` };
}

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  camera = await startGstRtspServer({ auth: 'digest', user: LOGIN.username, password: LOGIN.password });
  gateway = await startGateway(dir.path);
  api = await gateway.api();
  await api.put('/settings', { liveIdle: '3s' });
  for (const [id, path] of [
    ['gate', '/ball'],
    ['hevc', '/hevc'],
    ['lobby', '/cam'],
  ]) {
    const connection = { protocol: 'rtsp', url: camera.url(path ?? ''), ...LOGIN };
    await api.post('/devices', { id, type: 'generic/camera', name: id, module: 'video', connection });
  }
  const first = await api.post<{ password: string }>('/users', {
    username: OTHER.username,
    name: '值班员',
    role: 'dispatcher',
  });
  await login(gateway.base, OTHER.username, first.password, OTHER.password);
  [admin, other] = await Promise.all([bearerOf(ADMIN), bearerOf(OTHER)]);
}, 60_000);
afterAll(async () => {
  await gateway?.stop();
  await camera?.kill();
  await dir?.remove();
});

describe.runIf(gstAvailable())('a camera in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  /** A coarse print of the decoded picture. */
  const pixels = (page: Page) =>
    page.evaluate(`(() => {
      const video = document.querySelector('.live-screen video');
      const canvas = Object.assign(document.createElement('canvas'), { width: 80, height: 60 });
      const context = canvas.getContext('2d');
      context.drawImage(video, 0, 0, 80, 60);
      return [...context.getImageData(0, 0, 80, 60).data].join();
    })()`);
  const time = (page: Page) =>
    page.evaluate(`document.querySelector('.live-screen video')?.currentTime ?? 0`) as Promise<number>;

  it('plays after the purpose was given, moves, and is pulled for nobody once it is closed', async () => {
    const { page, faults, go } = await openScreen(browser, gateway.base, ADMIN);
    await go('/devices/gate');
    await page.getByRole('button', { name: '播放' }).first().click();
    await page.getByLabel('调阅用途').fill(PURPOSE);
    expect(await feeds()).toEqual([]);
    await page.keyboard.press('Enter');
    await until('a frame', async () => (await time(page)) > 0.2);
    const before = { time: await time(page), pixels: await pixels(page) };
    await until(
      'the picture moves',
      async () => (await time(page)) > before.time + 1 && (await pixels(page)) !== before.pixels,
    );
    expect(await page.locator('.live-why').textContent()).toContain('H.264');
    // The mark bears the person and the time of the gateway.
    const hour = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 11).replace('T', ' ');
    await expect.poll(() => page.locator('.watermark span').first().textContent()).toContain(hour);
    expect(await page.locator('.watermark span').first().textContent()).toContain('系统管理员');
    expect(await feeds()).toHaveLength(1);
    await page.getByRole('button', { name: '停止播放' }).click();
    await until('no ffmpeg', async () => (await feeds()).length === 0, { withinMs: 25_000 });
    expect(faults).toEqual([]);
    const { items } = await api.get<{ items: { purpose: string; mode: string; endReason: string; bytes: number }[] }>(
      '/cameras/gate/viewings',
    );
    expect(items[0]).toMatchObject({ purpose: PURPOSE, mode: 'live', endReason: 'closed' });
    expect(items[0]?.bytes).toBeGreaterThan(10_000);
    await page.context().close();
  }, 60_000);

  it('says why there is no picture, in the words of the gateway', async () => {
    const wrong = { ...LOGIN, password: 'not-this-one' };
    const connection = { protocol: 'rtsp', url: camera.url('/ball'), ...wrong };
    await api.post('/devices', { id: 'locked', type: 'generic/camera', name: 'locked', module: 'video', connection });
    const { page, go } = await openScreen(browser, gateway.base, ADMIN);
    await go('/devices/locked');
    await page.getByRole('button', { name: '播放' }).first().click();
    await page.getByLabel('调阅用途').fill(PURPOSE);
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.locator('.live .live-words').textContent(), { timeout: 30_000 })
      .toMatch(/用户名或密码|密码错误/);
    await page.context().close();
  }, 60_000);
});

describe.runIf(gstAvailable())('a live view', { timeout: 60_000 }, () => {
  const close = ({ view, token }: Opened) => api.post(`/live/${view}/close`, { token });
  const playlist = async ({ url }: Opened) => {
    const answer = await fetchFile(url);
    return { status: answer.status, text: await answer.text() };
  };
  const lastPiece = async (opened: Opened) => {
    const name = (await playlist(opened)).text.trim().split('\n').at(-1) ?? '';
    return { name, url: opened.url.replace('index.m3u8', name) };
  };
  const status = async (url: string, headers?: Record<string, string>) => (await fetchFile(url, headers)).status;

  it('is for one person and its own names only, and shares one ffmpeg with the next viewer', async () => {
    const [mine, again] = [await open('gate'), await open('gate')];
    const theirs = (await (
      await fetch(`${gateway.base}/api/v1/cameras/gate/live`, {
        method: 'POST',
        headers: { ...other, 'content-type': 'application/json' },
        body: JSON.stringify({ purpose: PURPOSE }),
      })
    ).json()) as Opened;
    const piece = await lastPiece(mine);
    expect(await status(piece.url)).toBe(200);
    expect(await status(theirs.url, other)).toBe(200);
    expect(await feeds()).toHaveLength(1);
    expect(await status(piece.url, {})).toBe(401);
    expect(await status(piece.url, other)).toBe(404);
    expect(await status(theirs.url)).toBe(404);
    const guesses = [
      piece.url.replace(mine.token, 'A'.repeat(32)),
      piece.url.replace(mine.token, again.token),
      piece.url.replace(mine.view, 'A'.repeat(16)),
      ...[
        '..%2f..%2fadmin-password',
        '..%2f',
        '%00',
        `${piece.name}%00`,
        '%2fetc%2fpasswd',
        'r1.m3u8',
        'r1-999.m4s',
      ].map((name) => mine.url.replace('index.m3u8', name)),
    ];
    expect(await Promise.all(guesses.map((url) => status(url)))).toEqual(guesses.map(() => 404));
    await close(mine);
    expect(await status(piece.url)).toBe(404);
    expect(await status((await lastPiece(again)).url)).toBe(200);
  });

  it('ends when its pass has expired, its person has logged out, or its camera is retired', async () => {
    await api.put('/settings', { liveToken: '2s' });
    const short = await open('gate');
    await api.put('/settings', { liveToken: '60s' });
    expect((await playlist(short)).status).toBe(200);
    await until('the pass expires', async () => (await playlist(short)).status === 404);
    expect(JSON.parse((await playlist(short)).text)).toMatchObject({ code: 'NOT_FOUND', ended: 'expired' });
    const session = await bearerOf(OTHER);
    const answer = await fetch(`${gateway.base}/api/v1/cameras/gate/live`, {
      method: 'POST',
      headers: { ...session, 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: PURPOSE }),
    });
    const theirs = (await answer.json()) as Opened;
    expect(await status(theirs.url, session)).toBe(200);
    await fetch(`${gateway.base}/api/v1/sessions`, { method: 'DELETE', headers: session });
    expect(await status(theirs.url, session)).toBe(401);
    const mine = await open('gate');
    expect(await status(mine.url)).toBe(200);
    await api.post('/devices/gate/suspend', { reason: '检修' });
    expect((await playlist(mine)).status).toBe(200);
    await api.post('/devices/gate/retire', { reason: '拆除' });
    expect(JSON.parse((await playlist(mine)).text)).toMatchObject({ code: 'NOT_FOUND', ended: 'deviceChanged' });
    await expect(open('gate')).rejects.toThrow('409');
    await api.post('/devices/gate/reactivate', { reason: '重新启用' });
  });

  it('ends when its camera is reached another way, so that nobody sees the box that stood there before', async () => {
    const opened = await open('gate');
    expect(await status(opened.url)).toBe(200);
    const body = JSON.stringify({ connection: { protocol: 'rtsp', url: camera.url('/ball'), ...LOGIN } });
    const headers = { ...admin, 'content-type': 'application/json' };
    await fetch(`${gateway.base}/api/v1/devices/gate`, { method: 'PATCH', headers, body });
    expect(JSON.parse((await playlist(opened)).text)).toMatchObject({ code: 'NOT_FOUND', ended: 'connectionChanged' });
    const anew = await open('gate');
    expect(await status(anew.url)).toBe(200);
    await close(anew);
  });

  it('comes back after its ffmpeg was killed: a gap, no end', async () => {
    const opened = await open('gate');
    await lastPiece(opened);
    const [pid = 0] = await feeds();
    process.kill(pid, 'SIGKILL');
    const text = await until('the gap', async () => {
      const { text } = await playlist(opened);
      return text.includes('#EXT-X-DISCONTINUITY\n') && text;
    });
    expect(text).toContain('URI="r2-init.mp4"');
    expect(await status((await lastPiece(opened)).url)).toBe(200);
    expect(await feeds()).not.toContain(pid);
    await close(opened);
  });

  it('of an H.265 camera is re-encoded unless the viewer can play it, and the answer says so', async () => {
    const encoded = await open('hevc');
    expect(encoded).toMatchObject({ mode: 'transcode', codec: 'H264', why: { code: 'h265Transcoded' } });
    const direct = await open('hevc', { accepts: { h265: true } });
    expect(direct).toMatchObject({ mode: 'copy', codec: 'H265', why: { code: 'h265Direct' } });
    await lastPiece(direct);
    const init = await fetchFile(direct.url.replace('index.m3u8', 'r1-init.mp4'));
    expect(Buffer.from(await init.arrayBuffer()).includes('hvc1')).toBe(true);
    await Promise.all([close(encoded), close(direct)]);
  });

  it('of a camera with private areas never shows them, and running views end when they are drawn', async () => {
    const raw = await open('lobby');
    expect(await brightness(raw)).toMatchObject({ inside: expect.any(Number), masked: false });
    await api.put('/cameras/lobby/masks', {
      areas: [{ shape: 'rectangle', x: 0, y: 0, width: 0.5, height: 0.5 }],
    });
    expect(JSON.parse((await playlist(raw)).text)).toMatchObject({ code: 'NOT_FOUND', ended: 'masksChanged' });
    const masked = await open('lobby');
    expect(masked).toMatchObject({ mode: 'masked', masked: true, why: { code: 'masked' } });
    expect(await brightness(masked)).toMatchObject({ masked: true });
    await close(masked);
    const { items } = await api.get<{ items: { mode: string; endReason: string }[] }>('/viewings?deviceId=lobby');
    expect(items.map(({ mode, endReason }) => [mode, endReason])).toEqual([
      ['masked', 'closed'],
      ['live', 'masksChanged'],
    ]);
  });

  it('taken as a file carries its hash, is masked, and is for its owner', async () => {
    const clip = await api.post<{ id: string }>('/cameras/lobby/clips', { purpose: '取证', seconds: 1 });
    const [made] = await until('the clip', async () => {
      const { items } = await api.get<{ items: { state: string; masked: boolean; sha256: string }[] }>(
        '/cameras/lobby/clips',
      );
      return items[0]?.state !== 'recording' && items;
    });
    expect(made).toMatchObject({ state: 'ready', masked: true });
    const url = `/api/v1/cameras/lobby/clips/${clip.id}.mp4`;
    const file = await fetchFile(url);
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(made?.sha256);
    expect(file.headers.get('x-content-sha256')).toBe(made?.sha256);
    expect(await look(bytes)).toMatchObject({ masked: true });
    expect(await status(url, other)).toBe(404);
    const areas = [{ shape: 'rectangle', x: 0.5, y: 0, width: 0.5, height: 0.5 }];
    await api.put('/cameras/lobby/masks', { areas });
    expect(await status(url)).toBe(404);
    await api.put('/cameras/lobby/masks', { areas: [] });
    expect(await status(url)).toBe(200);
  });

  /** Decodes the newest piece of a view. */
  async function brightness(opened: Opened) {
    const piece = await lastPiece(opened);
    const run = piece.name.split('-')[0];
    const files = [`${run}-init.mp4`, piece.name].map((name) => opened.url.replace('index.m3u8', name));
    const parts = await Promise.all(files.map(async (url) => Buffer.from(await (await fetchFile(url)).arrayBuffer())));
    return look(Buffer.concat(parts));
  }

  /** Mean grey of the upper left quarter and of the rest, in the first picture of a file. */
  async function look(file: Buffer) {
    const folder = await mkdtemp(join(tmpdir(), 'cgw-look-'));
    try {
      await writeFile(join(folder, 'in.mp4'), file);
      const args = ['-v', 'error', '-i', join(folder, 'in.mp4'), '-frames:v', '1', '-vf', 'scale=320:240,format=gray'];
      await promisify(execFile)('ffmpeg', [...args, '-f', 'rawvideo', join(folder, 'out.raw')], { timeout: 20_000 });
      const grey = await readFile(join(folder, 'out.raw'));
      let [inside, outside, most] = [0, 0, 0];
      grey.subarray(0, 320 * 240).forEach((value, i) => {
        const within = i % 320 < 160 && i < 320 * 120;
        if (within) {
          inside += value;
          most = Math.max(most, value);
        } else if (i % 320 > 164) outside += value;
      });
      return { inside: inside / (160 * 120), outside, masked: most < 32 && outside > 0 };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
});

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CAMERA_FAULTS } from '../domain/camera-faults.ts';
import { GatewayError } from '../errors.ts';
import { BASE } from './route.ts';
import { createTestApi, deviceFixture, PASSWORD, type TestApi } from './testing.ts';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const NOW = Date.UTC(2026, 10, 23);
const connection = { protocol: 'rtsp', url: 'rtsp://10.0.0.1/1' };

let api: TestApi;
let browser: Browser;
let page: Page;
/** Every look at the list finds something new, so that the page draws it anew. */
let looks = 0;

beforeAll(async () => {
  api = createTestApi();
  api.on('devices.list', async () => {
    looks += 1;
    const health = { state: 'offline', reason: 'wrongPassword', since: NOW, suspect: false };
    const black = { state: 'degraded', reason: 'black', since: NOW - looks * 1_000, suspect: false };
    const items = [
      deviceFixture({ id: 'cam-1', connection, health } as never),
      deviceFixture({ id: 'cam-2', connection, health: black } as never),
    ];
    return { items, nextCursor: null, total: 2 };
  });
  api.on('quiet.security', async () => []);
  api.on('reads.overview', async () => ({
    devices: { total: 2, byState: { offline: 1, degraded: 1 }, byLifecycle: { active: 2 } },
    tickets: { open: 0, byStage: {} },
    incidents: { open: 0 },
  }));
  api.on('accounting.messages', async () => ({ received: 0, recovered: 0, stored: 0 }));
  const none = async () => ({ items: [], nextCursor: null, total: 0 });
  api.on('tickets.list', none);
  api.on('reads.quarantine', none);
  api.on('live.open', async () => ({
    url: `${BASE}/live/v/t/index.m3u8`,
    token: 't',
    expiresAt: NOW + 60_000,
    view: 'v',
    kind: 'hls',
    codec: 'H264',
    mode: 'copy',
    masked: false,
    why: { code: 'h264Direct', zh: '摄像机为 H.264 编码，原样播放', en: 'as it is' },
    watermark: '王工',
  }));
  api.on('live.renew', async () => ({ expiresAt: NOW + 60_000, viewers: 1 }));
  api.on('live.close', async () => undefined);
  api.on('live.read', async () => {
    throw new GatewayError('CAMERA_UNAVAILABLE', '摄像机没有画面：用户名或密码错误 / no picture: wrong password');
  });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as { port: number };
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}`);
  await page.fill('input[name=username]', 'admin');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.click('text=视频');
  await page.waitForSelector('[data-camera="cam-1"]');
});
afterAll(async () => {
  await browser?.close();
  await api?.app.close();
});

it('a camera says why it is not well, and its picture with its time stays while the list changes', async () => {
  await page.route('**/snapshot.jpg', (route) =>
    route.fulfill({ body: 'x', headers: { 'x-captured-at': '2026-11-23T08:00:05.123+08:00' } }),
  );
  const card = page.locator('[data-camera="cam-2"]');
  expect(await page.locator('[data-camera="cam-1"]').textContent()).toContain('摄像机密码错误');
  expect(await card.textContent()).toContain('画面过暗（黑屏）');
  await card.locator('text=快照').click();
  await card.locator('figcaption').waitFor();
  const before = looks;
  await expect.poll(() => looks, { timeout: 8_000 }).toBeGreaterThan(before);
  await expect.poll(() => card.locator('figcaption').textContent()).toBe('拍摄于 2026-11-23 08:00:05');
});

it('a view without a picture says why, and the mark bears the time of the gateway', async () => {
  await page.locator('[data-camera="cam-1"]').locator('text=播放').click();
  await page.fill('input[name=purpose]', '设备检修');
  await page.click('.purpose button[type=submit]');
  await page.waitForSelector('.player-body[data-state="trouble"]');
  expect(await page.locator('.live-state').textContent()).toBe('摄像机没有画面：用户名或密码错误');
  expect(await page.locator('.live-why').isVisible()).toBe(false);
  const hour = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 11).replace('T', ' ');
  await expect.poll(() => page.locator('.marks span').first().textContent()).toContain(`王工 ${hour}`);
});

it('the page has the words of every fault of a camera', async () => {
  const texts = (await api.app.inject({ url: '/page/texts.json' })).json();
  for (const [code, { title }] of Object.entries(CAMERA_FAULTS)) {
    expect([texts['zh-CN'][`fault.${code}`], texts.en[`fault.${code}`]]).toEqual([title.zh, title.en]);
  }
});

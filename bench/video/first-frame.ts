// From `POST live` to the first frame that Chromium has decoded: the whole way through gateway, relay, ffmpeg and the console's player.
// The camera is a GStreamer server with a key frame a second.
import type { Page } from 'playwright-core';
import { openBrowser, openScreen } from '../../gateway/test/console/support/browser.ts';
import { makeDataDir, startGateway } from '../../gateway/test/support/gateway-process.ts';
import { startGstRtspServer } from '../../gateway/test/support/gst-rtsp-server.ts';
import { login } from '../../tools/simulator/api-client.ts';
import { median, report } from './report.ts';

const ROUNDS = 5;
const WANTED_S = 3;
const PURPOSE = '基准测试';
const LOGIN = { username: 'viewer', password: 'Camera-1' };
const PERSON = { username: 'watcher', password: 'Street-view-2026!' };

export async function benchFirstFrame(): Promise<void> {
  const dir = await makeDataDir();
  const camera = await startGstRtspServer({ auth: 'digest', user: LOGIN.username, password: LOGIN.password });
  const gateway = await startGateway(dir.path);
  const browser = await openBrowser();
  try {
    const api = await gateway.api();
    await api.put('/settings', { liveIdle: '2s' });
    const connection = { protocol: 'rtsp', url: camera.url('/ball'), ...LOGIN };
    await api.post('/devices', { id: 'gate', type: 'generic/camera', name: 'gate', module: 'video', connection });
    const made = await api.post<{ password: string }>('/users', {
      username: PERSON.username,
      name: 'bench',
      role: 'dispatcher',
    });
    await login(gateway.base, PERSON.username, made.password, PERSON.password);
    const { page, go } = await openScreen(browser, gateway.base, PERSON);
    await go('/devices/gate');
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      seconds.push((await firstFrame(page)) / 1_000);
      await page.getByRole('button', { name: '停止播放' }).click();
      // The next view starts its own ffmpeg.
      await page.waitForTimeout(7_000);
    }
    report('POST live to the first decoded frame, 1 s GOP, first time', seconds[0] ?? Number.NaN, 's', WANTED_S);
    report('POST live to the first decoded frame, 1 s GOP, median', median(seconds), 's', WANTED_S);
  } finally {
    await browser.close();
    await gateway.stop();
    await camera.kill();
    await dir.remove();
  }
}

/** Milliseconds from the moment the purpose was given to a decoded frame. */
async function firstFrame(page: Page): Promise<number> {
  await page.getByRole('button', { name: '播放' }).first().click();
  await page.getByLabel('调阅用途').fill(PURPOSE);
  const shown = page.evaluate(SHOWN);
  await page.keyboard.press('Enter');
  return (await shown) as number;
}

/** Runs in the page, before the view is asked for. */
const SHOWN = `new Promise((resolve, reject) => {
  const screen = document.querySelector('.live-screen');
  let start;
  const asked = new PerformanceObserver((list) => {
    const live = list.getEntries().find(({ name }) => name.endsWith('/live'));
    if (live) start = live.startTime;
  });
  asked.observe({ type: 'resource' });
  new MutationObserver(() => {
    const video = screen.querySelector('video');
    if (video) video.requestVideoFrameCallback((now) => resolve(now - start));
  }).observe(screen, { childList: true, subtree: true });
  setTimeout(() => reject(new Error('no frame within 30 s')), 30_000);
})`;

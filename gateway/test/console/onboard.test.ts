import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOnvifDevice, type OnvifDevice } from '../../../tools/simulator/onvif/device.ts';
import { createRtspServer, type RtspServer } from '../../../tools/simulator/rtsp/server.ts';
import { drawn, unreachable } from './support/browser.ts';
import { makeWorld, type World } from './support/world.ts';

const soon = { timeout: 30_000, interval: 100 };
const LOGIN = { username: 'viewer', password: 'Right-1' };

interface Registered {
  readonly id: string;
  readonly serial: string | null;
  readonly firstFrameAt: string | null;
  readonly connection: { readonly protocol: string; readonly url?: string };
}

describe('cameras at the duty desk', { timeout: 180_000 }, () => {
  let world: World;
  let server: RtspServer;
  /** Stands in the network, and nobody has registered it. */
  let unknown: OnvifDevice;

  beforeAll(async () => {
    server = createRtspServer({
      cameras: [{ path: '/main', login: LOGIN, picture: 'good', seed: 1, sub: { path: '/sub' } }],
    });
    await server.start();
    unknown = createOnvifDevice({ cameras: server.cameras, login: LOGIN, information: { serial: 'SN-NEW' } });
    await unknown.start();
    world = await makeWorld({
      size: { cameras: 4, ebikeChargers: 1, evChargers: 0, garbageRooms: 0, smokeDetectors: 0 },
    });
  }, 120_000);
  afterAll(async () => {
    await world?.end();
    await unknown?.stop();
    await server?.stop();
  });

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const lookFor = async (page: Page, password: string) => {
    await page.getByLabel('密码').fill(password);
    await page.getByRole('button', { name: /连接/ }).click();
  };
  const known = async () => (await world.admin.get<{ items: Registered[] }>('/cameras?q=SN-NEW')).items;

  it('are added from their address to the first frame, and every refusal stands where it is mended', async () => {
    const { page, faults, go } = await world.screen('admin');
    await go('/cameras/onboard');
    await page.getByText('输入地址', { exact: true }).click();
    await button(page, '连接并查看').click();
    await page.getByText('请至少填写一个地址').waitFor();
    await page.getByLabel('地址，每行一个').fill(`127.0.0.1:${unknown.port}`);
    await page.getByLabel('用户名').fill(LOGIN.username);
    await lookFor(page, 'Wrong-1');
    await expect.poll(() => page.locator('.onboard').textContent(), soon).toContain('连接失败：');
    expect(await unreachable(page)).toEqual([]);

    await lookFor(page, LOGIN.password);
    await expect.poll(() => page.locator('.onboard').textContent(), soon).toContain('SN-NEW');
    expect(await unreachable(page)).toEqual([]);
    await button(page, '下一步').click();
    await button(page, '登记').click();
    await page.getByText('请填写名称，最多 100 个字').waitFor();
    await page.getByLabel('名称', { exact: true }).fill('东门枪机');
    await button(page, '查重').click();
    await expect.poll(() => page.locator('.ant-alert').count(), soon).toBeGreaterThan(0);
    expect(await unreachable(page)).toEqual([]);
    await button(page, '登记').click();

    await expect.poll(() => page.locator('.onboard').textContent(), soon).toContain('首帧已到');
    await page.locator('.onboard-frame img').waitFor();
    expect(await unreachable(page)).toEqual([]);
    expect(faults).toEqual([]);
    expect(await known()).toMatchObject([{ connection: { protocol: 'onvif' }, firstFrameAt: expect.any(String) }]);
    // No page keeps its password.
    expect(await page.content()).not.toContain(LOGIN.password);
    await page.context().close();
  });

  it('play side by side for one purpose, and each viewing stands in the register', async () => {
    const { page, faults, go } = await world.screen('dispatcher');
    const ids = world.street.cameras.map(({ id }) => id);
    const [carried = '', ...others] = ids;
    await go(`/video?cams=${others.join(',')}&size=4`);
    await page.getByLabel('名称、编码、IP').fill(carried);
    await page.locator('.camera-row').first().dragTo(page.locator('.tile[data-place="3"]'));
    await page.locator(`.tile[data-place="3"] [data-camera="${carried}"]`).waitFor();
    await page.getByRole('button', { name: '全部播放' }).click();
    await page.getByRole('textbox', { name: '调阅用途' }).fill('日常巡查');
    await page.keyboard.press('Enter');
    const running = () =>
      page.evaluate<number>(
        `[...document.querySelectorAll('.live-screen video')].filter((video) => video.currentTime > 0.5).length`,
      );
    await expect.poll(running, { ...soon, timeout: 40_000 }).toBe(ids.length);
    expect(await unreachable(page)).toEqual([]);
    expect(faults).toEqual([]);
    const { items } = await world.admin.get<{ items: { deviceId: string; mode: string; purpose: string }[] }>(
      '/viewings?limit=50',
    );
    const seen = items.filter(({ mode, purpose }) => mode !== 'snapshot' && purpose === '日常巡查');
    expect([...new Set(seen.map(({ deviceId }) => deviceId))].sort()).toEqual([...ids].sort());
    await page.getByRole('button', { name: '全部停止' }).click();
    await expect.poll(() => page.locator('.live-screen video').count(), soon).toBe(0);
    await drawn(page);
    await page.context().close();
  });
});

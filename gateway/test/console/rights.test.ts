import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorld, type World } from './support/world.ts';

/** Pages of those who run the gateway. */
const OFFICE = ['/system/people', '/system/roles', '/system/settings', '/system/audit', '/system/notifications'];

interface Device {
  readonly id: string;
  readonly name: string;
  readonly orgId: string;
}

describe('a role without the right', { timeout: 180_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  }, 120_000);
  afterAll(() => world?.end());

  const said = (page: Page) => page.locator('#content').innerText();
  const buttons = async (page: Page) => (await page.locator('#content button').allInnerTexts()).join('|');

  it('sees neither the button nor the data', async () => {
    const { page, faults, go } = await world.screen('viewer');
    const answered: string[] = [];
    page.on('response', (response) => {
      const path = new URL(response.url()).pathname;
      if (path.startsWith('/api/') && response.ok()) answered.push(path);
    });
    await go('/devices');
    await page.locator('tr[data-row-key="camera-01"]').waitFor();
    expect(await buttons(page)).not.toMatch(/批量|登记|导\s?出/);
    const menu = await Promise.all((await page.locator('nav a').all()).map((link) => link.getAttribute('href')));
    expect(menu).toContain('/devices');
    for (const path of [...OFFICE, '/cameras/onboard', '/registrations', '/quarantine', '/handovers']) {
      expect(menu).not.toContain(path);
    }
    for (const path of ['/devices/import', '/devices/new', ...OFFICE]) {
      await go(path);
      expect(await said(page), path).toContain('当前账号无权查看此页');
    }
    await go('/devices/camera-01?tab=lifecycle');
    await page.getByText('在用').first().waitFor();
    expect(await buttons(page)).not.toMatch(/停\s?用|下\s?线|换\s?机|复\s?测|重启/);
    await go('/devices/camera-01?tab=access');
    expect(await buttons(page)).not.toMatch(/重置密钥/);
    expect(
      answered.filter((path) => /\/(users|roles|settings|audit|import)\b/.test(path.replace('/users/me', ''))),
    ).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('is shown nothing of another committee, by list nor by address', async () => {
    const { items } = await world.admin.get<{ items: Device[] }>('/devices?limit=100');
    const own = items.find(({ orgId }) => orgId === 'hood-ginkgo');
    const foreign = items.find(({ orgId }) => orgId !== 'hood-ginkgo');
    if (!own || !foreign) throw new Error('the street has devices of one committee only');
    const { page, go } = await world.screen('committee');
    await go('/devices');
    await page.locator(`tr[data-row-key="${own.id}"]`).waitFor();
    expect(await page.locator(`tr[data-row-key="${foreign.id}"]`).count()).toBe(0);
    for (const path of ['', '?tab=archive', '?tab=access', '?tab=lifecycle']) {
      await go(`/devices/${foreign.id}${path}`);
      expect(await said(page)).toContain('或它不在您的管辖范围内');
      expect(await said(page)).not.toContain(foreign.name);
    }
    await go(`/devices/labels?ids=${foreign.id}`);
    expect(await page.locator('body').innerText()).not.toContain(foreign.name);
    await go(`/devices/${own.id}`);
    expect(await said(page)).toContain(own.name);
  });
});

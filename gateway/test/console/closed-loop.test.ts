import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { drawn, type Screen } from './support/browser.ts';
import { PHOTO } from './support/photo.ts';
import { makeWorld, type World } from './support/world.ts';

const CAMERA = 'camera-01';
/** As the street has it: two probes that see it again may come before the person has reported, and change nothing of that. */
const POLICY = { interval: '2s', offlineAfter: '6s', hold: '6s' };
const soon = { timeout: 30_000, interval: 100 };
interface Device {
  readonly id: string;
  readonly health: { readonly state: string; readonly suspect: boolean };
}

describe('a camera that goes dark', { timeout: 300_000 }, () => {
  let world: World;
  const screens: Screen[] = [];
  const open = async (...args: Parameters<World['screen']>) => {
    const screen = await world.screen(...args);
    screens.push(screen);
    return screen;
  };
  beforeAll(async () => {
    world = await makeWorld();
    // Long enough for a person: the gateway itself would take the repair as proven in seconds.
    await world.admin.put('/settings', { ticketStableFor: '30m' });
    await world.admin.patch(`/devices/${CAMERA}`, { healthPolicy: POLICY });
    await until('all cameras online', async () => {
      const { items } = await world.admin.get<{ items: Device[] }>('/devices?type=generic/camera');
      return items.length > 0 && items.every(({ health }) => health.state === 'online');
    });
  }, 120_000);
  afterAll(() => world?.end());

  const rowOf = (page: Page) => page.locator(`tr[data-row-key="${CAMERA}"]`);

  it('is doubted, judged, repaired with a photo, probed again, verified by another and closed, on every screen', async () => {
    const [overview, list, map, board] = await Promise.all(
      (['/', '/devices', '/map', '/tickets?view=list'] as const).map(async (path) => {
        const screen = await open('dispatcher');
        await screen.go(path);
        return screen;
      }),
    );
    if (!overview || !list || !map || !board) throw new Error('no screens');
    const health = async () => (await world.admin.get<Device>(`/devices/${CAMERA}`)).health;

    await world.street.camera(CAMERA).fault('refuse');
    await until('the first failed probe', async () => (await health()).suspect, { withinMs: 60_000 });
    await expect.poll(() => rowOf(list.page).textContent(), soon).toContain('待确认');

    await until('the verdict', async () => (await health()).state === 'offline', { withinMs: 60_000 });
    await expect.poll(() => rowOf(list.page).textContent(), soon).toContain('离线');
    await expect.poll(() => overview.page.locator('#content').textContent(), soon).toContain('离线');
    await expect.poll(() => map.page.locator('#content').textContent(), soon).toMatch(/离线\s*1/);
    const ticket = await until('a ticket', async () => {
      const { items } = await world.admin.get<{ items: { id: string; no: string }[] }>(`/tickets?deviceId=${CAMERA}`);
      return items[0];
    });
    await expect.poll(() => board.page.locator('#content').textContent(), soon).toContain(ticket.no.slice(-4));

    const phone = await open('maintainer', { width: 360, height: 740 });
    await phone.go('/field');
    await phone.page
      .getByRole('tab', { name: /待接单/ })
      .or(phone.page.getByText('待接单'))
      .first()
      .click();
    await phone.go(`/field/${ticket.id}`);
    await phone.page.getByRole('button', { name: '接单' }).click();
    await phone.page.getByRole('button', { name: '维修完成' }).waitFor();
    await phone.page.getByRole('button', { name: '复测' }).click();
    await phone.page.getByText(/复测未通过/).waitFor({ timeout: 60_000 });

    await world.street.camera(CAMERA).fault('none');
    await phone.page.getByRole('button', { name: '复测' }).click();
    await phone.page.getByText(/复测通过/).waitFor({ timeout: 60_000 });
    await phone.page.getByRole('button', { name: '维修完成' }).click();
    const form = phone.page.locator('.field-form');
    await form.getByLabel('故障原因').click();
    await phone.page.locator('.field-options .ant-select-item-option').first().click();
    await form.getByLabel('处理措施').fill('更换网线并重启');
    await form
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'after.jpg', mimeType: 'image/jpeg', buffer: PHOTO });
    await form.getByRole('button', { name: '维修完成' }).click();
    await phone.page.getByText('已报维修完成，等待他人核查').waitFor({ timeout: 60_000 });

    const state = () =>
      world.admin.get<{ stage: string; cause: string | null; attachments: unknown[] }>(`/tickets/${ticket.id}`);
    const reported = async () => {
      const { stage, cause } = await state();
      return stage === 'verifying' && cause !== null;
    };
    await until('it waits for verification', reported, { withinMs: 60_000 });
    await until('it answers again', async () => (await health()).state === 'online', { withinMs: 60_000 });
    await board.go(`/tickets/${ticket.id}`);
    await board.page
      .locator('.next')
      .getByRole('button', { name: /核查通过/ })
      .click();
    const dialog = board.page.getByRole('dialog');
    await dialog.locator('textarea').first().fill('画面正常');
    const submit = dialog.getByRole('button', { name: /核查通过/ });
    await submit.click();
    // The gateway may have refused because the device moved in the same moment: the form stays, and is sent again.
    let said: string | null = null;
    const closed = async () => {
      const { stage, attachments } = await state();
      if (stage === 'closed') return attachments.length > 0;
      if (await submit.isVisible()) {
        said = await dialog.textContent();
        await submit.click({ timeout: 1_000 }).catch(() => undefined);
      }
      return false;
    };
    await until('the ticket is closed', closed, { everyMs: 1_000 }).catch(async (error: unknown) => {
      throw new Error(`the form says: ${said}; the ticket: ${JSON.stringify(await state())}`, { cause: error });
    });
    await expect.poll(() => board.page.locator('#content').textContent(), soon).toContain('结案');
    for (const { faults } of screens) expect(faults).toEqual([]);
    await drawn(overview.page);
  });
});

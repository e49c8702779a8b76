import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { until } from '../support/until.ts';
import { drawn, openScreen, type Screen, signIn } from './support/browser.ts';
import { type Line, openLine } from './support/line.ts';
import { PHOTO } from './support/photo.ts';
import { makeWorld, type World } from './support/world.ts';

const PHONE = { width: 360, height: 740 };
const soon = { timeout: 30_000, interval: 100 };

interface Ticket {
  readonly id: string;
  readonly stage: string;
  readonly history: readonly { readonly from: string | null; readonly to: string; readonly note: string | null }[];
  readonly comments: readonly { readonly text: string }[];
  readonly attachments: readonly { readonly phase: string }[];
}

describe('a phone that loses its line', { timeout: 180_000 }, () => {
  let world: World;
  let gateway: GatewayProcess;
  let line: Line;
  let phone: Screen;
  let page: Page;

  beforeAll(async () => {
    world = await makeWorld({
      size: { cameras: 1, ebikeChargers: 1, evChargers: 0, garbageRooms: 0, smokeDetectors: 0 },
    });
    gateway = world.gateway;
    line = await openLine(gateway.http);
    phone = await openScreen(world.browser, line.base, world.people.maintainer, PHONE);
    page = phone.page;
    phone.context.setDefaultTimeout(30_000);
  }, 120_000);
  afterAll(async () => {
    await line?.end();
    // Its data directory goes with the world.
    await gateway?.stop();
    await world?.end();
  });

  async function dispatch(title: string): Promise<string> {
    const me = await (await world.api('maintainer')).get<{ user: { id: string } }>('/sessions/current');
    const made = await world.admin.post<Ticket>('/tickets', { kind: 'manual', title, deviceIds: ['camera-01'] });
    const path = `/tickets/${made.id}/transitions`;
    if (made.stage === 'discovered') await world.admin.post(path, { to: 'filed' });
    const to = { handlerOrgId: 'unit-video', assigneeId: me.user.id };
    await world.admin.post(path, { to: 'dispatched', ...to });
    return made.id;
  }
  const ticket = async (id: string) => (await gateway.api()).get<Ticket>(`/tickets/${id}`);

  async function readHere(...ids: string[]): Promise<void> {
    await find();
    await page.goto(`${line.base}/field`);
    await drawn(page);
    for (const id of ids) await page.locator(`a[href="/field/${id}"]`).waitFor();
    // The worker keeps the pages, and the page what it read.
    await page.waitForFunction('navigator.serviceWorker.ready.then(() => caches.match("/field")).then(Boolean)');
  }
  async function lose(): Promise<void> {
    line.cut();
    await phone.context.setOffline(true);
  }
  async function find(): Promise<void> {
    line.mend();
    await phone.context.setOffline(false);
  }
  async function openAgain(path: string): Promise<void> {
    await page.close();
    page = await phone.context.newPage();
    await page.goto(line.base + path);
    await drawn(page);
  }
  const bar = () => page.locator('.unsent-bar');
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('keeps what was done without one, and hands it in once, whoever dies in between', async () => {
    const id = await dispatch('镜头有污渍');
    await readHere(id);
    await lose();
    await openAgain(`/field/${id}`);
    await button('接单').click();
    await expect.poll(() => bar().textContent(), soon).toContain('离线，1 项待发送');
    const file = { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: PHOTO };
    await page.locator('input[type=file]').first().setInputFiles(file);
    await expect.poll(() => bar().textContent(), soon).toContain('2 项待发送');
    await button('维修完成').click();
    const form = page.locator('.field-form');
    await form.getByLabel('故障原因').click();
    await page.locator('.field-options .ant-select-item-option').first().click();
    await form.getByLabel('处理措施').fill('擦拭镜头');
    await form.locator('input[type=file]').setInputFiles(file);
    await form.locator('.photo img').waitFor();
    await form.getByRole('button', { name: '维修完成' }).click();
    await expect.poll(() => bar().textContent(), soon).toContain('4 项待发送');

    await openAgain('/field');
    await expect.poll(() => bar().textContent(), soon).toContain('离线，4 项待发送');
    const died = line.loseAnswer(`POST /api/v1/tickets/${id}/transitions`).then(() => gateway.kill());
    await find();
    await died;
    const lost = line.loseAnswer(`POST /api/v1/tickets/${id}/attachments`);
    gateway = await startGateway(gateway.dataDir, { CGW_HTTP_PORT: String(gateway.http) });
    await lost;
    await expect.poll(() => bar().count(), { ...soon, timeout: 60_000 }).toBe(0);

    const { stage, history, attachments } = await ticket(id);
    const moves = history.filter(({ from, to }) => from !== to).map(({ to }) => to);
    expect(stage).toBe('verifying');
    expect(moves.filter((to) => to === 'handling')).toHaveLength(1);
    expect(moves.filter((to) => to === 'verifying')).toHaveLength(1);
    expect(attachments.map(({ phase }) => phase)).toEqual(['before', 'after']);
  });

  it('shows and sends nothing of one person to another who signs in on it', async () => {
    const id = await dispatch('立杆晃动');
    await readHere(id);
    await lose();
    await openAgain(`/field/${id}`);
    await button('更多').click();
    await button('备注').click();
    await page.getByRole('textbox', { name: '备注' }).fill('只有我知道');
    await button('提交').click();
    await expect.poll(() => bar().textContent(), soon).toContain('1 项待发送');
    await page.close();

    await find();
    await phone.context.clearCookies();
    await signIn(phone.context, line.base, world.people.committee);
    page = await phone.context.newPage();
    await page.goto(`${line.base}/field`);
    await drawn(page);
    expect(await page.locator('body').textContent()).not.toContain('只有我知道');
    expect(await bar().count()).toBe(0);
    expect((await ticket(id)).comments).toEqual([]);

    await phone.context.clearCookies();
    await signIn(phone.context, line.base, world.people.maintainer);
    await openAgain('/field');
    await until('the comment', async () => (await ticket(id)).comments.length > 0);
    await expect.poll(() => bar().count(), soon).toBe(0);
    expect((await ticket(id)).comments.map(({ text }) => text)).toEqual(['只有我知道']);
  });

  it('keeps what was refused in sight with its remedy until the person gives it up', async () => {
    const id = await dispatch('重复上报');
    await readHere(id);
    await lose();
    await openAgain(`/field/${id}`);
    await button('接单').click();
    await expect.poll(() => bar().textContent(), soon).toContain('1 项待发送');
    await (await gateway.api()).post(`/tickets/${id}/transitions`, { to: 'returned', note: '重复上报' });
    await find();
    await expect.poll(() => bar().textContent(), soon).toContain('1 项未被接受，请处理');
    await openAgain('/field');
    await bar().getByRole('button').click();
    const entry = page.locator('.unsent li');
    await expect.poll(() => entry.textContent(), soon).toContain('工单已被他人处理到其他阶段');
    await entry.getByRole('button', { name: '放弃此项' }).click();
    await page
      .getByRole('dialog')
      .last()
      .getByRole('button', { name: /放弃此项|确定/ })
      .click();
    await expect.poll(() => bar().count(), soon).toBe(0);
    expect((await ticket(id)).stage).toBe('returned');
  });
});

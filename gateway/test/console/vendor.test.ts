import mqtt, { type MqttClient } from 'mqtt';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { login } from '../../../tools/simulator/api-client.ts';
import { openScreen, type Person } from './support/browser.ts';
import { makeWorld, type World } from './support/world.ts';

const TYPE = 'qingyuan/my-device';
const TOPIC = 'qingyuan/WL-1/data';
/** Centimetres; the gateway keeps metres. */
const MESSAGE = { temp: 23.5, level: 310 };
const soon = { timeout: 30_000, interval: 100 };

describe('a vendor with a payload of its own', { timeout: 180_000 }, () => {
  let world: World;
  let client: MqttClient | undefined;
  const vendor: Person = { username: 'qingyuan', password: 'Water-Level-2026!' };
  beforeAll(async () => {
    world = await makeWorld({ size: { cameras: 1, ebikeChargers: 1 } });
    const { admin, gateway } = world;
    // The span of a trial is proven beside its code.
    await admin.put('/settings', { trialIntervals: 0 });
    await admin.post('/vendors', {
      id: 'qingyuan',
      name: '清源水务科技',
      topics: ['qingyuan/#'],
      agreement: { signedOn: '2026-01-01', expiresOn: '2099-12-31' },
    });
    const person = { username: vendor.username, name: '李工', role: 'vendor', vendorId: 'qingyuan' };
    const { password } = await admin.post<{ password: string }>('/users', person);
    await login(gateway.base, vendor.username, password, vendor.password);
  }, 120_000);
  afterAll(async () => {
    client?.end(true);
    await world?.end();
  });

  const preview = (page: Page) => page.locator('.type-preview .sheet').last();
  const set = async (page: Page, column: string, value: string) => {
    const field = page.locator('tr[data-row-key="level"]').getByLabel(column, { exact: true });
    await field.fill(value);
    await field.blur();
  };
  const send = (message: object) => client?.publishAsync(TOPIC, JSON.stringify(message), { qos: 1 });

  it('maps it, is told its mistakes where it makes them, mends them and goes live', async () => {
    const { admin, gateway } = world;
    const { page, faults, go } = await openScreen(world.browser, gateway.base, vendor);

    // A field of the message becomes a metric; beside it stands what would be stored.
    await go('/vendor');
    await page.getByRole('link', { name: '选用已有类型，或新建自己的类型' }).click();
    await page.getByRole('button', { name: '新建设备类型' }).click();
    await page.getByLabel('报文内容').fill(JSON.stringify(MESSAGE));
    await page.getByText('表格', { exact: true }).click();
    await page.getByRole('button', { name: '+ /level = 310' }).click();
    await set(page, '最大', '20');
    await preview(page).getByText('部分入库').waitFor();
    expect(await preview(page).innerText()).toMatch(/level[\s\S]*310[\s\S]*改法：.*scale/);
    await set(page, '系数', '0.01');
    await preview(page).getByText('会入库').waitFor();
    expect((await preview(page).locator('.readings tr').allInnerTexts()).join('|')).toMatch(/23\.5[\s\S]*level\s+3\.1/);
    await page.getByRole('button', { name: '提交审核' }).click();
    await page.getByText('第 1 版已提交').waitFor();

    const desk = await world.screen('admin');
    await desk.go(`/types/${encodeURIComponent(TYPE)}`);
    await desk.page.getByRole('button', { name: '批准', exact: true }).click();
    await desk.page.getByRole('dialog').getByLabel('原因').fill('样例齐全');
    await desk.page.getByRole('dialog').getByRole('button', { name: '批准' }).click();
    await desk.page.getByText('已批准').first().waitFor();
    expect(desk.faults).toEqual([]);
    await desk.context.close();

    await go('/devices/new');
    await page.getByLabel('设备类型').click();
    await page.locator('.ant-select-item-option', { hasText: TYPE }).click();
    await page.getByLabel('设备名称').fill('一号水位计');
    await page.getByLabel('序列号').fill('WL-1');
    await page.getByLabel('设备编码').fill('wl-1');
    await page.getByRole('button', { name: '查重并登记' }).click();
    await page.getByText('“一号水位计”已登记').waitFor();
    await admin.post('/devices/wl-1/approve', { reason: '资料齐全' });

    await go('/vendor/keys');
    await page.getByRole('button', { name: '新建密钥' }).click();
    await page.getByRole('dialog').getByLabel('名称').fill('转发平台');
    await page.getByRole('dialog').getByRole('button', { name: '新建', exact: true }).click();
    const password = await page.locator('.sample pre').first().innerText();
    client = await mqtt.connectAsync({
      host: '127.0.0.1',
      port: gateway.mqtt,
      username: 'vendor:qingyuan',
      password,
      reconnectPeriod: 0,
    });

    // What it really sends, as it arrives.
    await go('/vendor/validator?device=wl-1');
    await page.getByText('还没有收到报文').waitFor();
    await send({ temp: '23.5°C' });
    await page.locator('.messages').getByText('已隔离').waitFor();
    expect(await page.locator('.refused').first().innerText()).toMatch(/temp[\s\S]*改法：/);
    for (let n = 0; n < 3; n += 1) {
      await send({ ...MESSAGE, level: 310 + n });
      await expect.poll(() => page.locator('.messages li').count(), soon).toBe(2 + n);
    }
    await page.locator('.messages li').first().getByText('已入库').waitFor();
    await page.locator('.readings').getByText('3.12', { exact: false }).waitFor();

    const state = async () => (await admin.get<{ state: string }>('/devices/wl-1/acceptance')).state;
    await expect.poll(state, soon).toBe('met');
    await go('/vendor');
    await page.getByText('验收条件已满足，等待城运中心批准').waitFor();
    await admin.post('/devices/wl-1/approve', { reason: '现场核对无误' });
    await go('/devices?q=wl-1');
    await expect
      .poll(() => page.locator('tr[data-row-key="wl-1"]').innerText(), soon)
      .toMatch(/在线[\s\S]*一号水位计[\s\S]*在用/);
    expect(faults).toEqual([]);
  });
});

import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { login } from '../../../tools/simulator/api-client.ts';
import { drawn, openScreen, type Person } from './support/browser.ts';
import { makeWorld, type World } from './support/world.ts';

const HEADER = '设备编号,设备类型,设备名称,序列号,纬度,经度';
/** Right, a type that is not there, a serial number twice, latitude and longitude in each other's column. */
const WRONG = `${HEADER}
room-a,generic/garbage-room,一号厢房,SN-1,31.14,121.51
room-b,generic/no-such,二号厢房,SN-2,31.14,121.51
room-c,generic/garbage-room,三号厢房,SN-1,31.14,121.51
room-d,generic/garbage-room,四号厢房,SN-4,121.51,31.14
`;
/** A place in Paris: odd, and taken all the same. */
const ODD_PLACE = '48.86,2.35';

describe('a vendor that registers many devices', { timeout: 180_000 }, () => {
  let world: World;
  const vendor: Person = { username: 'fitter', password: 'Street-office-2027!' };
  beforeAll(async () => {
    world = await makeWorld({ size: { cameras: 1, ebikeChargers: 1 } });
    await world.admin.post('/vendors', { id: 'rooms', name: '厢房厂商' });
    const person = { username: vendor.username, name: '厂商小周', role: 'vendor', vendorId: 'rooms' };
    const { password } = await world.admin.post<{ password: string }>('/users', person);
    await login(world.gateway.base, vendor.username, password, vendor.password);
  }, 120_000);
  afterAll(() => world?.end());

  const choose = (page: Page, text: string) =>
    page
      .locator('input[type=file]')
      .setInputFiles({ name: 'devices.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  const saved = async (page: Page, button: string): Promise<string> => {
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: button }).click();
    return readFile(await (await coming).path(), 'utf8');
  };

  it('is told row, column and remedy, mends the marked file, imports it and finds the devices in the list', async () => {
    const { page, faults, go } = await openScreen(world.browser, world.gateway.base, vendor);
    await go('/devices');
    await page.getByRole('button', { name: '批量导入' }).click();
    await choose(page, WRONG);
    await page.getByRole('button', { name: '检查（不写入）' }).click();
    await page.getByText('有 3 处错误，没有写入任何内容').waitFor();
    const rows = await page.locator('.import-job tbody tr:not(.ant-table-measure-row)').allInnerTexts();
    expect(
      rows.map((row) =>
        row
          .split('\t')
          .slice(0, 3)
          .map((cell) => cell.trim()),
      ),
    ).toEqual([
      ['3', 'B · 设备类型', 'generic/no-such'],
      ['4', 'D · 序列号', 'SN-1'],
      ['5', 'E · 纬度', '121.51'],
    ]);
    for (const row of rows) expect(row.split('\t')[3]).toMatch(/请|应/);
    expect((await world.admin.get<{ items: unknown[] }>('/devices?q=room-')).items).toEqual([]);

    const marked = await saved(page, '下载标注错误的文件');
    const mended = marked
      .replace(/(room-b,)generic\/no-such/, '$1generic/garbage-room')
      .replace(/(room-c,.*)SN-1/, '$1SN-3')
      .replace('121.51,31.14', ODD_PLACE);
    await choose(page, mended);
    await page.getByRole('button', { name: '检查（不写入）' }).click();
    await page.getByText('检查通过：新增 4 台，修改 0 台，0 台没有变化').waitFor();
    expect(await page.locator('.import-job').innerText()).toMatch(/有 1 处存疑[\s\S]*48\.86/);
    expect((await world.admin.get<{ items: unknown[] }>('/devices?q=room-')).items).toEqual([]);

    await page.getByRole('button', { name: '正式导入 4 台' }).click();
    await page.getByText('导入完成：新增 4 台').waitFor();
    await page.reload();
    await drawn(page);
    const logins = await saved(page, '下载接入凭据（仅一次）');
    for (const id of ['room-a', 'room-b', 'room-c', 'room-d']) expect(logins).toContain(id);
    await page.getByRole('button', { name: '已下载' }).waitFor();

    await page.getByRole('link', { name: '查看新登记的设备' }).click();
    for (const id of ['room-a', 'room-b', 'room-c', 'room-d']) await page.locator(`tr[data-row-key="${id}"]`).waitFor();
    expect(await page.locator('tr[data-row-key="room-c"]').innerText()).toMatch(/三号厢房[\s\S]*待审批/);
    expect(faults).toEqual([]);
  });
});

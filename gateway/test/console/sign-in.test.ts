import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from '../support/gateway-process.ts';
import { drawn, openBrowser, openScreen } from './support/browser.ts';

const FIRST = 'Whole-path-2026!';
const NEXT = 'Street-office-2027!';

describe('the first login of a new gateway', () => {
  let dir: DataDir;
  let gateway: GatewayProcess;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    dir = await makeMigratedDataDir();
    [gateway, browser] = await Promise.all([startGateway(dir.path), openBrowser()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await dir?.remove();
  });

  it('refuses a wrong password in words, has the given one changed, and lets in with the new one', async () => {
    const { page, faults } = await openScreen(browser, gateway.base, null);
    await page.goto(gateway.base);
    const submit = async (password: string) => {
      await page.fill('input[autocomplete=username]', 'admin');
      await page.fill('input[type=password]', password);
      await page.keyboard.press('Enter');
    };
    await submit('wrong-password');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('用户名或密码');
    await submit(FIRST);
    await page.waitForSelector('input[autocomplete=new-password]');
    const fields = page.locator('input[type=password]');
    await fields.nth(0).fill(FIRST);
    for (let i = 1; i < (await fields.count()); i++) await fields.nth(i).fill('short');
    await page.keyboard.press('Enter');
    await page.getByText('密码至少').first().waitFor();
    for (let i = 1; i < (await fields.count()); i++) await fields.nth(i).fill(NEXT);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#content h1');
    expect(await page.locator('#content h1').textContent()).toBe('总览');
    expect(faults).toEqual([]);
  });

  it('says since when it hears nothing, and comes back by itself', async () => {
    const { page } = await openScreen(browser, gateway.base, { username: 'admin', password: NEXT });
    await page.goto(gateway.base);
    await drawn(page);
    const port = String(gateway.http);
    await gateway.kill();
    await expect
      .poll(() => page.locator('.ant-alert-banner').textContent(), { timeout: 40_000 })
      .toMatch(/自 \d\d:\d\d/);
    gateway = await startGateway(dir.path, { CGW_HTTP_PORT: port });
    await expect.poll(() => page.locator('.ant-alert-banner').count(), { timeout: 60_000 }).toBe(0);
  });
});

import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, openScreen } from '../../test/console/support/browser.ts';
import { totpKey } from '../access/totp.ts';
import { GatewayError } from '../errors.ts';
import { createTestApi, PASSWORD, type TestApi } from './testing.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const CONSOLE = join(import.meta.dirname, '../../../dashboards/console/dist');

/** What a gateway seldom answers, shown by the built console to whom it concerns. */
let api: TestApi;
let browser: Browser;
let origin: string;
const given: unknown[] = [];

beforeAll(async () => {
  api = createTestApi({ consoleFolder: CONSOLE });
  api.on('settings.current', () => ({ mapTiles: { source: 'none' } }));
  api.on('singleSignOn.methods', async () => ({ password: true, oidc: true, wecom: true }));
  api.on('sessions.login', async (input: { code?: string }) => {
    given.push(input);
    if (input.code === undefined) throw new GatewayError('SECOND_FACTOR_REQUIRED', '请填写动态验证码 / give a code');
    if (input.code !== '123456') throw new GatewayError('SECOND_FACTOR_REQUIRED', '动态验证码不正确 / wrong code');
    const user = { id: 'u', username: 'admin' };
    return { token: 'bare-admin', expiresAt: api.clock.now() + 60_000, user, mustChangePassword: false };
  });
  api.on('secondFactor.state', async () => ({ enabled: false, recoveryCodesLeft: 0 }));
  api.on('secondFactor.begin', async () => ({ secret: SECRET, ...totpKey(SECRET, 'admin') }));
  api.on('secondFactor.confirm', async (_actor: never, input: unknown) => {
    given.push(input);
    return { recoveryCodes: Array.from({ length: 10 }, (_, i) => `k3tq${i}-xm2pd`) };
  });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(api.app.server.address() as { port: number }).port}`;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await api?.app.close();
});

it('asks for a code when one is needed, offers what is set up, and makes an administrator set codes up', async () => {
  const { page, faults, context } = await openScreen(browser, origin, null);
  await page.goto(origin);
  await page.waitForSelector('a[href="/api/v1/sessions/oidc"]');
  expect(await page.locator('a[href="/api/v1/sessions/wecom"]').count()).toBe(1);
  const code = page.locator('input[autocomplete=one-time-code]');
  expect(await code.count()).toBe(0);
  await page.fill('input[autocomplete=username]', 'admin');
  await page.fill('input[autocomplete=current-password]', PASSWORD);
  await page.keyboard.press('Enter');
  await code.waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  await code.fill('000000');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: '动态验证码不正确' }).waitFor();
  await code.fill('123456');
  await page.keyboard.press('Enter');

  // This administrator must set up codes before anything else.
  const image = page.getByAltText('身份验证器二维码');
  await image.waitFor();
  expect(await page.evaluate(`document.querySelector('form img').naturalWidth > 0`)).toBe(true);
  expect(await page.locator('form').textContent()).toContain('管理员须先启用动态验证码');
  await code.fill('654321');
  await page.keyboard.press('Enter');
  await page.waitForSelector('pre.codes');
  expect((await page.textContent('pre.codes'))?.split('\n')).toHaveLength(10);
  expect(given).toEqual([
    { username: 'admin', password: PASSWORD },
    { username: 'admin', password: PASSWORD, code: '000000' },
    { username: 'admin', password: PASSWORD, code: '123456' },
    { code: '654321' },
  ]);
  expect(faults).toEqual([]);
  await context.close();
});

it('says why a single sign-on failed, and nothing a stranger wrote into a link', async () => {
  const { page, context } = await openScreen(browser, origin, null);
  await page.goto(`${origin}/#sign-in=SSO_NOT_LINKED`);
  await page.getByRole('alert').filter({ hasText: '尚未关联' }).waitFor();
  await page.goto('about:blank');
  await page.goto(`${origin}/#sign-in=<img src=x>`);
  await page.waitForSelector('form');
  expect(await page.getByRole('alert').count()).toBe(0);
  await context.close();
});

it('shows the documentation under its policy, with files of this server only', async () => {
  const { page, faults, context } = await openScreen(browser, origin, null);
  await page.goto(`${origin}/api/docs`);
  await page.waitForSelector('.opblock');
  // A page of so many operations draws those in view only; the document behind it has them all.
  const shown = (await api.app.inject({ url: '/api/docs/json' })).json();
  expect(Object.keys(shown.paths).length).toBeGreaterThan(80);
  expect(faults).toEqual([]);
  await context.close();
}, 90_000);

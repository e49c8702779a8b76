import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { totpKey } from '../access/totp.ts';
import { GatewayError } from '../errors.ts';
import { createTestApi, PASSWORD, type TestApi } from './testing.ts';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

let api: TestApi;
let browser: Browser;
let origin: string;
const given: unknown[] = [];

beforeAll(async () => {
  api = createTestApi();
  api.on('singleSignOn.methods', async () => ({ password: true, oidc: true, wecom: true }));
  api.on('sessions.login', async (input: { code?: string }) => {
    given.push(input);
    if (input.code === undefined) throw new GatewayError('SECOND_FACTOR_REQUIRED', '请填写动态验证码 / give a code');
    if (input.code !== '123456') throw new GatewayError('SECOND_FACTOR_REQUIRED', '动态验证码不正确 / wrong code');
    const user = { id: 'u', username: 'admin' };
    return { token: 'bare-admin', expiresAt: api.clock.now() + 60_000, user, mustChangePassword: false };
  });
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  api.on('secondFactor.state', async () => ({ enabled: false, recoveryCodesLeft: 0 }));
  api.on('secondFactor.begin', async () => ({ secret, ...totpKey(secret, 'admin') }));
  api.on('secondFactor.confirm', async (_actor: never, input: unknown) => {
    given.push(input);
    return { recoveryCodes: Array.from({ length: 10 }, (_, i) => `k3tq${i}-xm2pd`) };
  });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(api.app.server.address() as { port: number }).port}`;
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  await api?.app.close();
});

async function picture(page: Page, name: string) {
  const folder = process.env.CGW_TEST_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

it('asks for a code when one is needed, offers what is set up, and makes an administrator set codes up', async () => {
  const page = await browser.newPage({ viewport: { width: 900, height: 900 }, locale: 'zh-CN' });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(origin);
  await page.waitForSelector('a.way');
  expect(await page.locator('a.way').evaluateAll((all) => all.map((one) => one.getAttribute('href')))).toEqual([
    '/api/v1/sessions/oidc',
    '/api/v1/sessions/wecom',
  ]);
  expect(await page.isVisible('input[name=code]')).toBe(false);
  await picture(page, 'sign-in-ways');
  await page.fill('input[name=username]', 'admin');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForSelector('input[name=code]', { state: 'visible' });
  expect(await page.textContent('.fault')).toBe('');
  await page.fill('input[name=code]', '000000');
  await page.click('button[type=submit]');
  await page.waitForSelector('.fault:has-text("动态验证码不正确")');
  await picture(page, 'sign-in-code');
  await page.fill('input[name=code]', '123456');
  await page.click('button[type=submit]');

  // This administrator must set up codes before anything else.
  await page.waitForSelector('img.qr');
  expect(await page.evaluate("document.querySelector('img.qr').naturalWidth > 0")).toBe(true);
  expect(await page.textContent('form')).toContain('管理员须先启用动态验证码');
  await picture(page, 'sign-in-enrol');
  await page.fill('input[name=code]', '654321');
  await page.click('button[type=submit]');
  await page.waitForSelector('.codes');
  expect((await page.textContent('.codes'))?.split('\n')).toHaveLength(10);
  await picture(page, 'sign-in-recovery');
  expect(given).toEqual([
    { username: 'admin', password: PASSWORD },
    { username: 'admin', password: PASSWORD, code: '000000' },
    { username: 'admin', password: PASSWORD, code: '123456' },
    { code: '654321' },
  ]);
  expect(faults).toEqual([]);
  await page.close();
});

it('says why a single sign-on failed, once', async () => {
  const page = await browser.newPage({ locale: 'zh-CN' });
  await page.goto(`${origin}/#sign-in=SSO_NOT_LINKED`);
  await page.waitForSelector('.fault:has-text("尚未关联")');
  await picture(page, 'sign-in-refused');
  expect(page.url()).toBe(`${origin}/`);
  await page.reload();
  await page.waitForSelector('a.way');
  expect(await page.textContent('.fault')).toBe('');
  await page.goto(`${origin}/#sign-in=<img src=x>`);
  await page.waitForSelector('form');
  expect(await page.textContent('.fault')).toBe('');
  await page.close();
});

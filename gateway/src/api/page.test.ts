import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REFUSALS } from '../domain/device-type/refusals.ts';
import { zhCN } from '../messages/zh-CN.ts';
import { BASE } from './route.ts';
import { createTestApi, deviceFixture, PASSWORD, type TestApi } from './testing.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** What a hostile vendor puts into every field it may fill. */
const XSS = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
const at = (minutesAgo: number) => Date.UTC(2026, 10, 23) - minutesAgo * 60_000;

let api: TestApi;
let origin: string;
let browser: Browser;

function ticket(over: object) {
  return {
    id: 't1',
    no: '20261123-0001',
    kind: 'deviceFault',
    title: null,
    fault: 'offline',
    priority: 'urgent',
    stage: 'handling',
    deviceIds: ['cam-1'],
    component: null,
    siteId: null,
    orgId: null,
    module: 'security',
    incidentId: 'i1',
    handlerOrgId: 'unit-1',
    assigneeId: 'u9',
    cause: null,
    evidence: [],
    history: [
      { from: null, to: 'discovered', by: 'system', at: at(9), note: '系统发现，原因：响应超时', cause: null },
      { from: 'discovered', to: 'filed', by: 'system', at: at(9), note: '系统自动立案', cause: null },
      { from: 'filed', to: 'dispatched', by: 'system', at: at(8), note: XSS, cause: null },
    ],
    comments: [],
    openedAt: at(9),
    stageSince: at(5),
    dueAt: at(-20),
    overdueSeconds: 0,
    suspendedUntil: null,
    firing: true,
    fireCount: 1,
    lifeSafety: false,
    reopenOf: null,
    drill: false,
    ...over,
  };
}

beforeAll(async () => {
  api = createTestApi();
  const name = (i: number) => ['东门摄像机', '充电柜', '垃圾分类房', '烟感'][i % 4];
  const many = Array.from({ length: 24 }, (_, i) =>
    deviceFixture({
      id: `d-${String(i).padStart(3, '0')}`,
      name: `${name(i)} ${i}`,
      health: { state: 'online', reason: 'heard', since: at(300 + i), suspect: false },
      lastSeenAt: at(0.2),
    }),
  );
  const faulty = [
    deviceFixture({ id: 'cam-1', health: { state: 'offline', reason: 'timeout', since: at(12), suspect: false } }),
    deviceFixture({
      id: 'room-4',
      name: XSS,
      type: 'generic/garbage-room',
      health: { state: 'stale', reason: 'stale:bins.1.fill', since: at(31), suspect: false },
    }),
    deviceFixture({
      id: 'charger-3',
      name: '充电柜 3',
      type: 'generic/ebike-charger',
      health: { state: 'degraded', reason: 'overCurrent', since: at(2), suspect: true },
    }),
    deviceFixture({
      id: 'gate-1',
      name: '道闸 1',
      lastSeenAt: null,
      health: { state: 'unknown', reason: 'neverSeen', since: at(60), suspect: false },
    }),
  ];
  api.on('devices.list', async (_actor: never, query: { healthState?: string[] }) => {
    const items = [...faulty, ...many].filter((d) => query.healthState?.includes(d.health.state) ?? true);
    return { items, nextCursor: null, total: items.length };
  });
  api.on('reads.overview', async () => ({
    devices: {
      total: 30,
      byState: { online: 24, offline: 1, stale: 1, degraded: 1, unknown: 1 },
      byLifecycle: { active: 28, pending: 2 },
    },
    tickets: { open: 2, byStage: { handling: 1, verifying: 1, closed: 5 } },
    incidents: { open: 2 },
  }));
  api.on('quiet.security', async () => []);
  api.on('accounting.messages', async () => ({
    received: 182_340,
    recovered: 0,
    stored: 182_112,
    duplicate: 201,
    rejected: 0,
    quarantined: 12,
    spooled: 15,
  }));
  api.on('tickets.list', async (_actor: never, filter: { stage?: string[] }) => {
    const all = [
      ticket({}),
      ticket({
        id: 't2',
        no: '20261123-0002',
        stage: 'verifying',
        priority: 'normal',
        fault: 'stale',
        deviceIds: ['room-4'],
      }),
      ticket({
        id: 't3',
        no: '20261122-0014',
        stage: 'closed',
        priority: 'critical',
        fault: 'smoke',
        overdueSeconds: 400,
      }),
    ];
    const items = all.filter((t) => filter.stage?.includes(t.stage));
    return { items, nextCursor: null, total: items.length };
  });
  api.on('reads.quarantine', async () => ({
    items: [
      {
        id: '1',
        receivedAt: at(3),
        via: 'mqtt',
        principal: 'device:charger-3',
        topic: 'cgw/v1/charger-3/telemetry',
        payload: Buffer.from(`{"metrics":{"totalPower":-5,"note":${JSON.stringify(XSS)}}}`),
        code: 'READING_OUT_OF_RANGE',
        detail: XSS,
        deviceId: 'charger-3',
        replayedAt: null,
      },
    ],
    nextCursor: null,
  }));
  const none = async () => ({ items: [], nextCursor: null, total: 0 });
  const unit = {
    id: 'unit-1',
    name: XSS,
    kind: 'maintenance',
    parentId: null,
    level: null,
    code: null,
    responsible: null,
    contact: null,
    contractFrom: null,
    contractTo: null,
    boundary: null,
  };
  api.on('organisations.orgs.list', none);
  api.on('organisations.maintenanceUnits.list', async () => ({ items: [unit], nextCursor: null, total: 1 }));
  api.on('users.list', none);
  api.on('deviceTypes.get', (id: string) => ({
    id,
    title: { zh: '电动自行车充电柜', en: 'E-bike charging cabinet' },
    module: 'charging',
    adapter: 'mqtt',
    definition: { alarms: { overCurrent: { title: { zh: '过流', en: 'Over-current' } } } },
  }));
  api.on('deviceTypes.isBuiltIn', () => true);
  api.on('deviceTypes.isVisible', () => true);
  api.on('deviceTypes.isApproved', () => true);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as { port: number };
  origin = `http://127.0.0.1:${port}`;
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  await api?.app.close();
});

/** A page that records what must not happen. */
async function openPage(viewport: { width: number; height: number }, locale = 'zh-CN') {
  const context = await browser.newContext({ viewport, locale, colorScheme: 'light' });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) faults.push(`outside request ${request.url()}`);
  });
  await page.goto(origin);
  return { page, faults, close: () => context.close() };
}

async function logIn(page: Page, username = 'admin') {
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForSelector('tr[data-device="cam-1"]');
}

async function picture(page: Page, name: string) {
  const folder = process.env.CGW_TEST_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

describe('the page', () => {
  it('shows devices with state, reason and since, tickets with history, and quarantine with reason', async () => {
    const { page, faults, close } = await openPage({ width: 1440, height: 900 });
    await page.waitForSelector('form');
    await picture(page, 'login');
    await logIn(page);
    const row = page.locator('tr[data-device="cam-1"]');
    expect(await row.textContent()).toMatch(/离线[\s\S]*东门摄像机[\s\S]*响应超时[\s\S]*07:48[\s\S]*12 分钟/);
    expect(await page.locator('tr[data-device="charger-3"]').textContent()).toContain('过流');
    const card = page.locator('li[data-ticket="20261123-0001"]');
    await card.locator('summary').click();
    expect(await card.textContent()).toContain('东门摄像机');
    expect(await card.textContent()).toMatch(/紧急[\s\S]*处置[\s\S]*系统自动立案/);
    expect(await page.locator('.quarantine').textContent()).toContain('读数超出量程');
    await picture(page, 'desktop');
    await page.click('text=English');
    await page.waitForSelector('text=Quarantine');
    expect(await row.textContent()).toContain('Offline');
    expect(await card.locator('details').getAttribute('open')).not.toBeNull();
    await picture(page, 'english');
    expect(faults).toEqual([]);
    await close();
  });

  it('shows what devices say as text, never as markup', async () => {
    const { page, faults, close } = await openPage({ width: 1440, height: 900 });
    await logIn(page);
    expect(await page.locator('tr[data-device="room-4"]').textContent()).toContain('<img src=x');
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(faults).toEqual([]);
    await close();
  });

  it('keeps the login over a reload and fits a phone', async () => {
    const { page, faults, close } = await openPage({ width: 390, height: 844 });
    await logIn(page);
    await page.reload();
    await page.waitForSelector('tr[data-device="cam-1"]');
    await picture(page, 'phone');
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    expect(faults).toEqual([]);
    await close();
  });

  it('says since when it is cut off, and recovers', async () => {
    const { page, close } = await openPage({ width: 1440, height: 900 });
    await logIn(page);
    await page.route('**/api/v1/**', (route) => route.abort());
    await page.click('.chips button');
    await page.waitForSelector('#banner:not([hidden])');
    expect(await page.locator('#banner').textContent()).toMatch(/自 08:00:00 起与网关失去连接/);
    await picture(page, 'lost');
    await page.unroute('**/api/v1/**');
    await page.click('.chips button');
    await page.waitForSelector('#banner', { state: 'hidden' });
    await close();
  });

  it('says on every page that nobody is judged, and since when', async () => {
    const { page, close } = await openPage({ width: 1440, height: 900 });
    await logIn(page);
    expect(await page.locator('#banner').isHidden()).toBe(true);
    const since = api.clock.now() - 60_000;
    const path = { path: 'mqtt', state: 'frozen', reasons: ['ownPathBroken'], since, until: null };
    api.on('judgement.status', () => ({ state: 'degraded', reason: 'FROZEN', paths: [path] }));
    await page.click('.chips button');
    await page.waitForSelector('#banner:not([hidden])');
    expect(await page.locator('#banner').textContent()).toMatch(/自 07:59:00 起暂停判断设备状态/);
    await picture(page, 'frozen');
    api.on('judgement.status', () => ({ state: 'ready', reason: 'ok', paths: [] }));
    await page.click('.chips button');
    await page.waitForSelector('#banner', { state: 'hidden' });
    await close();
  });

  it('asks for a new password first when that is due', async () => {
    const { page, close } = await openPage({ width: 1440, height: 900 });
    api.on('sessions.login', async () => ({
      token: 'fresh-admin',
      expiresAt: api.clock.now() + 60_000,
      user: { id: 'u', username: 'admin' },
      mustChangePassword: true,
    }));
    let changed: unknown;
    api.on('users.changePassword', async (_actor: never, input: unknown) => {
      changed = input;
    });
    await page.fill('input[name=username]', 'admin');
    await page.fill('input[name=password]', 'first');
    await page.click('button[type=submit]');
    await page.fill('input[name=newPassword]', 'Better-one-9');
    await page.fill('input[name=currentPassword]', 'first');
    await picture(page, 'password');
    await page.click('button[type=submit]');
    await expect.poll(() => changed).toEqual({ currentPassword: 'first', newPassword: 'Better-one-9' });
    await close();
  });
});

it('the documentation pages work under their policy, with files of this server only', async () => {
  const { page, faults, close } = await openPage({ width: 1440, height: 900 });
  await page.goto(`${origin}/api/docs`);
  await page.waitForSelector('.opblock');
  // A page of so many operations draws those in view only; the document behind it has them all.
  const shown = (await api.app.inject({ url: '/api/docs/json' })).json();
  expect(Object.keys(shown.paths).length).toBeGreaterThan(80);
  await picture(page, 'docs');
  expect(faults).toEqual([]);
  await close();
});

it('the two languages of the page have the same keys', async () => {
  const texts = (await api.app.inject({ url: '/page/texts.json' })).json();
  expect(Object.keys(texts.en)).toEqual(Object.keys(texts['zh-CN']));
  expect((await api.app.inject({ url: `${BASE}/sessions/current` })).json()).toEqual({ user: null });
});

it('the page has words for every reason of a verdict and every refusal of a message', async () => {
  const texts = (await api.app.inject({ url: '/page/texts.json' })).json();
  const reasons = Object.keys(zhCN).filter((key) => key.startsWith('reason.'));
  expect(reasons.filter((key) => !(key in texts['zh-CN']))).toEqual([]);
  for (const [code, { title }] of Object.entries(REFUSALS)) {
    expect([texts['zh-CN'][`refused.${code}`], texts.en[`refused.${code}`]]).toEqual([title.zh, title.en]);
  }
});

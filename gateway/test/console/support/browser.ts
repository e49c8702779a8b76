import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking'];
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Whoever looks, as wide as an office screen unless a test says otherwise. */
const OFFICE = { width: 1440, height: 900 };

export interface Person {
  readonly username: string;
  readonly password: string;
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly language?: 'zh-CN' | 'en';
  readonly dark?: boolean;
}

export interface Screen {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What a page must never show: script errors, refused styles or scripts, requests to anywhere else. */
  readonly faults: string[];
  /** Goes to an address of the console and waits until it has been drawn. */
  go(path: string): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

/** A window of `person`, already signed in; without a person the login is shown. */
export async function openScreen(
  browser: Browser,
  base: string,
  person: Person | null,
  look: Look = {},
): Promise<Screen> {
  const { width = OFFICE.width, height = OFFICE.height, language = 'zh-CN', dark = false } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    hasTouch: width < 600,
    colorScheme: dark ? 'dark' : 'light',
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  await context.addInitScript(`localStorage.setItem('cgw.language', '${language}')`);
  if (person) await signIn(context, base, person);
  const page = await context.newPage();
  const faults = watch(page, base);
  return {
    page,
    context,
    faults,
    async go(path) {
      await page.goto(base + path);
      await drawn(page);
    },
  };
}

/** The browser's session, without the form: that has a test of its own. */
export async function signIn(context: BrowserContext, base: string, { username, password }: Person): Promise<void> {
  const answer = await context.request.post(`${base}/api/v1/sessions`, {
    data: { username, password },
    headers: { origin: base },
  });
  if (!answer.ok()) throw new Error(`${username} cannot sign in: ${answer.status()} ${await answer.text()}`);
}

/** Nothing that is still loading is on the screen. */
export async function drawn(page: Page): Promise<void> {
  await page.waitForSelector('#content, .wall, .paper, .sign-in');
  await page
    .locator('.ant-skeleton-active, .ant-spin-spinning')
    .first()
    .waitFor({ state: 'detached', timeout: 30_000 });
}

function watch(page: Page, base: string): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`script: ${String(error)}`));
  page.on('console', (message) => {
    // The browser notes every refusal of the gateway as an error of its own; pages show those in words.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      faults.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) faults.push(`outside: ${url}`);
  });
  return faults;
}

/** Serious and critical findings of axe on what is on the screen. */
export async function unreachable(page: Page): Promise<string[]> {
  // By the test's own hand, not by the page: its policy allows no such script. It stays until the page is loaded anew.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(readFileSync(AXE, 'utf8'));
  return page.evaluate(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(' | ')))`);
}

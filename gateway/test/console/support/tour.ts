import type { Page } from 'playwright-core';
import { drawn, type Look, unreachable } from './browser.ts';
import { placesOf } from './places.ts';
import type { World } from './world.ts';

/** What a page must never carry out: a name that is a script. */
export const HOSTILE = '<img src=x onerror="globalThis.carriedOut=1">';

/** Names that people may give, each of them hostile. */
export async function nameHostile({ admin }: World): Promise<void> {
  const named = { name: HOSTILE };
  const org = await admin.post<{ id: string }>('/orgs', {
    ...named,
    id: 'hostile-org',
    kind: 'area',
    level: 5,
    parentId: 'dongming',
  });
  await admin.post('/vendors', { ...named, id: 'hostile-vendor' });
  await admin.post('/maintenance-units', { ...named, id: 'hostile-unit' });
  await admin.post('/modules', { id: 'hostile', name: { zh: HOSTILE, en: HOSTILE } });
  await admin.post('/sites', { ...named, id: 'hostile-site', orgId: org.id });
  await admin.post('/users', { ...named, username: 'hostile', role: 'viewer' });
  await admin.post('/devices', {
    ...named,
    id: 'garbage-0-hostile',
    type: 'generic/garbage-room',
    nickname: HOSTILE,
    module: 'hostile',
    orgId: org.id,
    siteId: 'hostile-site',
  });
}

/** Goes to every page; answers what was wrong, page by page. */
export async function tour(world: World, look: Look): Promise<Record<string, unknown>> {
  const { page, faults, go } = await world.screen('admin', look);
  const wrong: Record<string, unknown> = {};
  await go('/');
  for (const { name, path } of await placesOf(world.admin)) {
    faults.length = 0;
    await walk(page, path);
    const findings = [
      ...faults,
      ...(await unreachable(page)),
      ...((await page.evaluate('globalThis.carriedOut')) ? ['carried out a name'] : []),
      ...(await rawCodes(page)),
      ...(await tooWide(page)),
    ];
    if (findings.length > 0) wrong[name] = findings;
  }
  await page.context().close();
  return wrong;
}

/** As a click on a link does: without loading the console anew. */
async function walk(page: Page, path: string): Promise<void> {
  await page.evaluate(
    `history.pushState({}, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`,
  );
  await page.waitForTimeout(100);
  await drawn(page);
  // Tables have found out whether they scroll.
  await page.waitForTimeout(250);
}

/** Keys of the catalogue that have no words. */
async function rawCodes(page: Page): Promise<string[]> {
  const text = await page.locator('body').innerText();
  return [...new Set(text.match(/\b(?:nav|app|fault|reason|stage|health|list|problem)\.[a-z]\w+\b/g) ?? [])];
}

/** A page that must be pushed sideways is no page for a thumb. */
async function tooWide(page: Page): Promise<string[]> {
  const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return over > 1 ? [`${over} pixels too wide`] : [];
}

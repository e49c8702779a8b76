/* Keeps the pages for on-site work readable without a line. Never touches /api: what was said and read is kept by the page. */
const PAGE = /^\/(field|d)(\/|$)/;
const SHELL = '/field';
/** One cache per build; the one before stays for pages that are still open. */
const PREFIX = 'cgw-shell-';
const MOST_BUILDS = 2;
/** On a bad line the kept page is better than waiting. */
const PATIENCE_MS = 4000;

self.addEventListener('install', (event) => {
  event.waitUntil(
    fetch(SHELL, { headers: { accept: 'text/html' } })
      .then((answer) => keepBuild(answer))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate' && PAGE.test(pathname)) event.respondWith(page(event));
  else if (pathname.startsWith('/assets/') || pathname === '/icon.svg') event.respondWith(asset(request));
});

/** The newest page there is: from the gateway, else the kept one with the header it came with. */
async function page(event) {
  const asked = fetch(event.request).then((answer) => {
    const html = answer.headers.get('content-type')?.startsWith('text/html');
    if (answer.ok && html && !answer.redirected) event.waitUntil(keepBuild(answer.clone()).catch(() => undefined));
    return answer;
  });
  // A gateway that is being started again is no line either.
  const useful = asked.then((answer) => (answer.status >= 500 ? Promise.reject(new Error('unavailable')) : answer));
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error('late')), PATIENCE_MS));
  try {
    return await Promise.race([useful, late]);
  } catch {
    return (await caches.match(SHELL)) ?? asked;
  }
}

/** Files under /assets/ carry their content's fingerprint in their name: the kept one is the right one. */
async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** Keeps a build whole or not at all: its page, and every file the pages for on-site work need. */
async function keepBuild(answer) {
  if (!answer.ok) throw new Error(`page: ${answer.status}`);
  const text = await answer.clone().text();
  const [, entry] = text.match(/src="\/assets\/([^"]+)\.js"/) ?? [];
  if (!entry) throw new Error('page without its script');
  const name = PREFIX + entry;
  const known = (await caches.keys()).filter((key) => key.startsWith(PREFIX));
  if (!known.includes(name)) {
    const manifest = await (await fetch('/.vite/manifest.json', { cache: 'no-store' })).json();
    const files = filesOf(manifest);
    // The gateway was renewed between the two answers: next time.
    if (!files.has(`/assets/${entry}.js`)) throw new Error('page and files are of two builds');
    const cache = await caches.open(name);
    try {
      await cache.addAll([...files, '/icon.svg']);
    } catch (error) {
      await caches.delete(name);
      throw error;
    }
    for (const old of known.slice(0, Math.max(0, known.length + 1 - MOST_BUILDS))) await caches.delete(old);
  }
  // `match` answers from the oldest cache first: the page stands only in the newest.
  for (const key of known) if (key !== name) await (await caches.open(key)).delete(SHELL);
  await (await caches.open(name)).put(SHELL, answer);
}

/** The closure of what the pages import, out of the build's own list. */
function filesOf(manifest) {
  const files = new Set();
  const seen = new Set();
  const roots = Object.keys(manifest).filter((key) =>
    /^index\.html$|^src\/pages\/field\/|^src\/messages\/|antd\/es\/locale\/(zh_CN|en_US)|^src\/parts\/live\//.test(key),
  );
  const take = (key) => {
    const chunk = manifest[key];
    if (!chunk || seen.has(key)) return;
    seen.add(key);
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(`/${file}`);
    for (const next of chunk.imports ?? []) take(next);
  };
  for (const root of roots) take(root);
  return files;
}

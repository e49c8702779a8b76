import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addConsole, addNotice, asksForPage, readConsole, sendConsolePage } from './console.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cgw-console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<meta nonce="CGW-NONCE"><script nonce="CGW-NONCE"></script>');
  await writeFile(join(folder, 'assets/a-1.js'), 'let a');
  await writeFile(join(folder, 'assets/a-1.js.gz'), gzipSync('let a'));
  await writeFile(join(folder, '.built-from'), 'secret');
});
afterAll(() => rm(folder, { recursive: true }));

function server(tiles: readonly string[] = []) {
  const built = readConsole(folder);
  if (!built) throw new Error('not built');
  const app = Fastify();
  addConsole(app, built, () => tiles);
  app.setNotFoundHandler((request, reply) => {
    if (asksForPage(request)) return sendConsolePage(reply, built, tiles);
    return reply.code(404).send();
  });
  return app;
}

it('is answered with a number of its own each time, which its styles carry', async () => {
  const app = server();
  const [one, two] = await Promise.all([app.inject('/'), app.inject('/')]);
  const nonce = /nonce="([^"]+)"/.exec(one.body)?.[1] ?? '';
  expect(one.body.match(new RegExp(nonce, 'g'))).toHaveLength(2);
  expect(one.headers['content-security-policy']).toContain(`'nonce-${nonce}'`);
  expect(one.headers['content-security-policy']).not.toContain('unsafe');
  expect(one.body).not.toBe(two.body);
});

it('lets its page ask nobody outside but the origin of the tiles an administrator chose', async () => {
  const policy = async (...tiles: string[]) =>
    String((await server(tiles).inject('/')).headers['content-security-policy']);
  expect(await policy()).not.toMatch(/https?:/);
  expect(await policy()).toContain("worker-src 'self';");
  const chosen = await policy('https://t0.tianditu.gov.cn');
  expect(chosen).toContain("img-src 'self' data: blob: https://t0.tianditu.gov.cn;");
  expect(chosen).toContain("connect-src 'self' https://t0.tianditu.gov.cn;");
  expect(chosen.match(/https?:/g)).toHaveLength(2);
});

it('answers an address inside it with the page, and a program with 404', async () => {
  const app = server();
  const accept = 'text/html,application/xhtml+xml';
  expect((await app.inject({ url: '/devices/d1', headers: { accept } })).statusCode).toBe(200);
  for (const [url, headers] of [
    ['/devices/d1', {}],
    ['/api/v1/none', { accept }],
    ['/api', { accept }],
    ['/metrics/x', { accept }],
  ] as const) {
    expect((await app.inject({ url, headers })).statusCode).toBe(404);
  }
});

it('sends its files packed to whoever can read that, for ever, and nothing else of its folder', async () => {
  const app = server();
  const packed = await app.inject({ url: '/assets/a-1.js', headers: { 'accept-encoding': 'gzip, br' } });
  expect(gunzipSync(packed.rawPayload).toString()).toBe('let a');
  expect(packed.headers['cache-control']).toContain('immutable');
  expect((await app.inject('/assets/a-1.js')).body).toBe('let a');
  for (const url of ['/.built-from', '/assets/..%2f.built-from', '/assets/a-1.js.gz'])
    expect((await app.inject(url)).statusCode).toBe(404);
});

it('is not there when it was not built, and its place says how to build it', async () => {
  expect(readConsole(join(folder, 'none'))).toBeNull();
  const app = Fastify();
  addNotice(app);
  const { statusCode, headers, body } = await app.inject('/');
  expect([statusCode, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(body).toMatch(/控制台尚未构建[\s\S]*npm start[\s\S]*The console has not been built[\s\S]*npm start/);
});

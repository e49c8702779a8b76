import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { createSecrets } from '../access/secrets.ts';
import { GatewayError } from '../errors.ts';
import { HOP_HEADER } from './forwarding.ts';
import type { Peer } from './ports/forwarding.ts';
import { bearer, createTestApi, deviceFixture, type TestApi } from './testing.ts';

const KEY = randomBytes(32).toString('base64url');
const [ASKED, OWNER] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A process of the gateway that holds the cameras of `owner`; `peers` are found when they are asked for. */
async function start(self: string, peers: Map<string, Peer>, { owner = OWNER, key = KEY } = {}) {
  const secrets = createSecrets(key);
  const api = createTestApi(
    {},
    {
      self,
      alone: () => false,
      owner: () => peers.get(owner),
      peer: (id) => peers.get(id),
      sign: secrets.sign,
      check: secrets.check,
    },
  );
  api.on('devices.get', async () => deviceFixture());
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  open.push(api.app);
  const url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
  peers.set(self, { id: self, url, state: 'live' });
  return { ...api, url };
}

async function two(options: { ownersKey?: string } = {}) {
  const peers = new Map<string, Peer>();
  const asked = await start(ASKED, peers);
  const owner = await start(OWNER, peers, options.ownersKey ? { key: options.ownersKey } : {});
  return { peers, asked, owner };
}

const snapshot = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1/cameras/cam-1/snapshot.jpg`, { headers: { ...bearer('admin'), ...headers } });
const addressOf = (api: TestApi) =>
  api.calls.filter(({ method }) => method === 'sessions.authenticate').map(({ args }) => args[1]);
const liveAnswer = {
  url: '',
  token: 't',
  expiresAt: 0,
  view: 'v',
  kind: 'hls',
  codec: 'h264',
  mode: 'copy',
  masked: false,
  watermark: '',
};

describe('a request about a camera that another process works on', () => {
  test('is answered by that process, with the caller’s login, body and language, and the answer as it is', async () => {
    const { asked, owner } = await two();
    owner.on('live.open', async (...args: never[]) => ({
      ...liveAnswer,
      why: { code: 'copy', zh: '', en: '' },
      watermark: JSON.stringify(args[2]),
    }));
    const answer = await fetch(`${asked.url}/api/v1/cameras/cam-1/live`, {
      method: 'POST',
      headers: { ...bearer('admin'), 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: '查看路口' }),
    });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { watermark: string }).watermark).toContain('查看路口');
    expect(asked.calls.some(({ method }) => method === 'live.open')).toBe(false);
    expect(owner.calls.some(({ method }) => method === 'sessions.authenticate')).toBe(true);

    const refused = await fetch(`${asked.url}/api/v1/cameras/cam-1/ptz`, {
      method: 'POST',
      headers: { ...bearer('admin'), 'content-type': 'application/json', 'accept-language': 'en' },
      body: JSON.stringify({ action: 'dance' }),
    });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'INVALID_INPUT', errors: [{ path: '/action' }] });
  });

  test('keeps the address of the caller, and takes it from nobody but ourselves', async () => {
    const { asked, owner } = await two();
    await snapshot(asked.url, { [HOP_HEADER]: 'nonsense' });
    expect(addressOf(owner)).toEqual([]);
    await snapshot(asked.url);
    expect(addressOf(owner)).toEqual(['127.0.0.1']);

    const forged = `${Date.now()} 203.0.113.9 https ${createSecrets(randomBytes(32).toString('base64url')).sign('anything')}`;
    await snapshot(owner.url, { [HOP_HEADER]: forged });
    expect(addressOf(owner).at(-1)).toBe('127.0.0.1');
    const ours = createSecrets(KEY);
    const at = owner.clock.now();
    const path = '/api/v1/cameras/cam-1/snapshot.jpg';
    const signed = (to: string, time = at) =>
      `${time} 203.0.113.9 https ${ours.sign(['hop', time, '203.0.113.9', 'https', to, 'GET', path].join('\n'))}`;
    await snapshot(owner.url, { [HOP_HEADER]: signed(OWNER) });
    expect(addressOf(owner).at(-1)).toBe('203.0.113.9');
    // Meant for another process, or said too long ago.
    await snapshot(owner.url, { [HOP_HEADER]: signed(ASKED) });
    await snapshot(owner.url, { [HOP_HEADER]: signed(OWNER, at - 60_000) });
    expect(addressOf(owner).slice(-2)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  test('goes one step at most: processes that disagree about the owner refuse instead of passing it round', async () => {
    const peers = new Map<string, Peer>();
    const asked = await start(ASKED, peers);
    const other = await start(OWNER, peers, { owner: ASKED, key: randomBytes(32).toString('base64url') });
    const answer = await snapshot(asked.url);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'NODE_AWAY', retry: true });
    expect(other.calls.filter(({ method }) => method === 'sessions.authenticate')).toHaveLength(1);
  });

  test('is refused with the remedy when its process is away, unknown, or gives the connection up', async () => {
    const peers = new Map<string, Peer>();
    const asked = await start(ASKED, peers);
    expect(await (await snapshot(asked.url)).json()).toMatchObject({ code: 'NODE_AWAY' });
    peers.set(OWNER, { id: OWNER, url: 'http://127.0.0.1:1', state: 'live' });
    const answer = await snapshot(asked.url);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(((await answer.json()) as { detail: string }).detail).toContain('CGW_NODE_URL');
    const hangsUp = createServer((request) => request.socket.destroy());
    peers.set(OWNER, { id: OWNER, url: await listen(hangsUp), state: 'live' });
    expect((await snapshot(asked.url)).status).toBe(503);
  });

  test('is not handed on for who may not, or must not see it', async () => {
    const { asked, owner } = await two();
    expect((await fetch(`${asked.url}/api/v1/cameras/cam-1/snapshot.jpg`)).status).toBe(401);
    expect((await snapshot(asked.url, bearer('vendor'))).status).toBe(403);
    asked.on('devices.get', async () => {
      throw new GatewayError('NOT_FOUND');
    });
    expect((await snapshot(asked.url)).status).toBe(404);
    expect(owner.calls).toEqual([]);
  });
});

describe('what is handed on', () => {
  test('streams as it comes, and ends at the owner when the caller goes away', async () => {
    const { asked, owner } = await two();
    const source = new Readable({ read: () => undefined });
    owner.on('live.read', async () => ({ type: 'video/mp4', length: 1_000, body: source }));
    const view = `${OWNER}${'v'.repeat(16)}`;
    const url = `${asked.url}/api/v1/live/${view}/token/seg.mp4`;
    const call = httpRequest(url, { headers: bearer('admin') }).end();
    source.push('first');
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    expect(String((await once(answer, 'data'))[0])).toBe('first');
    const closed = once(source, 'close');
    call.destroy();
    await closed;
  });

  test('is given up at the owner when the caller does not wait for the answer', async () => {
    const peers = new Map<string, Peer>();
    const asked = await start(ASKED, peers);
    let arrived: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let gone: () => void = () => undefined;
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const slow = createServer((request) => {
      request.socket.once('close', gone);
      arrived();
    });
    peers.set(OWNER, { id: OWNER, url: await listen(slow), state: 'live' });
    const call = httpRequest(`${asked.url}/api/v1/cameras/cam-1/snapshot.jpg`, { headers: bearer('admin') }).end();
    call.on('error', () => undefined);
    await reached;
    call.destroy();
    await left;
  });

  test('finds a view in the process that opened it; with that process the view is over', async () => {
    const { peers, asked, owner } = await two();
    owner.on('live.renew', async () => ({ expiresAt: 0, viewers: 1 }));
    const renew = (view: string) =>
      fetch(`${asked.url}/api/v1/live/${view}/renew`, {
        method: 'POST',
        headers: { ...bearer('admin'), 'content-type': 'application/json' },
        body: JSON.stringify({ token: 't' }),
      });
    const view = `${OWNER}${'v'.repeat(16)}`;
    expect((await renew(view)).status).toBe(200);
    peers.set(OWNER, { id: OWNER, url: owner.url, state: 'away' });
    const over = await renew(view);
    expect(over.status).toBe(404);
    expect(await over.json()).toMatchObject({ code: 'NOT_FOUND', ended: 'shutdown' });
    // A view of nobody we know is looked for here.
    await renew(`cccccccccccc${'v'.repeat(16)}`);
    expect(asked.calls.at(-1)?.method).not.toBe('devices.get');
  });
});

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ close: () => server.close().closeAllConnections() });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../errors.ts';
import type { SeriesQuery } from '../timeseries/timeseries.ts';
import { BASE } from './route.ts';
import { bearer, createTestApi, deviceFixture, PASSWORD, type TestApi } from './testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = createTestApi();
  api.on('devices.get', async () => deviceFixture());
  await api.app.ready();
});
afterAll(() => api.app.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: BASE + path,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
const NEW_DEVICE = { type: 'generic/camera', name: '东门' };

describe('answers', () => {
  it('carry times with the offset of the zone, durations as text, and nothing undeclared', async () => {
    api.on('devices.get', async () => ({ ...deviceFixture(), secretHash: 'leak', connectionSecret: 'leak' }) as never);
    const answer = await api.app.inject({ url: `${BASE}/devices/cam-1`, headers: bearer('viewer') });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().health.since).toBe('2026-11-23T07:50:00.000+08:00');
    expect(answer.json().healthPolicy).toEqual({ interval: '30s', freshWithin: { picture: '10m' } });
    expect(answer.json()).not.toHaveProperty('key');
    expect(answer.body).not.toContain('leak');
  });

  it('call a value fresh that is young and was no history when it came', async () => {
    const now = api.clock.now();
    const minutes = (n: number) => now - n * 60_000;
    const value = (time: number, receivedAt: number) => ({
      metric: 'picture',
      value: 1,
      unit: null,
      time,
      receivedAt,
      flags: [],
    });
    api.on('deviceTypes.get', () => undefined);
    for (const [time, receivedAt, fresh] of [
      [minutes(1), now, true],
      [minutes(60), now, false],
      [minutes(20), minutes(20), false],
    ] as const) {
      api.on('series.latest', async () => [value(time, receivedAt)]);
      const answer = await api.app.inject({ url: `${BASE}/devices/cam-1/latest`, headers: bearer('viewer') });
      expect([time, answer.json().metrics.picture.fresh]).toEqual([time, fresh]);
    }
  });

  it('carry the security headers, also when they refuse', async () => {
    for (const url of ['/', '/healthz', `${BASE}/devices`, '/nowhere']) {
      const { headers } = await api.app.inject({ url });
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-request-id']).toMatch(/^\w+-\w+$/);
    }
  });
});

describe('refusals are problem documents', () => {
  it('for an unknown path, a wrong method and a login that is missing', async () => {
    const unknown = await api.app.inject({ url: '/api/v1/nothing' });
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'NOT_FOUND']);
    expect(unknown.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const wrong = await api.app.inject({ method: 'DELETE', url: `${BASE}/devices` });
    expect([wrong.statusCode, wrong.json().code, wrong.headers.allow]).toEqual([
      405,
      'METHOD_NOT_ALLOWED',
      'GET, POST',
    ]);
    const stranger = await api.app.inject({ url: `${BASE}/devices` });
    expect([stranger.statusCode, stranger.json().code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(stranger.headers['www-authenticate']).toContain('Bearer');
  });

  it('in the language asked for, in both without a preference', async () => {
    const title = async (language?: string) =>
      (
        await api.app.inject({
          url: '/nowhere',
          headers: language ? { 'accept-language': language } : {},
        })
      ).json().title;
    expect(await title('zh-CN,zh;q=0.9')).toBe('未找到');
    expect(await title('en-GB')).toBe('Not found');
    expect(await title()).toBe('未找到 / Not found');
  });

  it('with words in both languages where whoever refuses gave none', async () => {
    const detail = async (path: string, headers: Record<string, string>) =>
      (await api.app.inject({ url: `${BASE}${path}`, headers })).json().detail;
    api.on('devices.get', () => {
      throw new GatewayError('CONFLICT');
    });
    const both = /^\p{Script=Han}.* \/ [A-Z]/u;
    expect(await detail('/devices', {})).toMatch(both);
    expect(await detail('/users', bearer('viewer'))).toMatch(both);
    expect(await detail('/nowhere', bearer('viewer'))).toMatch(both);
    expect(await detail('/devices/d1', bearer('viewer'))).toMatch(both);
    expect(await detail('/users', { ...bearer('viewer'), 'accept-language': 'zh-CN' })).toMatch(/^[^/]*管理员$/);
    expect(await detail('/users', { ...bearer('viewer'), 'accept-language': 'en' })).toMatch(/^[\x20-\x7e]*$/);
    api.on('devices.get', async () => deviceFixture());
  });

  it('that say nothing of the inside when something unforeseen breaks', async () => {
    api.on('devices.list', () => {
      throw new Error('connect ECONNREFUSED postgres://cgw:hunter22@10.1.1.1/cgw');
    });
    const answer = await api.app.inject({ url: `${BASE}/devices`, headers: bearer('viewer') });
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'INTERNAL']);
    expect(answer.body).not.toMatch(/postgres|hunter22|ECONN/);
    expect(api.log.join('')).toContain(answer.json().requestId);
    expect(api.log.join('')).not.toContain('hunter22');
  });

  it('that name field, rule and remedy', async () => {
    const answer = await post('/devices', { name: '', healthPolicy: { interval: 5 } }, bearer('admin'));
    expect(answer.statusCode).toBe(400);
    const errors = answer.json().errors as { path: string; code: string; message: string }[];
    expect(errors.map((e) => e.path)).toEqual(expect.arrayContaining(['/type', '/name', '/healthPolicy/interval']));
    for (const error of errors) expect(error.message).toMatch(/ \/ /);
  });
});

describe('input', () => {
  it('of another type is refused, never converted', async () => {
    const answer = await post('/devices', { ...NEW_DEVICE, name: 5 }, bearer('admin'));
    expect(answer.json().errors).toEqual([expect.objectContaining({ path: '/name', code: 'type' })]);
  });

  it('with fields the route does not name is refused (mass assignment)', async () => {
    for (const field of ['lifecycle', 'role', 'secretHash', 'createdAt', 'key']) {
      const answer = await post('/devices', { ...NEW_DEVICE, [field]: 'active' }, bearer('admin'));
      expect([answer.statusCode, answer.json().errors[0].path]).toEqual([400, `/${field}`]);
    }
    expect(api.calls.filter((call) => call.method === 'devices.create')).toEqual([]);
  });

  it.each([
    ['__proto__', 'json', '{"type":"t","name":"n","__proto__":{"admin":true}}'],
    ['constructor.prototype', 'json', '{"type":"t","name":"n","labels":{"constructor":{"prototype":{"a":1}}}}'],
    ['depth 40', 'depth', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['depth 50,000', 'depth', '['.repeat(50_000)],
    ['NUL', 'text', '{"type":"t","name":"a\\u0000b"}'],
    ['a lone surrogate', 'text', '{"type":"t","name":"a\\ud800b"}'],
    ['no JSON', 'json', '{"type":'],
    ['an empty body', 'required', ''],
    ['not an object', 'type', '[]'],
  ])('with %s is refused as %s', async (_name, code, body) => {
    const answer = await post('/devices', body, bearer('admin'));
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_INPUT']);
    expect(answer.json().errors[0].code).toBe(code);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('that is not UTF-8, another content type or too large is refused', async () => {
    const bytes = Buffer.concat([Buffer.from('{"type":"t","name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const send = (headers: object, payload: Buffer | string) =>
      api.app.inject({ method: 'POST', url: `${BASE}/devices`, headers: { ...bearer('admin'), ...headers }, payload });
    expect((await send({ 'content-type': 'application/json' }, bytes)).json().errors[0].code).toBe('utf8');
    expect((await send({ 'content-type': 'text/html' }, '<a>')).statusCode).toBe(415);
    const large = await send({ 'content-type': 'application/json' }, `"${'x'.repeat(1_100_000)}"`);
    expect([large.statusCode, large.json().code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('of query parameters is read by its schema alone', async () => {
    api.on('devices.list', async () => ({ items: [], nextCursor: null, total: 0 }));
    const get = (query: string) => api.app.inject({ url: `${BASE}/devices?${query}`, headers: bearer('viewer') });
    expect((await get('limit=20')).statusCode).toBe(200);
    for (const [query, path] of [
      ['limit=0x10', 'limit'],
      ['limit=501', 'limit'],
      ['limit=', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['colour=red', 'colour'],
      ['lifecycle=active,dead', 'lifecycle'],
      ['sort=secret', 'sort'],
    ] as const) {
      const answer = await get(query);
      expect([query, answer.statusCode, answer.json().errors?.[0].path]).toEqual([query, 400, path]);
    }
  });

  it('of times may be ISO 8601 or epoch milliseconds', async () => {
    api.on('series.query', async () => ({ series: [], nextCursor: null }));
    const get = (query: string) =>
      api.app.inject({ url: `${BASE}/devices/cam-1/telemetry?${query}`, headers: bearer('viewer') });
    const iso = await get('from=2026-11-23T00:00:00%2B08:00&to=2026-11-23T01:00:00%2B08:00');
    const epoch = await get(`from=${Date.UTC(2026, 10, 22, 16)}&to=${Date.UTC(2026, 10, 22, 17)}`);
    expect(iso.json()).toEqual(epoch.json());
    expect(iso.json().from).toBe('2026-11-23T00:00:00.000+08:00');
    for (const query of ['from=yesterday', 'from=2026-11-23T00:00:00', 'from=5&to=4', 'bucket=10ms', 'bucket=1w']) {
      expect([query, (await get(query)).statusCode]).toEqual([query, 400]);
    }
  });

  it('are cut into buckets that begin at midnight of the configured zone', async () => {
    const starts: Record<string, number> = {};
    api.on('series.query', async ({ bucket, from }: SeriesQuery) => {
      const { ms, origin = 0 } = bucket ?? { ms: 1 };
      starts[ms] = (((from - origin) % ms) + ms) % ms;
      return { series: [], nextCursor: null };
    });
    // 00:00 in Shanghai.
    for (const bucket of ['1d', '12h', '6h', '3h', '1h', '5m'])
      await api.app.inject({
        url: `${BASE}/devices/cam-1/telemetry?from=${Date.UTC(2026, 10, 22, 16)}&to=${Date.UTC(2026, 10, 23, 16)}&bucket=${bucket}`,
        headers: bearer('viewer'),
      });
    expect(Object.values(starts)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('cookie sessions', () => {
  const cookie = { cookie: 'cgw_session=admin' };
  it('are HttpOnly, SameSite=Strict, and ended by logging out', async () => {
    const login = await post('/sessions', { username: 'admin', password: PASSWORD });
    expect(login.statusCode).toBe(200);
    expect(login.headers['set-cookie']).toMatch(/cgw_session=admin; Max-Age=3600; Path=\/; HttpOnly; SameSite=Strict/);
    const out = await api.app.inject({
      method: 'DELETE',
      url: `${BASE}/sessions`,
      headers: { ...cookie, 'sec-fetch-site': 'same-origin' },
    });
    expect([out.statusCode, out.body]).toEqual([204, '']);
    expect(out.headers['set-cookie']).toContain('cgw_session=;');
  });

  it('write only from the same origin', async () => {
    api.on('devices.create', async () => ({ device: deviceFixture(), credentials: { username: 'a', password: 'b' } }));
    const attempt = async (headers: Record<string, string>) =>
      (await post('/devices', NEW_DEVICE, { ...cookie, host: 'gw.local:8080', ...headers })).statusCode;
    expect(await attempt({})).toBe(403);
    expect(await attempt({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await attempt({ 'sec-fetch-site': 'same-site', origin: 'http://gw.local:8080' })).toBe(403);
    expect(await attempt({ origin: 'http://evil.example' })).toBe(403);
    expect(await attempt({ origin: 'null' })).toBe(403);
    expect(await attempt({ origin: 'http://gw.local:8080' })).toBe(201);
    expect(await attempt({ 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await attempt({ 'sec-fetch-site': 'cross-site', ...bearer('admin') })).toBe(201);
  });

  it('read without that proof, and are not borrowed by a wrong Authorization header', async () => {
    expect((await api.app.inject({ url: `${BASE}/users/me`, headers: cookie })).statusCode).toBe(200);
    const basic = { ...cookie, authorization: 'Basic YWRtaW46eA==' };
    expect((await api.app.inject({ url: `${BASE}/users/me`, headers: basic })).statusCode).toBe(401);
  });

  it('cannot be planted by a login form of another site', async () => {
    const body = { username: 'admin', password: PASSWORD };
    expect((await post('/sessions', body, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await post('/sessions', body, { origin: 'http://evil.example' })).statusCode).toBe(403);
  });
});

describe('until the first password is changed', () => {
  it('everything but changing it, asking who one is and logging out is refused', async () => {
    const fresh = bearer('fresh-admin');
    const get = (path: string) => api.app.inject({ url: BASE + path, headers: fresh });
    expect((await get('/devices')).json().code).toBe('PASSWORD_CHANGE_REQUIRED');
    expect((await get('/users')).statusCode).toBe(403);
    expect((await get('/users/me')).statusCode).toBe(200);
    api.on('users.changePassword', async () => undefined);
    const change = await post('/users/me/password', { currentPassword: 'a', newPassword: 'b' }, fresh);
    expect(change.statusCode).toBe(204);
  });
});

it('a silence says in its answer what it does not hold back', async () => {
  const at = Date.UTC(2026, 10, 23);
  const time = {
    id: 'q1',
    kind: 'silence',
    name: 'x',
    reason: '检修',
    scope: {},
    partial: false,
    startsAt: at,
    endsAt: at,
  };
  const rest = { repeats: null, repeatsUntil: null, state: 'approved', active: true, createdBy: 'u', createdAt: at };
  const ends = { decidedBy: null, decidedAt: null, decisionNote: null, endedAt: null, endedBy: null };
  api.on('quiet.create', async () => ({ ...time, ...rest, ...ends }));
  const body = { reason: '检修', scope: { devices: ['d1'] }, endsAt: '2026-11-23T20:00:00+08:00' };
  const answer = await post('/silences', body, bearer('admin'));
  expect(answer.statusCode).toBe(201);
  expect(answer.json().remark).toContain('生命安全告警');
});

describe('who is logged in', () => {
  it('is told what they may do, and what they may not is not there', async () => {
    const get = async (role: string, path: string) =>
      (await api.app.inject({ url: BASE + path, headers: bearer(role) })).json();
    const auditor = await get('auditor', '/users/me');
    expect(auditor.rights.audit).toContain('read');
    expect(auditor.rights.devices).not.toContain('update');
    const admin = (await get('admin', '/sessions/current')).user;
    expect(Object.values(admin.rights).every((actions) => (actions as string[]).includes('update'))).toBe(true);
    expect(admin.mustEnrol).toBe(false);
    expect((await get('bare-admin', '/users/me')).mustEnrol).toBe(true);
  });
});

describe('Idempotency-Key', () => {
  it('answers a repetition the same without the secret, and refuses another body', async () => {
    let made = 0;
    api.on('devices.create', async () => {
      made += 1;
      return {
        device: deviceFixture({ id: `d${made}` }),
        credentials: { username: `d${made}`, password: 'once-only' },
      };
    });
    const headers = { ...bearer('admin'), 'idempotency-key': 'k1' };
    const first = await post('/devices', NEW_DEVICE, headers);
    const again = await post('/devices', NEW_DEVICE, headers);
    expect([first.statusCode, first.json().credentials.password]).toEqual([201, 'once-only']);
    expect([again.statusCode, again.headers['idempotent-replay'], made]).toEqual([201, 'true', 1]);
    expect(again.json().device).toEqual(first.json().device);
    expect(again.body).not.toContain('once-only');
    const other = await post('/devices', { ...NEW_DEVICE, name: '西门' }, headers);
    expect([other.statusCode, other.json().code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    const elsewhere = await post('/devices', NEW_DEVICE, { ...headers, 'idempotency-key': 'k2' });
    expect([elsewhere.statusCode, made]).toEqual([201, 2]);
  });

  it('runs afresh after a failure of ours', async () => {
    const headers = { ...bearer('admin'), 'idempotency-key': 'k3' };
    api.on('devices.create', () => {
      throw new Error('database away');
    });
    expect((await post('/devices', NEW_DEVICE, headers)).statusCode).toBe(500);
    api.on('devices.create', async () => ({ device: deviceFixture(), credentials: { username: 'a', password: 'b' } }));
    expect((await post('/devices', NEW_DEVICE, headers)).statusCode).toBe(201);
  });

  it('of nonsense is refused', async () => {
    const answer = await post('/devices', NEW_DEVICE, { ...bearer('admin'), 'idempotency-key': 'a b' });
    expect(answer.json().errors[0].path).toBe('Idempotency-Key');
  });
});

describe('a real socket', () => {
  it('that sends its body too slowly is told so and closed', async () => {
    const slow = createTestApi({ requestTimeout: 300 });
    await slow.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = slow.app.server.address() as { port: number };
    const answer = await talk(port, [
      `POST ${BASE}/devices HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":`,
    ]);
    expect(answer).toContain('408 Request Timeout');
    expect(answer).toContain('REQUEST_TIMEOUT');
    await slow.app.close();
  });

  it('that speaks no HTTP gets a problem document', async () => {
    await api.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = api.app.server.address() as { port: number };
    expect(await talk(port, ['\x16\x03\x01 not http\r\n\r\n'])).toContain('application/problem+json');
    const smuggled = await talk(port, [
      'POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    ]);
    expect(smuggled).toMatch(/^HTTP\/1\.1 400/);
  });
});

function talk(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      for (const line of lines) socket.write(line);
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

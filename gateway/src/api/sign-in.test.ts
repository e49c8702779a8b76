import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../errors.ts';
import { createProxyTrust } from './proxies.ts';
import { BASE } from './route.ts';
import { FLOW_COOKIE } from './routes/sign-in.ts';
import { bearer, createTestApi, PASSWORD, type TestApi } from './testing.ts';

let api: TestApi;
let trusted: readonly string[] = [];
let refuse: GatewayError | undefined;
const finished: { flow: string | undefined; state: string | null; address: string }[] = [];

beforeAll(() => {
  api = createTestApi({ trustedProxies: () => trusted });
  api.on('singleSignOn.start', async () => ({ location: 'https://id.example/auth?state=s', flow: 'sealed' }));
  api.on(
    'singleSignOn.finish',
    async (_provider: string, back: { flow: string | undefined; query: URLSearchParams; address: string }) => {
      finished.push({ flow: back.flow, state: back.query.get('state'), address: back.address });
      if (refuse) throw refuse;
      return { token: 'admin', expiresAt: api.clock.now() + 3_600_000, user: {}, mustChangePassword: false };
    },
  );
  api.on('sessions.revokeOf', async () => undefined);
});
afterAll(() => api?.app.close());

const get = (url: string, headers: Record<string, string> = {}) => api.app.inject({ url: `${BASE}${url}`, headers });
const login = (headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: `${BASE}/sessions`,
    payload: { username: 'admin', password: PASSWORD },
    headers,
  });

describe('single sign-on over HTTP', () => {
  it('leads to the provider with a cookie that comes back from another site, and to the console with a session', async () => {
    const start = await get('/sessions/oidc');
    expect([start.statusCode, start.headers.location, start.body]).toEqual([
      302,
      'https://id.example/auth?state=s',
      '',
    ]);
    expect(start.headers['set-cookie']).toBe(
      `${FLOW_COOKIE}=sealed; Max-Age=600; Path=${BASE}/sessions; HttpOnly; SameSite=Lax`,
    );
    const back = await get('/sessions/oidc/callback?code=c&state=s&iss=x', { cookie: `${FLOW_COOKIE}=sealed` });
    expect([back.statusCode, back.headers.location]).toEqual([302, '/']);
    const [cleared, session] = back.headers['set-cookie'] as unknown as string[];
    expect(cleared).toMatch(new RegExp(`^${FLOW_COOKIE}=; .*Expires=Thu, 01 Jan 1970`));
    expect(session).toBe('cgw_session=admin; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict');
    expect(finished.at(-1)).toEqual({ flow: 'sealed', state: 's', address: '127.0.0.1' });
  });

  it('sends a browser that is refused back to the console, and tells a program the code', async () => {
    refuse = new GatewayError('SSO_NOT_LINKED');
    try {
      const browser = await get('/sessions/wecom/callback?code=c', { accept: 'text/html,*/*' });
      expect([browser.statusCode, browser.headers.location]).toEqual([302, '/#sign-in=SSO_NOT_LINKED']);
      expect(String(browser.headers['set-cookie'])).not.toContain('cgw_session');
      const program = await get('/sessions/wecom/callback?code=c');
      expect([program.statusCode, program.json().code]).toEqual([403, 'SSO_NOT_LINKED']);
    } finally {
      refuse = undefined;
    }
    expect((await get('/sessions/oidc/callback?state=a&state=b')).statusCode).toBe(400);
    expect((await get('/sessions/saml')).statusCode).toBe(405);
    expect((await get('/sessions/methods')).json()).toEqual({ password: true, oidc: false, wecom: false });
  });
});

describe('behind a proxy', () => {
  it('marks cookies Secure when a trusted proxy says TLS, and believes nobody else', async () => {
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
    const addresses = () => api.calls.filter(({ method }) => method === 'sessions.login').map(({ args }) => args[1]);
    expect((await login(forwarded)).headers['set-cookie']).not.toContain('Secure');
    trusted = ['127.0.0.0/8'];
    expect((await login(forwarded)).headers['set-cookie']).toContain('Secure');
    expect((await login()).headers['set-cookie']).not.toContain('Secure');
    trusted = ['10.0.0.1'];
    expect((await login(forwarded)).headers['set-cookie']).not.toContain('Secure');
    expect(addresses()).toEqual(['127.0.0.1', '203.0.113.9', '127.0.0.1', '127.0.0.1']);
    trusted = [];
  });

  it.each([
    ['10.0.0.1', ['10.0.0.0/8'], true],
    ['::ffff:10.0.0.1', ['10.0.0.1'], true],
    ['fd00::1', ['fd00::/8'], true],
    ['11.0.0.1', ['10.0.0.0/8'], false],
    ['10.0.0.1', [], false],
    ['10.0.0.1', ['nonsense', '10.0.0.0/99'], false],
    ['', ['10.0.0.0/8'], false],
  ])('%j is a proxy of %j: %s', (address, entries, proxy) => {
    expect(createProxyTrust(() => entries)(address)).toBe(proxy);
  });
});

describe('an administrator who must set up one-time codes', () => {
  it('may do that, change the password and leave, and nothing else', async () => {
    const headers = bearer('bare-admin');
    for (const url of ['/devices', '/users', '/settings', '/users/me/api-keys', '/sessions']) {
      expect([url, (await get(url, headers)).json().code]).toEqual([url, 'SECOND_FACTOR_ENROLMENT_REQUIRED']);
    }
    api.on('secondFactor.state', async () => ({ enabled: false, recoveryCodesLeft: 0 }));
    for (const url of ['/users/me', '/users/me/totp']) expect((await get(url, headers)).statusCode).toBe(200);
  });
});

describe("others' sessions", () => {
  it('are ended only by a request of the console itself', async () => {
    const remove = async (headers: Record<string, string>) =>
      (await api.app.inject({ method: 'DELETE', url: `${BASE}/users/u1/sessions`, headers })).statusCode;
    const cookie = 'cgw_session=admin';
    expect(await remove({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await remove({ cookie })).toBe(403);
    expect(await remove({ cookie, 'sec-fetch-site': 'same-origin' })).toBe(204);
    expect(await remove(bearer('viewer'))).toBe(403);
    expect(await remove(bearer('auditor'))).toBe(403);
    expect(await remove({})).toBe(401);
  });
});

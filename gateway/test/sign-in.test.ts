import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { OIDC_CLIENT, startTestProvider, type TestProvider } from './support/oidc-provider.ts';

const FIRST = 'First-2026!x';
const NEXT = 'Second-2026!x';

let provider: TestProvider;
let gateway: GatewayProcess;
let dir: DataDir;

beforeAll(async () => {
  [provider, dir] = await Promise.all([startTestProvider(), makeMigratedDataDir()]);
  gateway = await startGateway(dir.path, {
    CGW_ADMIN_PASSWORD: FIRST,
    CGW_OIDC_ISSUER: provider.issuer,
    CGW_OIDC_CLIENT_ID: OIDC_CLIENT.clientId,
    CGW_OIDC_CLIENT_SECRET: OIDC_CLIENT.clientSecret,
    CGW_OIDC_REDIRECT_URL: OIDC_CLIENT.redirectUrl,
  });
}, 120_000);
afterAll(async () => {
  await gateway?.stop();
  await Promise.all([provider?.stop(), dir?.remove()]);
});

it('opens a session by single sign-on for whom the administrator linked, as the same kind of session as by password', async () => {
  const call = async (method: string, path: string, headers: Record<string, string>, body?: object) => {
    const response = await fetch(`${gateway.base}/api/v1${path}`, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text === '' ? null : JSON.parse(text) };
  };
  const first = await call('POST', '/sessions', {}, { username: 'admin', password: FIRST });
  expect(first.json.mustChangePassword).toBe(true);
  const admin = { authorization: `Bearer ${first.json.token}` };
  expect((await call('GET', '/users', admin)).json.code).toBe('PASSWORD_CHANGE_REQUIRED');
  await call('POST', '/users/me/password', admin, { currentPassword: FIRST, newPassword: NEXT });
  await expect(access(join(dir.path, 'admin-password'))).rejects.toThrow('ENOENT');

  const made = await call('POST', '/users', admin, { username: 'zhang', name: '张三', role: 'viewer' });
  expect(made.status).toBe(201);
  const identities = [{ provider: 'oidc', claim: 'preferred_username', value: 'zhang.san' }];
  expect((await call('PUT', `/users/${made.json.user.id}/identities`, admin, { identities })).status).toBe(200);

  provider.person = { sub: 'sub-1', claims: { preferred_username: 'zhang.san' } };
  const start = await call('GET', '/sessions/oidc', {});
  expect(start.status).toBe(302);
  const [flow = ''] = start.headers.getSetCookie().map((one) => one.split(';')[0]);
  const back = await provider.visit(start.headers.get('location') ?? '');
  expect(back.href.startsWith(OIDC_CLIENT.redirectUrl)).toBe(true);
  const finish = await call('GET', `/sessions/oidc/callback${back.search}`, { cookie: flow });
  expect([finish.status, finish.headers.get('location')]).toEqual([302, '/']);
  const session = finish.headers
    .getSetCookie()
    .find((one) => one.startsWith('cgw_session='))
    ?.split(';')[0];
  const me = await call('GET', '/users/me', { cookie: session ?? '' });
  expect(me.json).toMatchObject({ username: 'zhang', singleSignOn: true });
  // Not asked for a password this person may never have known.
  expect((await call('GET', '/devices', { cookie: session ?? '' })).status).toBe(200);

  await provider.down();
  try {
    expect((await call('POST', '/sessions', {}, { username: 'admin', password: NEXT })).status).toBe(200);
    const sessions = await call('GET', `/users/${made.json.user.id}/sessions`, admin);
    expect(sessions.json.items).toMatchObject([{ via: 'oidc' }]);
    expect((await call('DELETE', `/users/${made.json.user.id}/sessions`, admin)).status).toBe(204);
    expect((await call('GET', '/users/me', { cookie: session ?? '' })).status).toBe(401);
  } finally {
    await provider.up();
  }
}, 120_000);

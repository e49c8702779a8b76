import { sign as cryptoSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTargetGuard } from '../../../../adapters/targets.ts';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { emptyTables } from '../../../test/support/empty-tables.ts';
import { OIDC_CLIENT, startTestProvider, type TestProvider } from '../../../test/support/oidc-provider.ts';
import { TEST_KEY, testActor } from '../../../test/support/registry.ts';
import { type FakeWecom, startFakeWecom, WECOM } from '../../../test/support/wecom.ts';
import { createManualClock } from '../../clock.ts';
import type { IdentitiesInput, SsoProvider } from '../../domain/sign-in.ts';
import { isGatewayError } from '../../errors.ts';
import { createLogger } from '../../log.ts';
import { createAuditStore } from '../../store/audit.ts';
import { sql } from '../../store/database.ts';
import { createSessionStore } from '../../store/sessions.ts';
import { createIdentityStore } from '../../store/sign-in.ts';
import { createSecrets } from '../secrets.ts';
import { createIdentities } from './identities.ts';
import { createSingleSignOn } from './sso.ts';
import { createWecomSettings } from './wecom-config.ts';

const admin = testActor();
const ADDRESS = '10.0.0.1';

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isGatewayError(error)) return [error.code, ...error.errors.map(({ code }) => code)].join(' ');
    throw error;
  }
  return 'accepted';
}

// One engine, PostgreSQL where it is: what is new here speaks HTTP.
describe.each(ENGINES.slice(-1))('single sign-on on %s', (engine) => {
  let database: TestDatabase;
  let provider: TestProvider;
  let wecomHost: FakeWecom;

  function createRig(options: { issuer?: string; allowed?: string } = {}) {
    const { db } = database;
    const clock = createManualClock();
    const lines: string[] = [];
    const opened: string[] = [];
    const deps = {
      db,
      identities: createIdentityStore(),
      secrets: createSecrets(TEST_KEY),
      audit: createAuditStore(),
      clock,
      log: createLogger('debug', (line) => lines.push(line)),
    };
    const issuer = options.issuer ?? provider.issuer;
    const wecom = createWecomSettings(deps);
    const sso = createSingleSignOn({
      ...deps,
      wecom,
      oidc: { issuer, scopes: 'openid profile email phone', ...OIDC_CLIENT },
      checkTarget: createTargetGuard({ allowed: options.allowed ?? '127.0.0.1/32' }).resolveUrl,
      sessions: {
        async open(user, { via }) {
          opened.push(`${user.username} ${via}`);
          const { passwordHash: _, ...shown } = user;
          return { token: 't', expiresAt: 0, user: shown, mustChangePassword: false };
        },
      },
    });
    const links = createIdentities({
      ...deps,
      wecom,
      oidcIssuer: issuer,
      sessions: createSessionStore(),
      requireUser: async () => undefined,
    });
    const link = (id: string, ...identities: IdentitiesInput['identities']) => links.replace(admin, id, { identities });
    const finish = (kind: SsoProvider, back: URL, flow: string | undefined) =>
      sso.finish(kind, { query: back.searchParams, flow, address: ADDRESS });
    /** A whole sign-in at the real provider. */
    const signIn = async () => {
      const { location, flow } = await sso.start('oidc', { address: ADDRESS });
      return finish('oidc', await provider.visit(location), flow);
    };
    return { clock, sso, wecom, links, link, finish, signIn, lines, opened };
  }

  beforeAll(async () => {
    [database, provider, wecomHost] = await Promise.all([
      createTestDatabase(engine),
      startTestProvider(),
      startFakeWecom(),
    ]);
  });
  afterAll(() => Promise.all([database?.close(), provider?.stop(), wecomHost?.stop()]));
  beforeEach(async () => {
    await emptyTables(database.db, 'app_user', 'sign_in_provider');
    await sql(database.db.autocommit).query(
      `insert into app_user (id, username, display_name, role, password_hash)
       select id, id, id, 'viewer', 'none' from unnest(array['li', 'wang']) id`,
    );
    provider.person = { sub: 'sub-1', claims: { preferred_username: 'zhang.san' } };
    wecomHost.member = 'ZhangSan';
  });

  const rows = async (text: string) => (await sql(database.db.autocommit).query(text)).rows;

  it('opens the session of the linked user, and of nobody else', async () => {
    const rig = createRig();
    expect(await refusal(rig.signIn())).toBe('SSO_NOT_LINKED');
    expect(await rows(`select after->>'subject' as subject from audit where action = 'loginFailed'`)).toContainEqual({
      subject: 'sub-1',
    });
    await rig.link('li', { provider: 'oidc', subject: 'sub-1' });
    await rig.signIn();
    expect(rig.opened).toEqual(['li oidc']);
    expect(await refusal(rig.link('wang', { provider: 'oidc', subject: 'sub-1' }))).toBe('CONFLICT');
    await sql(database.db.autocommit).query(`update app_user set disabled_at = now() where id = 'li'`);
    expect(await refusal(rig.signIn())).toBe('SSO_NOT_LINKED');
  });

  it('binds the person at the first sign-in whom the claim names, once and for ever', async () => {
    const rig = createRig();
    await rig.link('li', { provider: 'oidc', claim: 'preferred_username', value: 'zhang.san' });
    await rig.signIn();
    expect(await rig.links.listOf(admin, 'li')).toMatchObject([{ subject: 'sub-1', claim: 'preferred_username' }]);
    // Somebody who takes over the name at the provider is another person.
    provider.person = { sub: 'sub-2', claims: { preferred_username: 'zhang.san' } };
    expect(await refusal(rig.signIn())).toBe('SSO_NOT_LINKED');
    // The first one may be renamed there.
    provider.person = { sub: 'sub-1', claims: { preferred_username: 'renamed' } };
    await rig.signIn();
    expect(rig.opened).toEqual(['li oidc', 'li oidc']);
  });

  it('believes phone and e-mail only when the provider verified them, and refuses a person two users wait for', async () => {
    const rig = createRig();
    await rig.link('li', { provider: 'oidc', claim: 'email', value: 'Li@Street.example' });
    provider.person.claims = { email: 'li@street.example', email_verified: false };
    expect(await refusal(rig.signIn())).toBe('SSO_NOT_LINKED');
    provider.person.claims = { email: 'LI@street.example', email_verified: true, preferred_username: 'w' };
    await rig.link('wang', { provider: 'oidc', claim: 'preferred_username', value: 'w' });
    expect(await refusal(rig.signIn())).toBe('SSO_NOT_LINKED');
    await rig.link('wang');
    await rig.signIn();
    expect(rig.opened).toEqual(['li oidc']);
  });

  it('takes a flow once, in the browser it began in, in time and for its own state', async () => {
    const rig = createRig();
    await rig.link('li', { provider: 'oidc', subject: 'sub-1' });
    const begin = () => rig.sso.start('oidc', { address: ADDRESS });
    const [one, two] = [await begin(), await begin()];
    const [backOne, backTwo] = [await provider.visit(one.location), await provider.visit(two.location)];
    expect(await refusal(rig.finish('oidc', backOne, undefined))).toBe('SSO_REFUSED');
    expect(await refusal(rig.finish('oidc', backOne, `x${one.flow}`))).toBe('SSO_REFUSED');
    expect(await refusal(rig.finish('oidc', backOne, two.flow))).toBe('SSO_REFUSED');
    expect(await refusal(rig.finish('wecom', backOne, one.flow))).toBe('SSO_REFUSED');
    expect(await refusal(rig.finish('oidc', backOne, one.flow))).toBe('accepted');
    expect(await refusal(rig.finish('oidc', backOne, one.flow))).toBe('SSO_REFUSED');
    rig.clock.advance(11 * 60_000);
    expect(await refusal(rig.finish('oidc', backTwo, two.flow))).toBe('SSO_REFUSED');
    const three = await begin();
    const denied = new URL(`${OIDC_CLIENT.redirectUrl}?error=access_denied`);
    denied.searchParams.set('state', new URL(three.location).searchParams.get('state') ?? '');
    denied.searchParams.set('iss', provider.issuer);
    expect(await refusal(rig.finish('oidc', denied, three.flow))).toBe('SSO_REFUSED');
    expect(new URL(three.location).searchParams.get('code_challenge_method')).toBe('S256');
  });

  it('says that a provider is down or out of bounds, and comes back with it', async () => {
    const rig = createRig({ issuer: provider.issuer });
    await provider.down();
    try {
      expect(await refusal(rig.sso.start('oidc', { address: ADDRESS }))).toBe('SSO_UNAVAILABLE');
    } finally {
      await provider.up();
    }
    rig.clock.advance(6_000);
    expect(await refusal(rig.sso.start('oidc', { address: ADDRESS }))).toBe('accepted');
    const fenced = createRig({ allowed: '10.0.0.0/8' });
    await expect(fenced.sso.start('oidc', { address: ADDRESS })).rejects.toThrow('CGW_ALLOWED_TARGETS');
  });

  it('links, changes and takes away; what stays linked keeps its sessions', async () => {
    const rig = createRig();
    await rig.link('li', { provider: 'oidc', subject: 'a' }, { provider: 'oidc', claim: 'email', value: 'x@y' });
    const session = (id: string) =>
      sql(database.db.autocommit).query(
        `insert into session (id, user_id, token_hash, created_at, last_seen_at, expires_at)
         values ($1, 'li', decode(md5($1), 'hex'), now(), now(), now() + interval '1 hour')`,
        [id],
      );
    await session('s1');
    const live = async () => (await rows('select id from session where revoked_at is null')).length;
    await rig.link('li', { provider: 'oidc', subject: 'a' });
    expect(await live()).toBe(1);
    await rig.link('li');
    expect(await live()).toBe(0);
    expect(await refusal(rig.link('li', { provider: 'wecom', subject: 'x' }))).toBe('INVALID_INPUT required');
    expect(await refusal(rig.links.listOf(testActor('viewer'), 'li'))).toBe('FORBIDDEN');
  });

  describe('WeCom', () => {
    const configured = async (more: object = {}) => {
      const rig = createRig();
      const redirectUrl = 'http://127.0.0.1:8080/api/v1/sessions/wecom/callback';
      await rig.wecom.put(admin, { baseUrl: wecomHost.url, redirectUrl, ...WECOM, ...more });
      const signIn = async (agent = 'Mozilla/5.0') => {
        const { location, flow } = await rig.sso.start('wecom', { address: ADDRESS, agent });
        const response = await fetch(location, { redirect: 'manual' });
        return rig.finish('wecom', new URL(response.headers.get('location') ?? ''), flow);
      };
      return { ...rig, signIn };
    };
    const counted = (path: string) => wecomHost.calls.splice(0).filter((call) => call.startsWith(path)).length;

    it('opens the session of the user linked to the member, with one token for all', async () => {
      const rig = await configured();
      expect(await refusal(rig.signIn())).toBe('SSO_NOT_LINKED');
      await rig.link('li', { provider: 'wecom', subject: 'zhangSAN' });
      counted('');
      await rig.signIn();
      await rig.signIn('Mozilla/5.0 wxwork/4.1.20 MicroMessenger/7.0.1');
      expect(rig.opened).toEqual(['li wecom', 'li wecom']);
      expect(wecomHost.calls.filter((call) => !call.startsWith('/cgi-bin/auth'))).toEqual([
        '/wwopen/sso/qrConnect?agentid&appid&login_type&redirect_uri&state',
        '/connect/oauth2/authorize?agentid&appid&redirect_uri&response_type&scope&state',
      ]);
      rig.clock.advance(7_200_000);
      await rig.signIn();
      expect(counted('/cgi-bin/gettoken')).toBe(1);
      const old = await configured({ userInfoPath: '/cgi-bin/user/getuserinfo' });
      await old.signIn();
      expect(old.opened).toEqual(['li wecom']);
    });

    it('takes a new token once when the one it has was ended', async () => {
      const rig = await configured();
      await rig.link('li', { provider: 'wecom', subject: 'zhangsan' });
      await rig.signIn();
      wecomHost.expireTokens();
      await rig.signIn();
      counted('');
      const over = JSON.stringify({ errcode: 42001, errmsg: 'access_token expired' });
      wecomHost.instead.push(...Array(3).fill({ path: '/cgi-bin/auth/getuserinfo', body: over }));
      expect(await refusal(rig.signIn())).toBe('SSO_UNAVAILABLE');
      expect(counted('/cgi-bin/auth/getuserinfo')).toBe(2);
      wecomHost.instead.splice(0);
    });

    it.each([
      ['a bad code', 200, '{"errcode":40029,"errmsg":"invalid code"}', 'SSO_REFUSED'],
      [
        'our address not trusted there',
        200,
        '{"errcode":60020,"errmsg":"not allow to access from your ip"}',
        'SSO_UNAVAILABLE',
      ],
      ['a busy system', 200, '{"errcode":-1,"errmsg":"system busy"}', 'SSO_UNAVAILABLE'],
      ['an unknown error', 200, '{"errcode":99999}', 'SSO_UNAVAILABLE'],
      ['no member', 200, '{"errcode":0,"openid":"o"}', 'SSO_NOT_LINKED'],
      ['no JSON', 200, '<html>', 'SSO_UNAVAILABLE'],
      ['JSON of another form', 200, '{"errcode":0,"userid":{"$ne":1}}', 'SSO_REFUSED'],
      ['an error of the host', 502, 'bad gateway', 'SSO_UNAVAILABLE'],
      ['a redirect', 302, '', 'SSO_UNAVAILABLE'],
      ['an answer without end', 200, `"${'x'.repeat(600_000)}"`, 'SSO_UNAVAILABLE'],
    ])('refuses %s', async (_what, status, body, code) => {
      const rig = await configured();
      await rig.link('li', { provider: 'wecom', subject: 'zhangsan' });
      wecomHost.instead.push({ path: '/cgi-bin/auth/getuserinfo', status, body });
      expect(await refusal(rig.signIn())).toBe(code);
      expect(rig.lines.join()).not.toContain(WECOM.secret);
    });

    it('never answers or proves its secret, and wants it again for another host', async () => {
      const rig = await configured();
      const { secret: _, ...rest } = WECOM;
      const here = { baseUrl: wecomHost.url, redirectUrl: 'http://cgw.example/x', ...rest };
      expect(JSON.stringify(await rig.wecom.put(admin, here))).not.toContain(WECOM.secret);
      expect(await refusal(rig.wecom.put(admin, { ...here, baseUrl: 'http://evil.example' }))).toBe(
        'INVALID_INPUT required',
      );
      const kept = JSON.stringify([await rows('select * from sign_in_provider'), await rows('select * from audit')]);
      expect(kept).not.toContain(WECOM.secret);
      expect(JSON.stringify(await rig.wecom.get(admin))).not.toContain(WECOM.secret);
      expect(await refusal(rig.wecom.get(testActor('viewer')))).toBe('FORBIDDEN');
      await rig.wecom.put(admin, { ...here, enabled: false });
      expect(await rig.sso.methods()).toEqual({ password: true, oidc: true, wecom: false });
      expect(await refusal(rig.sso.start('wecom', { address: ADDRESS }))).toBe('NOT_FOUND');
      await rig.wecom.remove(admin);
      expect(await refusal(rig.wecom.get(admin))).toBe('NOT_FOUND');
    });
  });

  describe('a provider that lies', () => {
    let liar: Server;
    let issuer: string;
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    /** What the token endpoint says of the person; each test spoils it. */
    let token: (claims: Record<string, unknown>) => Promise<string>;
    const now = () => Math.floor(Date.now() / 1000);
    const sign = async (claims: object, key = keys.privateKey) => {
      const text = `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}`;
      return `${text}.${cryptoSign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
    };

    beforeAll(async () => {
      const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' };
      liar = createServer((request, response) => {
        const json = (body: object) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        if (request.url === '/.well-known/openid-configuration') {
          json({
            issuer,
            authorization_endpoint: `${issuer}/auth`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/jwks`,
            response_types_supported: ['code'],
            id_token_signing_alg_values_supported: ['RS256'],
          });
        } else if (request.url === '/jwks') json({ keys: [jwk] });
        else {
          const claims = { iss: issuer, aud: OIDC_CLIENT.clientId, sub: 's', iat: now(), exp: now() + 300 };
          token(claims).then((id_token) => json({ access_token: 'a', token_type: 'Bearer', id_token }));
        }
      });
      await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
      issuer = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    });
    afterAll(() => {
      liar?.closeAllConnections();
      liar?.close();
    });
    afterEach(() => emptyTables(database.db, 'app_user'));

    const attempt = async (spoil: (claims: Record<string, unknown>) => Promise<string>): Promise<string> => {
      const rig = createRig({ issuer });
      await rig.link('li', { provider: 'oidc', subject: 's' });
      const { location, flow } = await rig.sso.start('oidc', { address: ADDRESS });
      const asked = new URL(location).searchParams;
      token = (claims) => spoil({ ...claims, nonce: asked.get('nonce') });
      const back = new URL(`${OIDC_CLIENT.redirectUrl}?code=c&state=${asked.get('state')}`);
      return refusal(rig.finish('oidc', back, flow));
    };
    const unsigned = (claims: object) => `${part({ alg: 'none' })}.${part(claims)}.`;

    it.each<[string, (claims: Record<string, unknown>) => Promise<string>, string]>([
      ['nothing', (claims) => sign(claims), 'accepted'],
      ['the nonce', (claims) => sign({ ...claims, nonce: 'another' }), 'SSO_REFUSED'],
      ['the nonce away', ({ nonce: _, ...claims }) => sign(claims), 'SSO_REFUSED'],
      ['the audience', (claims) => sign({ ...claims, aud: 'another-client' }), 'SSO_REFUSED'],
      ['the issuer', (claims) => sign({ ...claims, iss: 'http://evil.example' }), 'SSO_REFUSED'],
      ['the end', (claims) => sign({ ...claims, iat: now() - 900, exp: now() - 300 }), 'SSO_REFUSED'],
      ['the signature', (claims) => sign(claims, strangers.privateKey), 'SSO_REFUSED'],
      ['the algorithm', async (claims) => unsigned(claims), 'SSO_REFUSED'],
      ['the person away', ({ sub: _, ...claims }) => sign(claims), 'SSO_REFUSED'],
      ['everything', async () => 'no token at all', 'SSO_REFUSED'],
    ])('about %s', async (_what, spoil, code) => {
      expect(await attempt(spoil)).toBe(code);
    });
  });
});

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A WeCom on a loopback port that follows the documented calls: `gettoken` (the same token until it ends, 7200 s),
 * `auth/getuserinfo` (a code works once), errors as HTTP 200 with `errcode`. The two pages answer with the redirect
 * that a person's consent would bring.
 */
export interface FakeWecom {
  readonly url: string;
  /** Calls received, as `path?names of the query`. */
  readonly calls: string[];
  /** Who consents on the page: a member's id, or undefined for somebody from outside. */
  member: string | undefined;
  /** Answered in the place of the next calls to this path, one each. */
  readonly instead: { path: string; status?: number; body: string }[];
  /** Ends every token, as a second `gettoken` of another program can. */
  expireTokens(): void;
  stop(): Promise<void>;
}

const CORP = 'ww1234567890abcdef';
const SECRET = 'wecom-secret-of-the-application';
export const WECOM = { corpId: CORP, agentId: '1000002', secret: SECRET } as const;

export async function startFakeWecom(): Promise<FakeWecom> {
  const codes = new Map<string, string | undefined>();
  let token: string | undefined;
  const refuse = (errcode: number, errmsg: string) => ({ errcode, errmsg });

  const memberOf = (code: string, name: string): object => {
    if (!codes.has(code)) return refuse(40029, 'invalid code');
    const member = codes.get(code);
    codes.delete(code);
    return { errcode: 0, errmsg: 'ok', ...(member === undefined ? { openid: 'oAAAA' } : { [name]: member }) };
  };

  const answer = (url: URL): object => {
    const get = (name: string) => url.searchParams.get(name);
    if (url.pathname === '/cgi-bin/gettoken') {
      if (get('corpid') !== CORP) return refuse(40013, 'invalid corpid');
      if (get('corpsecret') !== SECRET) return refuse(40001, 'invalid credential');
      token ??= randomBytes(32).toString('hex');
      return { errcode: 0, errmsg: 'ok', access_token: token, expires_in: 7_200 };
    }
    if (/^\/cgi-bin\/(auth|user)\/getuserinfo$/.test(url.pathname)) {
      if (token === undefined) return refuse(42001, 'access_token expired');
      if (get('access_token') !== token) return refuse(40014, 'invalid access_token');
      return memberOf(get('code') ?? '', url.pathname.includes('/auth/') ? 'userid' : 'UserId');
    }
    return refuse(-1, 'system busy');
  };

  const fake: Omit<FakeWecom, 'url' | 'stop'> = {
    calls: [],
    member: 'ZhangSan',
    instead: [],
    expireTokens: () => {
      token = undefined;
    },
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://wecom');
    fake.calls.push(`${url.pathname}?${[...url.searchParams.keys()].sort().join('&')}`);
    const at = fake.instead.findIndex(({ path }) => path === url.pathname);
    const [planted] = at < 0 ? [] : fake.instead.splice(at, 1);
    if (planted) {
      response.writeHead(planted.status ?? 200, { location: '/elsewhere' }).end(planted.body);
    } else if (url.pathname === '/connect/oauth2/authorize' || url.pathname === '/wwopen/sso/qrConnect') {
      const code = randomBytes(16).toString('hex');
      codes.set(code, fake.member);
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      response.writeHead(302, { location: back.href }).end();
    } else {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(url)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

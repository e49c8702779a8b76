import Type from 'typebox';
import Value from 'typebox/value';
import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { WecomConfig } from '../../domain/sign-in.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { type Flow, newState } from './flow.ts';
import { type GuardedFetch, ProviderFault } from './guarded-fetch.ts';
import type { Person } from './person.ts';

/** Answers are HTTP 200 with a code in the body; 0 or none is success. */
const Answer = Type.Object({
  errcode: Type.Optional(Type.Integer()),
  errmsg: Type.Optional(Type.String()),
  access_token: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
  expires_in: Type.Optional(Type.Number()),
  // `auth/getuserinfo` says `userid`, the older `user/getuserinfo` says `UserId`.
  userid: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  UserId: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
});
type Answer = Type.Static<typeof Answer>;

/** invalid credential, invalid access_token, access_token expired */
const TOKEN_OVER = new Set([40001, 40014, 42001]);
const CODE_BAD = new Set([40029, 40078, 42003]);
/** The system is busy; api frequency out of limit. */
const BUSY = new Set([-1, 45009, 45011]);
/** A token is renewed this long before its end. */
const MARGIN_MS = 300_000;

/** OAuth2 of WeCom and private 政务微信. */
export interface WecomClient {
  /** `inApp`: the browser is the one inside the app, which needs no QR code. */
  start(config: WecomConfig, inApp: boolean): { location: string; flow: Flow };
  /** Who logged in there. Throws SSO_REFUSED or SSO_UNAVAILABLE. */
  finish(config: WecomConfig, secret: string, query: URLSearchParams): Promise<Person>;
}

export function createWecomClient(deps: {
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly log: Logger;
}): WecomClient {
  const { clock, log } = deps;
  /** One token per corporation, application and secret; a second request for it would end the first one early. */
  const tokens = new Map<string, { token: Promise<string>; until: number }>();

  const call = async (config: WecomConfig, path: string, query: Record<string, string>): Promise<Answer> => {
    const url = new URL(config.baseUrl.replace(/\/+$/, '') + path);
    url.search = new URLSearchParams(query).toString();
    let body: unknown;
    try {
      const response = await deps.fetch(url);
      if (response.status !== 200) throw new ProviderFault('unreachable', `HTTP ${response.status}`);
      body = await response.json();
    } catch (cause) {
      const key = cause instanceof ProviderFault && cause.kind === 'notAllowed' ? 'sso.target' : 'sso.unreachable';
      throw new GatewayError('SSO_UNAVAILABLE', bilingual(key), { cause });
    }
    if (!Value.Check(Answer, body)) throw new GatewayError('SSO_REFUSED', bilingual('sso.lied', { reason: 'body' }));
    return body;
  };

  const newToken = async (config: WecomConfig, secret: string, key: string): Promise<string> => {
    const answer = await call(config, '/cgi-bin/gettoken', { corpid: config.corpId, corpsecret: secret });
    if (answer.errcode || !answer.access_token) throw refused(answer, 'gettoken');
    const lasts = Math.max(60, answer.expires_in ?? 7_200) * 1000;
    const entry = tokens.get(key);
    if (entry) entry.until = clock.monotonic() + Math.max(30_000, lasts - MARGIN_MS);
    return answer.access_token;
  };

  const tokenFor = (config: WecomConfig, secret: string): { token: Promise<string>; forget: () => void } => {
    const key = JSON.stringify([config.baseUrl, config.corpId, config.agentId, secret]);
    const entry = tokens.get(key);
    if (!entry || entry.until <= clock.monotonic()) {
      // Infinity while it is on its way: those who come meanwhile wait for the same one.
      const fresh = { token: Promise.resolve(''), until: Number.POSITIVE_INFINITY };
      tokens.clear();
      tokens.set(key, fresh);
      fresh.token = newToken(config, secret, key);
      fresh.token.catch(() => {
        if (tokens.get(key) === fresh) tokens.delete(key);
      });
    }
    const current = tokens.get(key);
    return {
      token: current?.token ?? Promise.reject(new GatewayError('SSO_UNAVAILABLE', bilingual('sso.unreachable'))),
      // Only the token that failed: somebody else may have renewed it meanwhile.
      forget: () => {
        if (tokens.get(key) === current) tokens.delete(key);
      },
    };
  };

  const refused = (answer: Answer, what: string): GatewayError => {
    const errcode = answer.errcode ?? 0;
    // 60020 names our address there, which the administrator has to enter as trusted.
    log.warn({ what, errcode, errmsg: answer.errmsg?.slice(0, 200) }, 'WeCom refused a call');
    const reason = String(errcode);
    if (CODE_BAD.has(errcode)) return new GatewayError('SSO_REFUSED', bilingual('sso.denied', { reason }));
    if (BUSY.has(errcode)) return new GatewayError('SSO_UNAVAILABLE', bilingual('sso.unreachable'));
    if (errcode === 0) return new GatewayError('SSO_REFUSED', bilingual('sso.lied', { reason: what }));
    return new GatewayError('SSO_UNAVAILABLE', bilingual('sso.config', { reason }));
  };

  return {
    start(config, inApp) {
      const state = newState();
      const common = { appid: config.corpId, agentid: config.agentId, redirect_uri: config.redirectUrl, state };
      const base = config.baseUrl.replace(/\/+$/, '');
      const url = new URL(
        inApp
          ? (config.authorizeUrl ?? `${base}/connect/oauth2/authorize`)
          : (config.qrUrl ?? `${base}/wwopen/sso/qrConnect`),
      );
      const own = inApp ? { response_type: 'code', scope: 'snsapi_base' } : { login_type: 'CorpApp' };
      for (const [name, value] of Object.entries({ ...common, ...own })) url.searchParams.set(name, value);
      // The app itself looks for this ending.
      if (inApp) url.hash = 'wechat_redirect';
      return { location: url.href, flow: { provider: 'wecom', state } };
    },

    async finish(config, secret, query) {
      const code = query.get('code');
      // Whoever declines comes back without a code.
      if (!code || code.length > 512) {
        throw new GatewayError('SSO_REFUSED', bilingual('sso.denied', { reason: 'no code' }));
      }
      const ask = async () => {
        const { token, forget } = tokenFor(config, secret);
        const path = config.userInfoPath ?? '/cgi-bin/auth/getuserinfo';
        const answer = await call(config, path, { access_token: await token, code });
        return { answer, forget };
      };
      let { answer, forget } = await ask();
      if (TOKEN_OVER.has(answer.errcode ?? 0)) {
        // Another program with the same secret may have taken a new token: once more with a new one of ours.
        forget();
        ({ answer, forget } = await ask());
        if (TOKEN_OVER.has(answer.errcode ?? 0)) forget();
      }
      if (answer.errcode) throw refused(answer, 'getuserinfo');
      const userId = answer.userid ?? answer.UserId;
      // Without a UserId it is somebody from outside the corporation, known by an OpenId only.
      if (!userId) throw new GatewayError('SSO_NOT_LINKED', bilingual('sso.notLinked'));
      return {
        provider: 'wecom',
        issuer: config.corpId,
        subject: userId.toLowerCase(),
        claims: async () => ({}),
      };
    },
  };
}

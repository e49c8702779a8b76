import * as client from 'openid-client';
import type { Clock } from '../../../../adapters/adapter.ts';
import type { Config } from '../../config.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { type Flow, newState } from './flow.ts';
import { type GuardedFetch, ProviderFault } from './guarded-fetch.ts';
import type { Person } from './person.ts';

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** null = a public client, protected by PKCE alone. */
  readonly clientSecret: string | null;
  readonly redirectUrl: string;
  readonly scopes: string;
}

/** As the environment has it; null when single sign-on is not in use. */
export function oidcOf({ oidc }: Pick<Config, 'oidc'>): OidcConfig | null {
  const { ISSUER: issuer, CLIENT_ID: clientId, REDIRECT_URL: redirectUrl } = oidc;
  if (!issuer || !clientId || !redirectUrl) return null;
  const scopes = oidc.SCOPES ?? 'openid profile';
  return { issuer, clientId, redirectUrl, scopes, clientSecret: oidc.CLIENT_SECRET ?? null };
}

/** Authorization code flow with PKCE, state and nonce [OIDC Core 3.1; RFC 9700]. */
export interface OidcClient {
  /** Address of the provider's login page, and what must come back with the browser. */
  start(): Promise<{ location: string; flow: Flow }>;
  /** Who logged in there. Throws SSO_REFUSED or SSO_UNAVAILABLE. */
  finish(query: URLSearchParams, flow: Flow): Promise<Person>;
}

const FRESH_MS = 3_600_000;
/** A provider that did not answer is left alone for this long. */
const PAUSE_MS = 5_000;
/** Clocks of provider and gateway may differ by this. */
const SKEW_S = 60;

export function createOidcClient(
  config: OidcConfig,
  deps: { readonly fetch: GuardedFetch; readonly clock: Clock },
): OidcClient {
  const now = () => deps.clock.monotonic();
  let known: { found: client.Configuration; at: number } | undefined;
  let asking: Promise<client.Configuration> | undefined;
  let failed: { error: unknown; at: number } | undefined;

  const discover = async () => {
    const issuer = new URL(config.issuer);
    const found = await client.discovery(
      issuer,
      config.clientId,
      { [client.clockTolerance]: SKEW_S, ...(config.clientSecret ? { client_secret: config.clientSecret } : {}) },
      config.clientSecret ? client.ClientSecretBasic(config.clientSecret) : client.None(),
      {
        [client.customFetch]: (url, init) => deps.fetch(url, init),
        timeout: 8,
        execute: issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [],
      },
    );
    // By default the library trusts TLS for tokens it fetched itself; the signature is checked here all the same.
    client.enableNonRepudiationChecks(found);
    return found;
  };

  const configuration = async (): Promise<client.Configuration> => {
    if (known && now() - known.at < FRESH_MS) return known.found;
    if (failed && now() - failed.at < PAUSE_MS) throw failed.error;
    asking ??= discover().finally(() => {
      asking = undefined;
    });
    try {
      const found = await asking;
      known = { found, at: now() };
      failed = undefined;
      return found;
    } catch (error) {
      failed = { error, at: now() };
      // What was found an hour ago is better than nothing.
      if (known) return known.found;
      throw error;
    }
  };

  return {
    async start() {
      const found = await asRefusal(configuration());
      const flow = {
        provider: 'oidc',
        state: newState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      } as const;
      const location = client.buildAuthorizationUrl(found, {
        redirect_uri: config.redirectUrl,
        scope: config.scopes,
        code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
        state: flow.state,
        nonce: flow.nonce,
      });
      return { location: location.href, flow };
    },

    async finish(query, flow) {
      const found = await asRefusal(configuration());
      // The address the provider was given, whatever a proxy made of it on the way here.
      const back = new URL(config.redirectUrl);
      back.search = query.toString();
      const tokens = await asRefusal(
        client.authorizationCodeGrant(found, back, {
          pkceCodeVerifier: flow.verifier ?? '',
          expectedState: flow.state,
          expectedNonce: flow.nonce ?? '',
          idTokenExpected: true,
        }),
      );
      const claims = tokens.claims();
      if (!claims) throw new GatewayError('SSO_REFUSED', bilingual('sso.lied', { reason: 'no id_token' }));
      const { issuer } = found.serverMetadata();
      return {
        provider: 'oidc',
        issuer,
        subject: claims.sub,
        async claims() {
          // Many providers tell names only there.
          const more = found.serverMetadata().userinfo_endpoint
            ? await asRefusal(client.fetchUserInfo(found, tokens.access_token, claims.sub))
            : {};
          return linkClaims({ ...claims, ...more });
        },
      };
    },
  };
}

/** Claims a person may be known by: phone and e-mail only when the provider says that it verified them. */
export function linkClaims(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  const text = (name: string) => {
    const value = claims[name];
    return typeof value === 'string' && value !== '' && value.length <= 255 ? { [name]: value } : {};
  };
  return {
    ...text('preferred_username'),
    ...(claims.phone_number_verified === true ? text('phone_number') : {}),
    ...(claims.email_verified === true ? text('email') : {}),
  };
}

async function asRefusal<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refusalOf(error);
  }
}

/** What went wrong at the provider, as a refusal that says whether trying again can help. */
function refusalOf(cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  const fault = causes(cause).find((one) => one instanceof ProviderFault);
  if (fault) {
    const key = fault.kind === 'notAllowed' ? 'sso.target' : 'sso.unreachable';
    return new GatewayError('SSO_UNAVAILABLE', bilingual(key), { cause });
  }
  if (cause instanceof client.AuthorizationResponseError || cause instanceof client.ResponseBodyError) {
    const reason = /^[\w.-]{1,60}$/.test(cause.error) ? cause.error : 'error';
    if (reason === 'temporarily_unavailable' || reason === 'server_error') {
      return new GatewayError('SSO_UNAVAILABLE', bilingual('sso.unreachable'), { cause });
    }
    if (reason === 'invalid_client' || reason === 'unauthorized_client') {
      return new GatewayError('SSO_UNAVAILABLE', bilingual('sso.config', { reason }), { cause });
    }
    return new GatewayError('SSO_REFUSED', bilingual('sso.denied', { reason }), { cause });
  }
  const code = (cause as { code?: unknown } | null)?.code;
  const answer = causes(cause).find((one) => one instanceof Response);
  if (code === 'OAUTH_TIMEOUT' || (answer && answer.status >= 500)) {
    return new GatewayError('SSO_UNAVAILABLE', bilingual('sso.unreachable'), { cause });
  }
  const reason = typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : 'invalid';
  return new GatewayError('SSO_REFUSED', bilingual('sso.lied', { reason }), { cause });
}

/** The error and what it came from, innermost last. */
function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (
    let one = error;
    one !== undefined && one !== null && chain.length < 8;
    one = (one as { cause?: unknown }).cause
  ) {
    chain.push(one);
  }
  return chain;
}

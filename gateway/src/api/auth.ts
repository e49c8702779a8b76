import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../domain/actor.ts';
import { type Action, may, type Resource } from '../domain/permission.ts';
import { GatewayError } from '../errors.ts';
import type { SessionPort } from './ports/people.ts';

export const SESSION_COOKIE = 'cgw_session';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `public` = nobody is asked; `login` = anyone logged in; else the right the caller's role must have. */
export type AccessRule = 'public' | 'login' | `${Resource}:${Action}`;

/** What a route demands. A route that declares nothing is refused at boot. */
export interface RouteAccess {
  readonly access: AccessRule;
  /** Usable while the password still has to be changed. */
  readonly beforePasswordChange?: boolean;
  /** Usable by an administrator who still has to set up one-time codes; what is usable before the password change is. */
  readonly beforeEnrolment?: boolean;
}

export interface Auth {
  /** Finds out who calls and whether the route is theirs; throws the refusal. Runs before the body is read. */
  check(request: FastifyRequest, rule: RouteAccess): Promise<Actor | undefined>;
  /** Who calls, or undefined; never refuses. For answers that say more to insiders. */
  identify(request: FastifyRequest): Promise<Actor | undefined>;
  /** Whether the browser came by TLS: to a proxy that is trusted to say so. */
  secure(request: FastifyRequest): boolean;
  setCookie(reply: FastifyReply, token: string, maxAgeSeconds: number): void;
  clearCookie(reply: FastifyReply): void;
}

export function createAuth(sessions: SessionPort, options: { secureCookie: boolean }): Auth {
  const identify = async (request: FastifyRequest) => {
    const credential = credentialOf(request);
    return credential ? ((await sessions.authenticate(credential.token, request.ip)) ?? undefined) : undefined;
  };

  const secure = (request: FastifyRequest) => options.secureCookie || request.protocol === 'https';

  return {
    identify,
    secure,
    async check(request, rule) {
      if (rule.access === 'public') {
        // A login form on a foreign page must not log a visitor in as somebody else.
        if (!SAFE_METHODS.has(request.method)) assertNotCrossSite(request);
        return undefined;
      }
      const credential = credentialOf(request);
      if (!credential) throw new GatewayError('UNAUTHENTICATED');
      if (credential.via === 'cookie' && !SAFE_METHODS.has(request.method)) assertSameOrigin(request);
      const caller = await sessions.authenticate(credential.token, request.ip);
      if (!caller) throw new GatewayError('UNAUTHENTICATED');
      // Known even when refused: the refusal is proven under the name of who was refused.
      request.caller = caller;
      if (caller.mustChangePassword && !rule.beforePasswordChange) throw new GatewayError('PASSWORD_CHANGE_REQUIRED');
      if (caller.mustEnrol && !rule.beforeEnrolment && !rule.beforePasswordChange) {
        throw new GatewayError('SECOND_FACTOR_ENROLMENT_REQUIRED');
      }
      if (!allows(rule.access, caller)) throw new GatewayError('FORBIDDEN');
      return caller;
    },
    setCookie(reply, token, maxAgeSeconds) {
      reply.setCookie(SESSION_COOKIE, token, { ...cookieOptions(secure(reply.request)), maxAge: maxAgeSeconds });
    },
    clearCookie(reply) {
      reply.clearCookie(SESSION_COOKIE, cookieOptions(secure(reply.request)));
    },
  };
}

/** Whether a caller whose password is settled passes the rule. */
export function allows(rule: AccessRule, caller: Actor): boolean {
  if (rule === 'public' || rule === 'login') return true;
  const [resource, action] = rule.split(':') as [Resource, Action];
  return may(caller, resource, action);
}

function cookieOptions(secure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'strict' as const, secure };
}

/** A header wins over the cookie, so a program in a browser's network never borrows the person's session. */
function credentialOf(request: FastifyRequest): { token: string; via: 'header' | 'cookie' } | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const match = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header);
    return match?.[1] ? { token: match[1], via: 'header' } : undefined;
  }
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie && cookie.length <= 512 ? { token: cookie, via: 'cookie' } : undefined;
}

function assertNotCrossSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined ? site !== 'same-origin' && site !== 'none' : foreignOrigin(request)) throw crossSite();
}

/** Every browser sends at least one of the two on a writing request; a cookie with neither is no browser of ours. */
function assertSameOrigin(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) {
    if (site !== 'same-origin') throw crossSite();
  } else if (request.headers.origin === undefined || foreignOrigin(request)) throw crossSite();
}

function foreignOrigin(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

function crossSite(): GatewayError {
  return new GatewayError(
    'FORBIDDEN',
    '跨站请求已拒绝；程序请使用 Authorization 头 / Cross-site request refused; programs send an Authorization header',
  );
}

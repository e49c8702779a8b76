import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SoapFault, type SoapRequest } from './soap.ts';

/**
 * Who is let in: `none` everybody, `wsToken` a WS-UsernameToken only, `digestMd5`, `digestSha256` and `digestBoth`
 * HTTP Digest only, `any` either. Snapshots know `basic` besides and no token.
 */
export const ONVIF_AUTH = ['none', 'wsToken', 'digestMd5', 'digestSha256', 'digestBoth', 'any'] as const;
export type OnvifAuth = (typeof ONVIF_AUTH)[number];
export type SnapshotAuth = 'none' | 'basic' | 'digestMd5' | 'digestSha256' | 'digestBoth';

const REALM = 'IP Camera(Simulated)';
const LOCK_AFTER = 5;
const LOCK_MS = 30_000;
const MAX_NONCES = 500;

export interface Gate {
  /** Throws a {@link SoapFault}, or answers 401 with a challenge and returns false. */
  admitSoap(auth: OnvifAuth, soap: SoapRequest, request: IncomingMessage, response: ServerResponse): boolean;
  admitSnapshot(auth: SnapshotAuth, request: IncomingMessage, response: ServerResponse): boolean;
  /** 401 with a fresh nonce whatever was sent. */
  challenge(auth: SnapshotAuth, response: ServerResponse, stale?: boolean): void;
  login: { readonly username: string; readonly password: string };
  /** Refused logins since the last good one. */
  readonly badLogins: number;
  /** Epoch ms until which even the right login is refused; 0 = not locked. */
  readonly lockedUntil: number;
  unlock(): void;
}

/** Knows the account of a device. `now` is the device's own clock; a token made more than `windowMs` away from it is refused. */
export function createGate(options: {
  readonly login: { readonly username: string; readonly password: string };
  readonly windowMs: number;
  readonly now: () => number;
}): Gate {
  const issued = new Set<string>();
  const usedTokens = new Set<string>();
  let login = options.login;
  let badLogins = 0;
  let lockedUntil = 0;

  const judge = (right: boolean): boolean => {
    if (Date.now() < lockedUntil) return false;
    badLogins = right ? 0 : badLogins + 1;
    if (badLogins >= LOCK_AFTER) {
      lockedUntil = Date.now() + LOCK_MS;
      badLogins = 0;
    }
    return right;
  };

  const tokenIsRight = (token: NonNullable<SoapRequest['token']>): boolean => {
    const made = Date.parse(token.created);
    if (!token.digest || Number.isNaN(made) || Math.abs(made - options.now()) > options.windowMs) return false;
    if (usedTokens.has(token.nonce)) return false;
    if (usedTokens.size > MAX_NONCES) usedTokens.clear();
    usedTokens.add(token.nonce);
    const nonce = Buffer.from(token.nonce, 'base64');
    const sum = createHash('sha1').update(nonce).update(token.created).update(login.password).digest('base64');
    return token.username === login.username && same(token.password, sum);
  };

  const digestIsRight = (auth: string, request: IncomingMessage): boolean => {
    const header = request.headers.authorization ?? '';
    const parts: Record<string, string> = {};
    for (const [, name = '', quoted, bare] of header.slice(7).matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
      parts[name] = quoted ?? bare ?? '';
    }
    const { username, nonce = '', uri, response = '', nc = '', cnonce = '', qop = '' } = parts;
    const algorithm = (parts.algorithm ?? 'MD5').toUpperCase();
    if (algorithm === 'MD5' ? auth === 'digestSha256' : algorithm !== 'SHA-256' || auth === 'digestMd5') return false;
    if (username !== login.username || !issued.has(nonce) || uri !== request.url || qop !== 'auth') return false;
    const hash = (text: string) =>
      createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text)
        .digest('hex');
    const account = hash(`${login.username}:${REALM}:${login.password}`);
    const asked = hash(`${request.method}:${uri}`);
    return same(response.toLowerCase(), hash([account, nonce, nc, cnonce, qop, asked].join(':')));
  };

  const gate: Gate = {
    get badLogins() {
      return badLogins;
    },
    get lockedUntil() {
      return Date.now() < lockedUntil ? lockedUntil : 0;
    },
    get login() {
      return login;
    },
    set login(next) {
      login = next;
    },
    unlock() {
      badLogins = 0;
      lockedUntil = 0;
    },
    challenge(auth, response, stale = false) {
      const ways: string[] = [];
      if (auth === 'basic') ways.push(`Basic realm="${REALM}"`);
      const offer = (algorithm: string) => {
        const nonce = randomBytes(16).toString('base64');
        if (issued.size > MAX_NONCES) issued.clear();
        issued.add(nonce);
        ways.push(
          `Digest qop="auth", realm="${REALM}", nonce="${nonce}"${algorithm}, stale="${stale ? 'TRUE' : 'FALSE'}"`,
        );
      };
      if (auth === 'digestMd5' || auth === 'digestBoth') offer('');
      if (auth === 'digestSha256' || auth === 'digestBoth') offer(', algorithm=SHA-256');
      response.writeHead(401, { 'WWW-Authenticate': ways, 'Content-Length': 0 });
      response.end();
    },
    admitSoap(auth, soap, request, response) {
      if (auth === 'none') return true;
      const takesToken = auth === 'wsToken' || auth === 'any';
      const digest = auth === 'any' ? 'digestMd5' : auth;
      if (takesToken && soap.token) {
        if (judge(tokenIsRight(soap.token))) return true;
      } else if (digest !== 'wsToken' && request.headers.authorization?.startsWith('Digest ')) {
        if (judge(digestIsRight(digest, request))) return true;
      }
      if (takesToken && (soap.token || auth === 'wsToken')) {
        throw new SoapFault(400, 'Sender', 'NotAuthorized', 'Sender not Authorized');
      }
      gate.challenge(digest === 'wsToken' ? 'digestMd5' : digest, response);
      return false;
    },
    admitSnapshot(auth, request, response) {
      if (auth === 'none') return true;
      const header = request.headers.authorization;
      if (header !== undefined) {
        const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
        if (judge(auth === 'basic' ? same(header, basic) : digestIsRight(auth, request))) return true;
      }
      gate.challenge(auth, response);
      return false;
    },
  };
  return gate;
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

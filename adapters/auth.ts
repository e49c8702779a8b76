import { isUtf8 } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';

/** A user name and password for a camera. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** One scheme a server offers in a WWW-Authenticate header; parameter names in lower case. */
export interface Challenge {
  readonly scheme: 'digest' | 'basic';
  readonly params: ReadonlyMap<string, string>;
}

/** The challenge to answer, and how. */
export interface ChosenChallenge {
  readonly name: string;
  readonly stale: boolean;
  /**
   * `cnonce` is random unless a test fixes it. `use` counts the answers to this challenge from 1. `body` is what
   * integrity protection covers; it is needed only when the challenge was chosen with `integrity`.
   */
  authorization(login: Login, method: string, uri: string, extra?: AnswerExtra): string;
}

export interface AnswerExtra {
  readonly cnonce?: string;
  readonly use?: number;
  readonly body?: string;
}

const HASHES: Record<string, string> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };
/** Strongest first; Basic only when no Digest is offered, because it hands the password to whoever listens. */
const PREFERENCE = ['SHA-512-256', 'SHA-256', 'MD5'];

/**
 * Reads every challenge out of all WWW-Authenticate headers. Cameras put several schemes in one header or one each,
 * quote or do not quote, start with any parameter, and use nonces with "=" inside.
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  const found: { scheme: string; params: Map<string, string> }[] = [];
  // Either `name = "quoted"`, `name = token`, or a bare word, which is the scheme of a new challenge.
  const piece = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;
  for (const header of headers) {
    for (const [, name = '', quoted, token] of fromWire(header).matchAll(piece)) {
      if (quoted === undefined && token === undefined) {
        found.push({ scheme: name.toLowerCase(), params: new Map() });
      } else {
        const value = quoted === undefined ? (token ?? '') : quoted.replace(/\\(.)/g, '$1');
        found.at(-1)?.params.set(name.toLowerCase(), value);
      }
    }
  }
  return found.filter((one): one is typeof one & Challenge => one.scheme === 'digest' || one.scheme === 'basic');
}

/** HTTP and RTSP hand bytes over as Latin-1; a Chinese realm is UTF-8. */
function fromWire(header: string): string {
  const bytes = Buffer.from(header, 'latin1');
  const isWire = bytes.toString('latin1') === header;
  return isWire && isUtf8(bytes) ? bytes.toString('utf8') : header;
}

/**
 * The strongest challenge we can answer, or undefined when there is none. `integrity`: the caller hands the body over,
 * so a challenge that offers `auth-int` alone can be answered, too. `basic: false`: the password itself must not go there.
 */
export function chooseChallenge(
  challenges: readonly Challenge[],
  { integrity = false, basic = true } = {},
): ChosenChallenge | undefined {
  const digests = challenges
    .filter((one) => one.scheme === 'digest')
    .flatMap((one) => readDigest(one, integrity))
    .sort((a, b) => PREFERENCE.indexOf(a.algorithm) - PREFERENCE.indexOf(b.algorithm));
  const [digest] = digests;
  if (digest) {
    return {
      name: `digest ${digest.algorithm}${digest.session ? '-sess' : ''}`,
      stale: digest.stale,
      authorization: (login, method, uri, extra = {}) => digestHeader(digest, login, method, uri, extra),
    };
  }
  if (!basic || !offersBasic(challenges)) return undefined;
  // An unanswerable Digest beside Basic must not lure the password out in clear.
  if (challenges.some((one) => one.scheme === 'digest')) return undefined;
  return {
    name: 'basic',
    stale: false,
    authorization: ({ username, password }) =>
      `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`,
  };
}

export function offersBasic(challenges: readonly Challenge[]): boolean {
  return challenges.some((one) => one.scheme === 'basic');
}

/**
 * Why no challenge was answered. A host that nobody registered and the camera merely named may be anybody's: it gets
 * proof that we know the password, never the password.
 */
export function unanswerable(challenges: readonly Challenge[], { basic = true } = {}): string {
  const held = !basic && offersBasic(challenges);
  return held
    ? 'asks for Basic, which is not sent to a host that the camera named'
    : 'without a login scheme we can answer';
}

interface Digest {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** As the server wrote it; absent when it named none (then MD5). */
  readonly written: string | undefined;
  readonly algorithm: string;
  readonly session: boolean;
  readonly qop: 'auth' | 'auth-int' | undefined;
  readonly stale: boolean;
}

function readDigest({ params }: Challenge, integrity: boolean): Digest[] {
  const written = params.get('algorithm');
  const session = /-sess$/i.test(written ?? '');
  const algorithm = (written ?? 'MD5').replace(/-sess$/i, '').toUpperCase();
  const offers =
    params
      .get('qop')
      ?.split(',')
      .map((one) => one.trim().toLowerCase()) ?? [];
  const protectsBody = integrity && offers.includes('auth-int');
  const qop = offers.includes('auth') ? 'auth' : protectsBody ? 'auth-int' : undefined;
  const nonce = params.get('nonce');
  const unknownQop = !qop && offers.some((one) => one !== '');
  if (!Object.hasOwn(HASHES, algorithm) || nonce === undefined || unknownQop) return [];
  const stale = params.get('stale')?.toLowerCase() === 'true';
  return [
    { realm: params.get('realm') ?? '', nonce, opaque: params.get('opaque'), written, algorithm, session, qop, stale },
  ];
}

/** RFC 7616 §3.4, and RFC 2069 when the server offers no qop (GStreamer, Dahua, Hikvision). */
function digestHeader(
  digest: Digest,
  login: Login,
  method: string,
  uri: string,
  { cnonce = randomBytes(8).toString('hex'), use = 1, body = '' }: AnswerExtra,
): string {
  const hash = (text: string) =>
    createHash(HASHES[digest.algorithm] ?? 'md5')
      .update(text, 'utf8')
      .digest('hex');
  const nc = use.toString(16).padStart(8, '0');
  const account = hash(`${login.username}:${digest.realm}:${login.password}`);
  const ha1 = digest.session ? hash(`${account}:${digest.nonce}:${cnonce}`) : account;
  const ha2 = hash(digest.qop === 'auth-int' ? `${method}:${uri}:${hash(body)}` : `${method}:${uri}`);
  const response = digest.qop
    ? hash(`${ha1}:${digest.nonce}:${nc}:${cnonce}:${digest.qop}:${ha2}`)
    : hash(`${ha1}:${digest.nonce}:${ha2}`);
  const fields = [
    `username=${quote(login.username)}`,
    `realm=${quote(digest.realm)}`,
    `nonce=${quote(digest.nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
  ];
  if (digest.written !== undefined) fields.push(`algorithm=${digest.written}`);
  if (digest.opaque !== undefined) fields.push(`opaque=${quote(digest.opaque)}`);
  if (digest.qop) fields.push(`qop=${digest.qop}`, `nc=${nc}`);
  if (digest.qop || digest.session) fields.push(`cnonce="${cnonce}"`);
  return `Digest ${fields.join(', ')}`;
}

/** CR and LF would let a password or a server's realm write further headers; other controls fit into none. */
function quote(text: string): string {
  return `"${text.replace(/\p{Cc}/gu, '').replace(/["\\]/g, '\\$&')}"`;
}

import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Answers the addresses of the URL's host that may be dialled. Rejects with `kind: 'notAllowed'` when none may. */
export type CheckTarget = (url: URL) => Promise<readonly PinnedAddress[]>;

/** `notAllowed`: outside what may be dialled; `unreachable`: no answer in time, or one larger than any honest answer. */
export class ProviderFault extends Error {
  readonly kind: 'notAllowed' | 'unreachable';
  constructor(kind: 'notAllowed' | 'unreachable', message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ProviderFault';
    this.kind = kind;
  }
}

export interface FetchInit {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}
export type GuardedFetch = (url: string | URL, init?: FetchInit) => Promise<Response>;

const DEADLINE_MS = 8_000;
const CAP_BYTES = 512 * 1024;

/**
 * `fetch` for identity providers: dials only the address that was judged, follows no redirect (its target was never
 * judged), ends at a deadline and reads no more than an answer of this kind can be long.
 */
export function createGuardedFetch(options: { checkTarget: CheckTarget; deadlineMs?: number }): GuardedFetch {
  return async (address, init = {}) => {
    const url = new URL(address);
    const ends = AbortSignal.timeout(options.deadlineMs ?? DEADLINE_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, ends]) : ends;
    const target = await within(signal, judge(options.checkTarget, url));
    return dial(url, target, init, signal);
  };
}

async function judge(checkTarget: CheckTarget, url: URL): Promise<PinnedAddress> {
  let found: readonly PinnedAddress[];
  try {
    found = await checkTarget(url);
  } catch (cause) {
    const kind = (cause as { kind?: unknown }).kind === 'notAllowed' ? 'notAllowed' : 'unreachable';
    throw new ProviderFault(kind, `${url.host}: ${cause instanceof Error ? cause.message : 'not judged'}`, cause);
  }
  const [first] = found;
  if (!first) throw new ProviderFault('unreachable', `${url.host} has no address`);
  return first;
}

/** A resolver that hangs must not outlast the deadline. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new ProviderFault('unreachable', 'no answer in time'));
    if (signal.aborted) return late();
    signal.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}

function dial(url: URL, target: PinnedAddress, init: FetchInit, signal: AbortSignal): Promise<Response> {
  const lookup: LookupFunction = (_host, { all }, done) =>
    all ? done(null, [{ ...target }]) : done(null, target.address, target.family);
  const body = bodyOf(init.body);
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      const why = signal.aborted
        ? 'no answer in time'
        : String((cause as { code?: unknown }).code ?? 'connection failed');
      // Never the URL itself: WeCom's calls carry their secret in it.
      reject(new ProviderFault('unreachable', `${url.host}${url.pathname}: ${why}`, cause));
    };
    const call = request(
      url,
      {
        method: init.method ?? 'GET',
        headers: {
          ...init.headers,
          'user-agent': 'chengyun-gateway',
          ...(body === undefined ? {} : { 'content-length': body.length }),
        },
        lookup,
        agent: false,
        signal,
        maxHeaderSize: 32 * 1024,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('error', fail);
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > CAP_BYTES) answer.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        answer.on('end', () => {
          try {
            resolve(responseOf(answer.statusCode ?? 0, answer.headers, Buffer.concat(chunks)));
          } catch (cause) {
            fail(cause);
          }
        });
      },
    );
    call.on('error', fail);
    call.end(body);
  });
}

function bodyOf(body: unknown): Buffer | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string' || body instanceof URLSearchParams) return Buffer.from(String(body));
  if (body instanceof Uint8Array) return Buffer.from(body);
  throw new TypeError('a body of this kind is never sent');
}

function responseOf(status: number, headers: NodeJS.Dict<string | string[]>, body: Buffer): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
  );
  const bare = status === 204 || status === 205 || status === 304;
  return new Response(bare ? null : new Uint8Array(body), { status, headers: pairs });
}

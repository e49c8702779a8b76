import { createHmac } from 'node:crypto';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../adapters/adapter.ts';
import { bilingual } from './messages/index.ts';

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Gateway clock, epoch milliseconds, after which the try must be over. */
  readonly deadline: number;
  /** The receiver's secret, already opened; null when it has none. */
  readonly secret: string | null;
}

/** `retry`: trying later may help. `permanent`: it will not, before somebody changes something. */
export interface SendResult {
  readonly outcome: 'sent' | 'retry' | 'permanent';
  /** Short and technical, for the dead-letter list; never a credential. */
  readonly detail: string;
  /** The receiver's wish, in milliseconds. */
  readonly retryAfter?: number;
  /** The platform refuses everything for `retryAfter`, not this message alone. */
  readonly throttled?: boolean;
}

export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Resolves the host of a URL and answers the addresses that may be dialled, in order. Rejects with `kind: 'notAllowed'`
 * when the target is forbidden; any other rejection is worth a retry.
 */
export type CheckTarget = (url: URL) => Promise<readonly PinnedAddress[]>;

export interface Exchange {
  readonly url: URL;
  readonly method?: 'POST' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** One try, in milliseconds, at most. */
  readonly timeout: number;
  /** A success is believed at its status line, without waiting for the body. */
  readonly statusIsEnough: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Up to 64 KiB; empty for a success whose status is enough. */
  readonly body: string;
}

const RESPONSE_CAP = 64 * 1024;
const SNIPPET = 200;

/** One request to an address that was judged; redirects are not followed. A refusal or failure comes as a result to hand on. */
export async function exchange(
  wanted: Exchange,
  { clock, checkTarget }: { clock: Clock; checkTarget: CheckTarget },
  options: SendOptions,
): Promise<Answer | SendResult> {
  let target: PinnedAddress | undefined;
  try {
    [target] = await checkTarget(wanted.url);
  } catch (error) {
    return noTarget(error);
  }
  if (!target) return { outcome: 'retry', detail: 'the name has no address' };
  const within = Math.min(wanted.timeout, options.deadline - clock.now());
  if (within <= 0) return { outcome: 'retry', detail: 'no time left' };
  return dial(wanted, target, AbortSignal.any([options.signal, AbortSignal.timeout(within)]));
}

/** A name that leads nowhere may lead somewhere later; an address that is not allowed stays so until somebody allows it. */
export function noTarget(error: unknown): SendResult {
  const forbidden = (error as { kind?: unknown }).kind === 'notAllowed';
  return forbidden
    ? { outcome: 'permanent', detail: bilingual('channel.targetNotAllowed') }
    : { outcome: 'retry', detail: `name lookup failed: ${describe(error)}` };
}

export function isAnswer(result: Answer | SendResult): result is Answer {
  return 'status' in result;
}

function dial(wanted: Exchange, target: PinnedAddress, signal: AbortSignal): Promise<Answer | SendResult> {
  // Only the address that was judged is dialled, whatever the name says by now.
  const lookup: LookupFunction = (_host, options, done) =>
    options.all ? done(null, [{ ...target }]) : done(null, target.address, target.family);
  const request = wanted.url.protocol === 'https:' ? tlsRequest : plainRequest;
  const body = wanted.body ?? '';
  return new Promise((resolve) => {
    const fail = (error: unknown) =>
      resolve({ outcome: 'retry', detail: signal.aborted ? 'timeout' : describe(error) });
    try {
      const call = request(
        wanted.url,
        {
          method: wanted.method ?? 'POST',
          headers: { ...wanted.headers, 'content-length': Buffer.byteLength(body) },
          lookup,
          agent: false,
          signal,
          maxHeaderSize: 16 * 1024,
        },
        (response) => collect(response, wanted.statusIsEnough, fail, resolve),
      );
      call.on('error', fail);
      call.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

function collect(
  response: IncomingMessage,
  statusIsEnough: boolean,
  fail: (error: unknown) => void,
  done: (answer: Answer) => void,
): void {
  const status = response.statusCode ?? 0;
  const { headers } = response;
  const good = status >= 200 && status < 300;
  let size = 0;
  const chunks: Buffer[] = [];
  const finish = () => done({ status, headers, body: Buffer.concat(chunks).toString('utf8') });
  if (good && statusIsEnough) done({ status, headers, body: '' });
  response.on('data', (chunk: Buffer) => {
    if (size < RESPONSE_CAP) chunks.push(chunk);
    size += chunk.length;
    if (size > RESPONSE_CAP) response.destroy();
  });
  // The end of a refusal explains it; half an acceptance is none.
  response.on('error', (error) => (good || status === 0 ? fail(error) : finish()));
  response.on('close', () => (response.complete || !good ? finish() : fail(new Error('answer cut off'))));
}

/** What the status line alone says, for answers that are no acceptance. */
export function byStatus({ status, headers, body }: Answer): SendResult {
  if (status >= 200 && status < 300) return { outcome: 'sent', detail: `HTTP ${status}` };
  const snippet = printable(body);
  const detail = snippet === '' ? `HTTP ${status}` : `HTTP ${status}: ${snippet}`;
  // Redirects are not followed: their target was never judged.
  if (status < 500 && !PASSING.has(status)) return { outcome: 'permanent', detail };
  const after = Number(headers['retry-after']);
  return {
    outcome: 'retry',
    detail,
    ...(Number.isFinite(after) && after > 0 ? { retryAfter: Math.min(after, 3_600) * 1_000 } : {}),
  };
}

/** Client errors that speak of the moment, not of the message. */
const PASSING = new Set([408, 425, 429]);

export function printable(text: string): string {
  return text
    .slice(0, SNIPPET * 4)
    .replace(/[^\P{C}]+/gu, ' ')
    .trim()
    .slice(0, SNIPPET);
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : printable(error.message);
}

/** `sha256=` and the hex HMAC-SHA256 over timestamp, a dot and the body. */
export function sign(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

import { createHmac } from 'node:crypto';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../../../adapters/adapter.ts';
import type { Channel, OutgoingMessage, SendOptions, SendResult } from '../channel.ts';
import { RESERVED_HEADERS, WebhookConfig } from './config.ts';

export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Resolves the host of a URL and answers the addresses that may be dialled, in order. Rejects with `kind: 'notAllowed'`
 * when the target is forbidden; any other rejection is worth a retry.
 */
export type CheckTarget = (url: URL) => Promise<readonly PinnedAddress[]>;

const RESPONSE_CAP = 64 * 1024;
const SNIPPET = 200;
/** Client errors that speak of the moment, not of the message. */
const PASSING = new Set([408, 425, 429]);

/** Posts each notice as JSON, signed with HMAC-SHA256. */
export function createWebhook({
  checkTarget,
  clock,
}: {
  checkTarget: CheckTarget;
  clock: Clock;
}): Channel<typeof WebhookConfig> {
  return {
    name: 'webhook',
    config: WebhookConfig,
    async send(message, config, options) {
      const url = new URL(config.url);
      let target: PinnedAddress | undefined;
      try {
        [target] = await checkTarget(url);
      } catch (error) {
        const forbidden = (error as { kind?: unknown }).kind === 'notAllowed';
        return forbidden
          ? { outcome: 'permanent', detail: 'target not allowed' }
          : { outcome: 'retry', detail: `name lookup failed: ${describe(error)}` };
      }
      if (!target) return { outcome: 'retry', detail: 'the name has no address' };
      const within = Math.min(config.timeout ?? 10_000, options.deadline - clock.now());
      if (within <= 0) return { outcome: 'retry', detail: 'no time left' };
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(within)]);
      return post(url, target, headersOf(message, config, options, clock.now()), bodyOf(message), signal);
    },
  };
}

/** Built from the notice alone, so every try of a key carries the same bytes. */
function bodyOf({ key, notice, title, text }: OutgoingMessage): string {
  return JSON.stringify({
    id: key,
    event: notice.event,
    title,
    text,
    notice: { ...notice, at: new Date(notice.at).toISOString() },
  });
}

function headersOf(message: OutgoingMessage, config: WebhookConfig, options: SendOptions, now: number) {
  const timestamp = String(now);
  const extra = Object.entries(config.headers ?? {}).filter(([name]) => !RESERVED_HEADERS.test(name));
  return {
    ...Object.fromEntries(extra),
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'chengyun-gateway',
    'idempotency-key': message.key,
    'x-cgw-timestamp': timestamp,
    ...(options.secret === null ? {} : { 'x-cgw-signature': sign(options.secret, timestamp, bodyOf(message)) }),
  };
}

/** `sha256=` and the hex HMAC-SHA256 over timestamp, a dot and the body. */
export function sign(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

function post(
  url: URL,
  target: PinnedAddress,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<SendResult> {
  // Only the address that was judged is dialled, whatever the name says by now.
  const lookup: LookupFunction = (_host, options, done) =>
    options.all ? done(null, [{ ...target }]) : done(null, target.address, target.family);
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve) => {
    const fail = (error: unknown) =>
      resolve({ outcome: 'retry', detail: signal.aborted ? 'timeout' : describe(error) });
    try {
      const call = request(
        url,
        {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          lookup,
          agent: false,
          signal,
          maxHeaderSize: 16 * 1024,
        },
        (response) => {
          response.on('error', fail);
          collect(response, signal, (snippet) => resolve(judge(response, snippet)));
        },
      );
      call.on('error', fail);
      call.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

/** Reads what explains a refusal, and never more than the cap; a success is believed at its status line. */
function collect(response: IncomingMessage, signal: AbortSignal, done: (snippet: string) => void): void {
  let size = 0;
  const chunks: Buffer[] = [];
  const finish = () => done(printable(Buffer.concat(chunks).toString('utf8', 0, SNIPPET * 4)));
  if (succeeded(response)) done('');
  response.on('data', (chunk: Buffer) => {
    if (size < SNIPPET * 4) chunks.push(chunk);
    size += chunk.length;
    if (size > RESPONSE_CAP) response.destroy();
  });
  response.on('close', finish);
  signal.addEventListener('abort', finish, { once: true });
}

function judge(response: IncomingMessage, snippet: string): SendResult {
  const status = response.statusCode ?? 0;
  const detail = snippet === '' ? `HTTP ${status}` : `HTTP ${status}: ${snippet}`;
  if (succeeded(response)) return { outcome: 'sent', detail };
  // Redirects are not followed: their target was never judged.
  if (status < 500 && !PASSING.has(status)) return { outcome: 'permanent', detail };
  const after = Number(response.headers['retry-after']);
  return {
    outcome: 'retry',
    detail,
    ...(Number.isFinite(after) && after > 0 ? { retryAfter: Math.min(after, 3_600) * 1_000 } : {}),
  };
}

function succeeded(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

function printable(text: string): string {
  return text
    .replace(/[^\P{C}]+/gu, ' ')
    .trim()
    .slice(0, SNIPPET);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.message;
}

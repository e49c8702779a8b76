import type { Clock } from '../../../adapters/adapter.ts';
import type { PeerAuth } from '../domain/exchange.ts';
import { byStatus, type CheckTarget, exchange, isAnswer, printable, sign } from '../outbound.ts';

export interface Target {
  readonly baseUrl: string;
  readonly auth: PeerAuth;
  readonly secret: string;
}

export interface Parcel {
  /** Below the peer's address: the data set, or `test`. */
  readonly to: string;
  readonly key: string;
  readonly body: string;
}

/** `refused` speaks of what is in the message, `failed` of the way or the platform. */
export interface PostResult {
  readonly outcome: 'taken' | 'refused' | 'failed';
  /** null = no answer. */
  readonly status: number | null;
  readonly detail: string;
  readonly latencyMs: number;
  /** The platform's wish, in milliseconds. */
  readonly retryAfter?: number;
}

/** Status and business codes by which a platform says that the content does not suit it. */
const CONTENT = new Set([400, 413, 422]);

/** One try. Never throws for what the platform did. */
export async function post(
  parcel: Parcel,
  target: Target,
  deps: { readonly clock: Clock; readonly checkTarget: CheckTarget },
  options: { readonly signal: AbortSignal; readonly within: number },
): Promise<PostResult> {
  const { clock } = deps;
  const started = clock.monotonic();
  const timestamp = String(clock.now());
  const answer = await exchange(
    {
      url: new URL(`${target.baseUrl.replace(/\/+$/, '')}/${parcel.to}`),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'chengyun-gateway',
        'idempotency-key': parcel.key,
        'x-cgw-timestamp': timestamp,
        ...(target.auth === 'hmac'
          ? { 'x-cgw-signature': sign(target.secret, timestamp, parcel.body) }
          : { authorization: `Bearer ${target.secret}` }),
      },
      body: parcel.body,
      timeout: options.within,
      statusIsEnough: false,
    },
    deps,
    { signal: options.signal, deadline: clock.now() + options.within, secret: null },
  );
  const latencyMs = Math.round(clock.monotonic() - started);
  if (!isAnswer(answer)) return { outcome: 'failed', status: null, detail: answer.detail, latencyMs };
  const { status } = answer;
  if (status < 200 || status > 299) {
    const { detail, retryAfter } = byStatus(answer);
    const outcome = CONTENT.has(status) ? 'refused' : 'failed';
    return { outcome, status, detail, latencyMs, ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  return { ...judgeBody(answer.body), status, latencyMs };
}

/** Platforms like to answer 200 and say in the body that they did not take it. */
export function judgeBody(body: string): Pick<PostResult, 'outcome' | 'detail'> {
  const text = body.trim();
  if (text === '' || /^"?(ok|success|成功)"?$/i.test(text)) return { outcome: 'taken', detail: 'ok' };
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return { outcome: 'failed', detail: `no JSON: ${printable(text)}` };
  }
  if (said === true) return { outcome: 'taken', detail: 'ok' };
  if (typeof said !== 'object' || said === null || Array.isArray(said)) {
    return { outcome: 'failed', detail: printable(text) };
  }
  const { success, error, code, errcode, errorCode } = said as Record<string, unknown>;
  const word = code ?? errcode ?? errorCode;
  const wrong = word !== undefined && !/^(0+|2\d\d|ok|success)$/i.test(String(word));
  if (!wrong && success !== false && (error === undefined || error === null || error === false || error === ''))
    return { outcome: 'taken', detail: 'ok' };
  return { outcome: CONTENT.has(Number(word)) ? 'refused' : 'failed', detail: printable(text) };
}

import { type FieldError, GatewayError } from '../../gateway/src/errors.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';

const TIMEOUT_MS = 30_000;
const TRIES = 5;
const LONGEST_WAIT_S = 30;

export interface ImportClient {
  /** undefined = 404. */
  get<T>(path: string): Promise<T | undefined>;
  post<T>(path: string, body: unknown, idempotencyKey: string): Promise<T>;
}

/** A refusal of the gateway, as its problem document told it. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly FieldError[];
  constructor(status: number, detail: string, errors: readonly FieldError[]) {
    super(detail);
    this.name = 'Refusal';
    this.status = status;
    this.errors = errors;
  }
}

/** Speaks to a running gateway with an API key; waits and repeats where the gateway says that this can help. */
export function createImportClient(base: string, key: string): ImportClient {
  const call = async <T>(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      const response = await send(base, method, path, {
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as T & { detail?: string; title?: string; errors?: FieldError[] };
      if (response.ok) return answer;
      const retry = response.status === 429 || response.status === 503;
      if (!retry || attempt === TRIES) {
        throw new Refusal(response.status, answer.detail ?? answer.title ?? '', answer.errors ?? []);
      }
      const seconds = Number(response.headers.get('retry-after') ?? 1);
      await new Promise((resolve) => setTimeout(resolve, Math.min(seconds || 1, LONGEST_WAIT_S) * 1_000));
    }
  };
  return {
    async get(path) {
      try {
        return await call('GET', path);
      } catch (error) {
        if (error instanceof Refusal && error.status === 404) return undefined;
        throw error;
      }
    },
    post: (path, body, idempotencyKey) => call('POST', path, body, idempotencyKey),
  };
}

async function send(base: string, method: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${base}/api/v1${path}`, { ...init, method, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new GatewayError('UNAVAILABLE', bilingual('import.unreachable', { url: base }), { cause });
  }
}

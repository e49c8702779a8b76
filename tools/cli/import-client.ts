import { type FieldError, GatewayError } from '../../gateway/src/errors.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';

const TIMEOUT_MS = 60_000;
const TRIES = 5;
const LONGEST_WAIT_S = 30;

export interface ImportClient {
  /** undefined = 404. */
  get<T>(path: string): Promise<T | undefined>;
  post<T>(path: string, body: unknown, idempotencyKey: string): Promise<T>;
  /** Sends a file as it is. */
  upload<T>(path: string, bytes: Buffer, contentType: string): Promise<T>;
  /** A file by the path the gateway answered; never tried twice, for it may be handed out once only. */
  download(path: string): Promise<Buffer>;
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
  const authorization = `Bearer ${key}`;
  const call = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      const response = await send(`${base}/api/v1${path}`, base, {
        ...init,
        headers: { authorization, ...(init.headers as Record<string, string> | undefined) },
      });
      if (response.ok) return (await response.json()) as T;
      const refusal = await refusalOf(response);
      const retry = response.status === 429 || response.status === 503;
      if (!retry || attempt === TRIES) throw refusal;
      const seconds = Number(response.headers.get('retry-after') ?? 1);
      await new Promise((resolve) => setTimeout(resolve, Math.min(seconds || 1, LONGEST_WAIT_S) * 1_000));
    }
  };
  return {
    async get(path) {
      try {
        return await call(path);
      } catch (error) {
        if (error instanceof Refusal && error.status === 404) return undefined;
        throw error;
      }
    },
    post: (path, body, idempotencyKey) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(body),
      }),
    upload: (path, bytes, contentType) =>
      call(path, { method: 'POST', headers: { 'content-type': contentType }, body: new Uint8Array(bytes) }),
    async download(path) {
      const response = await send(`${base}${path}`, base, { headers: { authorization } });
      if (!response.ok) throw await refusalOf(response);
      return Buffer.from(await response.arrayBuffer());
    },
  };
}

async function refusalOf(response: Response): Promise<Refusal> {
  const answer = (await response.json()) as { detail?: string; title?: string; errors?: FieldError[] };
  return new Refusal(response.status, answer.detail ?? answer.title ?? '', answer.errors ?? []);
}

async function send(url: string, base: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new GatewayError('UNAVAILABLE', bilingual('import.unreachable', { url: base }), { cause });
  }
}

import type { components } from './schema.d.ts';

type Body = components['schemas']['Problem'];
export type FieldProblem = NonNullable<Body['errors']>[number];

/** A refusal of the gateway (RFC 9457): what is wrong, of which field, and the remedy, in the reader's language. */
export class Problem extends Error {
  readonly status: number;
  /** Stable; `NETWORK` when there was no answer at all. */
  readonly code: string;
  /** To be told to whoever looks after the gateway. */
  readonly requestId: string | null;
  readonly fields: readonly FieldProblem[];
  /** Members that some codes add, e.g. `allowed`. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Partial<Body> & Record<string, unknown>) {
    super(body.detail ?? body.title ?? String(status));
    this.status = status;
    this.code = body.code ?? 'UNKNOWN';
    this.requestId = body.requestId ?? null;
    this.fields = body.errors ?? [];
    this.more = body;
  }
}

/** Words that stand beside their field need not begin with its path. */
export const besideField = ({ path, message }: Pick<FieldProblem, 'path' | 'message'>): string =>
  path !== '' && message.startsWith(path) ? message.slice(path.length).replace(/^[：:]\s*/, '') : message;

export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const requestId = response.headers.get('x-request-id');
  const said = typeof body === 'object' && body !== null ? body : {};
  return new Problem(response.status, { ...(requestId === null ? {} : { requestId }), ...said });
}

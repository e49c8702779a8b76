import { ERROR_TABLE, type ErrorCode, type ErrorRow } from './error-table.ts';

export type { ErrorCode } from './error-table.ts';

/** One refused field of an input: where, which rule, and what to do about it. */
export interface FieldError {
  /** JSON Pointer or dotted path of the field. */
  readonly path: string;
  readonly code: string;
  /** Names the rule and the remedy; Chinese first, English after, where a person sees it. */
  readonly message: string;
  /** Row of an import, 1 = first data row. */
  readonly row?: number;
  /** Place in an uploaded text, both from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** The gateway's only error class. Branch on `code`, never on the text. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  /** Extra members of the problem document, e.g. `allowed` of TRANSITION_NOT_ALLOWED. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    detail?: string,
    options: { errors?: readonly FieldError[]; extra?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(detail ?? generalDetail(code), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.errors = options.errors ?? [];
    this.extra = options.extra ?? {};
  }

  /** HTTP status of this code. */
  get status(): number {
    return ERROR_TABLE[this.code].status;
  }

  /** Whether doing the same again later can succeed. */
  get retry(): boolean {
    return ERROR_TABLE[this.code].retry;
  }
}

/** What a refusal says that gave no detail of its own: people read it, so in both languages. */
function generalDetail(code: ErrorCode): string {
  const { title, detail = title }: ErrorRow = ERROR_TABLE[code];
  return `${detail.zh} / ${detail.en}`;
}

export function isGatewayError(error: unknown, code?: ErrorCode): error is GatewayError {
  return error instanceof GatewayError && (code === undefined || error.code === code);
}

import { GatewayError } from '../errors.ts';

/**
 * SQLSTATE classes and codes that mean "the database cannot now": connection lost, shutting down, too many sessions,
 * disk full or broken, timeout, deadlock, read-only standby. Doing the same again later can succeed.
 */
const UNAVAILABLE_STATES = /^(08...|53...|57...|58...|40001|40P01|25006|25P03|55P03|XX001)$/;

const UNAVAILABLE_SYSTEM =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** What `pg` says without a code. */
const UNAVAILABLE_TEXT =
  /connection terminated|connection ended|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|not queryable|cannot use a pool after/i;

/** SQLSTATE of a refused statement, e.g. `23505`; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !UNAVAILABLE_SYSTEM.test(code) ? code : undefined;
}

/** A unique constraint was hit; with a name, exactly that one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== '23505') return false;
  return constraint === undefined || (error as { constraint?: unknown }).constraint === constraint;
}

/** Errors of the engine that a retry can heal become UNAVAILABLE; everything else stays what it is. */
export function mapDatabaseError(error: unknown): unknown {
  if (error instanceof GatewayError) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const unavailable =
    code === undefined ? UNAVAILABLE_TEXT.test(text) : UNAVAILABLE_STATES.test(code) || UNAVAILABLE_SYSTEM.test(code);
  if (!unavailable) return error;
  return new GatewayError('UNAVAILABLE', `database: ${text}`, {
    cause: error,
    extra: code === undefined ? {} : { code },
  });
}

/** A broken connection must not go back to the pool; a refused statement leaves it intact. */
export function isConnectionError(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return true;
  return !/^[0-9A-Z]{5}$/.test(code) || UNAVAILABLE_SYSTEM.test(code) || /^(08|57P0|25P03)/.test(code);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : undefined;
}

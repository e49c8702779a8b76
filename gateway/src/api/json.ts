import sjson from 'secure-json-parse';
import { GatewayError } from '../errors.ts';

/** Bytes → text; invalid UTF-8 throws instead of turning into replacement characters. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a request body. Refuses what the stages behind could choke on: invalid UTF-8, nesting deeper than `maxDepth`,
 * `__proto__` and `constructor.prototype` keys, NUL and lone surrogates in texts (PostgreSQL stores neither).
 */
export function parseBody(body: Uint8Array, maxDepth: number): unknown {
  if (body.byteLength === 0) return undefined;
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch (cause) {
    throw refuse('utf8', '正文不是有效的 UTF-8 / The body is not valid UTF-8; encode it as UTF-8', cause);
  }
  // Before parsing: JSON.parse takes depth 200,000, what comes after it does not.
  if (depthExceeds(text, maxDepth)) {
    throw refuse('depth', `JSON 嵌套超过 ${maxDepth} 层 / JSON is nested deeper than ${maxDepth}; flatten it`);
  }
  let value: unknown;
  try {
    value = sjson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw refuse('json', '正文不是有效的 JSON / The body is not valid JSON, or holds a forbidden key', cause);
  }
  assertStorable(value, '');
  return value;
}

/** Counts brackets outside of strings; needs no valid JSON. */
export function depthExceeds(text: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i += 1;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) {
      depth += 1;
      if (depth > max) return true;
    } else if (c === 0x7d || c === 0x5d) depth -= 1;
  }
  return false;
}

/** Throws INVALID_INPUT when a text inside cannot be stored: NUL or half of a surrogate pair. */
export function assertStorable(value: unknown, path: string): void {
  const at = unstorableAt(value);
  if (at === undefined) return;
  throw new GatewayError('INVALID_INPUT', 'A text holds a character that cannot be stored', {
    errors: [
      {
        path: `${path}${at}` || '/',
        code: 'text',
        message: '含有不可存储的字符（NUL 或不完整的代理对），请删除 / Holds NUL or a lone surrogate; remove it',
      },
    ],
  });
}

/** JSON Pointer of the first such text. The path is put together on the way back: a body may hold half a million values. */
function unstorableAt(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? '' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const at = unstorableAt(value[index]);
      if (at !== undefined) return `/${index}${at}`;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (unstorableAt(key) !== undefined) return '';
    const at = unstorableAt((value as Record<string, unknown>)[key]);
    if (at !== undefined) return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${at}`;
  }
  return undefined;
}

function refuse(code: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError('INVALID_INPUT', message, { errors: [{ path: '/', code, message }], cause });
}

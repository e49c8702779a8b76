import sjson from 'secure-json-parse';
import { GatewayError } from '../errors.ts';

/** Bytes → text; invalid UTF-8 throws instead of turning into replacement characters. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Keys, values and brackets of one body. The largest bodies that mean something have a third of it: an outline of 2,000
 * points, 5,000 ids, a device type of 5,000 nodes.
 */
export const MAX_PARTS = 20_000;

/**
 * Parses a request body. Refuses what the stages behind could choke on: invalid UTF-8, nesting deeper than `maxDepth`,
 * more than {@link MAX_PARTS} keys and values, `__proto__` and `constructor.prototype` keys, NUL and lone surrogates in texts (PostgreSQL stores neither).
 */
export function parseBody(body: Uint8Array, maxDepth: number): unknown {
  if (body.byteLength === 0) return undefined;
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch (cause) {
    throw refuse('utf8', '正文不是有效的 UTF-8 / The body is not valid UTF-8; encode it as UTF-8', cause);
  }
  // Before parsing: JSON.parse takes depth 200,000 and a hundred thousand keys, what comes after it does not.
  const fault = sizeFault(text, maxDepth, MAX_PARTS);
  if (fault === 'depth') {
    throw refuse(
      'depth',
      `JSON 嵌套超过 ${maxDepth} 层，请减少层级 / JSON is nested deeper than ${maxDepth}; flatten it`,
    );
  }
  if (fault === 'parts') {
    throw refuse(
      'tooMany',
      `正文的键和值超过 ${MAX_PARTS} 个，请分批提交 / The body has more than ${MAX_PARTS} keys and values; send it in parts`,
    );
  }
  let value: unknown;
  try {
    value = sjson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw refuse('json', '正文不是有效的 JSON / The body is not valid JSON, or holds a forbidden key', cause);
  }
  // Nothing is sent by sending nothing.
  if (value === null) throw refuse('type', '正文不能是 null / The body must not be null; send an object or nothing');
  assertStorable(value, '');
  return value;
}

/** Counts brackets, colons and commas outside of strings, up to the first that is one too many; needs no valid JSON. */
export function sizeFault(text: string, maxDepth: number, maxParts: number): 'depth' | 'parts' | undefined {
  let depth = 0;
  let parts = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if (c === COMMA || c === COLON) parts += 1;
    else if (c === OPEN_OBJECT || c === OPEN_LIST) {
      parts += 1;
      depth += 1;
      if (depth > maxDepth) return 'depth';
    } else if (c === CLOSE_OBJECT || c === CLOSE_LIST) depth -= 1;
    if (parts > maxParts) return 'parts';
  }
  return undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** Index of the quote that ends the string begun at `start`; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  for (; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) return i;
    if (c === BACKSLASH) i += 1;
  }
  return i;
}

/** Throws INVALID_INPUT when a text inside cannot be stored: NUL or half of a surrogate pair. */
export function assertStorable(value: unknown, path: string): void {
  const at = unstorableAt(value);
  if (at === undefined) return;
  throw new GatewayError('INVALID_INPUT', '文本含有不可存储的字符 / A text holds a character that cannot be stored', {
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

import { isUtf8 } from 'node:buffer';
import type { RefusalCode } from './refusals.ts';

/** Marks a refusal by a symbol, which no payload can carry. */
const REFUSED = Symbol('refused');

export interface Refusal {
  readonly [REFUSED]: true;
  readonly code: RefusalCode;
  readonly detail: string;
}

export function refusal(code: RefusalCode, detail: string): Refusal {
  return { [REFUSED]: true, code, detail };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && REFUSED in value;
}

export const DEFAULT_MAX_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

export type JsonResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: Refusal };

/**
 * JSON from an untrusted peer. The depth is counted on the bytes first, because JSON.parse itself takes 200,000 levels and
 * everything after it (stringify, clone) then overflows the stack.
 */
export function parseJson(payload: Uint8Array, maxDepth = DEFAULT_MAX_DEPTH): JsonResult {
  const { depth, high, escapes } = scan(payload, maxDepth);
  if (depth > maxDepth) return no('TOO_DEEP', `nested more than ${maxDepth} deep`);
  const ascii = high < 0x80;
  if (!ascii && !isUtf8(payload)) return no('BAD_UTF8', 'the payload is not UTF-8');
  const text = textOf(payload, ascii);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return no('BAD_JSON', text.trim() === '' ? 'the payload is empty' : (error as SyntaxError).message.slice(0, 120));
  }
  if (escapes || text.includes('__proto__') || text.includes('"constructor"') || text.includes('"prototype"')) {
    const key = forbiddenKey(value);
    if (key !== undefined) return no('FORBIDDEN_KEY', `the key '${key}' is not allowed`);
  }
  return { ok: true, value };
}

/** Text of a payload, or a refusal when it is no UTF-8. */
export function decodeText(payload: Uint8Array): string | Refusal {
  return isUtf8(payload) ? textOf(payload, false) : refusal('BAD_UTF8', 'the payload is not UTF-8');
}

/** Free of NUL and lone surrogates, which no database column takes. */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** Whether every text and key inside is clean; the depth is bounded by {@link parseJson}. */
export function isCleanJson(value: unknown): boolean {
  if (typeof value === 'string') return isCleanText(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isCleanJson);
  return Object.entries(value).every(([key, inner]) => isCleanText(key) && isCleanJson(inner));
}

/** One pass over the bytes: deepest nesting (stops at the first beyond the cap), all bits seen, whether a text has escapes. */
function scan(payload: Uint8Array, maxDepth: number): { depth: number; high: number; escapes: boolean } {
  let depth = 0;
  let deepest = 0;
  let high = 0;
  let escapes = false;
  const { length } = payload;
  for (let i = 0; i < length && deepest <= maxDepth; i++) {
    const byte = payload[i] as number;
    high |= byte;
    if (byte === QUOTE) {
      for (i += 1; i < length && payload[i] !== QUOTE; i++) {
        const inner = payload[i] as number;
        high |= inner;
        if (inner !== BACKSLASH) continue;
        escapes = true;
        i += 1;
        high |= payload[i] ?? 0;
      }
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
  }
  return { depth: deepest, high, escapes };
}

function textOf(payload: Uint8Array, ascii: boolean): string {
  const buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (ascii) return buffer.toString('latin1');
  const text = buffer.toString('utf8');
  // Some Windows tools put a byte order mark in front; RFC 8259 §8.1 lets a parser ignore it.
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function forbiddenKey(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return value.map(forbiddenKey).find((key) => key !== undefined);
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return key;
    const inner = forbiddenKey((value as Record<string, unknown>)[key]);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function no(code: RefusalCode, detail: string): JsonResult {
  return { ok: false, why: refusal(code, detail) };
}

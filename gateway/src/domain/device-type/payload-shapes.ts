import { isRefusal, type JsonResult, parseJson, refusal } from './json.ts';
import { compilePointer } from './pointer.ts';

const MAX_PARTS = 1_000;

/** Cuts a text message into a list, or with `assign` into an object; all parts are texts, trimmed. */
export function splitText(
  text: string,
  split: { readonly by: string; readonly assign?: string | undefined } | null,
): unknown {
  if (!split) return text;
  const parts = text.trim().split(split.by, MAX_PARTS);
  const { assign } = split;
  if (assign === undefined) return parts.map((part) => part.trim());
  const object: Record<string, unknown> = Object.create(null);
  for (const part of parts) {
    const at = part.indexOf(assign);
    if (at > 0) object[part.slice(0, at).trim()] = part.slice(at + assign.length).trim();
  }
  return object;
}

/** Replaces a text that is JSON itself (plain, base64 or hex) by what it says. Absent: the message stays as it is. */
export function parseInner(
  root: unknown,
  inner: { readonly path: readonly string[]; readonly encoding: 'text' | 'base64' | 'hex' },
): JsonResult {
  const raw = compilePointer(inner.path)(root);
  if (raw === undefined || raw === null || typeof raw === 'object') return { ok: true, value: root };
  if (typeof raw !== 'string') {
    return { ok: false, why: refusal('BAD_SHAPE', `/${inner.path.join('/')}: JSON as text expected`) };
  }
  const bytes = Buffer.from(raw, inner.encoding === 'text' ? 'utf8' : inner.encoding);
  const parsed = parseJson(bytes);
  if (!parsed.ok) {
    return { ok: false, why: refusal(parsed.why.code, `/${inner.path.join('/')}: ${parsed.why.detail}`) };
  }
  const last = inner.path.at(-1);
  if (last === undefined) return parsed;
  // The document was parsed for this message alone, so it may be changed in place.
  const parent = compilePointer(inner.path.slice(0, -1))(root);
  if (typeof parent === 'object' && parent !== null && !isRefusal(parent)) {
    (parent as Record<string, unknown>)[last] = parsed.value;
  }
  return { ok: true, value: root };
}

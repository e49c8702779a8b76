import type { Value } from '../reading.ts';
import type { Decoded, DecodedEvent, DecodedItem, Identity, RefusalNote } from './decoded.ts';
import { isRefusal, type Refusal } from './json.ts';
import type { ComponentPlan, DecodePlan, FieldPlan, Scope } from './plan.ts';
import type { RefusalCode } from './refusals.ts';
import { show } from './value.ts';

const MAX_NOTES = 32;
const MAX_UNKNOWN = 64;
const COMPONENT_KEY = /^[A-Za-z0-9_-]{1,32}$/;

/** A report while it is read. */
export interface Draft {
  identity?: Identity;
  msgId?: string;
  deviceTime?: number;
  givenTime?: unknown;
  readonly values: Map<string, Value>;
  readonly events: DecodedEvent[];
  claim?: 'online' | 'offline';
  ack?: { id: string; ok: boolean; result?: unknown };
  readonly notes: RefusalNote[];
  readonly unknown: string[];
}

export function newDraft(identity?: Identity): Draft {
  const draft: Draft = { values: new Map(), events: [], notes: [], unknown: [] };
  if (identity) draft.identity = identity;
  return draft;
}

export function note(draft: Draft, code: RefusalCode, path: string, detail: string): void {
  if (draft.notes.length < MAX_NOTES) draft.notes.push({ code, path, detail: cleanText(detail) });
}

export function noteRefusal(draft: Draft, refusal: Refusal, path: string): void {
  note(draft, refusal.code, path, refusal.detail);
}

export function saysNothing(draft: DecodedItem): boolean {
  return draft.values.size === 0 && draft.events.length === 0 && draft.claim === undefined && draft.ack === undefined;
}

export function refused(code: RefusalCode, detail: string, msgId?: string): Decoded & { ok: false } {
  const why = { ok: false as const, code, detail: cleanText(detail) };
  return msgId === undefined ? why : { ...why, msgId };
}

/**
 * One report is refused as a whole when nothing of it is left; a list of reports only when nothing of any is left. Notes of
 * a list carry the index of their report. What is wrong tells a vendor more than what is missing, so it is named first.
 */
export function finish(drafts: readonly Draft[], list: boolean): Decoded {
  let first: RefusalNote | undefined;
  let msgId: string | undefined;
  let good = false;
  for (const [index, draft] of drafts.entries()) {
    if (list && draft.notes.length > 0) {
      draft.notes.splice(0, draft.notes.length, ...draft.notes.map((it) => ({ ...it, path: `/${index}/${it.path}` })));
    }
    if (!first) {
      first = draft.notes.find(({ code }) => code !== 'READING_REQUIRED') ?? draft.notes[0];
      msgId = draft.msgId;
    }
    if (draft.notes.length === 0 || !saysNothing(draft)) good = true;
  }
  if (good || !first) return { ok: true, items: drafts };
  const why = refused(first.code, first.path === '' ? first.detail : `${first.path}: ${first.detail}`, msgId);
  const identity = drafts[0]?.identity;
  const ofOne = drafts.every((it) => it.identity?.match === identity?.match && it.identity?.value === identity?.value);
  return identity && ofOne ? { ...why, identity } : why;
}

/** Reads the metrics, components and field events of one body into the draft. Answers how many fields applied. */
export function readBody(plan: DecodePlan, scope: Scope, draft: Draft): number {
  let applied = readFields(plan.fields, scope, '', draft);
  for (const component of plan.components) {
    if (component.applies && !component.applies(scope)) continue;
    applied += 1;
    readComponent(component, scope, draft);
  }
  for (const event of plan.fieldEvents) {
    if (event.applies && !event.applies(scope)) continue;
    applied += 1;
    const { code, severity, lifeSafety } = event.info;
    if (event.is.has(event.read(scope))) draft.events.push({ code, severity, lifeSafety });
  }
  return applied;
}

function readFields(fields: readonly FieldPlan[], scope: Scope, prefix: string, draft: Draft): number {
  let applied = 0;
  for (const field of fields) {
    if (field.applies && !field.applies(scope)) continue;
    applied += 1;
    const raw = field.read(scope);
    const value = isRefusal(raw) ? raw : field.convert(raw);
    if (value === undefined) {
      if (raw === undefined && field.required) {
        note(draft, 'READING_REQUIRED', prefix + field.name, 'this metric is required');
      }
    } else if (typeof value === 'object') noteRefusal(draft, value, prefix + field.name);
    else draft.values.set(prefix === '' ? field.name : prefix + field.name, value);
  }
  return applied;
}

function readComponent(plan: ComponentPlan, scope: Scope, draft: Draft): void {
  const list = plan.list(scope);
  if (list === undefined || list === null) return;
  if (plan.keyCapture !== null) {
    readPart(plan, scope, scope.captures[plan.keyCapture], list, draft);
    return;
  }
  const parts = partsOf(plan, list);
  if (!parts) {
    note(
      draft,
      'BAD_SHAPE',
      plan.name,
      `${plan.key || plan.index !== null ? 'a list' : 'an object'} of parts expected, found ${show(list)}`,
    );
    return;
  }
  const seen = new Set<string>();
  for (const [key, part] of parts.slice(0, plan.max)) {
    if (part === null && plan.loose) continue;
    if (!plan.loose && (typeof part !== 'object' || part === null || Array.isArray(part))) {
      note(draft, 'BAD_SHAPE', plan.name, `each part is an object, found ${show(part)}`);
    } else if (seen.has(String(key))) note(draft, 'BAD_COMPONENT', plan.name, `the part ${show(key)} stands twice`);
    else {
      seen.add(String(key));
      readPart(plan, scope, key, part, draft);
    }
  }
  if (parts.length > plan.max) note(draft, 'TOO_MANY_ITEMS', plan.name, `${parts.length} parts, at most ${plan.max}`);
}

function partsOf(plan: ComponentPlan, list: unknown): (readonly [unknown, unknown])[] | undefined {
  const { key, index } = plan;
  if (index !== null) return Array.isArray(list) ? list.map((part, place) => [index + place, part]) : undefined;
  if (key) return Array.isArray(list) ? list.map((part) => [key(part), part]) : undefined;
  return typeof list === 'object' && list !== null && !Array.isArray(list) ? Object.entries(list) : undefined;
}

function readPart(plan: ComponentPlan, scope: Scope, key: unknown, part: unknown, draft: Draft): void {
  const text = typeof key === 'number' ? String(key) : key;
  if (typeof text !== 'string' || !COMPONENT_KEY.test(text)) {
    note(draft, 'BAD_COMPONENT', plan.name, `the key of a part is a number or a short text, found ${show(key)}`);
    return;
  }
  const inner: Scope = {
    doc: scope.doc,
    body: part,
    captures: scope.captures,
    payload: scope.payload,
    frames: scope.frames,
  };
  readFields(plan.fields, inner, `${plan.name}.${text}.`, draft);
}

/** Lists the members of a body that the type neither reads nor ignores. */
export function listUnknown(plan: DecodePlan, body: unknown, reserved: ReadonlySet<string> | null, draft: Draft): void {
  if (plan.ignoreAll || typeof body !== 'object' || body === null || Array.isArray(body)) return;
  for (const name in body) {
    if (plan.known.has(name) || reserved?.has(name)) continue;
    if (draft.unknown.length >= MAX_UNKNOWN) return;
    draft.unknown.push(cleanName(name));
  }
}

/** A name from a payload, short and safe to store and to print. */
export function cleanName(name: string): string {
  return cleanText(name.slice(0, 64));
}

/** V8 quotes the payload in its syntax errors, NUL included, and a cut may split a pair: no database takes either. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '␀');
}

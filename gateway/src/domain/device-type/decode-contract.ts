import { SEVERITIES, type Severity } from '../reading.ts';
import type { Decoded, DecodedEvent, Identity } from './decoded.ts';
import { decodeText, isCleanJson, isCleanText, isRefusal, parseJson } from './json.ts';
import type { DecodePlan, Scope } from './plan.ts';
import {
  cleanName,
  type Draft,
  finish,
  listUnknown,
  newDraft,
  note,
  noteRefusal,
  readBody,
  refused,
  saysNothing,
} from './report.ts';
import { parseContractTime } from './time.ts';
import { type ContractKind, NO_CAPTURES } from './topics.ts';
import { show } from './value.ts';

export const MAX_ITEMS = 1_000;
const RESERVED = new Set(['ts', 'msgId', 'v']);
const EVENT_CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const COMPONENT = /^[A-Za-z0-9_.-]{1,64}$/;

type Members = Readonly<Record<string, unknown>>;

/** Decodes the topics of the public contract: telemetry, event, state and command/ack of one device. */
export function decodeContract(plan: DecodePlan, kind: ContractKind, deviceId: string, payload: Uint8Array): Decoded {
  const identity: Identity = { match: 'id', value: deviceId };
  if (kind === 'state') return state(identity, payload);
  const parsed = parseJson(payload);
  if (!parsed.ok) return refused(parsed.why.code, parsed.why.detail);
  const { value } = parsed;
  if (kind === 'ack') return acknowledgement(identity, value);
  const list = Array.isArray(value);
  const items: readonly unknown[] = list ? value : [value];
  if (items.length > MAX_ITEMS) return refused('TOO_MANY_ITEMS', `${items.length} items, at most ${MAX_ITEMS}`);
  if (items.length === 0) return refused('EMPTY_MESSAGE', 'an empty list');
  const drafts = items.map((item) => {
    const draft = newDraft(identity);
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      note(draft, 'BAD_SHAPE', '', `an object expected, found ${show(item)}`);
    } else if (kind === 'event') eventMessage(plan, item as Members, draft);
    else telemetry(plan, item as Members, payload, draft);
    return draft;
  });
  return finish(drafts, list);
}

function telemetry(plan: DecodePlan, item: Members, payload: Uint8Array, draft: Draft): void {
  head(item, draft);
  const envelope = Object.hasOwn(item, 'metrics') || Object.hasOwn(item, 'events');
  const metrics = envelope ? item.metrics : item;
  const timeless = draft.notes.some(({ code }) => code === 'BAD_TIME');
  if (typeof metrics === 'object' && metrics !== null && !Array.isArray(metrics)) {
    const scope: Scope = { doc: item, body: metrics, captures: NO_CAPTURES, payload, frames: undefined };
    readBody(plan, scope, draft);
    listUnknown(plan, metrics, envelope ? null : RESERVED, draft);
    // Without its time a reading would be stored at a wrong one; an event is worth more than its time.
    if (timeless) draft.values.clear();
  } else if (metrics !== undefined) note(draft, 'BAD_SHAPE', 'metrics', `an object expected, found ${show(metrics)}`);
  if (envelope && item.events !== undefined && item.events !== null) events(plan, item.events, draft);
  if (saysNothing(draft) && draft.notes.length === 0 && draft.unknown.length === 0 && isEmpty(metrics)) {
    note(draft, 'EMPTY_MESSAGE', '', 'no metric and no event');
  }
}

function isEmpty(metrics: unknown): boolean {
  if (typeof metrics !== 'object' || metrics === null) return true;
  return Object.keys(metrics).every((name) => RESERVED.has(name));
}

/** `msgId` and `ts`. Either being wrong never costs the message its events. */
function head(item: Members, draft: Draft): void {
  const { ts, msgId } = item;
  if (ts !== undefined && ts !== null) {
    const time = parseContractTime(ts);
    draft.givenTime = ts;
    if (typeof time === 'number') draft.deviceTime = time;
    else noteRefusal(draft, time, 'ts');
  }
  if (msgId === undefined || msgId === null) return;
  const id = messageId(msgId);
  if (id !== undefined) draft.msgId = id;
  else note(draft, 'BAD_MESSAGE_ID', 'msgId', 'a text of 1 to 128 characters or a number expected');
}

export function messageId(raw: unknown): string | undefined {
  const id = typeof raw === 'number' ? String(raw) : raw;
  return typeof id === 'string' && id !== '' && id.length <= 128 && isCleanText(id) ? id : undefined;
}

function events(plan: DecodePlan, raw: unknown, draft: Draft): void {
  if (!Array.isArray(raw)) {
    note(draft, 'BAD_SHAPE', 'events', `a list expected, found ${show(raw)}`);
    return;
  }
  if (raw.length > MAX_ITEMS) note(draft, 'TOO_MANY_ITEMS', 'events', `${raw.length} events, at most ${MAX_ITEMS}`);
  for (const [index, entry] of raw.slice(0, MAX_ITEMS).entries()) {
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry))
      event(plan, entry, `events/${index}`, draft);
    else note(draft, 'BAD_EVENT', `events/${index}`, `an object expected, found ${show(entry)}`);
  }
}

function eventMessage(plan: DecodePlan, item: Members, draft: Draft): void {
  head(item, draft);
  event(plan, item, '', draft);
  // Telemetry of the same moment has the same ts; only the code keeps the two messages apart.
  const [first] = draft.events;
  if (first && draft.msgId === undefined && draft.deviceTime !== undefined) {
    draft.msgId = `event:${first.code}${first.component ? `:${first.component}` : ''}@${draft.deviceTime}`;
  }
}

/** The type's severity wins over the device's; a code the type does not know keeps what the device says. */
function event(plan: DecodePlan, raw: Members, path: string, draft: Draft): void {
  const { code, component, data } = raw;
  if (typeof code !== 'string' || !EVENT_CODE.test(code)) {
    note(draft, 'BAD_EVENT', path, `the code is a letter and up to 63 of A-Z a-z 0-9 . _ -, found ${show(code)}`);
    return;
  }
  const info = plan.events.get(code);
  if (!info) draft.unknown.push(`event:${cleanName(code)}`);
  const found: { -readonly [K in keyof DecodedEvent]: DecodedEvent[K] } = {
    code,
    severity: info?.severity ?? severityOf(raw.severity),
    lifeSafety: info?.lifeSafety ?? false,
  };
  const part = typeof component === 'number' ? String(component) : component;
  if (typeof part === 'string' && COMPONENT.test(part)) found.component = part;
  else if (part !== undefined && part !== null) note(draft, 'BAD_COMPONENT', path, `bad component ${show(part)}`);
  const at = raw.ts ?? raw.at;
  const time = at === undefined || at === null ? undefined : parseContractTime(at);
  if (typeof time === 'number') found.time = time;
  else if (isRefusal(time) && path !== '') noteRefusal(draft, time, path);
  if (data !== undefined && data !== null) {
    if (isCleanJson(data)) found.data = data;
    else
      note(draft, 'BAD_EVENT', path, 'the data holds NUL, a lone surrogate or a number without end and was left out');
  }
  draft.events.push(found);
}

function severityOf(raw: unknown): Severity {
  return SEVERITIES.find((severity) => severity === raw) ?? 'info';
}

function state(identity: Identity, payload: Uint8Array): Decoded {
  const text = decodeText(payload);
  if (isRefusal(text)) return refused(text.code, text.detail);
  const draft = newDraft(identity);
  let said: unknown = text.trim();
  if (text.trimStart().startsWith('{') || text.trimStart().startsWith('"')) {
    const parsed = parseJson(payload);
    if (!parsed.ok) return refused(parsed.why.code, parsed.why.detail);
    said = parsed.value;
    if (typeof said === 'object' && said !== null) {
      head(said as Members, draft);
      said = (said as Members).state;
    }
  }
  if (said === 'online' || said === 'offline') draft.claim = said;
  else note(draft, 'BAD_STATE', '', `online or offline expected, found ${show(said)}`);
  return finish([draft], false);
}

function acknowledgement(identity: Identity, raw: unknown): Decoded {
  const { id, ok, result } = (typeof raw === 'object' && raw !== null ? raw : {}) as Members;
  const command = messageId(id);
  if (command === undefined || typeof ok !== 'boolean') {
    return refused('BAD_ACK', 'an object with id (text) and ok (true or false) expected');
  }
  if (result !== undefined && !isCleanJson(result))
    return refused('BAD_ACK', 'the result holds NUL or a lone surrogate');
  const draft = newDraft(identity);
  draft.ack = result === undefined ? { id: command, ok } : { id: command, ok, result };
  return finish([draft], false);
}

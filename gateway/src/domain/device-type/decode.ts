import { decodeContract, MAX_ITEMS, messageId } from './decode-contract.ts';
import type { Decoded, DecodeInput } from './decoded.ts';
import { decodeText, isRefusal, type JsonResult, parseJson, refusal } from './json.ts';
import { parseInner, splitText } from './payload-shapes.ts';
import type { DecodePlan, Scope } from './plan.ts';
import {
  cleanName,
  cleanText,
  type Draft,
  finish,
  listUnknown,
  newDraft,
  note,
  noteRefusal,
  readBody,
  refused,
} from './report.ts';
import type { Source, TopicPlan } from './topic-plan.ts';
import { type Captures, contractTopic } from './topics.ts';
import { show } from './value.ts';

const NUMBER = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;

/** Turns one message of a device of this type into readings, events and claims. Never throws, whatever the bytes are. */
export function decodeMessage(type: { readonly plan: DecodePlan }, input: DecodeInput): Decoded {
  const { plan } = type;
  const contract = contractTopic(input.topic);
  // Commands and their answers are ours on every device, also on one whose telemetry is its own.
  if (contract && (plan.contract || contract.kind === 'ack')) {
    return decodeContract(plan, contract.kind, contract.deviceId, input.payload);
  }
  for (const topic of plan.topics) {
    const captures = topic.pattern.match(input.topic);
    if (captures) return decodeForeign(plan, topic, captures, input);
  }
  return refused('TOPIC_UNKNOWN', `no topic of this type fits '${cleanName(input.topic)}'`);
}

function decodeForeign(plan: DecodePlan, topic: TopicPlan, captures: Captures, input: DecodeInput): Decoded {
  const parsed = parse(plan, topic, captures, input);
  if (!parsed.ok) return refused(parsed.why.code, parsed.why.detail);
  const { value: root } = parsed;
  const found = topic.list && !topic.state ? topic.list(root) : undefined;
  const list = Array.isArray(found);
  const documents: readonly unknown[] = list ? found : [root];
  if (documents.length > MAX_ITEMS) return refused('TOO_MANY_ITEMS', `${documents.length} items, at most ${MAX_ITEMS}`);
  if (documents.length === 0) return refused('EMPTY_MESSAGE', 'an empty list');
  const drafts = documents.map((doc) => {
    const source: Source = { doc, root, payload: input.payload, frames: undefined };
    return report(plan, topic, captures, source, input);
  });
  if (list && drafts.length > 1 && plan.msgId) distinguish(drafts);
  return finish(drafts, list);
}

/** A number of the whole message would make all its reports but the first repetitions. */
function distinguish(drafts: readonly Draft[]): void {
  const seen = new Set<string>();
  for (const [index, draft] of drafts.entries()) {
    if (draft.msgId === undefined) continue;
    const name = `${draft.identity?.value ?? ''}|${draft.msgId}`;
    if (seen.has(name)) draft.msgId = `${draft.msgId.slice(0, 120)}#${index}`;
    seen.add(name);
  }
}

function parse(plan: DecodePlan, topic: TopicPlan, captures: Captures, input: DecodeInput): JsonResult {
  const parsed = parseFormat(topic, input.payload);
  if (!parsed.ok || !plan.decode || topic.state) return parsed;
  try {
    const json = parsed.value;
    return { ok: true, value: plan.decode({ topic: input.topic, captures, payload: input.payload, json }) };
  } catch (error) {
    return { ok: false, why: refusal('DECODER_FAILED', error instanceof Error ? cleanName(error.message) : 'unknown') };
  }
}

function parseFormat({ format, split, inner }: TopicPlan, payload: Uint8Array): JsonResult {
  if (format === 'json') {
    const parsed = parseJson(payload);
    return parsed.ok && inner ? parseInner(parsed.value, inner) : parsed;
  }
  if (format === 'bytes') return { ok: true, value: undefined };
  const text = decodeText(payload);
  if (isRefusal(text)) return { ok: false, why: text };
  return { ok: true, value: format === 'text' ? splitText(text, split) : bareValue(text.trim()) };
}

/** One bare value as topic-per-key devices send it. An empty payload is no reading (it also clears a retained message). */
function bareValue(text: string): unknown {
  if (text === '' || text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return NUMBER.test(text) ? Number(text) : text;
}

function report(plan: DecodePlan, topic: TopicPlan, captures: Captures, source: Source, input: DecodeInput): Draft {
  const { doc: document } = source;
  const identity = topic.identityIn ? topic.identityIn(source) : topic.identityOf(captures);
  if (isRefusal(identity)) {
    const broken = newDraft();
    noteRefusal(broken, identity, '');
    return broken;
  }
  const draft = newDraft(identity);
  if (!identity) {
    note(draft, 'IDENTITY_MISSING', '', 'neither the topic nor the payload names a device');
    return draft;
  }
  const raw = plan.time?.raw(source);
  const time = raw === undefined || raw === null ? undefined : isRefusal(raw) ? raw : plan.time?.parse(raw);
  if (raw !== undefined && raw !== null && !isRefusal(raw)) draft.givenTime = raw;
  if (typeof time === 'number') draft.deviceTime = time;
  const id = plan.msgId ? messageId(plan.msgId(document) ?? plan.msgId(source.root)) : undefined;
  if (id !== undefined) draft.msgId = id;
  // Tasmota sends STATE and SENSOR with the same second in Time: only the topic tells the two messages apart.
  else if (draft.deviceTime !== undefined) draft.msgId = `${cleanText(input.topic.slice(-96))}@${draft.deviceTime}`;
  if (topic.state) {
    claim(topic.state, document, draft);
    return draft;
  }
  const scope: Scope = {
    doc: document,
    body: topic.body(document),
    captures,
    payload: input.payload,
    frames: source.frames,
  };
  const applied = readBody(plan, scope, draft);
  listUnknown(plan, scope.body, null, draft);
  if (applied === 0 && topic.keyCaptures.length > 0) {
    const name = topic.keyCaptures.map((capture) => captures[capture] ?? '').join('/');
    if (!plan.ignoreAll && !plan.known.has(name)) draft.unknown.push(cleanName(name));
  }
  if (isRefusal(time)) {
    noteRefusal(draft, time, 'time');
    draft.values.clear();
  }
  return draft;
}

function claim(state: NonNullable<TopicPlan['state']>, document: unknown, draft: Draft): void {
  const said = state.read(document);
  if (state.online.has(said)) draft.claim = 'online';
  else if (state.offline.has(said)) draft.claim = 'offline';
  else note(draft, 'BAD_STATE', '', `${show(said)} is neither of the known states`);
}

import { compileBytes } from './bytes.ts';
import type { Identity } from './decoded.ts';
import type { FrameChecks, FrameScope } from './frames.ts';
import type { IdentifyDefinition, TopicDefinition } from './grammar.ts';
import { isCleanText, isRefusal, type Refusal } from './json.ts';
import { compilePointer, pointerTokens } from './pointer.ts';
import { type Captures, compileTopic, type TopicPattern } from './topics.ts';

/** One report of a message and the message it stands in. */
export interface Source extends FrameScope {
  /** The whole payload; `doc` is one report of it. */
  readonly root: unknown;
}

export interface StatePlan {
  readonly read: (document: unknown) => unknown;
  readonly online: ReadonlySet<unknown>;
  readonly offline: ReadonlySet<unknown>;
}

export interface TopicPlan {
  readonly pattern: TopicPattern;
  readonly format: 'json' | 'value' | 'bytes' | 'text';
  /** How text is cut apart. */
  readonly split: { readonly by: string; readonly assign?: string | undefined } | null;
  /** Where JSON stands inside JSON. */
  readonly inner: { readonly path: readonly string[]; readonly encoding: 'text' | 'base64' | 'hex' } | null;
  readonly body: (document: unknown) => unknown;
  /** Finds the list of reports; null when a message is one report. */
  readonly list: ((document: unknown) => unknown) | null;
  /** Set on the state topic. */
  readonly state: StatePlan | null;
  /** Identity the topic alone gives. */
  identityOf(captures: Captures): Identity | undefined;
  /** Identity inside the payload, or why the frame that holds it cannot be read; null when the topic gives it. */
  readonly identityIn: ((source: Source) => Identity | Refusal | undefined) | null;
  /** Captures that are no identity: they name an unknown metric of a topic-per-key device. */
  readonly keyCaptures: readonly string[];
}

export function topicPlan(
  topic: Exclude<TopicDefinition, string>,
  identify: IdentifyDefinition | undefined,
  checks: FrameChecks,
): TopicPlan {
  const pattern = compileTopic(topic.topic);
  const { from = '', match = 'externalId' } = identify ?? {};
  const capture = typeof from === 'string' && from.startsWith('{') ? from.slice(1, -1) : null;
  const { list = false, inner, split } = topic;
  return {
    pattern,
    format: topic.format ?? 'json',
    split: split ?? null,
    inner: inner ? { path: pointerTokens(inner.from), encoding: inner.encoding ?? 'text' } : null,
    body: bodyOf(topic),
    list: list === false ? null : compilePointer(pointerTokens(list === true ? '' : list)),
    state: null,
    identityOf: (captures) => (capture === null ? undefined : identityOf(match, captures[capture])),
    identityIn: capture === null ? identityIn(match, from, checks) : null,
    keyCaptures: pattern.captures.filter((name) => name !== capture),
  };
}

function identityIn(
  match: Identity['match'],
  from: IdentifyDefinition['from'],
  checks: FrameChecks,
): (source: Source) => Identity | Refusal | undefined {
  if (typeof from === 'object') {
    const read = compileBytes(from, checks);
    return (source) => {
      const raw = read(source);
      return isRefusal(raw) ? raw : identityOf(match, raw);
    };
  }
  const read = compilePointer(pointerTokens(from));
  return ({ doc, root }) => identityOf(match, read(doc) ?? read(root));
}

function identityOf(match: Identity['match'], raw: unknown): Identity | undefined {
  const value = typeof raw === 'number' ? String(raw) : raw;
  if (typeof value !== 'string' || value === '' || value.length > 128 || !isCleanText(value)) return undefined;
  return { match, value };
}

function bodyOf({ body, pairs }: Exclude<TopicDefinition, string>): (document: unknown) => unknown {
  const read = compilePointer(pointerTokens(body ?? ''));
  if (!pairs) return read;
  const [list, key, value] = [pairs.from ?? '', pairs.key, pairs.value].map((it) => compilePointer(pointerTokens(it)));
  return (document) => {
    const rows = list?.(read(document));
    if (!Array.isArray(rows)) return rows;
    // Without a prototype, whatever the keys are called.
    const object: Record<string, unknown> = Object.create(null);
    for (const row of rows.slice(0, MAX_PAIRS)) {
      const name = key?.(row);
      if (typeof name === 'string' || typeof name === 'number') object[String(name)] = value?.(row);
    }
    return object;
  };
}

const MAX_PAIRS = 1_000;

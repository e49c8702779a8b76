import type { Decode } from '../../../../device-schemas/decode.ts';
import type { Value } from '../reading.ts';
import { compileBytes, type FrameScope } from './bytes.ts';
import type { EventInfo, Identity } from './decoded.ts';
import type {
  ComponentDefinition,
  DeviceTypeDefinition,
  MetricDefinition,
  TopicDefinition,
  WhenDefinition,
} from './grammar.ts';
import { isCleanText, type Refusal } from './json.ts';
import { compilePointer, pointerTokens } from './pointer.ts';
import { compileTime } from './time.ts';
import { type Captures, CONTRACT_PREFIX, compileTopic, type TopicPattern } from './topics.ts';
import { type Convert, compileValue } from './value.ts';

/** What the fields of one report are read from. */
export interface Scope extends FrameScope {
  /** Where metric pointers start: the metrics object, a topic's `body`, or one component. */
  readonly body: unknown;
  readonly captures: Captures;
}

type Applies = (scope: Scope) => boolean;

export interface FieldPlan {
  readonly name: string;
  readonly read: (scope: Scope) => unknown;
  readonly convert: Convert;
  readonly applies: Applies | null;
  readonly required: boolean;
}

export interface ComponentPlan {
  readonly name: string;
  readonly max: number;
  readonly applies: Applies | null;
  readonly list: (scope: Scope) => unknown;
  /** Key of one element; null when the list is an object that names its parts. */
  readonly key: ((element: unknown) => unknown) | null;
  /** Set when the topic names the part and the message is that part. */
  readonly keyCapture: string | null;
  readonly fields: readonly FieldPlan[];
}

export interface FieldEventPlan {
  readonly info: EventInfo;
  readonly read: (scope: Scope) => unknown;
  readonly is: ReadonlySet<unknown>;
  readonly applies: Applies | null;
}

export interface StatePlan {
  readonly read: (document: unknown) => unknown;
  readonly online: ReadonlySet<unknown>;
  readonly offline: ReadonlySet<unknown>;
}

export interface TopicPlan {
  readonly pattern: TopicPattern;
  readonly format: 'json' | 'value' | 'bytes';
  readonly body: (document: unknown) => unknown;
  readonly list: boolean;
  /** Set on the state topic. */
  readonly state: StatePlan | null;
  /** Identity the topic alone gives. */
  identityOf(captures: Captures): Identity | undefined;
  /** Identity inside the payload; null when the topic gives it. */
  readonly identityIn: ((document: unknown) => Identity | undefined) | null;
  /** Captures that are no identity: they name an unknown metric of a topic-per-key device. */
  readonly keyCaptures: readonly string[];
}

export interface DecodePlan {
  readonly contract: boolean;
  readonly topics: readonly TopicPlan[];
  readonly fields: readonly FieldPlan[];
  readonly components: readonly ComponentPlan[];
  readonly fieldEvents: readonly FieldEventPlan[];
  readonly events: ReadonlyMap<string, EventInfo>;
  /** First names the type reads or ignores; every other member of a body is unknown. */
  readonly known: ReadonlySet<string>;
  readonly ignoreAll: boolean;
  readonly time: ((document: unknown) => number | Refusal | undefined) | null;
  readonly msgId: ((document: unknown) => unknown) | null;
  readonly decode: Decode | null;
}

/** Precomputes everything a message needs, so that decoding only walks arrays. The definition has been checked before. */
export function compilePlan(
  definition: DeviceTypeDefinition,
  events: ReadonlyMap<string, EventInfo>,
  decode: Decode | null,
): DecodePlan {
  const texts = (definition.topics ?? []).map((topic) => (typeof topic === 'string' ? topic : topic.topic));
  const contract = texts.some((text) => text.startsWith(CONTRACT_PREFIX));
  const known = new Set(definition.ignore);
  const tokens = (pointer: string) => {
    const all = pointerTokens(pointer);
    const relative = contract && all[0] === 'metrics' ? all.slice(1) : all;
    if (relative[0] !== undefined) known.add(relative[0]);
    return relative;
  };

  const reader = (name: string, from: MetricDefinition['from'], local: boolean): ((scope: Scope) => unknown) => {
    if (typeof from === 'object') return compileBytes(from);
    if (from?.startsWith('{')) {
      const capture = from.slice(1, -1);
      return (scope) => scope.captures[capture];
    }
    const path = from ?? `/${name}`;
    const read = compilePointer(local ? pointerTokens(path) : tokens(path));
    return (scope) => read(scope.body);
  };
  const field = (name: string, metric: MetricDefinition, local: boolean): FieldPlan => ({
    name,
    read: reader(name, metric.from, local),
    convert: compileValue(metric),
    applies: compileWhen(metric.when),
    required: metric.required ?? false,
  });
  const component = (name: string, part: ComponentDefinition): ComponentPlan => {
    const captured = part.key?.startsWith('{') ? part.key.slice(1, -1) : null;
    const path = compilePointer(tokens(part.from ?? (captured ? '' : `/${name}`)));
    return {
      name,
      max: part.max,
      applies: compileWhen(part.when),
      list: (scope) => path(scope.body),
      key: part.key === undefined || captured ? null : compilePointer(pointerTokens(part.key)),
      keyCapture: captured,
      fields: Object.entries(part.metrics).map(([metric, it]) => field(metric, it, true)),
    };
  };

  const fields = Object.entries(definition.metrics ?? {}).map(([name, metric]) => field(name, metric, false));
  const components = Object.entries(definition.components ?? {}).map(([name, part]) => component(name, part));
  const fieldEvents = Object.entries(definition.events ?? {}).flatMap(([code, event]): FieldEventPlan[] => {
    const info = events.get(code);
    if (event.from === undefined || event.is === undefined || !info) return [];
    return [{ info, read: reader(code, event.from, false), is: setOf(event.is), applies: compileWhen(event.when) }];
  });
  const { time, msgId } = definition;
  const readTime = time && compilePointer(pointerTokens(time.from));
  const parseTime = time && compileTime(time);
  for (const pointer of [time?.from, msgId, definition.identify?.from]) {
    const [first] = pointer === undefined || pointer.startsWith('{') ? [] : pointerTokens(pointer);
    if (first !== undefined) known.add(first);
  }
  return {
    contract,
    topics: compileTopics(definition),
    fields,
    components,
    fieldEvents,
    events,
    known,
    ignoreAll: known.has('*'),
    time:
      readTime && parseTime
        ? (document) => {
            const raw = readTime(document);
            return raw === undefined || raw === null ? undefined : parseTime(raw);
          }
        : null,
    msgId: msgId === undefined ? null : compilePointer(pointerTokens(msgId)),
    decode,
  };
}

function compileTopics(definition: DeviceTypeDefinition): TopicPlan[] {
  const { state } = definition;
  const plans: TopicPlan[] = [];
  if (state) {
    const plan = topicPlan({ topic: state.topic }, state.identify ?? definition.identify);
    const from = compilePointer(pointerTokens(state.from ?? ''));
    plans.push({
      ...plan,
      format: state.from === undefined ? 'value' : 'json',
      state: { read: from, online: setOf(state.online), offline: setOf(state.offline) },
    });
  }
  for (const topic of definition.topics ?? []) {
    const entry = typeof topic === 'string' ? { topic } : topic;
    if (!entry.topic.startsWith(CONTRACT_PREFIX)) plans.push(topicPlan(entry, definition.identify));
  }
  return plans;
}

function topicPlan(topic: Exclude<TopicDefinition, string>, identify: DeviceTypeDefinition['identify']): TopicPlan {
  const pattern = compileTopic(topic.topic);
  const { from = '', match = 'externalId' } = identify ?? {};
  const capture = from.startsWith('{') ? from.slice(1, -1) : null;
  const pointer = capture === null ? compilePointer(pointerTokens(from)) : null;
  return {
    pattern,
    format: topic.format ?? 'json',
    body: compilePointer(pointerTokens(topic.body ?? '')),
    list: topic.list ?? false,
    state: null,
    identityOf: (captures) => (capture === null ? undefined : identityOf(match, captures[capture])),
    identityIn: pointer && ((document) => identityOf(match, pointer(document))),
    keyCaptures: pattern.captures.filter((name) => name !== capture),
  };
}

function identityOf(match: Identity['match'], raw: unknown): Identity | undefined {
  const value = typeof raw === 'number' ? String(raw) : raw;
  if (typeof value !== 'string' || value === '' || value.length > 128 || !isCleanText(value)) return undefined;
  return { match, value };
}

function compileWhen(when: WhenDefinition | undefined): Applies | null {
  if (!when) return null;
  const tests = Object.entries(when).map(([key, wanted]): Applies => {
    const values = setOf(wanted);
    if (!key.startsWith('/')) {
      const texts = new Set([...values].map(String));
      return (scope) => texts.has(scope.captures[key] ?? '');
    }
    const read = compilePointer(pointerTokens(key));
    return (scope) => values.has(read(scope.doc));
  });
  return (scope) => tests.every((test) => test(scope));
}

function setOf(value: Value | readonly Value[]): ReadonlySet<unknown> {
  return new Set(typeof value === 'object' ? value : [value]);
}

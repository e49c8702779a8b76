import type { Decode } from '../../../../device-schemas/decode.ts';
import type { Value } from '../reading.ts';
import { compileBytes } from './bytes.ts';
import type { EventInfo } from './decoded.ts';
import { type FrameChecks, type FrameScope, frameChecks } from './frames.ts';
import type {
  ComponentDefinition,
  DeviceTypeDefinition,
  MetricDefinition,
  TimeDefinition,
  WhenDefinition,
} from './grammar.ts';
import type { Refusal } from './json.ts';
import { compilePointer, pointerTokens } from './pointer.ts';
import { compileTime } from './time.ts';
import { type Source, type TopicPlan, topicPlan } from './topic-plan.ts';
import { type Captures, CONTRACT_PREFIX } from './topics.ts';
import { type Convert, compileValue } from './value.ts';

/** What the fields of one report are read from. */
export interface Scope extends FrameScope {
  /** Where metric pointers start: the metrics object, a topic's `body`, or one component. */
  readonly body: unknown;
  readonly captures: Captures;
}

type Applies = (scope: Scope) => boolean;
const MAX_PARTS = 1_000;

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
  /** Number of the first part of a list without keys; null when its parts are named. */
  readonly index: number | null;
  /** Parts may be bare values or lists instead of objects. */
  readonly loose: boolean;
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

/** The device's own time: what stands in the message, and what it means. */
export interface TimePlan {
  raw(source: Source): unknown;
  parse(raw: unknown): number | Refusal;
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
  readonly time: TimePlan | null;
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
  const checks = frameChecks(definition.frame);
  const tokens = (pointer: string) => {
    const all = pointerTokens(pointer);
    const relative = contract && all[0] === 'metrics' ? all.slice(1) : all;
    if (relative[0] !== undefined) known.add(relative[0]);
    return relative;
  };

  const reader = (name: string, from: MetricDefinition['from'], local: boolean): ((scope: Scope) => unknown) => {
    if (typeof from === 'object') return compileBytes(from, checks);
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
    const path = compileParts(tokens(part.from ?? (captured ? '' : `/${name}`)));
    return {
      name,
      max: part.max,
      applies: compileWhen(part.when),
      list: (scope) => path(scope.body),
      index: part.index ?? null,
      loose: Object.values(part.metrics).some(({ from }) => typeof from === 'string' && /^(?:$|\/\d)/.test(from)),
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
  const { time, msgId, identify } = definition;
  const times = time === undefined || (typeof time.from === 'object' && 'type' in time.from) ? [] : [time.from].flat();
  for (const pointer of [...times, msgId, identify?.from]) {
    const [first] = typeof pointer !== 'string' || pointer.startsWith('{') ? [] : pointerTokens(pointer);
    if (first !== undefined) known.add(first);
  }
  return {
    contract,
    topics: compileTopics(definition, checks),
    fields,
    components,
    fieldEvents,
    events,
    known,
    ignoreAll: known.has('*'),
    time: time ? timePlan(time, checks) : null,
    msgId: msgId === undefined ? null : compilePointer(pointerTokens(msgId)),
    decode,
  };
}

function compileTopics(definition: DeviceTypeDefinition, checks: FrameChecks): TopicPlan[] {
  const { state } = definition;
  const plans: TopicPlan[] = [];
  if (state) {
    const plan = topicPlan({ topic: state.topic }, state.identify ?? definition.identify, checks);
    const from = compilePointer(pointerTokens(state.from ?? ''));
    plans.push({
      ...plan,
      format: state.from === undefined ? 'value' : 'json',
      state: { read: from, online: setOf(state.online), offline: setOf(state.offline) },
    });
  }
  for (const topic of definition.topics ?? []) {
    const entry = typeof topic === 'string' ? { topic } : topic;
    if (!entry.topic.startsWith(CONTRACT_PREFIX)) plans.push(topicPlan(entry, definition.identify, checks));
  }
  return plans;
}

function timePlan(definition: TimeDefinition, checks: FrameChecks): TimePlan {
  const { from } = definition;
  const parse = compileTime(definition);
  if (typeof from === 'object' && !Array.isArray(from)) return { raw: compileBytes(from, checks), parse };
  const reads = [from].flat().map((pointer) => compilePointer(pointerTokens(pointer)));
  const [only] = reads;
  if (only && reads.length === 1) return { raw: ({ doc, root }) => only(doc) ?? only(root), parse };
  return {
    raw({ doc, root }) {
      const parts = reads.map((read) => read(doc) ?? read(root));
      return parts.some((part) => part === undefined || part === null) ? undefined : parts.map(String).join(' ');
    },
    parse,
  };
}

/** A level `*` goes into every element of a list (or member of an object) and gathers what it finds, at most 1,000. */
function compileParts(tokens: readonly string[]): (body: unknown) => unknown {
  const star = tokens.indexOf('*');
  if (star < 0) return compilePointer(tokens);
  const outer = compilePointer(tokens.slice(0, star));
  const inner = compileParts(tokens.slice(star + 1));
  return (body) => {
    const found = outer(body);
    if (typeof found !== 'object' || found === null) return undefined;
    const all: unknown[] = [];
    for (const element of Object.values(found)) {
      const parts = inner(element);
      if (parts === undefined || parts === null) continue;
      all.push(...(Array.isArray(parts) ? parts.slice(0, MAX_PARTS) : [parts]));
      if (all.length >= MAX_PARTS) break;
    }
    return all;
  };
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

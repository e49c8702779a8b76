import type { Identity } from './decoded.ts';

export const CONTRACT_PREFIX = 'cgw/v1/';
export type ContractKind = 'telemetry' | 'event' | 'state' | 'ack';

const CONTRACT_KINDS: Readonly<Record<string, ContractKind>> = {
  telemetry: 'telemetry',
  event: 'event',
  state: 'state',
  'command/ack': 'ack',
};

/** Device id and kind of a `cgw/v1/{deviceId}/…` topic a device publishes; undefined for every other topic. */
export function contractTopic(topic: string): { readonly deviceId: string; readonly kind: ContractKind } | undefined {
  if (!topic.startsWith(CONTRACT_PREFIX)) return undefined;
  const slash = topic.indexOf('/', CONTRACT_PREFIX.length);
  if (slash <= CONTRACT_PREFIX.length) return undefined;
  const rest = topic.slice(slash + 1);
  if (rest === 'telemetry') return { deviceId: topic.slice(CONTRACT_PREFIX.length, slash), kind: 'telemetry' };
  const kind = Object.hasOwn(CONTRACT_KINDS, rest) ? CONTRACT_KINDS[rest] : undefined;
  return kind && { deviceId: topic.slice(CONTRACT_PREFIX.length, slash), kind };
}

export type Captures = Readonly<Record<string, string>>;
export const NO_CAPTURES: Captures = Object.freeze({});

export interface TopicPattern {
  readonly text: string;
  readonly captures: readonly string[];
  readonly levels: number;
  /** First level when it is literal; null when it holds a capture. */
  readonly first: string | null;
  match(topic: string): Captures | undefined;
}

const CAPTURE = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;

/** Why a topic pattern is wrong, or undefined. */
export function topicFault(pattern: string): string | undefined {
  const names = [...pattern.matchAll(CAPTURE)].map((match) => match[1]);
  if (new Set(names).size !== names.length) return 'each capture may stand only once';
  const rest = pattern.replace(CAPTURE, '{}');
  if (rest.split('/').some((level) => level === '')) return 'a topic level is empty';
  if (rest.split('/').some((level) => level.split('{}').length > 2)) return 'a level holds at most one capture';
  if (/[{}]/.test(rest.replaceAll('{}', ''))) return 'a capture looks like {name}';
  if (/[+#$]/.test(rest)) return 'MQTT wildcards and $ are not allowed; write a capture {name} for a level';
  return undefined;
}

/** One level of a pattern: its literal ends and the name of what stands between, null for a plain level. */
interface Level {
  readonly prefix: string;
  readonly capture: string | null;
  readonly suffix: string;
}

function levelFits(topic: string, at: number, end: number, prefix: string, suffix: string, captures: boolean): boolean {
  const inside = end - at - prefix.length - suffix.length;
  if (captures ? inside < 1 : inside !== 0) return false;
  return topic.startsWith(prefix, at) && topic.startsWith(suffix, end - suffix.length);
}

/** A topic with captures, each inside one level: `tele/{name}/SENSOR`, `tele/esense_{id}/LWT`. */
export function compileTopic(pattern: string): TopicPattern {
  const levels = pattern.split('/').map((level): Level => {
    const [prefix = '', capture = null, suffix = ''] = level.split(CAPTURE);
    return { prefix, capture, suffix };
  });
  const captures = levels.flatMap(({ capture }) => capture ?? []);
  const [first = ''] = pattern.split('/');
  return {
    text: pattern,
    captures,
    levels: levels.length,
    first: first.includes('{') ? null : first,
    match(topic) {
      if (captures.length === 0) return topic === pattern ? NO_CAPTURES : undefined;
      const found: Record<string, string> = {};
      let at = 0;
      // Level by level and without a regular expression: the time is that of one look at the topic.
      for (const [index, { prefix, capture, suffix }] of levels.entries()) {
        const slash = topic.indexOf('/', at);
        const end = slash < 0 ? topic.length : slash;
        if (slash < 0 !== (index === levels.length - 1)) return undefined;
        if (!levelFits(topic, at, end, prefix, suffix, capture !== null)) return undefined;
        if (capture !== null) found[capture] = topic.slice(at + prefix.length, end - suffix.length);
        at = end + 1;
      }
      return found;
    },
  };
}

/** Which types know a topic; `identity` is there when the topic alone names the device. */
export interface TopicCandidate<T> {
  readonly type: T;
  readonly captures: Captures;
  readonly identity?: Identity;
}

interface Matchable {
  readonly plan: {
    readonly topics: readonly {
      readonly pattern: TopicPattern;
      identityOf(captures: Captures): Identity | undefined;
    }[];
  };
}

/**
 * Finds the types whose own topics fit. Contract topics name the device itself and have no candidates. A device login has
 * contract topics only, so it never has candidates either.
 */
export function topicMatcher<T extends Matchable>(
  types: Iterable<T>,
): (principal: 'device' | 'vendor' | 'broker', topic: string) => readonly TopicCandidate<T>[] {
  const buckets = new Map<string, { type: T; entry: T['plan']['topics'][number] }[]>();
  for (const type of types) {
    for (const entry of type.plan.topics) {
      const key = `${entry.pattern.levels}/${entry.pattern.first ?? '{}'}`;
      const bucket = buckets.get(key);
      if (bucket) bucket.push({ type, entry });
      else buckets.set(key, [{ type, entry }]);
    }
  }
  return (principal, topic) => {
    if (principal === 'device' || topic.startsWith(CONTRACT_PREFIX)) return [];
    const levels = topic.split('/');
    const found: TopicCandidate<T>[] = [];
    for (const first of [levels[0] ?? '', '{}']) {
      for (const { type, entry } of buckets.get(`${levels.length}/${first}`) ?? []) {
        if (found.some((candidate) => candidate.type === type)) continue;
        const captures = entry.pattern.match(topic);
        if (!captures) continue;
        const identity = entry.identityOf(captures);
        found.push(identity ? { type, captures, identity } : { type, captures });
      }
    }
    return found;
  };
}

/** The topics of a type beside those of the contract, as they are written, each with the filter of all it may stand for. */
export function foreignTopics(definition: {
  readonly topics?: readonly (string | { readonly topic: string })[] | undefined;
  readonly state?: { readonly topic: string } | undefined;
}): readonly { readonly topic: string; readonly filter: string }[] {
  const topics = (definition.topics ?? []).map((topic) => (typeof topic === 'string' ? topic : topic.topic));
  return [...topics, ...(definition.state ? [definition.state.topic] : [])]
    .filter((topic) => !topic.startsWith(CONTRACT_PREFIX))
    .map((topic) => ({ topic, filter: topic.replaceAll(/[^/]*\{[^/]*/g, '+') }));
}

/**
 * A type's own topics as MQTT filters for one device: its identity stands where the topic names it, any other capture
 * becomes `+`. A topic that does not name the device is no device's own and is left out.
 */
export function ownFilters(
  definition: {
    readonly topics?: readonly (string | { readonly topic: string })[] | undefined;
    readonly identify?: { readonly from: unknown; readonly match: Identity['match'] } | undefined;
    readonly state?: { readonly topic: string } | undefined;
  },
  device: { readonly id: string; readonly serial: string | null; readonly externalId: string | null },
): string[] {
  const { from, match } = definition.identify ?? { from: '', match: 'id' as const };
  const value = device[match];
  if (typeof from !== 'string' || !from.startsWith('{') || value === null || /[+#/\0]/.test(value)) return [];
  const topics = [
    ...(definition.topics ?? []).map((topic) => (typeof topic === 'string' ? topic : topic.topic)),
    definition.state?.topic,
  ];
  return topics
    .filter((topic) => topic !== undefined)
    .filter((topic) => topic.includes(from) && !topic.startsWith(CONTRACT_PREFIX))
    .map((topic) =>
      topic
        .split('/')
        .map((level) => (level.includes(from) ? level.replace(from, value) : level.includes('{') ? '+' : level))
        .join('/'),
    );
}

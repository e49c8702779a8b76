import type { DeviceHistory } from '../domain/alarm-history.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { AlarmRow, LoadedDevice, SeenRow } from '../domain/health-rows.ts';
import type { SessionState } from '../domain/health-rules.ts';
import type { Gaps, LearnedDeadline } from '../domain/learned-deadline.ts';
import type { Value } from '../domain/reading.ts';

/** Signs of life since a fact turned bad. */
export interface SignCount {
  count: 0 | 1 | 2;
  /** Observed time of the first. */
  first: number;
}

export interface ProbeMemory {
  readonly path: string;
  /** Observed time of the newest result. */
  at: number;
  ok: boolean;
  reason: string;
  detail: string;
  failures: number;
  firstFailure: number;
  lastFailure: number;
  bad: boolean;
  readonly signs: SignCount;
}

/** What is resident of a device whose deadline is learned; nothing of any other. */
export interface Learning {
  readonly gaps: Gaps;
  learned: LearnedDeadline | null;
  /** The next gap may be learned from: it began with a good sign of life. */
  clean: boolean;
  /** How often the path had stood still when the gap began. */
  breaks: number;
  /** Gaps no write has seen. */
  unsaved: number;
}

/**
 * What is resident per device: 100,000 of these, so numbers and shared strings, and nothing that is only needed by a
 * device in trouble until it is in trouble. `…At` is epoch milliseconds, the rest observed time of `path`.
 */
export interface DeviceMemory {
  readonly key: DeviceKey;
  path: string;
  /** How many of the newest signs of life came by another path in a row. */
  elsewhere: number;
  seenAt: number;
  /** Newest sign of life; 0 = never. */
  seen: number;
  session: SessionState;
  sessionId: string;
  sessionReason: string;
  sessionAt: number;
  sessionObserved: number;
  linkBad: boolean;
  linkKnown: boolean;
  linkTroubled: boolean;
  signs: SignCount | null;
  /** Pairs of metric number and observed time of its newest value. */
  slots: number[];
  /** Metric numbers whose fact is not known to be good. */
  watched: number[] | null;
  probe: ProbeMemory | null;
  skewed: boolean;
  flapping: boolean;
  /** Only of devices whose deadline is learned. */
  learning: Learning | null;
  /** Values the alarm rules of the type refer to. */
  values: Map<string, Value> | null;
  /** Only of devices with rules that look back. */
  history: DeviceHistory | null;
  /** Alarms that are not at rest, by code. */
  alarms: Map<string, AlarmRow> | null;
  /** Changes of `alarms` that no transaction has written yet. */
  alarmChanges: number;
  /** What ended a condition, by code, until the transaction that says so. */
  endings: Map<string, Readonly<Record<string, unknown>>> | null;
}

export interface Memory {
  get(key: DeviceKey): DeviceMemory | undefined;
  obtain(key: DeviceKey, path: string): DeviceMemory;
  forget(key: DeviceKey): void;
  all(): IterableIterator<DeviceMemory>;
  readonly size: number;
}

/** A crash loses evidence that was not flushed; what is loaded is taken for this much younger. */
const FLUSH_LOSS_MS = 3_000;

const numbers = new Map<string, number>();
const names: string[] = [];

/** Metric names as small integers, the same for the life of the process. */
export function numberOf(name: string): number {
  let number = numbers.get(name);
  if (number === undefined) {
    number = names.length;
    names.push(name);
    numbers.set(name, number);
  }
  return number;
}

export function nameOf(number: number): string {
  return names[number] ?? '';
}

export function createMemory(): Memory {
  const devices = new Map<DeviceKey, DeviceMemory>();
  return {
    get: (key) => devices.get(key),
    obtain(key, path) {
      let memory = devices.get(key);
      if (!memory) {
        memory = blank(key, path);
        devices.set(key, memory);
      }
      return memory;
    },
    forget: (key) => devices.delete(key),
    all: () => devices.values(),
    get size() {
      return devices.size;
    },
  };
}

function blank(key: DeviceKey, path: string): DeviceMemory {
  return {
    key,
    path,
    elsewhere: 0,
    seenAt: 0,
    seen: 0,
    session: 'none',
    sessionId: '',
    sessionReason: '',
    sessionAt: 0,
    sessionObserved: 0,
    linkBad: false,
    linkKnown: false,
    linkTroubled: false,
    signs: null,
    slots: [],
    watched: null,
    probe: null,
    skewed: false,
    flapping: false,
    learning: null,
    values: null,
    history: null,
    alarms: null,
    alarmChanges: 0,
    endings: null,
  };
}

/** Newest value of a metric in observed time; undefined = never. */
export function slotOf(memory: DeviceMemory, number: number): number | undefined {
  const { slots } = memory;
  for (let i = 0; i < slots.length; i += 2) if (slots[i] === number) return slots[i + 1];
  return undefined;
}

/** Notes a value; returns whether the metric is new or its fact in trouble, so that it must be judged. */
export function noteValue(memory: DeviceMemory, number: number, observed: number): boolean {
  const { slots } = memory;
  for (let i = 0; i < slots.length; i += 2) {
    if (slots[i] === number) {
      slots[i + 1] = Math.max(slots[i + 1] ?? 0, observed);
      return memory.watched?.includes(number) ?? false;
    }
  }
  slots.push(number, observed);
  watch(memory, number);
  return true;
}

export function watch(memory: DeviceMemory, number: number): void {
  if (!memory.watched) memory.watched = [number];
  else if (!memory.watched.includes(number)) memory.watched.push(number);
}

export function unwatch(memory: DeviceMemory, number: number): void {
  const left = memory.watched?.filter((watched) => watched !== number);
  memory.watched = left && left.length > 0 ? left : null;
}

/** Counts a sign of life of something bad; returns whether it changes anything. */
export function countSign(signs: SignCount, observed: number): boolean {
  if (signs.count === 0) {
    signs.count = 1;
    signs.first = observed;
    return true;
  }
  if (signs.count === 1 && observed > signs.first) {
    signs.count = 2;
    return true;
  }
  return false;
}

export function toSeenRow(memory: DeviceMemory): SeenRow {
  let lag: Record<string, number> | null = null;
  for (let i = 0; i < memory.slots.length; i += 2) {
    const at = memory.slots[i + 1] ?? 0;
    if (at >= memory.seen) continue;
    lag ??= {};
    lag[nameOf(memory.slots[i] ?? 0)] = at;
  }
  return {
    device: memory.key,
    seenAt: memory.seenAt,
    observed: memory.seen,
    path: memory.path,
    session: memory.session,
    sessionReason: memory.sessionReason,
    sessionAt: memory.sessionAt,
    sessionObserved: memory.sessionObserved,
    lag,
  };
}

/** Fills a device's memory from what the last run wrote down; `now` is the observed time of a path. */
export function restore(memory: DeviceMemory, from: LoadedDevice, now: (path: string) => number): void {
  const { seen } = from;
  const loss = (at: number, path: string) => Math.max(at, Math.min(at + FLUSH_LOSS_MS, now(path)));
  if (seen) {
    memory.path = seen.path;
    memory.seenAt = seen.seenAt;
    memory.seen = seen.observed === 0 ? 0 : loss(seen.observed, seen.path);
    memory.session = seen.session;
    memory.sessionReason = seen.sessionReason;
    memory.sessionAt = seen.sessionAt;
    memory.sessionObserved = seen.sessionObserved;
  }
  for (const fact of from.facts) {
    if (fact.name === 'link') {
      memory.linkKnown = true;
      memory.linkBad = fact.state === 'bad';
      memory.linkTroubled = fact.state !== 'good';
      if (memory.linkBad) memory.signs = signsFrom(fact.turning);
    } else if (fact.name === 'probe') {
      memory.probe = probeFrom(fact.path, fact.state === 'bad', fact.turning, fact.evidence);
    } else if (fact.name === 'flapping') memory.flapping = fact.state === 'bad';
    else if (fact.name.startsWith('data:')) {
      const metric = fact.name.slice('data:'.length);
      const number = numberOf(metric);
      const lagging = seen?.lag?.[metric];
      memory.slots.push(number, lagging === undefined ? memory.seen : loss(lagging, memory.path));
      if (fact.state !== 'good') watch(memory, number);
    }
  }
  if (from.alarms.length > 0) memory.alarms = new Map(from.alarms.map((alarm) => [alarm.code, alarm]));
  memory.skewed = from.skewed;
}

function signsFrom(turning: number | null): SignCount {
  return turning === null ? { count: 0, first: 0 } : { count: 1, first: turning };
}

function probeFrom(
  path: string,
  bad: boolean,
  turning: number | null,
  evidence: Readonly<Record<string, unknown>>,
): ProbeMemory {
  const number = (name: string) => (typeof evidence[name] === 'number' ? evidence[name] : 0);
  const text = (name: string) => (typeof evidence[name] === 'string' ? evidence[name] : '');
  return {
    path,
    at: number('observed'),
    ok: bad ? turning !== null : evidence.failures === 0,
    reason: text('reason'),
    detail: text('detail'),
    failures: number('failures'),
    firstFailure: number('firstFailure'),
    lastFailure: number('lastFailure'),
    bad,
    signs: signsFrom(bad ? turning : null),
  };
}

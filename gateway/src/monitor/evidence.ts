import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type {
  ConditionEvidence,
  LinkEvidence,
  MessageEvidence,
  ProbeEvidence,
  SignEvidence,
} from '../domain/evidence.ts';
import type { DeviceEvent, Value } from '../domain/reading.ts';
import type { Alarms } from './alarms.ts';
import type { Clocks } from './clocks.ts';
import type { EventQueue } from './events.ts';
import { isJudged } from './judge.ts';
import type { Learner } from './learning.ts';
import { shiftHistory } from './look-back.ts';
import { countSign, type DeviceMemory, type Memory, noteValue } from './memory.ts';
import { type Directory, type MonitoredType, type TypeSource, typeOf } from './ports.ts';
import { freshWithinOf, shapeOf } from './shape.ts';
import { noteSkew } from './skew.ts';

/** The side of the monitor that hears: synchronous, memory only, on the ingest path. */
export interface Listener {
  message(evidence: MessageEvidence): void;
  link(evidence: LinkEvidence): void;
  probe(evidence: ProbeEvidence): void;
  sign(evidence: SignEvidence): void;
  condition(evidence: ConditionEvidence): void;
}

export interface ListenerOptions {
  readonly memory: Memory;
  readonly clocks: Clocks;
  readonly directory: Directory;
  readonly types: TypeSource;
  /** Devices that must be judged in the next sweep. */
  readonly dirty: Set<DeviceKey>;
  /** Devices whose last evidence was not flushed. */
  readonly touched: Set<DeviceMemory>;
  readonly events: EventQueue;
  readonly lifeSafety: EventQueue;
  /** A life-safety alarm or event wants to be written now. */
  readonly urgent: (device: DeviceKey | null) => void;
  readonly alarms: Pick<Alarms, 'heard'>;
  readonly learner: Pick<Learner, 'heard'>;
}

/** How often in a row a device must be heard elsewhere before another path's clock judges it. */
const ELSEWHERE = 3;

export function createListener(options: ListenerOptions): Listener {
  const { memory, clocks, directory, types, dirty, touched } = options;

  /** The judging path's clock tells when something was heard, whichever path it came by. */
  function heard(device: DeviceMemory, path: string, receivedAt: number): number {
    if (device.path !== path) {
      if (device.seen === 0 && device.session === 'none') device.path = path;
      else if (++device.elsewhere >= ELSEWHERE || !clocks.of(device.path).running) move(device, path);
    } else device.elsewhere = 0;
    return clocks.of(device.path).at(receivedAt);
  }

  /** Silences keep their age when another clock takes over. */
  function move(device: DeviceMemory, path: string): void {
    const shift = clocks.of(path).now() - clocks.of(device.path).now();
    const moved = (observed: number) => (observed === 0 ? 0 : observed + shift);
    device.seen = moved(device.seen);
    device.sessionObserved = moved(device.sessionObserved);
    for (let i = 1; i < device.slots.length; i += 2) device.slots[i] = moved(device.slots[i] ?? 0);
    shiftHistory(device, shift);
    device.path = path;
    device.elsewhere = 0;
    dirty.add(device.key);
  }

  function alive(device: DeviceMemory, brief: DeviceBrief, observed: number, receivedAt: number): void {
    options.learner.heard(device, brief, observed);
    if (observed > device.seen) device.seen = observed;
    if (receivedAt > device.seenAt) device.seenAt = receivedAt;
    touched.add(device);
    if (device.linkBad) {
      device.signs ??= { count: 0, first: 0 };
      if (countSign(device.signs, observed)) dirty.add(device.key);
    } else if (device.linkTroubled || !device.linkKnown) dirty.add(device.key);
  }

  function lost(device: DeviceMemory, observed: number, at: number, reason: string): void {
    device.session = 'lost';
    device.sessionReason = reason;
    device.sessionAt = at;
    device.sessionObserved = observed;
    touched.add(device);
    dirty.add(device.key);
  }

  function takeEvents(device: DeviceMemory, type: MonitoredType | undefined, evidence: MessageEvidence): void {
    for (const heard of evidence.events) {
      if (evidence.late && !heard.lifeSafety) continue;
      const rule = type?.events.get(heard.code);
      // Switched off by a rule; whatever is about life and limb, only with an administrator's word.
      if (rule?.enabled === false) continue;
      const event = rule ? { ...heard, severity: rule.severity } : heard;
      if (event.severity === 'info' && !event.lifeSafety && !event.code.endsWith('Cleared')) continue;
      const queue = event.lifeSafety ? options.lifeSafety : options.events;
      queue.add(raised(device, event, evidence.late));
      if (event.lifeSafety) options.urgent(null);
    }
  }

  /** What history says of life and limb is told as an event of its own; it begins no live alarm. */
  function takeLateAlarms(device: DeviceMemory, type: MonitoredType | undefined, evidence: MessageEvidence): void {
    const { values, receivedAt } = evidence;
    const now = values instanceof Map ? values : new Map<string, Value>(Object.entries(values));
    for (const rule of type?.alarms ?? []) {
      if (!rule.lifeSafety || rule.when.evaluate(now) !== true) continue;
      const { code, severity, lifeSafety } = rule;
      const time = receivedAt + (evidence.skewMs ?? 0);
      const data = rule.when.evidence(now);
      options.lifeSafety.add(
        raised(device, { device: device.key, code, time, receivedAt, severity, lifeSafety, data }, true),
      );
      options.urgent(null);
    }
  }

  function takeValues(device: DeviceMemory, brief: DeviceBrief, type: MonitoredType, e: MessageEvidence, at: number) {
    const own = brief.healthPolicy?.freshWithin !== undefined;
    const entries = e.values instanceof Map ? e.values : Object.entries(e.values);
    for (const [metric] of entries as Iterable<[string, Value]>) {
      const shape = shapeOf(type, metric);
      const fresh = own ? freshWithinOf(type, brief.healthPolicy, metric) : shape.freshWithin;
      if (fresh !== null && noteValue(device, shape.number, at)) dirty.add(device.key);
    }
    options.alarms.heard(device, type, e, at);
  }

  return {
    message(evidence) {
      const brief = directory.get(evidence.device);
      if (!isJudged(brief)) return;
      const device = memory.obtain(evidence.device, evidence.path);
      const type = typeOf(types, brief);
      takeEvents(device, type, evidence);
      if (evidence.late) {
        takeLateAlarms(device, type, evidence);
        return;
      }
      const observed = heard(device, evidence.path, evidence.receivedAt);
      if (evidence.claim === 'offline') {
        // A will may arrive after the new session is up, and a live session is the better witness.
        if (device.session !== 'up' && evidence.receivedAt >= device.sessionAt) {
          lost(device, observed, evidence.receivedAt, 'claim');
        }
        return;
      }
      alive(device, brief, observed, evidence.receivedAt);
      const { skewMs } = evidence;
      if (skewMs !== undefined && noteSkew(device, skewMs, observed, evidence.receivedAt)) dirty.add(device.key);
      if (type) takeValues(device, brief, type, evidence, observed);
    },

    link(evidence) {
      const brief = directory.get(evidence.device);
      if (!isJudged(brief)) return;
      const device = memory.obtain(evidence.device, evidence.path);
      if (evidence.state === 'up') {
        if (evidence.at < device.sessionAt) return;
        const observed = heard(device, evidence.path, evidence.at);
        device.session = 'up';
        device.sessionId = evidence.session;
        device.sessionReason = evidence.reason;
        device.sessionAt = evidence.at;
        device.sessionObserved = observed;
        alive(device, brief, observed, evidence.at);
        return;
      }
      if (device.session === 'up' && device.sessionId !== evidence.session) return;
      if (evidence.reason === 'takenOver') return;
      const observed = clocks.of(device.path).at(evidence.at);
      const ours = evidence.reason === 'shutdown' || !clocks.of(evidence.path).running;
      if (ours || evidence.reason === 'disconnect' || evidence.reason === 'cut') {
        // The session was a sign of life until this moment.
        const wasUp = device.session === 'up';
        device.session = ours ? 'unknown' : 'goodbye';
        device.sessionReason = evidence.reason;
        if (wasUp) device.sessionAt = evidence.at;
        if (wasUp) device.sessionObserved = observed;
        touched.add(device);
        return;
      }
      lost(device, observed, evidence.at, evidence.reason);
    },

    probe(evidence) {
      const brief = directory.get(evidence.device);
      if (!isJudged(brief)) return;
      const clock = clocks.of(evidence.path);
      // A path that cannot hear fails every probe, and none of them says anything about a camera.
      if (!clock.running && !evidence.ok) return;
      const device = memory.obtain(evidence.device, evidence.path);
      const at = clock.at(evidence.at);
      const probe = probeMemory(device, evidence.path);
      // A successor hears again what its predecessor counted.
      if (!evidence.ok && probe.failures > 0 && at <= probe.lastFailure) return;
      probe.at = at;
      probe.detail = evidence.detail;
      if (evidence.ok) {
        if (evidence.at > device.seenAt) device.seenAt = evidence.at;
        touched.add(device);
        if (probe.bad ? countSign(probe.signs, at) : !probe.ok) dirty.add(device.key);
        probe.failures = 0;
        // Any sign of life ends silence; only one without a link of its own has none to end.
        if (device.seen > 0) alive(device, brief, clocks.of(device.path).at(evidence.at), evidence.at);
      } else {
        failed(probe, evidence.reason, at);
        dirty.add(device.key);
      }
      probe.ok = evidence.ok;
      probe.reason = evidence.reason;
    },

    sign({ device: key, path, at }) {
      const brief = directory.get(key);
      if (!isJudged(brief)) return;
      const device = memory.obtain(key, path);
      if (at > device.seenAt) device.seenAt = at;
      touched.add(device);
      const { probe } = device;
      // What speaks is reachable. That its stream can be had, only a probe can say, and a confirmed death ends by probes.
      if (probe && !probe.bad && probe.failures > 0 && probe.reason === 'hostUnreachable') {
        probe.failures = 0;
        probe.ok = true;
        dirty.add(key);
      }
      if (device.seen > 0) alive(device, brief, clocks.of(device.path).at(at), at);
    },

    condition({ device: key, path, at, code, active, evidence }) {
      if (!isJudged(directory.get(key))) return;
      const device = memory.obtain(key, path);
      if (active === (device.alarms?.get(code)?.state === 'active')) return;
      if (active) {
        device.alarms ??= new Map();
        const row = { device: key, code, component: '', state: 'active' as const, since: at, path, deadline: null };
        device.alarms.set(code, { ...row, evidence });
        device.endings?.delete(code);
      } else {
        device.alarms?.delete(code);
        if (device.alarms?.size === 0) device.alarms = null;
        device.endings ??= new Map();
        device.endings.set(code, evidence);
      }
      device.alarmChanges += 1;
      dirty.add(key);
    },
  };

  function probeMemory(device: DeviceMemory, path: string) {
    const { probe } = device;
    if (probe && probe.path === path) return probe;
    const made = {
      path,
      at: 0,
      ok: false,
      reason: '',
      detail: '',
      failures: 0,
      firstFailure: 0,
      lastFailure: 0,
      bad: probe?.bad ?? false,
      signs: { count: 0 as const, first: 0 },
    };
    device.probe = made;
    return device.probe;
  }
}

function failed(probe: NonNullable<DeviceMemory['probe']>, reason: string, at: number): void {
  probe.signs.count = 0;
  // Our own configuration is not the camera's failure: it begins no run of failures and goes on with none.
  if (reason === 'targetNotAllowed') {
    probe.failures = 0;
    return;
  }
  probe.failures += 1;
  if (probe.failures === 1) probe.firstFailure = at;
  probe.lastFailure = at;
}

function raised(device: DeviceMemory, event: DeviceEvent, late: boolean) {
  return {
    device: device.key,
    code: event.code,
    component: event.component ?? '',
    time: event.time,
    receivedAt: event.receivedAt,
    severity: event.severity,
    lifeSafety: event.lifeSafety,
    late,
    path: device.path,
    data: event.data,
    count: 1,
  };
}

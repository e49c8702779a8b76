import { historyAt } from '../domain/alarm-history.ts';
import { type AlarmPhase, IDLE, nextAlarmPhase } from '../domain/alarm-rules.ts';
import type { DeviceKey } from '../domain/device.ts';
import { toldCondition, toldValues } from '../domain/device-type/told.ts';
import type { AlarmRule } from '../domain/device-type/types.ts';
import type { MessageEvidence } from '../domain/evidence.ts';
import type { Value } from '../domain/reading.ts';
import type { Clocks } from './clocks.ts';
import { beginWatching, type Looks, lookAtEvent, lookAtValue, looksOf, nextTurn, noteReturn } from './look-back.ts';
import type { DeviceMemory, Memory } from './memory.ts';
import { type Directory, type MonitoredType, type TypeSource, typeOf } from './ports.ts';
import { shapeOf } from './shape.ts';

/** Steps the alarm rules of devices, on what is heard and on what is not. */
export interface Alarms {
  /** A message that is not late, after it was taken for a sign of life. */
  heard(device: DeviceMemory, type: MonitoredType, evidence: MessageEvidence, observed: number): void;
  /** Looks at what changes by time alone. */
  wake(): void;
  /** What the last run remembered is in memory. */
  restored(device: DeviceMemory): void;
  /** Rules changed: alarms whose rule is gone end. */
  rulesChanged(): void;
}

export interface AlarmsOptions {
  readonly memory: Memory;
  readonly clocks: Clocks;
  readonly directory: Directory;
  readonly types: TypeSource;
  readonly dirty: Set<DeviceKey>;
  readonly pending: Set<DeviceKey>;
  /** Devices whose history was not written down. */
  readonly remembered: Set<DeviceMemory>;
  readonly urgent: (device: DeviceKey) => void;
  /** Epoch milliseconds. */
  readonly wall: () => number;
  /** An event was heard that rules of two devices may look for. */
  readonly touched: (device: DeviceKey) => void;
}

const MAX_VALUES = 256;
const SECOND_MS = 1_000;

export function createAlarms(options: AlarmsOptions): Alarms {
  const { memory, clocks, dirty } = options;
  /** Devices by the second of their path's clock in which they are to be looked at. */
  const wakeups = new Map<string, Map<number, Set<DeviceKey>>>();
  const woken = new Map<string, number>();

  function historyOf(device: DeviceMemory, now: number) {
    if (!device.history) return undefined;
    // A session that is up is a sign of life all the time.
    const alive = device.session === 'up' ? now : device.seen;
    return historyAt(device.history, now, alive);
  }

  function apply(device: DeviceMemory, type: MonitoredType, rule: AlarmRule, wall: number, observed: number): void {
    const values = device.values ?? new Map<string, Value>();
    const history = historyOf(device, observed);
    const when = rule.when.evaluate(values, history);
    const clear = rule.clear.evaluate(values, history);
    const is = stepAlarm(device, rule, { when, clear, wall, now: observed }, () => ({
      when: rule.when.text,
      told: toldCondition(type, rule.when.text),
      values: toldValues(type, rule.when.evidence(values, history)),
    }));
    if (!is) return;
    if (is.phase === 'pending') options.pending.add(device.key);
    else if (is.phase === 'active' && rule.lifeSafety) options.urgent(device.key);
    dirty.add(device.key);
  }

  function schedule(device: DeviceMemory, looks: Looks, now: number): void {
    const { history } = device;
    const at = nextTurn(device, looks, now);
    if (!history || at === null || (history.wakeAt > now && history.wakeAt <= at)) return;
    history.wakeAt = at;
    bucket(device, at);
  }

  function bucket(device: DeviceMemory, at: number): void {
    let byPath = wakeups.get(device.path);
    if (!byPath) {
      byPath = new Map();
      wakeups.set(device.path, byPath);
      woken.set(device.path, Math.floor(clocks.now(device.path) / SECOND_MS));
    }
    const second = Math.max(Math.ceil(at / SECOND_MS), (woken.get(device.path) ?? 0) + 1);
    const devices = byPath.get(second);
    if (devices) devices.add(device.key);
    else byPath.set(second, new Set([device.key]));
  }

  function look(device: DeviceMemory, type: MonitoredType, looks: Looks, wall: number): void {
    const { history } = device;
    if (!history) return;
    const now = clocks.now(device.path);
    if (device.linkBad) history.away = true;
    for (const rule of looks.timed) apply(device, type, rule, wall, now);
    // An absence is proved by a sign of life after its window, not by silence.
    history.waiting = looks.absences.size > 0 && device.session !== 'up';
    schedule(device, looks, now);
    if (type.pairs || type.pairedEvents) options.touched(device.key);
  }

  function hearEvents(
    device: DeviceMemory,
    type: MonitoredType,
    looks: Looks,
    { events }: MessageEvidence,
    observed: number,
    rules: Set<AlarmRule>,
  ): void {
    const begun = beginWatching(device, looks, observed);
    const back = noteReturn(device, observed);
    const all = begun || back || device.history?.waiting === true;
    if (device.history) device.history.waiting = false;
    for (const { code } of events) lookAtEvent(device, looks, code, observed);
    for (const rule of looks.timed) {
      if (all || namesOf(rule).some((name) => events.some(({ code }) => code === name))) rules.add(rule);
    }
    if (events.length > 0 && (type.pairs || type.pairedEvents)) options.touched(device.key);
  }

  function hearValues(
    device: DeviceMemory,
    type: MonitoredType,
    looks: Looks | null,
    { values }: MessageEvidence,
    observed: number,
    rules: Set<AlarmRule>,
  ): void {
    const entries = values instanceof Map ? values : Object.entries(values);
    for (const [metric, value] of entries as Iterable<[string, Value]>) {
      const shape = shapeOf(type, metric);
      if (!shape.alarmed) continue;
      device.values ??= new Map();
      if (device.values.size < MAX_VALUES || device.values.has(metric)) device.values.set(metric, value);
      if (looks) lookAtValue(device, looks, metric, value, observed);
      for (const rule of shape.rules) rules.add(rule);
    }
  }

  return {
    heard(device, type, evidence, observed) {
      const looks = looksOf(type);
      const rules = new Set<AlarmRule>();
      if (looks) hearEvents(device, type, looks, evidence, observed, rules);
      hearValues(device, type, looks, evidence, observed, rules);
      for (const rule of rules) apply(device, type, rule, evidence.receivedAt, observed);
      if (!looks) return;
      options.remembered.add(device);
      schedule(device, looks, observed);
    },

    wake() {
      for (const [path, byPath] of wakeups) {
        const now = Math.floor(clocks.now(path) / SECOND_MS);
        const due = [...byPath.keys()].filter((second) => second <= now);
        woken.set(path, now);
        for (const second of due) {
          const keys = byPath.get(second) ?? [];
          byPath.delete(second);
          for (const key of keys) {
            const device = memory.get(key);
            const brief = options.directory.get(key);
            if (!device?.history || !brief) continue;
            device.history.wakeAt = 0;
            const type = typeOf(options.types, brief);
            const looks = type && looksOf(type);
            if (type && looks) look(device, type, looks, options.wall());
          }
        }
      }
    },

    restored(device) {
      if (device.history) bucket(device, clocks.now(device.path));
    },

    rulesChanged() {
      for (const device of memory.all()) {
        if (!device.alarms) continue;
        const brief = options.directory.get(device.key);
        const type = brief && typeOf(options.types, brief);
        if (!type) continue;
        for (const alarm of device.alarms.values()) {
          if (!isOfRule(alarm.evidence) || type.alarms.some(({ code }) => code === alarm.code)) continue;
          endAlarm(device, alarm.code, { ruleGone: true });
          dirty.add(device.key);
        }
      }
    },
  };
}

/** Whether evidence is that of a rule, and not of a finding of the gateway's own. */
export function isOfRule(evidence: Readonly<Record<string, unknown>>): boolean {
  return typeof evidence.when === 'string';
}

const namesOf = (rule: AlarmRule) => [...rule.when.temporal, ...rule.clear.temporal].map(({ name }) => name);

function endAlarm(device: DeviceMemory, code: string, ending: Readonly<Record<string, unknown>> | null): void {
  device.alarms?.delete(code);
  if (device.alarms?.size === 0) device.alarms = null;
  if (ending) {
    device.endings ??= new Map();
    device.endings.set(code, ending);
  }
  device.alarmChanges += 1;
}

/** One step of a rule in a device's memory; undefined = nothing changed. */
export function stepAlarm(
  device: DeviceMemory,
  rule: Pick<AlarmRule, 'code' | 'forMs'>,
  step: { when: boolean | undefined; clear: boolean | undefined; wall: number; now: number },
  evidence: () => Readonly<Record<string, unknown>>,
): AlarmPhase | undefined {
  const alarm = device.alarms?.get(rule.code);
  const was: AlarmPhase = alarm ? { phase: alarm.state, deadline: alarm.deadline } : IDLE;
  const is = nextAlarmPhase(was, { ...step, forMs: rule.forMs });
  if (is === was) return undefined;
  if (is.phase === 'idle') {
    endAlarm(device, rule.code, null);
    return is;
  }
  device.alarms ??= new Map();
  device.alarms.set(rule.code, {
    device: device.key,
    code: rule.code,
    component: '',
    state: is.phase,
    since: step.wall,
    path: device.path,
    deadline: is.deadline,
    evidence: evidence(),
  });
  device.endings?.delete(rule.code);
  device.alarmChanges += 1;
  return is;
}

import type { EffectiveEvent, PairRule } from '../domain/alarm-rule.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type { AlarmRule, HealthDefaults, MetricInfo } from '../domain/device-type/types.ts';
import type { Decision } from '../domain/health.ts';
import type {
  AlarmRow,
  BlindInterval,
  BlindRun,
  DueIncident,
  FactRow,
  FactWrite,
  HealthChange,
  HealthRow,
  IncidentRow,
  LearnedRow,
  LoadedDevice,
  MissedEvent,
  Nows,
  Rearm,
  SeenRow,
  WatchRow,
} from '../domain/health-rows.ts';
import type { ObservedMark } from '../domain/observed-clock.ts';
import type { Tx } from '../domain/tx.ts';

/** The part of a device type that is judged. */
export interface MonitoredType {
  readonly id: string;
  readonly metrics: ReadonlyMap<string, MetricInfo>;
  readonly components: ReadonlyMap<string, unknown>;
  readonly events: ReadonlyMap<string, EffectiveEvent>;
  readonly alarms: readonly AlarmRule[];
  readonly alarmMetrics: readonly string[];
  readonly health: HealthDefaults;
  /** Rules of two devices of a site that begin with a device of this type. */
  readonly pairs?: readonly PairRule[];
  /** Another type's pair looks at devices of this one, at these of their events. */
  readonly pairedEvents?: ReadonlySet<string>;
}

export interface TypeSource {
  get(id: string): MonitoredType | undefined;
  /** The type of a device with the rules that were laid over it; absent = `get`. Memory only. */
  of?(device: DeviceBrief): MonitoredType | undefined;
}

export function typeOf(types: TypeSource, device: DeviceBrief): MonitoredType | undefined {
  return types.of ? types.of(device) : types.get(device.type);
}

export interface Directory {
  get(key: DeviceKey): DeviceBrief | undefined;
}

/** Tickets and outbox hang here; called inside the transaction that records the decisions. A throw rolls it back. */
export type OnDecision = (tx: Tx, decisions: readonly Decision[]) => Promise<void>;

/** Statements of liveness and health. Every one is set-based. */
export interface HealthStore {
  marks(tx: Tx): Promise<ReadonlyMap<string, ObservedMark>>;
  saveMarks(tx: Tx, marks: ReadonlyMap<string, ObservedMark>): Promise<void>;
  saveBlind(tx: Tx, intervals: readonly BlindInterval[]): Promise<void>;
  /** Ends intervals a killed process left open, at the path's last mark; those of one reason go on. */
  closeBlind(tx: Tx, but: string): Promise<void>;
  /** The newest interval of a reason of each path, when it is open or ended after `since`. */
  blindFor(tx: Tx, reason: string, since: number): Promise<readonly BlindRun[]>;
  /** Sessions that were up when the gateway went away: alive until `observed`, unknown since. */
  forgetSessions(tx: Tx, nows: Nows): Promise<void>;
  load(tx: Tx, after: DeviceKey, limit: number): Promise<readonly LoadedDevice[]>;
  /** What was learned of the devices after a key, in key order. */
  learned(tx: Tx, after: DeviceKey, limit: number): Promise<readonly LearnedRow[]>;
  saveLearned(tx: Tx, rows: readonly LearnedRow[]): Promise<void>;
  saveSeen(tx: Tx, rows: readonly SeenRow[]): Promise<void>;
  due(tx: Tx, nows: Nows, limit: number): Promise<readonly FactRow[]>;
  rearm(tx: Tx, rows: readonly Rearm[]): Promise<void>;
  /** Makes missing rows and locks all of them in key order: who comes second sees what the first has done. */
  lock(tx: Tx, devices: readonly DeviceKey[], now: number): Promise<ReadonlyMap<DeviceKey, HealthRow>>;
  /** Link, probe, and whatever data fact is not good or is due; of the devices in `whole` all of them. */
  facts(tx: Tx, devices: readonly DeviceKey[], nows: Nows, whole: readonly DeviceKey[]): Promise<readonly FactRow[]>;
  saveFacts(tx: Tx, rows: readonly FactWrite[]): Promise<void>;
  dropFacts(tx: Tx, devices: readonly DeviceKey[]): Promise<void>;
  saveHealth(tx: Tx, rows: readonly HealthRow[]): Promise<void>;
  addHistory(tx: Tx, changes: readonly HealthChange[]): Promise<void>;
  alarms(tx: Tx, devices: readonly DeviceKey[]): Promise<readonly AlarmRow[]>;
  saveAlarms(tx: Tx, rows: readonly AlarmRow[]): Promise<void>;
  /** What rules wait for, of at most `limit` devices after a key, in key order. */
  watches(tx: Tx, after: DeviceKey, limit: number): Promise<readonly WatchRow[]>;
  saveWatches(tx: Tx, rows: readonly WatchRow[]): Promise<void>;
  dropAlarms(tx: Tx, rows: readonly Pick<AlarmRow, 'device' | 'code' | 'component'>[]): Promise<void>;
  /** Events received since `since` that no incident has taken in, for what a crash cut off. */
  missedEvents(tx: Tx, since: number, limit: number): Promise<readonly MissedEvent[]>;
}

export interface IncidentStore {
  /** Held and open incidents of these devices, and notified ones resolved after `since`, newest first. */
  ofDevices(tx: Tx, devices: readonly DeviceKey[], since: number): Promise<readonly IncidentRow[]>;
  /** Ids of those inserted; one that lost against an open incident of the same fault is not among them. */
  insert(tx: Tx, rows: readonly IncidentRow[]): Promise<ReadonlySet<string>>;
  /** Writes state, times, reason, notified, suppressed, evidence and count of existing incidents. */
  update(tx: Tx, rows: readonly IncidentRow[]): Promise<void>;
  /** Held incidents whose time has come, locked; rows another monitor holds are left out. */
  due(tx: Tx, nows: Nows, limit: number): Promise<readonly DueIncident[]>;
}

export interface MonitorSettings {
  /** Milliseconds a new incident is held before tickets and notices. */
  readonly groupHoldMs: number;
  /** Share (0…1) of at least 20 judged devices that fall silent at once above which our own path is tested first. */
  readonly massShare?: number;
  /** A path of ours that is broken freezes judgement for this long at most. */
  readonly freezeMs?: number;
  /** What is silent this long after its group ended is told of on its own. */
  readonly leftoverAfterMs?: number;
  /** A fault that comes back within this time re-opens its incident. */
  readonly relapseMs?: number;
  readonly sweepEveryMs?: number;
  readonly flushEveryMs?: number;
  /** A gap between two ticks longer than this is our own standstill (null = not watched). */
  readonly stallMs?: number | null;
}

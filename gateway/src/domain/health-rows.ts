import type { DeviceKey } from './device.ts';
import type { Title } from './device-type/types.ts';
import type { FactState, HealthState } from './health.ts';
import type { SessionState } from './health-rules.ts';
import type { LearnedDeadline } from './learned-deadline.ts';
import type { Severity } from './reading.ts';

/** Told after the commit; times are epoch milliseconds. */
export interface HealthChange {
  readonly device: DeviceKey;
  readonly was: HealthState;
  readonly state: HealthState;
  readonly reason: string;
  readonly at: number;
}

/** Observed time now, by path. */
export type Nows = ReadonlyMap<string, number>;

export interface SeenRow {
  readonly device: DeviceKey;
  /** Epoch milliseconds of the newest evidence of any kind; 0 = never. */
  readonly seenAt: number;
  /** The same for the link, in observed time; 0 = never. */
  readonly observed: number;
  readonly path: string;
  readonly session: SessionState;
  readonly sessionReason: string;
  readonly sessionAt: number;
  readonly sessionObserved: number;
  /** Metrics whose newest value is older than `observed`. */
  readonly lag: Readonly<Record<string, number>> | null;
}

export interface FactRow {
  readonly device: DeviceKey;
  readonly name: string;
  readonly state: FactState;
  readonly reason: string;
  readonly path: string;
  readonly deadline: number | null;
  readonly turning: number | null;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** A fact to write. `since` and `evidence` null = as they were. */
export interface FactWrite extends Omit<FactRow, 'evidence'> {
  readonly since: number | null;
  readonly evidence: Readonly<Record<string, unknown>> | null;
}

/** Moves one deadline, only while it still stands at `was`. */
export interface Rearm {
  readonly device: DeviceKey;
  readonly name: string;
  readonly was: number;
  readonly deadline: number | null;
  readonly state: FactState;
  readonly reason: string;
}

export interface HealthRow {
  readonly device: DeviceKey;
  readonly state: HealthState;
  readonly reason: string;
  readonly since: number;
  readonly suspect: boolean;
  readonly flags: readonly string[];
}

export interface AlarmRow {
  readonly device: DeviceKey;
  readonly code: string;
  readonly component: string;
  readonly state: 'pending' | 'active';
  readonly since: number;
  readonly path: string;
  readonly deadline: number | null;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** When a metric or event that a rule waits for or counts came, in observed time of `path`. */
export interface WatchRow {
  readonly device: DeviceKey;
  readonly name: string;
  readonly path: string;
  readonly since: number;
  readonly times: readonly number[];
}

export interface LoadedDevice {
  readonly device: DeviceKey;
  readonly seen: SeenRow | null;
  readonly facts: readonly FactRow[];
  readonly alarms: readonly AlarmRow[];
  readonly skewed: boolean;
}

/** What was learned of one device's rhythm. */
export interface LearnedRow {
  readonly device: DeviceKey;
  readonly gaps: Uint8Array;
  readonly samples: number;
  readonly learned: LearnedDeadline | null;
}

export interface BlindInterval {
  readonly path: string;
  readonly from: number;
  /** null = still blind. */
  readonly to: number | null;
  readonly reason: string;
}

/** An interval of a path that may still go on. */
export interface BlindRun {
  readonly path: string;
  readonly from: number;
  readonly open: boolean;
  /** Milliseconds of it in which we ran. */
  readonly ranMs: number;
}

export interface MissedEvent {
  readonly device: DeviceKey;
  readonly code: string;
  readonly component: string;
  readonly time: number;
  readonly receivedAt: number;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  readonly data: unknown;
}

export type IncidentState = 'held' | 'open' | 'resolved' | 'dismissed';

export interface IncidentRow {
  readonly id: string;
  readonly kind: 'device' | 'group';
  /** The device's id. */
  readonly key: string;
  readonly device: DeviceKey;
  readonly fault: string;
  readonly component: string;
  readonly reason: string;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  readonly late: boolean;
  readonly state: IncidentState;
  readonly openedAt: number;
  readonly path: string;
  /** Observed time at which a held incident is decided. */
  readonly decideAt: number | null;
  readonly resolvedAt: number | null;
  /** A decision `opened` went out for it. */
  readonly notified: boolean;
  readonly suppressed: readonly string[];
  readonly advice: Title | null;
  readonly evidence: readonly Readonly<Record<string, unknown>>[];
  readonly occurrences: number;
  readonly lastAt: number;
}

export interface DueIncident extends IncidentRow {
  /** A return is under way, or the device itself went silent: not to be decided yet. */
  readonly wait: boolean;
}

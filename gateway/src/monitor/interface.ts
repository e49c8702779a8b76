import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type {
  ConditionEvidence,
  LinkEvidence,
  MessageEvidence,
  ProbeEvidence,
  SignEvidence,
  VendorLinkEvidence,
} from '../domain/evidence.ts';
import type { HealthChange } from '../domain/health-rows.ts';
import type { QuietReasons } from '../domain/quiet.ts';
import type { Transactor } from '../domain/tx.ts';
import type { OwnPathTest } from './grouping/own-path.ts';
import type { GroupStore } from './grouping/ports.ts';
import type { Directory, HealthStore, IncidentStore, MonitorSettings, OnDecision, TypeSource } from './ports.ts';
import type { MonitorStatus } from './status.ts';

export interface MonitorOptions {
  readonly store: HealthStore;
  readonly incidents: IncidentStore;
  readonly groups: GroupStore;
  readonly transactor: Transactor;
  readonly directory: Directory;
  readonly types: TypeSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onDecision: OnDecision;
  /**
   * Receive time (epoch ms) of the oldest record of a path that waits in the spool; null = none. It must not move past a
   * record before `observe()` was called with its evidence.
   */
  readonly oldestUndrainedAt: (path: string) => number | null;
  readonly settings: MonitorSettings | (() => MonitorSettings);
  /** Whether we closed this vendor's login: the silence of what spoke through it makes no ticket. Memory only; absent = never. */
  readonly vendorMuted?: (vendorId: string) => boolean;
  /** Proves each deadline that was learned; absent = nobody does. */
  readonly audit?: AuditPort;
  /** False while what the device does is not its rhythm. Memory only; absent = unless it is under maintenance. */
  readonly mayLearn?: (device: DeviceBrief) => boolean;
  /** Maintenance, silences, 重保 and drills; absent = never quiet. Memory only. */
  readonly quiet?: QuietReasons;
  /** So many times shorter a fault of the device is held (重保); absent = once. Memory only. */
  readonly pace?: (device: DeviceBrief) => number;
  /** Tries our own part of a path before mass silence is believed; absent = it is taken for sound. */
  readonly ownPath?: OwnPathTest;
  /** After each commit that changed states; must not throw. */
  readonly onChange?: (changes: readonly HealthChange[]) => void;
  /** Milliseconds each sweep took. */
  readonly onSweep?: (tookMs: number) => void;
  /** Each failed attempt to write, for metrics. */
  readonly onError?: (error: unknown) => void;
}

export interface Monitor {
  /** Loads what the last run knew and begins to sweep. Every path is blind until {@link pathUp}. */
  start(): Promise<void>;
  /** Writes down what is only in memory. */
  stop(): Promise<void>;
  /** Evidence of committed messages. Synchronous, memory only. */
  observe(evidence: readonly MessageEvidence[]): void;
  link(evidence: LinkEvidence): void;
  probe(evidence: ProbeEvidence): void;
  /** Something that is no reading came from the device: an ONVIF event, a picture. It lives. */
  sign(evidence: SignEvidence): void;
  /** A fault another stage has confirmed begins or ends. */
  condition(evidence: ConditionEvidence): void;
  /** A vendor's own login went up or down. */
  vendorLink(evidence: VendorLinkEvidence): void;
  /** What kept the faults of these devices quiet may be over. */
  decideAgain(devices: readonly DeviceKey[]): void;
  /** What keeps devices from being judged. */
  status(): MonitorStatus;
  /** The path can hear again. */
  pathUp(path: string): void;
  /** The path cannot hear: its observed clock stands still and nothing on it is judged. */
  pathDown(path: string, reason: string): void;
  /** Judges what is due and decides held incidents; also runs by itself after start(). */
  sweep(): Promise<void>;
  deviceAdded(device: DeviceKey): void;
  /** Lifecycle, type or health policy of a device changed. */
  lifecycleChanged(device: DeviceKey): void;
  /** Alarm rules were made, changed or taken away. */
  rulesChanged(): void;
  /** Writes clocks, blind intervals and last-seen times. */
  flush(): Promise<void>;
  /** Observed time by path, for status pages and tests. */
  observedNow(path: string): number;
  /** Devices in memory and evidence waiting for the database. */
  stats(): { devices: number; dirty: number; events: number; lifeSafety: number };
}

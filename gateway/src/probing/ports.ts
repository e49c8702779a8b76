import type { CameraConnection, ProbeResult, ProbeTarget } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { ProbeEvidence } from '../domain/evidence.ts';

/** One device that is judged by probes. */
export interface ScheduledTarget {
  readonly deviceKey: DeviceKey;
  readonly deviceId: string;
  /** With its secret already decrypted; never logged. */
  readonly connection: CameraConnection;
  /** Milliseconds between probes while nothing changes. */
  readonly intervalMs: number;
  /** Milliseconds between probes while a change is unconfirmed; absent = the scheduler's default. Never above the interval. */
  readonly retryMs?: number;
  /** Milliseconds that cadence lasts after a change of verdict; absent = the scheduler's default. */
  readonly settleMs?: number;
  /** For the cap per host (always together with the connection's port); absent = the host of the connection. */
  readonly host?: string;
  /** The NVR or gateway this device hangs on, for the cap per parent. */
  readonly parentKey: DeviceKey | null;
}

/** Which devices are to be probed: those whose lifecycle is judged and that have a connection. */
export interface ProbeTargets {
  /** All of them; read at the start and now and then after, so a lost notification heals. */
  list(): Promise<readonly ScheduledTarget[]>;
  /** Those of the given devices that are to be probed now; a device left out is not probed any more. */
  find(keys: readonly DeviceKey[]): Promise<readonly ScheduledTarget[]>;
  /** Tells which devices changed (created, connection or policy changed, lifecycle, removed). Returns the unsubscribe. */
  onChange(listener: (keys: readonly DeviceKey[]) => void): () => void;
}

/** How a target is to be looked at in one pass. */
export interface PassOptions {
  /** Milliseconds from the call. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly deviceKey: DeviceKey;
  /** A handshake would prove nothing: somebody waits for the answer, or several targets share the port or a parent. */
  readonly thorough: boolean;
  /** Somebody waits for the answer. */
  readonly urgent: boolean;
  /** Milliseconds between probes of the target while nothing changes. */
  readonly intervalMs: number;
  /** The same object as long as the target's connection stays the same; aborted when it does not. */
  readonly life: AbortSignal;
}

/** A probe of one target, told why it is made; every adapter's {@link Probe} is one that does not ask. */
export type TargetProbe = (target: ProbeTarget, options: PassOptions) => Promise<ProbeResult>;

/** Takes one result. When it rejects, the result is logged and lost; the next probe of the device repeats the fact. */
export type ReportProbe = (evidence: ProbeEvidence) => Promise<void> | void;

import type { DeviceFlag, DeviceKey } from './device.ts';
import type { Severity } from './reading.ts';

/** Worst fact wins in this order; `unknown` before the first evidence. */
export const HEALTH_STATES = ['offline', 'flapping', 'stale', 'degraded', 'online', 'unknown'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** A fault of a device that comes and goes: `data:<metric>` or `alarm:<code>`. */
export type UnsteadyName = `data:${string}` | `alarm:${string}`;

/** `link`, `probe`, `data:<metric>`; `flapping` of the device itself, and of each of its faults. */
export type FactName = 'link' | 'probe' | 'flapping' | `data:${string}` | `flapping:${UnsteadyName}`;

export type FactState = 'unknown' | 'good' | 'suspect' | 'bad';

export interface DeviceHealth {
  readonly device: DeviceKey;
  readonly state: HealthState;
  readonly reason: string;
  readonly since: number;
  /** A fault is seen but not yet confirmed (or a recovery not yet confirmed). */
  readonly suspect: boolean;
  readonly flags: readonly DeviceFlag[];
  readonly lastSeenAt: number | null;
}

/** Fault classes of a device; an alarm or event uses its own code. */
export type FaultCode = 'offline' | 'stale' | 'flapping' | 'unsteady' | 'clockSkew' | (string & {});

/**
 * What the monitor decided about an incident, inside the transaction that records it. `opened` may file tickets,
 * `resolved` lets them go to verification. Set-based: one call carries all decisions of a sweep.
 */
export interface Decision {
  readonly incidentId: string;
  readonly action: 'opened' | 'resolved' | 'relapsed';
  readonly kind: 'device' | 'group';
  /** What a group shares, e.g. `site:12`; two incidents of one group meet in one ticket. Absent for devices. */
  readonly groupKey?: string | null;
  readonly fault: FaultCode;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  /** Late evidence (补报) that still must be notified. */
  readonly late: boolean;
  readonly devices: readonly DeviceKey[];
  readonly component: string | null;
  /** Stable reason code; texts live in the message catalogues. */
  readonly reason: string;
  /** Of a group: what failed, in words, e.g. `供电回路 3：14 台中 12 台离线`. */
  readonly cause?: string | null;
  /** false = told to people, without a ticket of its own. */
  readonly ticket?: boolean;
  readonly evidence: readonly Readonly<Record<string, unknown>>[];
  /** Advice from the device type (处置建议), by language. */
  readonly advice: Readonly<Record<string, string>> | null;
  readonly at: number;
}

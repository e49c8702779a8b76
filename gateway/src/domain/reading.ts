import type { DeviceKey } from './device.ts';

export type Value = number | string | boolean;

/** Marks kept with a reading. */
export type ReadingFlag = 'skew';

/** One measured value. Unique per (device, metric, time). */
export interface Reading {
  readonly device: DeviceKey;
  /** Dotted metric name; a component's is `ports.3.current`. */
  readonly metric: string;
  /** Epoch milliseconds the value is stored under. */
  readonly time: number;
  readonly value: Value;
  /** Gateway clock, epoch milliseconds. */
  readonly receivedAt: number;
  readonly flags?: readonly ReadingFlag[];
}

export const SEVERITIES = ['info', 'minor', 'major', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Something that happened on a device, e.g. `smoke`. Unique per (device, code, component, time). */
export interface DeviceEvent {
  readonly device: DeviceKey;
  readonly code: string;
  readonly component?: string;
  readonly time: number;
  readonly receivedAt: number;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  readonly data?: unknown;
}

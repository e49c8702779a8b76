import type { Severity } from '../reading.ts';
import type { EventInfo, Title } from './decoded.ts';
import type { Expression } from './expression.ts';
import type { DeviceTypeDefinition } from './grammar.ts';
import type { DecodePlan } from './plan.ts';

export type { EventInfo, Title } from './decoded.ts';

/** A compiled device-type file. Immutable; shared by every device of the type. */
export interface DeviceType {
  readonly id: string;
  readonly title: Title;
  readonly module: string;
  readonly adapter: string;
  /** Understands the `cgw/v1/{deviceId}/…` topics. */
  readonly contract: boolean;
  /** By dotted name; a component's metric stands under its wildcard, `ports.*.current`. */
  readonly metrics: ReadonlyMap<string, MetricInfo>;
  readonly components: ReadonlyMap<string, { readonly title: Title; readonly max: number }>;
  readonly events: ReadonlyMap<string, EventInfo>;
  readonly alarms: readonly AlarmRule[];
  /** Metric names (wildcards included) some alarm refers to: all a monitor needs to remember. */
  readonly alarmMetrics: readonly string[];
  readonly health: HealthDefaults;
  /** The file as it was written, for display and export. */
  readonly definition: DeviceTypeDefinition;
  readonly plan: DecodePlan;
}

export interface MetricInfo {
  readonly name: string;
  readonly title: Title;
  readonly type: 'number' | 'text' | 'boolean';
  /** UCUM; absent for text and boolean. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly required: boolean;
  /** Milliseconds after which the value is no longer fresh; null = silence of this metric is no fault. */
  readonly freshWithin: number | null;
  /** Allowed values of a text metric with their titles. */
  readonly values?: Readonly<Record<string, Title>>;
}

export interface AlarmRule {
  readonly code: string;
  readonly title: Title;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  readonly when: Expression;
  /** Ends the alarm when true. Without `clear` in the file: true exactly when `when` is false. */
  readonly clear: Expression;
  /** Milliseconds `when` must hold without a break; 0 = at once. */
  readonly forMs: number;
  readonly advice: Title | null;
}

/** Milliseconds. What is null is the system's setting. */
export interface HealthDefaults {
  /** How often the device is expected to speak. */
  readonly interval: number;
  /** Silence after which it is offline; 3 × interval unless the file says otherwise. */
  readonly offlineAfter: number;
  readonly hold: number | null;
  readonly recoverAfter: number | null;
  readonly retirementCandidateAfter: number | null;
  /** The deadline follows the device's own rhythm. */
  readonly learn?: boolean;
  /** False = the file names no interval; `interval` is a guess until the device has shown its own. */
  readonly declared?: boolean;
}

import type { DeviceKey } from './device.ts';
import type { Timing } from './quiet-times.ts';

/** `security` is 重保, `drill` 演练. */
export const QUIET_KINDS = ['maintenance', 'silence', 'security', 'drill'] as const;
export type QuietKind = (typeof QUIET_KINDS)[number];

/** Which devices: one must be in each list there is. Never empty. */
export interface QuietScope {
  /** Public ids. */
  readonly devices?: readonly string[];
  readonly sites?: readonly string[];
  /** Each with all below it. */
  readonly orgs?: readonly string[];
  readonly modules?: readonly string[];
  readonly vendors?: readonly string[];
  readonly types?: readonly string[];
  /** All of them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Only of silences: nothing but these faults. */
  readonly faults?: readonly string[];
}

/** What the creator saw; nothing outside is touched. */
export interface QuietReach {
  readonly orgIds: readonly string[];
  readonly moduleIds: readonly string[] | null;
}

export type QuietState = 'proposed' | 'approved' | 'refused';

/** A maintenance window, silence, 重保 or drill. */
export interface QuietTime extends Timing {
  readonly id: string;
  readonly kind: QuietKind;
  readonly name: string;
  readonly reason: string;
  readonly scope: QuietScope;
  /** null = everything. */
  readonly reach: QuietReach | null;
  readonly state: QuietState;
  /** User id of its owner. */
  readonly createdBy: string;
  /** Of its owner; absent while it is written, null = nobody known. */
  readonly createdByName?: string | null;
  readonly createdAt: number;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly decisionNote: string | null;
  readonly endedBy: string | null;
  /** When its owner was told that a silence ends while something is faulty; null or absent = not yet. */
  readonly warnedAt?: number | null;
  /** Ends up to here were dealt with; null = nothing is left to do. */
  readonly settled: number | null;
}

/** What matching needs to know beside what every device carries. */
export interface QuietPlaces {
  /** Organisations with all below them. */
  readonly below: ReadonlyMap<string, ReadonlySet<string>>;
  /** Devices by their maintenance unit (维保单位). */
  readonly kept: ReadonlyMap<string, ReadonlySet<DeviceKey>>;
  /** Devices that have all of these labels, by {@link labelsKey}. */
  readonly labelled: ReadonlyMap<string, ReadonlySet<DeviceKey>>;
}

/** The same for the same labels, in whatever order they stand. */
export function labelsKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An incident that was kept quiet. */
export interface QuietedIncident {
  readonly id: string;
  readonly kind: 'device' | 'group';
  /** null for a group. */
  readonly device: DeviceKey | null;
  readonly fault: string;
  readonly severity: 'info' | 'minor' | 'major' | 'critical';
  readonly openedAt: number;
  readonly suppressed: readonly string[];
  /** A ticket that is not ended speaks of it. */
  readonly hasTicket: boolean;
  /** Of a group. */
  readonly members: readonly DeviceKey[];
}

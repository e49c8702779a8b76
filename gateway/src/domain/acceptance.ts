import type { CoordinateWarning } from './coordinates.ts';
import type { DeviceKey, Lifecycle } from './device.ts';
import type { Title } from './device-type/types.ts';
import type { DuplicateMatch } from './duplicates.ts';

/**
 * `notInTrial` = there is nothing to judge; `waiting` = on trial, something has not been seen yet; `failed` = waiting will not
 * mend it (returned to the vendor, registered twice); `met` = may be approved; `accepted` = in service with a report.
 */
export const ACCEPTANCE_STATES = ['notInTrial', 'waiting', 'failed', 'met', 'accepted'] as const;
export type AcceptanceState = (typeof ACCEPTANCE_STATES)[number];

/** One thing a device must show before it is taken into service. Times in epoch milliseconds. */
export interface AcceptanceCheck {
  /** `metric:<name>`, `firstFrame`, `heartbeat`, `unique`, `notReturned`. */
  readonly name: string;
  readonly title: Title;
  readonly wanted: Title;
  readonly seen: Title;
  readonly ok: boolean;
  /** Whether waiting can mend it. */
  readonly waits: boolean;
  /** From when on evidence counts. */
  readonly since: number;
  /** First and last evidence, counts, ids. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** What to do; null when it is met. */
  readonly advice: Title | null;
}

/** Where a device stands between its registration and its acceptance. */
export interface Acceptance {
  readonly deviceId: string;
  readonly lifecycle: Lifecycle;
  readonly state: AcceptanceState;
  /** From when on evidence counts: begin of the trial, or when its vendor submitted it again; null outside of a trial. */
  readonly since: number | null;
  readonly checkedAt: number;
  readonly checks: readonly AcceptanceCheck[];
  readonly duplicates: readonly DuplicateMatch[];
  readonly coordinates: readonly CoordinateWarning[];
  /** Messages of the device that were refused since, by code. */
  readonly quarantined: { readonly total: number; readonly codes: Readonly<Record<string, number>> };
  /** Readings that contradicted a stored one since. */
  readonly conflicts: number;
  readonly clockSkew: boolean;
  readonly returned: Returned | null;
  readonly report: AcceptanceReportHead | null;
}

/** Given back to its vendor with a reason; stands until the vendor submits the device again. */
export interface Returned {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

export interface AcceptanceReportHead {
  readonly id: string;
  readonly no: string;
  readonly result: 'met' | 'overridden';
  readonly at: number;
  /** As in the audit table; null to a vendor, which is not told whose account it was. */
  readonly by: string | null;
  /** To a vendor it is the operations centre, in both languages. */
  readonly byName: string;
  readonly reason: string;
}

/** 验收报告 as it is kept: never changed afterwards. */
export interface AcceptanceReport extends AcceptanceReportHead {
  readonly report: {
    readonly device: Readonly<Record<string, unknown>>;
    readonly acceptance: Omit<Acceptance, 'report'>;
  };
}

/** What the database knows of a device since its trial began. */
export interface TrialFacts {
  readonly device: DeviceKey;
  /** The later of the stage's begin and the last submission. */
  readonly since: number;
  readonly seenAt: number | null;
  readonly sessionAt: number | null;
  readonly events: number;
  readonly lastEventAt: number | null;
  readonly firstFrameAt: number | null;
  readonly pictureAt: number | null;
  readonly quarantined: Readonly<Record<string, number>>;
  readonly conflicts: number;
  readonly clockSkew: boolean;
  readonly returnedAt: number | null;
  readonly returnedBy: string | null;
  readonly returnedReason: string | null;
}

/** Stored readings of one metric since a trial began; `readings` counts to 1,000. */
export interface TrialMetric {
  readonly device: DeviceKey;
  /** As the type names it, with `*` for the parts. */
  readonly metric: string;
  /** As the device sent it. */
  readonly name: string;
  readonly readings: number;
  readonly first: number | null;
  readonly last: number | null;
}

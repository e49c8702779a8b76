/** Uploaded device types in versions. Times are epoch milliseconds. */

export const TYPE_VERSION_STATES = ['draft', 'submitted', 'approved', 'rejected', 'superseded'] as const;
export type TypeVersionState = (typeof TYPE_VERSION_STATES)[number];

/** What the checker counted in a file that passed. */
export interface TypeReport {
  readonly topics: number;
  readonly metrics: number;
  readonly events: number;
  readonly alarms: number;
  readonly commands: number;
  /** All of them ran and came out as promised. */
  readonly examples: number;
}

export interface TypeVersion {
  readonly typeId: string;
  /** Counts from 1 in each type. */
  readonly version: number;
  readonly state: TypeVersionState;
  /** As in the audit table, `vendor:acme` or `user:…`. */
  readonly author: string;
  /** SHA-256 of the text, hex. */
  readonly checksum: string;
  readonly report: TypeReport;
  /** The version whose text this one brought back; null otherwise. */
  readonly restoredFrom: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly submittedAt: number | null;
  readonly decidedAt: number | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
}

/** A version with its text, as it was written. */
export interface TypeVersionSource extends TypeVersion {
  readonly source: string;
}

/** An uploaded type, whatever became of its versions. */
export interface UploadedType {
  readonly id: string;
  /** Owner; null = the operations centre. */
  readonly vendorId: string | null;
  readonly shared: boolean;
  readonly retiredAt: number | null;
  readonly retiredReason: string | null;
}

/** A version that is served: approved, or submitted and on trial with its owner's trial devices. */
export interface ServedVersion {
  readonly typeId: string;
  readonly version: number;
  readonly state: 'approved' | 'submitted';
  readonly vendorId: string | null;
  readonly shared: boolean;
}

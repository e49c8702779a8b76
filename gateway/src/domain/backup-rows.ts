/** One backup that was begun. Times in epoch milliseconds. */
export interface BackupRun {
  readonly id: string;
  readonly trigger: 'daily' | 'manual';
  /** Actor as the audit names it. */
  readonly startedBy: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: 'running' | 'done' | 'failed';
  /** Name in the folder of the backups; null = never made, or removed to make room for newer ones. */
  readonly file: string | null;
  readonly bytes: number | null;
  readonly rows: number | null;
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>> | null;
  readonly files: number | null;
  /** When the finished file was read back whole. */
  readonly checkedAt: number | null;
  readonly error: string | null;
}

/** What one run became. */
export type BackupOutcome = Pick<
  BackupRun,
  'id' | 'endedAt' | 'state' | 'file' | 'bytes' | 'rows' | 'tables' | 'files' | 'checkedAt' | 'error'
>;

/** `noKey`: nothing is backed up; `none`: not yet; `overdue`: the newest good one is too old; `failed`: the last run failed. */
export const BACKUP_STATES = ['noKey', 'none', 'ok', 'overdue', 'failed'] as const;
export type BackupState = (typeof BACKUP_STATES)[number];

/** How far a long work is. */
export interface BackupProgress {
  /** Table or folder at work. */
  readonly at: string;
  readonly rows: number;
  readonly files: number;
}

/** How the backups stand. Times in epoch milliseconds. */
export interface BackupStanding {
  readonly state: BackupState;
  readonly keySet: boolean;
  /** `HH:MM` in the gateway's zone, or `off`. */
  readonly dailyAt: string;
  readonly keep: number;
  readonly folder: string;
  readonly secretKeyId: string;
  readonly lastGood: BackupRun | null;
  readonly lastError: string | null;
  readonly running:
    | (BackupProgress & { readonly id: string; readonly startedAt: number; readonly checking: boolean })
    | null;
  readonly snapshots: readonly number[];
  /** Whether backups hold the readings; not when these live in a store of their own, which has backups of its own. */
  readonly withReadings: boolean;
}

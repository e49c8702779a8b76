import type { Actor } from '../../domain/actor.ts';
import type { BackupRun, BackupState } from '../../domain/backup-rows.ts';
import type { Page } from '../../domain/page.ts';

/** How the backups stand. Times in epoch milliseconds. */
export interface BackupStandingView {
  readonly state: BackupState;
  readonly keySet: boolean;
  /** `HH:MM` in the gateway's zone, or `off`. */
  readonly dailyAt: string;
  readonly keep: number;
  readonly folder: string;
  readonly secretKeyId: string;
  readonly lastGood: BackupRun | null;
  readonly lastError: string | null;
  readonly running: {
    readonly id: string;
    readonly startedAt: number;
    readonly at: string;
    readonly rows: number;
    readonly files: number;
    readonly checking: boolean;
  } | null;
  readonly snapshots: readonly number[];
}

export interface BackupPort {
  list(
    actor: Actor,
    query: { limit: number; cursor?: string },
  ): Promise<Page<BackupRun> & { readonly standing: BackupStandingView }>;
  make(actor: Actor): Promise<{ readonly id: string }>;
}

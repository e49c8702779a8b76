import type { BackupOutcome, BackupRun } from '../domain/backup-rows.ts';
import type { Page } from '../domain/page.ts';
import type { Tx } from '../domain/tx.ts';
import type { Manifest } from './records.ts';

/** Everything in the database as it was at one moment. */
export interface DatabaseView {
  readonly engine: string;
  facts(): Promise<Pick<Manifest, 'schema' | 'sequences' | 'partitions'> & { readonly auditSeq: number }>;
  tables(): Promise<readonly { readonly name: string; readonly columns: readonly string[] }[]>;
  /** In batches of about a mebibyte. */
  rows(table: string): AsyncGenerator<readonly string[]>;
}

/** Where a backup is taken from. */
export interface BackupSource {
  /** `work` sees one moment, whatever is written meanwhile, and holds nobody up. */
  atOneMoment<T>(work: (view: DatabaseView) => Promise<T>): Promise<T>;
}

/** Where a backup is put back; an empty database. */
export interface BackupTarget {
  /**
   * All or nothing, in one transaction: the schema of the manifest, what `fill` loads, then the schema of this program.
   * `fill` answers how many rows each table must hold. Throws CONFLICT when the database is not empty,
   * BACKUP_UNREADABLE when this program does not know the schema.
   */
  load(manifest: Manifest, fill: (loader: Loader) => Promise<Readonly<Record<string, number>>>): Promise<void>;
}

export interface Loader {
  rows(table: string, columns: readonly string[], rows: readonly string[]): Promise<void>;
}

export interface RunStore {
  /** False = one is under way already. */
  begin(tx: Tx, run: Pick<BackupRun, 'id' | 'trigger' | 'startedBy' | 'startedAt'>): Promise<boolean>;
  end(tx: Tx, outcome: BackupOutcome): Promise<void>;
  interrupted(tx: Tx, now: number, error: string): Promise<void>;
  /** Files that are gone, all but these. */
  forgetFiles(tx: Tx, kept: readonly string[]): Promise<void>;
  /** The run that ended last, the newest usable one, and when the last daily one began. */
  newest(tx: Tx): Promise<{ last: BackupRun | undefined; good: BackupRun | undefined; daily: number | null }>;
  list(tx: Tx, query: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<BackupRun>>;
}

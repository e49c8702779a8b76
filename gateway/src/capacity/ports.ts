import type { CapacitySample, DiskState, ModuleReadings } from '../domain/capacity.ts';
import type { RetentionName } from '../domain/retention.ts';
import type { Tx } from '../domain/tx.ts';

export interface CapacityStore {
  tables(tx: Tx): Promise<readonly { readonly name: string; readonly bytes: number; readonly rows: number }[]>;
  databaseBytes(tx: Tx): Promise<number>;
  /** Messages ever drained. */
  messages(tx: Tx): Promise<number>;
  sample(tx: Tx, samples: readonly CapacitySample[]): Promise<void>;
  samples(tx: Tx, since: number): Promise<readonly CapacitySample[]>;
  thinSamples(tx: Tx, hourly: number, daily: number): Promise<number>;
  disks(tx: Tx): Promise<readonly DiskState[]>;
  saveDisk(tx: Tx, disk: DiskState): Promise<void>;
  lockDisk(tx: Tx, node: string, area: string): Promise<Pick<DiskState, 'level' | 'since'> | undefined>;
  forgetDisks(tx: Tx, before: number): Promise<number>;
  modules(tx: Tx, from: number, to: number): Promise<readonly ModuleReadings[]>;
}

export interface RetentionStore<Name extends string = RetentionName> {
  readonly names: readonly Name[];
  steps(name: Name): number;
  purge(
    tx: Tx,
    name: Name,
    step: number,
    before: number,
    limit: number,
    after: number,
  ): Promise<{ readonly removed: number; readonly next: number | null }>;
  claim(tx: Tx, name: string, now: number, notSince: number): Promise<boolean>;
  ran(tx: Tx, name: string, removed: number, error: string | null): Promise<void>;
  oldest(tx: Tx): Promise<Partial<Record<RetentionName, number | null>>>;
}

/** What the store of readings says of itself; structurally the `TimeSeriesStats`. */
export interface SeriesStats {
  readonly rows: number;
  readonly bytes: number;
  readonly oldestDay: string | null;
  readonly parts?: {
    readonly raw: Part;
    readonly compressed: Part;
    readonly hourly: Part;
    readonly daily: Part;
    readonly rowsPerDay: number | null;
  };
}

interface Part {
  readonly rows: number;
  readonly bytes: number;
}

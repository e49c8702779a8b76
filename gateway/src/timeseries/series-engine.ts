import type { RollupEngine } from './rollup-job.ts';

/** What differs between daily partitions and a hypertable. */
export interface SeriesEngine extends RollupEngine {
  readonly kind: 'partitions' | 'hypertable';
  /** Drops days that end before; answers them as days since 1970. */
  drop(before: number): Promise<number[]>;
  /** Compresses what is old enough; absent = nothing ever is. */
  compress?(now: number, signal?: AbortSignal): Promise<void>;
  /** Tables in which sums can be deleted. */
  sumTables(): Promise<{ readonly hourly: string; readonly daily: string }>;
}

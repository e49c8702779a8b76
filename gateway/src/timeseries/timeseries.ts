import type { DeviceKey } from '../domain/device.ts';
import type { Reading, ReadingFlag, Value } from '../domain/reading.ts';
import type { Tx } from '../domain/tx.ts';

/** Where readings live. Times are epoch milliseconds, kept to the microsecond. All calls reject with UNAVAILABLE when the store is away. */
export interface TimeSeriesStore {
  /**
   * Whether `write` takes part in the caller's transaction. A store outside the database commits on its own and relies
   * on the caller repeating the whole batch after a failure: the same reading twice is one reading everywhere.
   */
  readonly transactional: boolean;
  /**
   * Makes ready what `write` needs (metric keys, partitions, the list of a device's metrics). Call it before the
   * transaction, never inside; cheap when nothing is new.
   */
  prepare(readings: readonly Reading[]): Promise<void>;
  /**
   * Stores a batch. The first value of a (device, metric, time) stays, in the batch as in the store. Readings the
   * engine cannot hold are reported as poison and the others stored all the same. Rejects only when nothing was stored.
   */
  write(tx: Tx, readings: readonly Reading[]): Promise<WriteOutcome>;
  query(query: SeriesQuery): Promise<SeriesPage>;
  /** Newest reading of every metric the device ever sent, by name. */
  latest(device: DeviceKey): Promise<LatestReading[]>;
  /** Drops whole days that lie further back than `rawDays`. */
  retention(policy: { rawDays: number }): Promise<{ droppedDays: string[] }>;
  stats(): Promise<TimeSeriesStats>;
}

/** Positions are indexes into the batch. A store that cannot tell (no unique key) reports neither duplicates nor conflicts. */
export interface WriteOutcome {
  /** Stored before with the same value. */
  readonly duplicates: readonly number[];
  /** Stored before with another value, which stays. */
  readonly conflicts: readonly { readonly index: number; readonly stored: Value }[];
  /** Refused by the engine, whatever is tried. */
  readonly poison: readonly { readonly index: number; readonly detail: string }[];
}

export const AGGREGATES = ['avg', 'min', 'max', 'last', 'count'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export interface SeriesQuery {
  readonly device: DeviceKey;
  /** Metric names in the order wanted; absent = all the device ever sent, by name. */
  readonly metrics?: readonly string[];
  /** From this time on, inclusive. */
  readonly from: number;
  /** Up to this time, exclusive. */
  readonly to: number;
  /** Absent = raw points. */
  readonly bucket?: {
    readonly ms: number;
    /** A moment some bucket starts at, so that days can be local ones; default 0. */
    readonly origin?: number;
    /** Booleans count as 0 and 1 for avg, min and max; text has only last and count. */
    readonly agg: Aggregate;
  };
  /** Points at most, over all metrics together. */
  readonly limit: number;
  /** `nextCursor` of the page before, with otherwise the same query. */
  readonly cursor?: string;
}

export interface Series {
  readonly metric: string;
  /** UCUM; null = none known. */
  readonly unit: string | null;
  /** `[epoch ms, value]`, oldest first; with buckets the time is the start of the bucket, and empty buckets are absent. */
  readonly points: readonly (readonly [number, Value])[];
}

export interface SeriesPage {
  /** One entry a metric; a page may end in the middle of one, and the next goes on there. */
  readonly series: readonly Series[];
  readonly nextCursor: string | null;
}

export interface LatestReading {
  readonly metric: string;
  readonly unit: string | null;
  readonly value: Value;
  readonly time: number;
  readonly receivedAt: number;
  readonly flags: readonly ReadingFlag[];
}

export interface TimeSeriesStats {
  /** Estimate of the engine. */
  readonly rows: number;
  readonly bytes: number;
  /** `YYYY-MM-DD` (UTC) of the oldest day kept; null = empty. */
  readonly oldestDay: string | null;
  readonly days: number;
}

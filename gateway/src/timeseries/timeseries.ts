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
  /**
   * Sums readings up by hour and by day as far as is due, and answers whether nothing was left. Absent where the store
   * keeps no sums. Any number of processes may call it.
   */
  rollUp?(options?: { readonly budgetMs?: number; readonly signal?: AbortSignal }): Promise<boolean>;
  /** Drops what lies further back than the policy says: whole days where nothing of them is wanted any more. */
  retention(policy: RetentionPolicy): Promise<{ droppedDays: string[] }>;
  stats(): Promise<TimeSeriesStats>;
}

export interface RetentionDays {
  readonly rawDays: number;
  /** Absent = for ever, as with days. A store without sums takes no notice of the two. */
  readonly hourlyDays?: number;
  readonly dailyDays?: number;
}

export interface RetentionPolicy extends RetentionDays {
  /** What is kept otherwise; the first class that names a metric counts. */
  readonly classes?: readonly MetricClass[];
}

/** Metrics by name, or by their beginning with `*` at the end; days not given are those of the policy. */
export interface MetricClass extends Partial<RetentionDays> {
  readonly metrics: readonly string[];
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
  /** The coarsest of what the points were made of: readings, sums of hours, sums of days. Absent = readings. */
  readonly source?: 'raw' | 'hourly' | 'daily';
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
  /** Where the bytes are; absent where the engine does not tell. */
  readonly parts?: SeriesParts;
}

/** What a kind of rows takes on disk, indexes included; both are estimates of the engine. */
export interface PartSize {
  readonly rows: number;
  readonly bytes: number;
}

export interface SeriesParts {
  /** Readings as they came, not compressed. */
  readonly raw: PartSize;
  /** Readings in compressed days; zero on engines that do not compress. */
  readonly compressed: PartSize;
  readonly hourly: PartSize;
  readonly daily: PartSize;
  /** Mean of the newest whole days, seven at most; null before the first whole day. */
  readonly rowsPerDay: number | null;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  /** Exact up to 10,000, else null. */
  readonly total: number | null;
}

/** A page of a list that is cut by time and therefore never counted. */
export type TimedPage<T> = Omit<Page<T>, 'total'>;

/** What is asked of such a list, newest first. */
export interface TimeRange {
  /** Epoch milliseconds, inclusive; `to` exclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
  readonly cursor?: string;
}

declare const opaque: unique symbol;

/** A database session handed through stages that must not know SQL. Only `store/` and `timeseries/` look inside. */
export interface Tx {
  readonly [opaque]: 'tx';
}

/** What a stage gets of the database besides its own family of statements. */
export interface Transactor {
  /** Runs `work` in one transaction: commits when it resolves, rolls back and rethrows when it rejects. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Session for single reads; each statement is its own transaction. */
  readonly autocommit: Tx;
}

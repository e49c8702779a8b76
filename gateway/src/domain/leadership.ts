/** Who may judge. */
export interface Leader {
  /** Grows with every change of hands. */
  readonly epoch: number;
  /** Name of the process. */
  readonly node: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** A connection that holds the lock of leadership, or waits for it. Everything rejects with UNAVAILABLE once it is gone. */
export interface LeaderSession {
  /** Takes the lock when nobody has it; true also when this session has it. */
  tryLock(): Promise<boolean>;
  leader(role: string): Promise<Leader | undefined>;
  /** Begins a new epoch; only the holder of the lock may. Ends what connections the leader before left behind. */
  takeOver(role: string): Promise<number>;
  /** Ends the holder's session when it has said nothing for so long (ms); answers whether it did. */
  evictSilent(silentMs: number): Promise<boolean>;
  close(): Promise<void>;
}

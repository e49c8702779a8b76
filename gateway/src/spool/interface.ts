import type { Level } from './level.ts';
import type { LostFact, SpoolEntry, SpoolRecord } from './records.ts';

export interface SpoolStatus {
  /** First number still kept; `lastSeq + 1` when the spool is empty. */
  firstSeq: number;
  /** Last durable number = messages taken in over the spool's whole life. */
  lastSeq: number;
  drainedSeq: number;
  undrained: number;
  /** Bytes kept and waiting for their fsync; the files may be larger until LevelDB compacts them. */
  bytes: number;
  capacityBytes: number;
  /** `receivedAt` of the oldest undrained record, never later than that; null when everything is drained. */
  oldestUndrainedAt: number | null;
  level: Level;
  /** Records found damaged or missing since open. */
  lost: number;
}

export interface Spool {
  /** Random id of this spool directory, created with it; names its ledger row. Empty before `open()`. */
  readonly id: string;
  /** @throws GatewayError UNAVAILABLE when the directory is in use or not writable. */
  open(): Promise<{ recovered: number }>;
  /** Resolves with the number once fsynced; rejects with GatewayError SPOOL_FULL when there is no room or no working disk. */
  append(entry: SpoolEntry): Promise<number>;
  /** Up to `limit` records above `after`, oldest first. A jump in `seq` is a loss told to {@link Spool.onLost}. */
  read(after: number, limit: number): Promise<SpoolRecord[]>;
  /** Resolves when a record above `after` is durable; rejects with the signal's reason, or UNAVAILABLE at close. */
  wait(after: number, signal: AbortSignal): Promise<void>;
  /**
   * Everything up to `upTo` is committed in the database. A number above `lastSeq` means this directory lost its tail
   * (or is an old copy): numbering goes on after it, so that no number is used twice.
   */
  drained(upTo: number): void;
  /** Forgets records, never beyond what is drained. */
  trim(upTo: number): Promise<void>;
  status(): SpoolStatus;
  onLevel(listener: (level: Level) => void): () => void;
  onLost(listener: (fact: LostFact) => void): () => void;
  /** Flushes what is waiting and closes; idempotent. */
  close(): Promise<void>;
}

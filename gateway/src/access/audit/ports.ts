import type { AuditPort } from '../../domain/audit.ts';
import type { ChainedRecord, ChainHead } from '../../domain/audit-chain.ts';
import type { AuditFilter } from '../../domain/audit-rows.ts';
import type { Tx } from '../../domain/tx.ts';

/** What the audit part asks of the store. Times in epoch milliseconds. */
export interface AuditStore extends AuditPort {
  head(tx: Tx): Promise<ChainHead | undefined>;
  /** Records behind `after` in their order, with the head of the same moment (null = the head is gone). */
  chain(tx: Tx, after: number, limit: number): Promise<{ head: ChainHead | null; records: ChainedRecord[] }>;
  /** Rows without a place in the chain. */
  unlinked(tx: Tx): Promise<number>;
  list(tx: Tx, query: AuditFilter): Promise<{ items: ChainedRecord[]; nextCursor: string | null }>;
  get(tx: Tx, seq: number): Promise<ChainedRecord | undefined>;
  tally(tx: Tx, from: number, to: number): Promise<ActionTally[]>;
  busyActors(tx: Tx, since: number, limit: number, quiet: readonly string[]): Promise<BusyActor[]>;
  lastBefore(tx: Tx, time: number): Promise<{ seq: number; hash: string; at: number } | undefined>;
  firstSeq(tx: Tx): Promise<number | undefined>;
  purge(tx: Tx, throughSeq: number, limit: number): Promise<number>;
  latest(tx: Tx, action: string, resource: string): Promise<ChainedRecord | undefined>;
  anchorSeries(tx: Tx): Promise<AnchorSeries[]>;
  putAnchorSeries(tx: Tx, series: AnchorSeries): Promise<void>;
}

export interface ActionTally {
  readonly action: string;
  readonly count: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface BusyActor {
  readonly actor: string;
  readonly actorName: string;
  /** Objects changed. */
  readonly count: number;
  readonly lastSeq: number;
}

/** How far the anchor files of one data directory reach; kept in the database so that a file that vanishes is missed. */
export interface AnchorSeries {
  readonly series: string;
  /** Host and directory. */
  readonly place: string;
  /** Number of the oldest line still kept, and of the newest. */
  readonly firstN: number;
  readonly n: number;
  /** SHA-256 of the newest line. */
  readonly lineHash: string;
  readonly at: number;
  readonly signature: string;
}

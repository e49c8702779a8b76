import type { NodeRow } from '../domain/node.ts';
import type { Tx } from '../domain/tx.ts';

/** The table of processes; all times are the database's. */
export interface NodeStore {
  list(tx: Tx): Promise<readonly NodeRow[]>;
  /** Takes the row, whoever had it. */
  enter(tx: Tx, node: Pick<NodeRow, 'id' | 'session' | 'roles' | 'url'>): Promise<void>;
  /** A sign of life; false when another process has taken the row meanwhile. */
  beat(tx: Tx, beat: Pick<NodeRow, 'id' | 'session' | 'url' | 'undrained' | 'oldestUndrainedAt'>): Promise<boolean>;
  leave(tx: Tx, beat: Pick<NodeRow, 'id' | 'session' | 'undrained' | 'oldestUndrainedAt'>): Promise<void>;
  /** A number that no other process has; stays over restarts. */
  slot(tx: Tx, id: string): Promise<number>;
  forget(tx: Tx, goneMs: number): Promise<void>;
}

/** Tells the others at once instead of at their next look; a hint that is lost costs seconds. */
export interface NodeHints {
  publish(): Promise<void>;
  subscribe(listener: () => void): () => void;
}

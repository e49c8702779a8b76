import type { Transactor, Tx } from '../domain/tx.ts';

export type Row = Record<string, unknown>;

/** How a statement is sent. */
export interface StatementOptions {
  /**
   * Outside a transaction the server keeps it parsed and planned on each connection. For what is asked at every request
   * and whose best plan does not hang on its parameters; its text must be one of few, for each takes memory there.
   */
  readonly kept?: boolean;
}

/**
 * One database session: statements with `$1` parameters. Arrays travel as PostgreSQL arrays (cast them:
 * `$1::int[]`), bytes as Uint8Array, jsonb as `JSON.stringify(…)` with `$1::jsonb`, times as epoch milliseconds through
 * `to_timestamp($1 / 1000.0)` or {@link file://./time.ts}. How values come back: {@link file://./pg-types.ts}.
 */
export interface Session {
  query<R extends object = Row>(
    text: string,
    params?: readonly unknown[],
    options?: StatementOptions,
  ): Promise<{ rows: R[]; rowCount: number }>;
  /** Several statements without parameters, as migrations need them. */
  script(text: string): Promise<void>;
  /**
   * COPY … FROM STDIN; `data` in the format the statement names and untouched until this settles. Absent on engines
   * without a streaming protocol.
   */
  copyIn?(statement: string, data: string | Uint8Array): Promise<void>;
  /**
   * In a transaction only: `work` runs right before its commit, in the order asked for, and its failure rolls
   * everything back. Place of locks that must be the last ones taken.
   */
  beforeCommit?(work: () => Promise<void>): void;
  /** Outside a transaction only: one of its own. */
  inTransaction?<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** The engine behind the store. PGlite and PostgreSQL run the same SQL; what differs is said here and nowhere else. */
export interface Database extends Transactor {
  readonly kind: 'pglite' | 'postgres';
  /** Resolves when the engine answers; rejects with UNAVAILABLE. */
  ping(): Promise<void>;
  close(): Promise<void>;
  /**
   * Present where a statement is cut off after what serving people needs (PostgreSQL): the same connections with an hour
   * for each. For upkeep of large tables only; not fenced, so whatever runs here may be repeated by another process.
   */
  readonly patient?: Transactor;
  /**
   * Present when a commit alone does not survive a power cut (PGlite). After a cut the database may stand at its last
   * snapshot, so whoever can replay (the spool) keeps everything since then and trims in this listener.
   * PostgreSQL has none: durable at commit.
   */
  readonly checkpointed?: Checkpointed;
  /** Set when this start had to fall back to a snapshot; what came after it is lost unless replayed. */
  readonly recovered?: Recovery;
  /**
   * Present where everybody shares one session (PGlite in a directory): an engine of its own on a copy of this moment, so
   * that a long read holds nobody up. Its `close` removes the copy.
   */
  copyForReading?(): Promise<Database>;
}

export interface Checkpointed {
  /**
   * Fires after every successful snapshot with the gateway time (epoch ms) at which it was taken: what was committed
   * before is safe now. Returns the unsubscriber.
   */
  subscribe(listener: (takenAt: number) => void): () => void;
}

export interface Recovery {
  /** Epoch milliseconds at which the used snapshot was taken. */
  readonly snapshotTakenAt: number;
  /** Where the broken data directory was set aside. */
  readonly brokenDirectory: string;
  /** Why the data directory could not be used. */
  readonly reason: string;
}

/** Opens the opaque handle. Only files in `store/` and `timeseries/` may call this. */
export function sql(tx: Tx): Session {
  return tx as unknown as Session;
}

/** The session of a transaction, with what has to run before its commit. Engines only. */
export function transactionSession(session: Session): { readonly session: Session; settle(): Promise<void> } {
  const last: (() => Promise<void>)[] = [];
  return {
    session: { ...session, beforeCommit: (work) => void last.push(work) },
    async settle() {
      for (const work of last) await work();
    },
  };
}

/** Wraps a session for the stages. Engines only. */
export function asTx(session: Session): Tx {
  return session as unknown as Tx;
}

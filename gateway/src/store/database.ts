import type { Transactor, Tx } from '../domain/tx.ts';

export type Row = Record<string, unknown>;

/** One database session: unnamed statements with `$1` parameters. Arrays travel as PostgreSQL arrays. */
export interface Session {
  query<R extends object = Row>(text: string, params?: readonly unknown[]): Promise<{ rows: R[]; rowCount: number }>;
  /** Several statements without parameters, as migrations need them. */
  script(text: string): Promise<void>;
  /** COPY … FROM STDIN in text format; absent on engines without a streaming protocol. */
  copyIn?(statement: string, data: string): Promise<void>;
}

/** The engine behind the store. PGlite and PostgreSQL run the same SQL; what differs is said here and nowhere else. */
export interface Database extends Transactor {
  readonly kind: 'pglite' | 'postgres';
  /** Resolves when the engine answers; rejects with UNAVAILABLE. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the opaque handle. Only files in `store/` and `timeseries/` may call this. */
export function sql(tx: Tx): Session {
  return tx as unknown as Session;
}

/** Wraps a session for the stages. Engines only. */
export function asTx(session: Session): Tx {
  return session as unknown as Tx;
}

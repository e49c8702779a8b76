import { AsyncLocalStorage } from 'node:async_hooks';
import type { Tx } from '../domain/tx.ts';
import { asTx, type Database, type Session, sql } from './database.ts';

/** What runs as the leader, under which epoch. Everything it starts, timers too, runs as it. */
export interface Fence {
  readonly db: Database;
  /** Runs `work` as the leader of this epoch. */
  asLeader<T>(epoch: number, work: () => T): T;
}

const READS = /^\s*select\b/i;

/**
 * The one place where a leader's writes are checked: each transaction begun by what runs as the leader ends with a look
 * at the epoch, also a single statement that is no SELECT. Whatever else uses the same database is not touched.
 */
export function createFence(db: Database, check: (tx: Tx, epoch: number) => Promise<void>): Fence {
  // One process alone has nobody to be fenced from.
  if (db.kind === 'pglite') return { db, asLeader: (_, work) => work() };
  const leading = new AsyncLocalStorage<number>();
  const plain = sql(db.autocommit);

  const transaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const epoch = leading.getStore();
    if (epoch === undefined) return db.transaction(work);
    return db.transaction((tx) => {
      sql(tx).beforeCommit?.(() => check(tx, epoch));
      return work(tx);
    });
  };
  const fenced = <T>(work: (session: Session) => Promise<T>): Promise<T> => transaction((tx) => work(sql(tx)));
  const autocommit: Session = {
    ...plain,
    query: (text, params, options) =>
      leading.getStore() === undefined || READS.test(text)
        ? plain.query(text, params, options)
        : fenced((session) => session.query(text, params, options)),
    script: (text) =>
      leading.getStore() === undefined ? plain.script(text) : fenced((session) => session.script(text)),
    inTransaction: (work) => fenced(work),
  };
  return {
    db: { ...db, autocommit: asTx(autocommit), transaction },
    asLeader: (epoch, work) => leading.run(epoch, work),
  };
}

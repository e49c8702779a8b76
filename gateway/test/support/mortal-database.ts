import type { Transactor, Tx } from '../../src/domain/tx.ts';
import { asTx, type Database, type Session, sql } from '../../src/store/database.ts';

/**
 * The database as a process has it that is killed right before one of its statements: `die` must not return, what was
 * committed stays, and the transaction under way does not.
 */
export function mortalDatabase(db: Database, dies: (statement: string) => boolean, die: () => never): Database {
  let dead = false;
  const mortal = (session: Session): Tx => ({
    ...asTx({
      ...session,
      query: (text, params, options) => {
        dead ||= dies(text);
        return dead ? Promise.reject(die()) : session.query(text, params, options);
      },
    }),
  });
  const transactor = (inner: Transactor): Transactor => ({
    ...inner,
    autocommit: mortal(sql(inner.autocommit)),
    transaction: (work) => inner.transaction((tx) => work(mortal(sql(tx)))),
  });
  return { ...db, ...transactor(db), ...(db.patient && { patient: transactor(db.patient) }) };
}

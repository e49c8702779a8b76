import { createReach, type Matrix, type Person } from '../domain/duty-matrix.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transactor, Tx } from '../domain/tx.ts';

export interface MatrixStore {
  matrix(tx: Tx): Promise<Matrix>;
}

/** Who reaches what (domain/duty-matrix.ts), with the organisation tree and the duty matrix kept in memory. */
export interface ReachCache {
  /** At start, after every change of ours, and every few seconds for other processes' changes. */
  load(): Promise<void>;
  /** Before the first load: nothing, except for those who see everything anyway. */
  of(person: Person): Scope;
}

export function createReachCache({ db, store }: { readonly db: Transactor; readonly store: MatrixStore }): ReachCache {
  let reach = createReach({ orgs: [], duties: [] });
  let asked = 0;
  let taken = 0;
  return {
    async load() {
      const mine = ++asked;
      const matrix = await store.matrix(db.autocommit);
      // An answer that was asked for earlier and came later must not undo a change.
      if (mine < taken) return;
      taken = mine;
      reach = createReach(matrix);
    },
    of: (person) => reach(person),
  };
}

import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { RETENTION, type RetentionClass, type RetentionName } from '../domain/retention.ts';
import type { SettingValues } from '../domain/settings.ts';
import type { Transactor } from '../domain/tx.ts';
import type { RetentionStore } from './ports.ts';

const DAY_MS = 86_400_000;
/** Once a day, at whatever hour; a run that was cut off by its bound goes on an hour later. */
const EVERY_MS = 23 * 3_600_000;
const BATCH = 5_000;
/** A million rows a run: what waits behind it is short statements only. */
const MOST_BATCHES = 200;

export interface RetentionDeps<Name extends RetentionName> {
  readonly store: RetentionStore<Name>;
  readonly db: Transactor;
  readonly settings: () => SettingValues;
  readonly clock: Clock;
  readonly log: Logger;
  /** Rows a statement; for tests. */
  readonly batch?: number;
}

/** Days a class is kept; null = it is bounded by something else, or kept for good. */
export function keptDays({ keep }: RetentionClass, settings: SettingValues): number | null {
  if (keep.how === 'days') return keep.days;
  return keep.how === 'setting' && keep.unit === 'days' ? settings[keep.setting] : null;
}

/** Takes away what is older than its class may be, in short statements that never hold a table long. */
export function createRetention<Name extends RetentionName>(deps: RetentionDeps<Name>) {
  const { store, db, clock, log } = deps;
  const batch = deps.batch ?? BATCH;

  const purge = async (name: Name, before: number): Promise<number> => {
    let removed = 0;
    let batches = 0;
    for (let step = 0; step < store.steps(name); step += 1) {
      for (let after: number | null = 0; after !== null && batches < MOST_BATCHES; batches += 1) {
        const slice: { removed: number; next: number | null } = await store.purge(
          db.autocommit,
          name,
          step,
          before,
          batch,
          after,
        );
        removed += slice.removed;
        after = slice.next;
        // Others get their turn: the embedded engine has one session.
        await new Promise(setImmediate);
      }
    }
    return removed;
  };

  return {
    /** Every class whose day is over. One that fails is told and keeps no other from its turn. */
    async run(): Promise<Partial<Record<Name, number>>> {
      const now = clock.now();
      const gone: Partial<Record<Name, number>> = {};
      for (const name of store.names) {
        const kept = RETENTION.find((one) => one.name === name);
        const days = kept ? keptDays(kept, deps.settings()) : null;
        if (days === null || !(await store.claim(db.autocommit, name, now, now - EVERY_MS))) continue;
        try {
          const removed = await purge(name, now - days * DAY_MS);
          gone[name] = removed;
          await store.ran(db.autocommit, name, removed, null);
          if (removed > 0) log.info({ what: name, removed, days }, 'what is older than it is kept was removed');
        } catch (error) {
          log.error({ what: name, error }, 'a retention failed');
          await store.ran(db.autocommit, name, 0, error instanceof Error ? error.message : String(error));
        }
      }
      return gone;
    },
  };
}

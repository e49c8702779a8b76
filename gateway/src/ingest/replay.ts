import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { requireRight } from '../domain/permission.ts';
import type { QuarantinedRow, ReplayChoice } from '../domain/quarantine-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import type { SpoolEntry } from './ports.ts';

export interface ReplayStore {
  /** Rows not yet replayed that the scope shows, oldest first, without their payloads. */
  replayable(tx: Tx, scope: Scope, which: ReplayChoice, limit: number): Promise<{ id: string; bytes: number }[]>;
  /** Claims rows for a replay; answers those that were not replayed before, oldest first. */
  claimForReplay(tx: Tx, ids: readonly string[], at: number): Promise<QuarantinedRow[]>;
  /** Gives rows back that could not be fed in. */
  giveBack(tx: Tx, ids: readonly string[]): Promise<void>;
}

export interface ReplayResult {
  readonly replayed: number;
  /** Chosen and left for another call, because this one had its share. */
  readonly remaining: number;
}

export interface Replay {
  /** Feeds quarantined messages through ingest again under their first receive times; each of them once. */
  run(actor: Actor, which: ReplayChoice): Promise<ReplayResult>;
}

/** One call's share: what a person may wait for and what the memory may hold at once. */
const MOST = 50_000;
const LONGEST_MS = 20_000;
const SLICE_ROWS = 500;
const SLICE_BYTES = 8 * 1024 ** 2;

export function createReplay(deps: {
  readonly db: Transactor;
  readonly store: ReplayStore;
  /** Resolves when all of them are durable in the spool. */
  readonly feed: (
    entries: readonly Pick<SpoolEntry, 'via' | 'principal' | 'topic' | 'payload' | 'receivedAt'>[],
  ) => Promise<void>;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly log: Logger;
}): Replay {
  const { db, store, clock, log } = deps;

  /** Claimed first: two replays at once feed each message once. */
  const slice = async (actor: Actor, ids: readonly string[]): Promise<number> => {
    const rows = await db.transaction(async (tx) => {
      const claimed = await store.claimForReplay(tx, ids, clock.now());
      if (claimed.length === 0) return claimed;
      const after = { count: claimed.length, first: claimed[0]?.id, last: claimed.at(-1)?.id };
      const entry = { at: clock.now(), actor, action: 'replay', resource: 'quarantine', resourceId: null, after };
      await deps.audit.append(tx, [entry]);
      return claimed;
    });
    try {
      await deps.feed(rows);
    } catch (error) {
      // A spool that is full took none or some of them; those are fed again, and their keys make duplicates of them.
      await store.giveBack(
        db.autocommit,
        rows.map(({ id }) => id),
      );
      log.warn({ error, count: rows.length }, 'a replay was given back to the quarantine');
      throw error;
    }
    return rows.length;
  };

  return {
    async run(actor, which) {
      requireRight(actor, 'quarantine', 'operate');
      const started = clock.monotonic();
      const chosen = await store.replayable(db.autocommit, actor.scope, which, MOST);
      let replayed = 0;
      let next = 0;
      while (next < chosen.length && (next === 0 || clock.monotonic() - started < LONGEST_MS)) {
        const ids: string[] = [];
        let bytes = 0;
        for (const row of chosen.slice(next, next + SLICE_ROWS)) {
          if (ids.length > 0 && bytes + row.bytes > SLICE_BYTES) break;
          ids.push(row.id);
          bytes += row.bytes;
        }
        next += ids.length;
        replayed += await slice(actor, ids);
      }
      return { replayed, remaining: chosen.length - next };
    },
  };
}

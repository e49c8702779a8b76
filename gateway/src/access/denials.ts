import type { Clock } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Transactor } from '../domain/tx.ts';

/** One thing somebody was refused on the way of devices. */
export interface Denial {
  readonly actor: Actor;
  /** `login`, `publish`, `subscribe`, `will` or `device`. */
  readonly what: string;
  /** What was asked for: a topic or a device's id. */
  readonly target: string;
  readonly reason: string;
  /** Kind of object, or `mqtt` when absent. */
  readonly resource?: string;
}

/**
 * Refusals over MQTT and HTTP for the audit. A peer that tries in a loop must not write a row each time, so the same refusal is one entry
 * every ten minutes with its count, and the number of different ones is bounded.
 */
export interface Denials {
  /** From memory and at once. */
  note(denial: Denial): void;
  /** Writes what is due; call it every few seconds. A failed write keeps the notes. */
  flush(): Promise<void>;
}

const REPEAT_MS = 600_000;
const CAPACITY = 2_000;
/** Different refusals of one actor kept apart; then its targets are no longer told. */
const PER_ACTOR = 1_000;
const TARGET_LENGTH = 200;

interface Noted {
  readonly denial: Denial;
  count: number;
  last: number;
  /** Monotonic time of the entry written last. */
  writtenAt: number | null;
}

export function createDenials(deps: {
  readonly db: Transactor;
  readonly audit: AuditPort;
  readonly clock: Clock;
}): Denials {
  const noted = new Map<string, Noted>();
  const perActor = new Map<string, number>();
  const keep = (actorId: string, by: 1 | -1) => {
    const left = (perActor.get(actorId) ?? 0) + by;
    if (left > 0) perActor.set(actorId, left);
    else perActor.delete(actorId);
  };
  return {
    note(denial) {
      const target = denial.target.slice(0, TARGET_LENGTH);
      const name = `${denial.actor.id} ${denial.what} ${denial.reason} ${target}`;
      const known = noted.get(name);
      if (known) {
        known.count += 1;
        known.last = deps.clock.now();
        return;
      }
      // Beyond the bound the targets are no longer told apart.
      const full = noted.size >= CAPACITY || (perActor.get(denial.actor.id) ?? 0) >= PER_ACTOR;
      const key = full ? `${denial.actor.id} ${denial.what}` : name;
      const entry = noted.get(key);
      if (entry) {
        entry.count += 1;
        entry.last = deps.clock.now();
      } else if (noted.size < CAPACITY * 2) {
        const kept = { ...denial, target: full ? '*' : target };
        noted.set(key, { denial: kept, count: 1, last: deps.clock.now(), writtenAt: null });
        keep(denial.actor.id, 1);
      }
    },
    async flush() {
      const now = deps.clock.monotonic();
      const due = [...noted.values()].filter(
        ({ count, writtenAt }) => count > 0 && (writtenAt === null || now - writtenAt >= REPEAT_MS),
      );
      if (due.length > 0) {
        const counts = due.map(({ count }) => count);
        await deps.audit.append(
          deps.db.autocommit,
          due.map(({ denial: { actor, what, target, reason, resource = 'mqtt' }, count, last }) => ({
            at: last,
            actor,
            action: 'accessDenied',
            resource,
            resourceId: target,
            reason,
            after: { what, count },
          })),
        );
        for (const [index, entry] of due.entries()) {
          entry.count -= counts[index] ?? 0;
          entry.writtenAt = now;
        }
      }
      for (const [name, entry] of noted) {
        if (entry.count > 0 || entry.writtenAt === null || now - entry.writtenAt < REPEAT_MS) continue;
        noted.delete(name);
        keep(entry.denial.actor.id, -1);
      }
    },
  };
}

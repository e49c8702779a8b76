import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Transactor } from '../domain/tx.ts';
import { repeat, type Task } from '../schedule.ts';
import { COMMIT_MARGIN_MS, type Outbox } from './outbox.ts';
import type { CareStore, ChannelStore } from './ports.ts';

export interface InsistOptions {
  readonly store: Pick<CareStore, 'repeatDue' | 'raiseDue' | 'unanswered'> & Pick<ChannelStore, 'rulesSince'>;
  readonly transactor: Transactor;
  readonly outbox: Pick<Outbox, 'raise' | 'tellNew'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds without an answer after which the next level is told. */
  readonly raiseAfter: () => number;
  /** Says what an acknowledgement kept quiet for a time; answers how many. */
  readonly tellAgain?: () => Promise<number>;
  /** Looks for rows to send; called when there are new ones. */
  readonly kick: () => void;
}

const EVERY_MS = 2_000;
const BATCH = 200;
const WAITING = 1_000;

/**
 * Says what is about life and limb again and again until somebody acknowledges it, and tells the next level when nobody
 * does. A rule or channel that is new tells what lasts since before it. Counted from the first word, not from its delivery: a dead channel is one more reason to raise.
 */
export function createInsistence({
  store,
  transactor,
  outbox,
  clock,
  log,
  raiseAfter,
  kick,
  tellAgain,
}: InsistOptions) {
  let task: Task | undefined;

  /** Rules up to here have told what was there before them. */
  let toldUpTo = 0;

  async function tellNew(since: ReadonlyMap<string, number>, newest: number, now: number): Promise<number> {
    if (newest <= toldUpTo) return 0;
    const count = await transactor.transaction(async (tx) =>
      outbox.tellNew(tx, await store.unanswered(tx, newest + COMMIT_MARGIN_MS, WAITING), since),
    );
    toldUpTo = Math.min(newest, now - COMMIT_MARGIN_MS);
    return count;
  }

  async function look(): Promise<{ repeated: number; raised: number; late: number }> {
    const now = clock.now();
    const since = await store.rulesSince(transactor.autocommit);
    const newest = Math.max(0, ...since.values());
    const late = await tellNew(since, newest, now);
    const repeated = await transactor.transaction((tx) => store.repeatDue(tx, now, BATCH));
    const raised = await transactor.transaction(async (tx) => {
      const due = await store.raiseDue(tx, now - raiseAfter(), now, BATCH, newest);
      return outbox.raise(tx, due);
    });
    if (repeated + raised > 0) {
      log.warn({ repeated, raised }, 'nobody has acknowledged notices about life and limb');
      kick();
    }
    const again = (await tellAgain?.()) ?? 0;
    if (again > 0) {
      log.info({ again }, 'acknowledged incidents that last are told again');
      kick();
    }
    if (late > 0) {
      log.warn({ late }, 'a new rule or channel tells what was raised before it');
      kick();
    }
    return { repeated, raised, late };
  }

  return {
    look,
    start() {
      task ??= repeat({ name: 'life safety', everyMs: EVERY_MS, log }, async () => void (await look()));
    },
    stop: async () => task?.stop(),
  };
}

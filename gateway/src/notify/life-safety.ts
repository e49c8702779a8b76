import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Transactor } from '../domain/tx.ts';
import { repeat, type Task } from '../schedule.ts';
import type { Outbox } from './outbox.ts';
import type { CareStore } from './ports.ts';

export interface InsistOptions {
  readonly store: Pick<CareStore, 'repeatDue' | 'raiseDue'>;
  readonly transactor: Transactor;
  readonly outbox: Pick<Outbox, 'raise'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds without an answer after which the next level is told. */
  readonly raiseAfter: () => number;
  /** Looks for rows to send; called when there are new ones. */
  readonly kick: () => void;
}

const EVERY_MS = 2_000;
const BATCH = 200;

/**
 * Says what is about life and limb again and again until somebody acknowledges it, and tells the next level when nobody
 * does. Counted from the first word, not from its delivery: a dead channel is one more reason to raise.
 */
export function createInsistence({ store, transactor, outbox, clock, log, raiseAfter, kick }: InsistOptions) {
  let task: Task | undefined;

  async function look(): Promise<{ repeated: number; raised: number }> {
    const now = clock.now();
    const repeated = await transactor.transaction((tx) => store.repeatDue(tx, now, BATCH));
    const raised = await transactor.transaction(async (tx) => {
      const due = await store.raiseDue(tx, now - raiseAfter(), now, BATCH);
      return outbox.raise(tx, due);
    });
    if (repeated + raised > 0) {
      log.warn({ repeated, raised }, 'nobody has acknowledged notices about life and limb');
      kick();
    }
    return { repeated, raised };
  }

  return {
    look,
    start() {
      task ??= repeat({ name: 'life safety', everyMs: EVERY_MS, log }, async () => void (await look()));
    },
    stop: async () => task?.stop(),
  };
}

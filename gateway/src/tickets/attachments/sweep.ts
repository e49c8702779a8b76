import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { Transactor } from '../../domain/tx.ts';
import type { TicketStore } from '../ports.ts';
import type { AttachmentFiles } from './files.ts';

const DAY_MS = 24 * 3_600_000;

/**
 * Removes files no ticket names: what was uploaded and never added, and what belonged to tickets that were removed. A file of
 * less than a day may be about to be named. Call it as often as you like: it looks once a day. Answers how many went.
 */
export function createFileSweep({
  files,
  store,
  transactor,
  clock,
  log,
}: {
  readonly files: Pick<AttachmentFiles, 'old' | 'remove'>;
  readonly store: Pick<TicketStore, 'filesNamed'>;
  readonly transactor: Transactor;
  readonly clock: Clock;
  readonly log: Logger;
}): () => Promise<number> {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock.now();
    if (now - lookedAt < DAY_MS) return 0;
    lookedAt = now;
    const before = now - DAY_MS;
    let removed = 0;
    for await (const found of files.old(before)) {
      const named = await store.filesNamed(transactor.autocommit, found);
      for (const sha256 of found) if (!named.has(sha256) && (await files.remove(sha256, before))) removed += 1;
    }
    if (removed > 0) log.info({ removed }, 'files that no ticket names removed');
    return removed;
  };
}

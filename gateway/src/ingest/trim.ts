import type { Clock, Logger } from '../../../adapters/adapter.ts';

/** Where the database says that a commit alone does not survive a power cut. */
export interface Checkpointed {
  subscribe(listener: (takenAt: number) => void): () => void;
}

/** Commits remembered between two snapshots; an hour of one a second. */
const REMEMBERED = 4_096;

/**
 * How far the spool may forget. A durable database: everything drained. One that is durable only at its snapshots: what
 * was drained before the newest of them, so that after a power cut the rest can be drained again. A spool that is
 * running full gives that safety up rather than the messages to come.
 */
export function createTrimPolicy(options: {
  checkpointed: Checkpointed | undefined;
  crowded: () => boolean;
  clock: Clock;
  log: Logger;
}): { trimTo(drained: number): number; stop(): void } {
  const { checkpointed, clock, log } = options;
  if (!checkpointed) return { trimTo: (drained) => drained, stop: () => undefined };
  const commits: { at: number; drained: number }[] = [];
  let safe = 0;
  let warned = false;
  const stop = checkpointed.subscribe((takenAt) => {
    while (commits[0] && commits[0].at <= takenAt) safe = Math.max(safe, commits.shift()?.drained ?? 0);
    warned = false;
  });
  return {
    stop,
    trimTo(drained) {
      const last = commits.at(-1);
      const now = clock.now();
      if (!last || last.drained !== drained) {
        // A full list keeps its oldest entries: the floor may lag, it never runs ahead.
        if (commits.length < REMEMBERED) commits.push({ at: now, drained });
      }
      if (!options.crowded()) return safe;
      if (!warned) log.warn({ drained }, 'the spool is filling up; forgetting what only the unsynced database holds');
      warned = true;
      return drained;
    },
  };
}

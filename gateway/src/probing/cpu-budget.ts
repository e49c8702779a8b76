import type { Clock } from '../../../adapters/adapter.ts';

/** Holds work back while the processes it starts have used more than their share of one core. */
export interface CpuBudget {
  /** Resolves when there is room, first come first served; rejects with the signal's reason. */
  room(signal: AbortSignal): Promise<void>;
  /** Lets waiting work go on as far as there is room. Its own timer calls it while anybody waits. */
  look(): void;
  stop(): void;
  readonly waiting: number;
  /** Milliseconds of processor time that may be used now; negative = owed. */
  readonly balanceMs: number;
}

const LOOK_EVERY_MS = 500;
/** Unused share that is kept for a burst, in seconds of that share. */
const SAVED_S = 20;

/**
 * What a process costs is known only when it has ended, so work starts while nothing is owed and the debt it leaves is paid
 * by waiting. The overshoot is what runs at once; the mean stays within the share.
 */
export function createCpuBudget(options: {
  /** Processor time of all ended processes in milliseconds, never falling. */
  readonly spentMs: () => number;
  /** Share of one core, e.g. 0.5; read at every look. */
  readonly share: () => number;
  readonly clock: Pick<Clock, 'monotonic'>;
}): CpuBudget {
  const { spentMs, share, clock } = options;
  const queue = new Set<() => void>();
  let at = clock.monotonic();
  let spent = spentMs();
  let balance = 1;
  let timer: NodeJS.Timeout | undefined;

  const settle = () => {
    const now = clock.monotonic();
    const used = spentMs();
    // The whole gap counts for the allowance before what was used in it is taken off.
    const saved = Math.max(1, share() * SAVED_S * 1_000);
    balance = Math.min(saved, balance + (now - at) * share()) - Math.max(0, used - spent);
    at = now;
    spent = used;
  };
  const look = () => {
    settle();
    clearTimeout(timer);
    if (balance > 0) {
      for (const go of queue) go();
      queue.clear();
    }
    if (queue.size > 0) timer = setTimeout(look, LOOK_EVERY_MS);
  };

  return {
    room(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          queue.delete(go);
          reject(signal.reason);
        };
        const go = () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        };
        signal.addEventListener('abort', onAbort, { once: true });
        queue.add(go);
        look();
      });
    },
    look,
    stop: () => clearTimeout(timer),
    get waiting() {
      return queue.size;
    },
    get balanceMs() {
      settle();
      return balance;
    },
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from '../../adapters/adapter.ts';

export interface Task {
  /** Runs the work once more as soon as the current run is over. */
  kick(): void;
  /** No run starts after this; resolves when the current one is over. */
  stop(): Promise<void>;
}

/**
 * Repeats `work`, waiting `everyMs` after the END of each run, so a slow run never overlaps the next.
 * A failed run is logged and tried again; the caller's metrics hook sees it.
 */
export function repeat(
  options: { name: string; everyMs: number; log: Logger; onError?: (error: unknown) => void; firstAfterMs?: number },
  work: (signal: AbortSignal) => Promise<void>,
): Task {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  /** Whoever kicks, the work goes on as who began it: a leader's is fenced, and nobody's request is charged with it. */
  const asBegun = AsyncLocalStorage.snapshot();

  const run = async () => {
    again = false;
    try {
      await work(ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) options.log.error({ task: options.name, error }, 'scheduled task failed');
      options.onError?.(error);
    }
    running = undefined;
    if (!ending.signal.aborted) plan(again ? 0 : options.everyMs);
  };
  const plan = (ms: number) => {
    timer = setTimeout(() => {
      running = asBegun(run);
    }, ms);
  };
  plan(options.firstAfterMs ?? options.everyMs);

  return {
    kick() {
      again = true;
      if (running || ending.signal.aborted) return;
      clearTimeout(timer);
      plan(0);
    },
    async stop() {
      ending.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

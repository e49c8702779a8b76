import { performance } from 'node:perf_hooks';

export interface CompactionDeps {
  /** Share of the time in which the event loop worked, since it was asked last. */
  readonly load: () => number;
  readonly collect: () => void;
  readonly everyMs?: number;
}

/** Above this share somebody would wait for us. */
const QUIET = 0.1;

/**
 * A start leaves behind what is needed no more, strewn over so many pages that none of them can be given back. Once, as soon
 * as nothing much happens, everything is collected and what is left moves together; afterwards the runtime's own ways do.
 */
export function compactOnceQuiet({ load, collect, everyMs = 15_000 }: CompactionDeps): void {
  load();
  const timer = setInterval(() => {
    if (load() > QUIET) return;
    clearInterval(timer);
    collect();
  }, everyMs);
  timer.unref();
}

/** How busy this process is, and its collector; nothing is collected where node was started without `--expose-gc`. */
export function ownHeap(): CompactionDeps {
  let before = performance.eventLoopUtilization();
  return {
    load() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
    collect: () => globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' }),
  };
}

import { readProcess } from './proc.ts';

export interface ProcessorTime {
  /** Forgets what foreign children used; to be called while none of ours runs. */
  reset(): void;
  /** Milliseconds the process that has just been reaped used, itself and its waited-for children; null = not known. */
  of(wallMs: number): Promise<number | null>;
}

/**
 * Node does not tell what a child used and reaps it before it can be asked, but the kernel adds it up in our own
 * `cutime`: the difference between two ends is the process that ended. Several that end in the same turn share it by
 * their running time; the sum is exact.
 */
export function createProcessorTime(read = () => readProcess('self')?.childrenMs): ProcessorTime {
  let seen = read();
  let batch: { wallMs: number; resolve: (cpuMs: number | null) => void }[] = [];

  const share = () => {
    const now = read();
    const used = now === undefined || seen === undefined ? null : now - seen;
    const wall = batch.reduce((sum, each) => sum + each.wallMs, 0);
    for (const { wallMs, resolve } of batch) {
      resolve(used === null ? null : wall > 0 ? (used * wallMs) / wall : used / batch.length);
    }
    batch = [];
    seen = now;
  };
  return {
    reset() {
      if (batch.length === 0) seen = read();
    },
    of(wallMs) {
      if (batch.length === 0) setImmediate(share);
      return new Promise((resolve) => batch.push({ wallMs, resolve }));
    },
  };
}

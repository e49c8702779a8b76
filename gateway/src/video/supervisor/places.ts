import { type JobKind, ProcessFailure } from './interface.ts';

interface Waiting {
  grant(): void;
  refuse(failure: ProcessFailure): void;
}

export interface Places {
  /** Resolves with the function that gives the place back. Rejects with `busy`, `aborted` or `stopped`. */
  take(want: {
    readonly whenFull: 'queue' | 'refuse';
    /** null = no bound but the signal. */
    readonly waitMs: number | null;
    readonly signal: AbortSignal | undefined;
  }): Promise<() => void>;
  /** Refuses all who wait and all who come. */
  close(): void;
  counts(): { readonly running: number; readonly queued: number };
}

/** The places of one kind of job, given in the order they were asked for. */
export function createPlaces(kind: JobKind, cap: number, queueLimit: number, onChange: () => void): Places {
  const queue = new Set<Waiting>();
  let running = 0;
  let closed = false;

  const occupy = () => {
    running += 1;
    onChange();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      running -= 1;
      // A microtask later the next one has it; `running` never passes `cap` in between.
      const [next] = queue;
      next?.grant();
      onChange();
    };
  };

  return {
    async take({ whenFull, waitMs, signal }) {
      if (closed) throw new ProcessFailure('stopped', `no ${kind} is started any more`);
      if (signal?.aborted) throw new ProcessFailure('aborted', `${kind} given up before it started`);
      if (running < cap) return occupy();
      if (whenFull === 'refuse') throw new ProcessFailure('busy', `all ${cap} places for ${kind} are taken`);
      if (queue.size >= queueLimit) throw new ProcessFailure('busy', `${queue.size} already wait for a ${kind}`);

      return new Promise<() => void>((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          queue.delete(waiting);
        };
        const waiting: Waiting = {
          grant() {
            leave();
            resolve(occupy());
          },
          refuse(failure) {
            leave();
            reject(failure);
            onChange();
          },
        };
        const onAbort = () => waiting.refuse(new ProcessFailure('aborted', `${kind} given up while it waited`));
        const timer =
          waitMs === null
            ? undefined
            : setTimeout(
                () => waiting.refuse(new ProcessFailure('busy', `no place for ${kind} within ${waitMs} ms`)),
                waitMs,
              );
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.add(waiting);
        onChange();
      });
    },
    close() {
      closed = true;
      for (const waiting of queue) waiting.refuse(new ProcessFailure('stopped', `no ${kind} is started any more`));
    },
    counts: () => ({ running, queued: queue.size }),
  };
}

import { type FailureKind, type Job, ProcessFailure } from './interface.ts';

/** From the moment a job has its place until it gives it back. */
export interface Span {
  /** The job's arguments. Rejects with what making them throws, or `deadline`, `aborted`, `stopped`. */
  args(): Promise<readonly string[]>;
  end(): void;
}

/** `closing` lives as long as the supervisor, so nothing may stay attached to it. */
export function createSpan(job: Job, closing: AbortSignal): Span {
  const span = new AbortController();
  let refuse: (error: ProcessFailure) => void = () => undefined;
  const stopBy = (kind: FailureKind, why: string) => () => {
    refuse(new ProcessFailure(kind, `${job.program} (${job.kind}) ${why}`));
    span.abort();
  };
  const onClosing = stopBy('stopped', 'is not started any more');
  const onAbort = stopBy('aborted', 'was given up before it started');
  closing.addEventListener('abort', onClosing);
  job.signal?.addEventListener('abort', onAbort);
  const detach = () => {
    closing.removeEventListener('abort', onClosing);
    job.signal?.removeEventListener('abort', onAbort);
  };

  return {
    async args() {
      const { args, deadlineMs } = job;
      const stopped = new Promise<never>((_resolve, reject) => {
        refuse = reject;
      });
      if (closing.aborted) onClosing();
      else if (job.signal?.aborted) onAbort();
      if (typeof args !== 'function') return Promise.race([stopped, args]);
      const late = stopBy('deadline', `was not ready within ${deadlineMs} ms`);
      const timer = deadlineMs === null ? undefined : setTimeout(late, deadlineMs);
      try {
        return await Promise.race([stopped, args(span.signal)]);
      } finally {
        clearTimeout(timer);
      }
    },
    end() {
      detach();
      span.abort();
    },
  };
}

/** Those who wait for a number to become durable. */
export interface Sleepers {
  /** Resolves when woken for a number above `after`; rejects with the signal's reason. */
  sleep(after: number, signal: AbortSignal): Promise<void>;
  wake(lastSeq: number): void;
  fail(error: unknown): void;
}

interface Sleeper {
  readonly after: number;
  wake(): void;
  fail(error: unknown): void;
}

export function createSleepers(): Sleepers {
  const sleepers = new Set<Sleeper>();
  return {
    sleep(after, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        const leave = () => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', aborted);
        };
        const sleeper: Sleeper = {
          after,
          wake() {
            leave();
            resolve();
          },
          fail(error) {
            leave();
            reject(error);
          },
        };
        const aborted = () => sleeper.fail(signal.reason);
        signal.addEventListener('abort', aborted);
        sleepers.add(sleeper);
      });
    },
    wake(lastSeq) {
      for (const sleeper of sleepers) if (lastSeq > sleeper.after) sleeper.wake();
    },
    fail(error) {
      for (const sleeper of sleepers) sleeper.fail(error);
    },
  };
}

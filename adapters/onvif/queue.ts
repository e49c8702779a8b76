/** Hands values from callbacks to one `for await`; at most `limit` values, the rest is dropped. */
export interface ResultQueue<T> {
  push(value: T): void;
  end(error?: unknown): void;
  readonly taken: number;
  readonly values: AsyncIterable<T>;
}

export function createQueue<T>(limit: number): ResultQueue<T> {
  const ready: T[] = [];
  let taken = 0;
  let ended = false;
  let failure: unknown;
  let wake: () => void = () => undefined;
  async function* drain(): AsyncGenerator<T> {
    for (;;) {
      const value = ready.shift();
      if (value !== undefined) yield value;
      else if (failure !== undefined) throw failure;
      else if (ended) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    values: drain(),
    get taken() {
      return taken;
    },
    push(value) {
      if (ended || taken >= limit) return;
      taken += 1;
      ready.push(value);
      wake();
    },
    end(error) {
      ended = true;
      failure = error;
      wake();
    },
  };
}

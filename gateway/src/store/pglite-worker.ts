import { Worker } from 'node:worker_threads';
import { GatewayError } from '../errors.ts';

export interface ThreadData {
  /** null = in memory. */
  readonly dataDir: string | null;
  /** Packed data directory that a database in memory begins with; without it an empty one is made. */
  readonly image?: string | undefined;
}

export type ThreadRequest =
  | { readonly id: number; readonly do: 'open' | 'close' }
  | { readonly id: number; readonly do: 'execute'; readonly message: Uint8Array };

export interface ThreadReply {
  readonly id: number;
  readonly ok: boolean;
  readonly answer?: Uint8Array;
  readonly error?: string;
}

/** PGlite in its thread: PostgreSQL wire protocol in, wire protocol out. */
export interface PgliteThread {
  execute(message: Uint8Array): Promise<Uint8Array>;
  /** Shuts PostgreSQL down cleanly and ends the thread. */
  close(): Promise<void>;
  /** Ends the thread at once, as after a crash. */
  kill(): Promise<void>;
  /** Settles when the thread has ended, asked or not. */
  readonly ended: Promise<void>;
}

type Pending = { resolve(reply: ThreadReply): void; reject(error: Error): void };

/** Starts the thread and opens the data directory (null = in memory); rejects when PostgreSQL cannot start on it. */
export async function startPgliteThread(dataDir: string | null, image?: string): Promise<PgliteThread> {
  const worker = new Worker(new URL('./pglite-thread.ts', import.meta.url), {
    workerData: { dataDir, image } satisfies ThreadData,
    // Flags of the test runner or a debugger are none of this thread's business.
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let over: Error | undefined;

  const end = (error: Error) => {
    over ??= error;
    for (const call of pending.values()) call.reject(over);
    pending.clear();
  };
  worker.on('message', (reply: ThreadReply) => {
    const call = pending.get(reply.id);
    pending.delete(reply.id);
    if (reply.ok) call?.resolve(reply);
    else call?.reject(new GatewayError('UNAVAILABLE', `embedded database: ${reply.error ?? 'failed'}`));
  });
  worker.on('error', (error) => end(new GatewayError('UNAVAILABLE', 'embedded database crashed', { cause: error })));
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      end(new GatewayError('UNAVAILABLE', 'embedded database: its thread has ended'));
      resolve();
    });
  });

  const ask = (request: { do: 'open' | 'close' } | { do: 'execute'; message: Uint8Array }) =>
    new Promise<ThreadReply>((resolve, reject) => {
      if (over) {
        reject(over);
        return;
      }
      const id = ++lastId;
      pending.set(id, { resolve, reject });
      worker.postMessage({ ...request, id } satisfies ThreadRequest);
    });
  const kill = async () => {
    await worker.terminate();
    await ended;
  };

  try {
    await ask({ do: 'open' });
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    ended,
    kill,
    async execute(message) {
      try {
        const reply = await ask({ do: 'execute', message });
        return reply.answer ?? new Uint8Array();
      } catch (error) {
        // PostgreSQL reports refused statements inside the protocol; an exception means that the engine itself is gone.
        await kill();
        throw error;
      }
    },
    async close() {
      if (!over) await ask({ do: 'close' });
      await kill();
    },
  };
}

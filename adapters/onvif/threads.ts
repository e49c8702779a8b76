import { Worker } from 'node:worker_threads';
import { AdapterError } from '../adapter.ts';
import { OnvifError } from './client.ts';
import type { SoapReply, SoapRequest } from './pass.ts';
import type { Failure, FromThread, Known, ThreadCall, ThreadCalls, ToThread } from './thread-protocol.ts';

export interface CallHooks {
  /** Carries the thread's SOAP requests out; the thread itself opens no socket. */
  readonly ask: (request: SoapRequest) => Promise<SoapReply>;
  readonly learned?: (known: Known) => void;
  /** The call rejects with its reason; the thread is told to drop it. */
  readonly signal: AbortSignal;
  /** Doing it twice does no harm: it is repeated alone when its thread dies under it. */
  readonly repeatable: boolean;
}

/** A few threads with bounded memory that hold the ONVIF libraries and the XML parser. */
export interface ThreadPool {
  run<N extends ThreadCall>(name: N, args: ThreadCalls[N]['args'], hooks: CallHooks): Promise<ThreadCalls[N]['result']>;
  /** Threads alive now and how many had to be replaced. */
  stats(): { readonly alive: number; readonly replaced: number };
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly size: number;
  /** Milliseconds in which a thread must answer a ping before it counts as stuck. */
  readonly stuckAfterMs?: number;
  /** Idle threads end after this; milliseconds. */
  readonly idleMs?: number;
  /** Replaces the thread in tests of the pool itself. */
  readonly script?: URL;
}

/** A thread parses at most 1 MiB of guarded XML at a time; what needs more memory than this is an attack. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };
const PING_EVERY_MS = 1_000;
/** Loading the libraries takes a tenth of a second, on a drowning machine a hundred times that. */
const START_MS = 30_000;

interface Call {
  readonly name: ThreadCall;
  readonly args: unknown;
  readonly hooks: CallHooks;
  resolve(result: never): void;
  reject(error: unknown): void;
}

export function createThreadPool(options: PoolOptions): ThreadPool {
  const {
    size,
    stuckAfterMs = 3_000,
    idleMs = 60_000,
    script = new URL('./onvif-thread.ts', import.meta.url),
  } = options;
  const all = new Set<ParserThread>();
  const shared = new Set<ParserThread>();
  let alone: Promise<unknown> = Promise.resolve();
  let replaced = 0;
  let closed = false;
  const stopped = () => new AdapterError('STOPPED', 'the client was closed', { retry: false });

  const spawn = (onOrphan: (call: Call) => void) => {
    const thread = new ParserThread({
      script,
      stuckAfterMs,
      idleMs,
      onEnd(orphans, died) {
        all.delete(thread);
        shared.delete(thread);
        if (died && !closed) replaced += 1;
        for (const call of orphans) onOrphan(call);
      },
    });
    all.add(thread);
    return thread;
  };

  /** One orphan at a time in a thread of its own: the one that kills takes no neighbour along. */
  const takeUp = (call: Call) => {
    if (closed) return call.reject(stopped());
    if (!call.hooks.repeatable) {
      return call.reject(new AdapterError('PARSER_LOST', 'the parser thread ended under this call', { retry: true }));
    }
    alone = alone.then(async () => {
      if (closed || call.hooks.signal.aborted) return call.reject(closed ? stopped() : call.hooks.signal.reason);
      const thread = spawn((each) => {
        each.reject(closed ? stopped() : new OnvifError('notOnvif', 'the answer cannot be parsed within our limits'));
      });
      await thread.run(call);
      await thread.end();
    });
  };

  return {
    run(name, args, hooks) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(stopped());
        const free = [...shared].filter((thread) => !thread.ending).sort((a, b) => a.load - b.load);
        let thread = free[0];
        if (!thread || (thread.load > 0 && free.length < size)) {
          thread = spawn(takeUp);
          shared.add(thread);
        }
        void thread.run({ name, args, hooks, resolve: resolve as Call['resolve'], reject });
      });
    },
    stats: () => ({ alive: all.size, replaced }),
    async close() {
      closed = true;
      await Promise.all([...all].map((thread) => thread.end()));
    },
  };
}

interface ThreadOptions {
  readonly script: URL;
  readonly stuckAfterMs: number;
  readonly idleMs: number;
  /** The thread is gone; `orphans` were not answered. `died` = not by our wish. */
  readonly onEnd: (orphans: readonly Call[], died: boolean) => void;
}

/** One worker thread and the calls in it. */
class ParserThread {
  readonly #worker: Worker;
  readonly #options: ThreadOptions;
  readonly #calls = new Map<number, Call>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  #pinging: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #pingedAt: number | undefined;
  /** Has answered a ping since it took its last call. */
  #sound = false;
  /** Has loaded everything: it says so with a first pong, unasked. */
  #up = false;
  readonly #bornAt = performance.now();
  #wanted = false;
  #gone = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#worker = new Worker(options.script, {
      // Flags of the test runner or a debugger are none of this thread's business.
      execArgv: [],
      env: {},
      resourceLimits: LIMITS,
      stdout: true,
      stderr: true,
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.unref();
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    // Out of memory, or an exception nobody caught: `exit` follows and hands the calls on.
    let failure: unknown;
    this.#worker.on('error', (error) => {
      failure = error;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#gone = true;
        clearInterval(this.#pinging);
        clearTimeout(this.#idle);
        const orphans = [...this.#calls.values()];
        this.#calls.clear();
        options.onEnd(orphans, !this.#wanted || failure !== undefined);
        resolve();
      });
    });
  }

  get load(): number {
    return this.#calls.size;
  }

  get ending(): boolean {
    return this.#wanted || this.#gone;
  }

  /** Resolves when the call is settled, in whatever way. */
  run(call: Call): Promise<void> {
    const id = ++this.#lastId;
    return new Promise((settled) => {
      const onAbort = () => {
        finish();
        call.reject(call.hooks.signal.reason);
        this.#post({ do: 'forget', id });
      };
      const finish = () => {
        call.hooks.signal.removeEventListener('abort', onAbort);
        this.#calls.delete(id);
        this.#rest();
        settled();
      };
      if (call.hooks.signal.aborted) {
        call.reject(call.hooks.signal.reason);
        settled();
        return;
      }
      call.hooks.signal.addEventListener('abort', onAbort, { once: true });
      this.#calls.set(id, {
        ...call,
        resolve(result) {
          finish();
          call.resolve(result);
        },
        reject(error) {
          finish();
          call.reject(error);
        },
      });
      this.#watch();
      this.#post({ do: 'call', id, name: call.name, args: call.args });
    });
  }

  async end(): Promise<void> {
    this.#wanted = true;
    await this.#worker.terminate();
    await this.#ended;
  }

  #receive(message: FromThread): void {
    if (message.do === 'pong') {
      this.#up = true;
      this.#pingedAt = undefined;
      this.#sound = true;
      return;
    }
    const call = this.#calls.get(message.id);
    if (!call) return;
    switch (message.do) {
      case 'ask':
        void this.#carry(call, message.id, message.ask, message.request);
        return;
      case 'learned':
        call.hooks.learned?.(message.known);
        return;
      case 'done':
        call.resolve(message.result as never);
        return;
      case 'failed':
        call.reject(revive(message.failure));
    }
  }

  async #carry(call: Call, id: number, ask: number, request: SoapRequest): Promise<void> {
    try {
      this.#post({ do: 'reply', id, ask, reply: await call.hooks.ask(request) });
    } catch (error) {
      if (!(error instanceof OnvifError)) {
        this.#calls.get(id)?.reject(error);
        this.#post({ do: 'forget', id });
        return;
      }
      this.#post({ do: 'refuse', id, ask, failure: { reason: error.reason, detail: error.message } });
    }
  }

  #post(message: ToThread): void {
    if (!this.#gone) this.#worker.postMessage(message);
  }

  /** While calls are in it the thread is pinged: one that computes for ever would hold them all until their deadlines. */
  #watch(): void {
    clearTimeout(this.#idle);
    this.#sound = false;
    if (this.#pinging) return;
    const { stuckAfterMs } = this.#options;
    this.#pinging = setInterval(() => this.#checkPulse(), Math.min(PING_EVERY_MS, stuckAfterMs)).unref();
  }

  #checkPulse(): void {
    const now = performance.now();
    if (!this.#up) {
      if (now - this.#bornAt > START_MS) void this.#worker.terminate();
    } else if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt > this.#options.stuckAfterMs) void this.#worker.terminate();
    } else if (this.#calls.size > 0 || !this.#sound) {
      this.#pingedAt = now;
      this.#post({ do: 'ping' });
    } else {
      clearInterval(this.#pinging);
      this.#pinging = undefined;
    }
  }

  #rest(): void {
    if (this.#calls.size > 0 || this.#gone) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.end(), this.#options.idleMs).unref();
  }
}

function revive({ reason, detail }: Failure): Error {
  return reason === null ? new Error(`onvif thread: ${detail}`) : new OnvifError(reason, detail);
}

import { type PinnedAddress, TargetError, type TargetGuard } from '../targets.ts';
import { ProbeFailure } from './failure.ts';
import { hostAlive, WEB_PORT } from './host-alive.ts';

/** After this part of the budget without a handshake the host is asked on another port whether it lives at all. */
const ASK_HOST_AFTER = 0.5;
/** A name with many addresses must not turn one probe into a port scan. */
const MAX_ADDRESSES = 3;

export interface ApproachOptions {
  readonly guard: TargetGuard;
  readonly host: string;
  readonly port: number;
  /** Milliseconds; the caller ends `signal` when they are over. */
  readonly budgetMs: number;
  readonly signal: AbortSignal;
}

/** The way to one camera: which of its addresses may be dialled, how far it got, and what silence on it means. */
export class Approach {
  readonly #options: ApproachOptions;
  #resolved = false;
  #connected = false;
  #hostAlive = false;

  constructor(options: ApproachOptions) {
    this.#options = options;
  }

  /** Tries the permitted addresses in turn; `open` calls `onTcp` when TCP stands. Throws what the last `open` threw. */
  async connect<T>(open: (target: PinnedAddress, onTcp: () => void) => Promise<T>): Promise<T> {
    const { guard, host, port, budgetMs, signal } = this.#options;
    const targets = await abortable(resolveTargets(guard, host, port), signal);
    this.#resolved = true;
    const asking = setTimeout(() => void this.#askHost(targets[0]), budgetMs * ASK_HOST_AFTER);
    const onTcp = () => {
      this.#connected = true;
    };
    let failure: unknown;
    try {
      for (const target of targets.slice(0, MAX_ADDRESSES)) {
        try {
          return await open(target, onTcp);
        } catch (error) {
          if (signal.aborted) throw error;
          failure = error;
        }
      }
      throw failure;
    } finally {
      clearTimeout(asking);
    }
  }

  /** What it means that nothing came in time, by how far it got. */
  silence(): ProbeFailure {
    const within = `in ${this.#options.budgetMs} ms`;
    if (!this.#resolved) return new ProbeFailure('hostUnreachable', `name lookup unanswered ${within}`);
    if (this.#connected) return new ProbeFailure('timeout', `connected, no complete answer ${within}`);
    if (!this.#hostAlive) return new ProbeFailure('hostUnreachable', `TCP handshake unanswered ${within}`);
    return new ProbeFailure('timeout', `TCP handshake unanswered ${within}, but the host answers on port ${WEB_PORT}`);
  }

  async #askHost(target: PinnedAddress | undefined): Promise<void> {
    const { guard, signal } = this.#options;
    if (this.#connected || !target || !guard.allows(target.address, WEB_PORT)) return;
    this.#hostAlive = await hostAlive(target, signal);
  }
}

/** The system's resolver cannot be cancelled; its late answer is dropped. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function resolveTargets(guard: TargetGuard, host: string, port: number) {
  try {
    return await guard.resolve(host, port);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new ProbeFailure(error.kind === 'notAllowed' ? 'targetNotAllowed' : 'hostUnreachable', error.message);
  }
}

import { createGates, type GateKey } from './gates.ts';
import { createPool, type Lane, type PoolLimits } from './pool.ts';

/** One probe that is due. */
export interface Job {
  readonly lane: Lane;
  readonly keys: readonly GateKey[];
  /** Asked when its turn comes: a target removed or queued anew meanwhile is dropped. */
  readonly isStale: () => boolean;
  /** Never rejects. Holds its places until it settles. */
  readonly run: () => Promise<void>;
}

/** Starts jobs as soon as their keys and the pool have room. A job waits for one thing at a time and holds nothing meanwhile. */
export interface Dispatcher {
  submit(job: Job): void;
  readonly running: number;
  readonly queued: number;
  readonly waiting: number;
}

export function createDispatcher(limits: PoolLimits): Dispatcher {
  const gates = createGates<Job>();
  const pool = createPool<Job>(limits);

  const submit = (job: Job): void => {
    if (job.isStale()) return;
    if (gates.waitIfFull(job.keys, job, job.lane === 'urgent')) return;
    if (!pool.enterOrQueue(job.lane, job)) return;
    gates.enter(job.keys);
    void job.run().finally(() => {
      gates.leave(job.keys, submit);
      pool.leave(job.lane, submit);
    });
  };

  return {
    submit,
    get running() {
      return pool.running;
    },
    get queued() {
      return pool.queued;
    },
    get waiting() {
      return gates.waiting;
    },
  };
}

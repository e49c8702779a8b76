/**
 * Which queued probe starts next. Three lanes share the pool:
 * `urgent` (a person waits) may exceed it by a few places; `quick` (answered fast last time) may use all of it;
 * `doubtful` (never probed, or slow last time) only a share, so that cameras that hang never delay those that answer.
 */
export interface Pool<T> {
  /** True when a place was free and is now taken; otherwise the entry is queued in its lane. */
  enterOrQueue(lane: Lane, entry: T): boolean;
  /** Gives the place back and hands queued entries to `retry` while there is room. */
  leave(lane: Lane, retry: (entry: T) => void): void;
  readonly running: number;
  readonly queued: number;
}

export const LANES = ['urgent', 'quick', 'doubtful'] as const;
export type Lane = (typeof LANES)[number];

export interface PoolLimits {
  readonly maxConcurrent: number;
  /** Part of the pool the doubtful lane may fill, 0–1. */
  readonly doubtfulShare: number;
  /** Places for urgent probes on top. */
  readonly urgentExtra: number;
}

export function createPool<T>(limits: PoolLimits): Pool<T> {
  const caps: Record<Lane, number> = {
    urgent: limits.maxConcurrent + limits.urgentExtra,
    quick: limits.maxConcurrent,
    doubtful: limits.maxConcurrent,
  };
  const doubtfulCap = Math.max(1, Math.floor(limits.maxConcurrent * limits.doubtfulShare));
  const queues: Record<Lane, Set<T>> = { urgent: new Set(), quick: new Set(), doubtful: new Set() };
  let running = 0;
  let doubtful = 0;
  const room = (lane: Lane) => running < caps[lane] && (lane !== 'doubtful' || doubtful < doubtfulCap);

  return {
    enterOrQueue(lane, entry) {
      if (!room(lane)) {
        queues[lane].add(entry);
        return false;
      }
      running += 1;
      if (lane === 'doubtful') doubtful += 1;
      return true;
    },
    leave(lane, retry) {
      running -= 1;
      if (lane === 'doubtful') doubtful -= 1;
      for (const next of LANES) {
        for (const entry of queues[next]) {
          if (!room(next)) break;
          queues[next].delete(entry);
          retry(entry);
        }
      }
    },
    get running() {
      return running;
    },
    get queued() {
      return queues.urgent.size + queues.quick.size + queues.doubtful.size;
    },
  };
}

/** Lets a few in at once; the others wait in order until their signal ends their patience. */
export interface Gate {
  /** Answers the way out, to be called once. Throws {@link GateFull}, or the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export class GateFull extends Error {
  constructor() {
    super('too many are waiting');
    this.name = 'GateFull';
  }
}

export function createGate(places: number, waiting: number): Gate {
  const queue = new Set<() => void>();
  let inside = 0;
  const leave = () => {
    const [next] = queue;
    if (!next) {
      inside -= 1;
      return;
    }
    queue.delete(next);
    next();
  };
  const once = () => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
    };
  };
  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (inside < places) {
        inside += 1;
        return once();
      }
      if (queue.size >= waiting) throw new GateFull();
      await new Promise<void>((resolve, reject) => {
        const giveUp = () => {
          queue.delete(admit);
          reject(signal.reason);
        };
        const admit = () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        signal.addEventListener('abort', giveUp, { once: true });
        queue.add(admit);
      });
      return once();
    },
  };
}

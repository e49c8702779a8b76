export type Level = 'ok' | 'high' | 'full';

/** Shares of the capacity. Each level is left lower than it is entered, so a spool at the edge rings once. */
const HIGH_AT = 0.7;
const HIGH_UNTIL = 0.6;
const FULL_UNTIL = 0.9;

export interface LevelAlarm {
  readonly level: Level;
  /** Takes the present fill; `refusing` = an append is being refused now, for want of room or of a working disk. */
  update(bytes: number, refusing: boolean): void;
  onLevel(listener: (level: Level) => void): () => void;
}

export function createLevelAlarm(capacityBytes: number): LevelAlarm {
  let level: Level = 'ok';
  const listeners = new Set<(level: Level) => void>();

  const next = (fill: number, refusing: boolean): Level => {
    if (refusing || fill >= 1) return 'full';
    if (level === 'full' && fill >= FULL_UNTIL) return 'full';
    if (fill >= HIGH_AT) return 'high';
    return level !== 'ok' && fill >= HIGH_UNTIL ? 'high' : 'ok';
  };

  return {
    get level() {
      return level;
    },
    update(bytes, refusing) {
      const now = next(bytes / capacityBytes, refusing);
      if (now === level) return;
      level = now;
      // Not in the caller's stack: a listener's fault must not keep an acknowledgement back.
      for (const listener of listeners) queueMicrotask(() => listener(now));
    },
    onLevel(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

import type { Logger } from '../../adapters/adapter.ts';
import type { ProcessRole } from './config.ts';
import { repeat, type Task } from './schedule.ts';

/** A part that is started once and stopped once. */
export interface Part {
  readonly name: string;
  readonly start?: () => Promise<unknown> | unknown;
  readonly stop?: () => Promise<unknown> | unknown;
}

/** Work that only some processes do: those of a role, or the one process that leads. */
export interface RolePart extends Part {
  /** Absent = every process. */
  readonly on?: ProcessRole | 'leader';
}

export interface Lifecycle {
  /** Starts the parts in order. When one fails, those before it are stopped again and the failure is rethrown. */
  start(): Promise<void>;
  /** Stops in reverse order; a part that fails to stop is logged and does not keep the others from stopping. */
  stop(): Promise<void>;
}

export function createLifecycle(parts: readonly Part[], log: Logger): Lifecycle {
  let running: Part[] = [];
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    for (const part of running.reverse()) {
      try {
        await part.stop?.();
      } catch (error) {
        log.error({ part: part.name, error }, 'a part did not stop cleanly');
      }
    }
    running = [];
  };
  return {
    async start() {
      for (const part of parts) {
        try {
          await part.start?.();
        } catch (error) {
          await stopAll();
          throw error;
        }
        running.push(part);
      }
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

/** Work that repeats from start to stop, each run after the end of the one before. */
export function every(name: string, everyMs: number, log: Logger, work: (signal: AbortSignal) => unknown): Part {
  let task: Task | undefined;
  return {
    name,
    start() {
      task = repeat({ name, everyMs, log }, async (signal) => {
        await work(signal);
      });
    },
    stop: () => task?.stop(),
  };
}

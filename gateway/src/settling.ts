import type { Logger } from '../../adapters/adapter.ts';
import type { Part } from './lifecycle.ts';
import { repeat, type Task } from './schedule.ts';

export interface SettlingDeps {
  /** Open sockets, and those of them that are logged in. */
  readonly stats: () => { readonly connections: number; readonly sessions: number };
  readonly up: () => void;
  readonly down: () => void;
  readonly log: Logger;
  readonly everyMs?: number;
  /** The path counts as heard after this many rounds, rush or not. */
  readonly longestRounds?: number;
}

const CALM_ROUNDS = 2;
/** A round with this many newcomers, or this share of all, is still the rush. */
const FEW = 5;
const SHARE = 0.01;

/**
 * After a start every device comes back at once, and while thousands log in the gateway hears less than they say. The
 * path stays blind until the rush is over, so nobody is called silent for having waited in our queue.
 */
export function createSettling(deps: SettlingDeps): Part {
  const { stats, log, everyMs = 500, longestRounds = 120 } = deps;
  let task: Task | undefined;
  let before = 0;
  let calm = 0;
  let rounds = 0;

  const look = async () => {
    const { connections, sessions } = stats();
    const few = Math.max(FEW, sessions * SHARE);
    calm = connections - sessions <= few && sessions - before <= few ? calm + 1 : 0;
    before = sessions;
    rounds += 1;
    if (calm < CALM_ROUNDS && rounds < longestRounds) return;
    deps.up();
    log.info({ sessions, afterMs: rounds * everyMs }, 'the rush after the start is over; devices are judged');
    void task?.stop();
  };
  return {
    name: 'mqtt path',
    start() {
      task = repeat({ name: 'settling', everyMs, log }, look);
    },
    async stop() {
      await task?.stop();
      deps.down();
    },
  };
}

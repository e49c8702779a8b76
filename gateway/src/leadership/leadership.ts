import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { LeaderSession } from '../domain/leadership.ts';

export interface LeadershipOptions {
  /** Which parts it is about; one leader each. */
  readonly role: string;
  readonly open: () => Promise<LeaderSession>;
  /** This process leads from now on, under this epoch; `before` = name of the process that led last. */
  readonly onElected: (epoch: number, before: string | undefined) => void;
  /** This process stands by while this one leads. */
  readonly onFollows?: (leader: string) => void;
  /** Another one leads now. Said once; nothing follows. */
  readonly onLost: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly times?: Partial<typeof TIMES>;
}

export interface Leadership {
  start(): void;
  /** Lets go, so that a successor need not wait. */
  stop(): Promise<void>;
  /** The epoch this process leads under; undefined = it does not, or cannot know while its connection is away. */
  epoch(): number | undefined;
  /** Name of the process that leads; undefined = nobody known. */
  leader(): string | undefined;
}

/** Milliseconds: between signs of the leader, between looks of the others. Together they bound the time without a leader to less than ten seconds. */
const TIMES = { beat: 500, again: 500, silent: 6_000 };

/**
 * Waits for the lock of leadership and keeps it. The lock ends with its connection, so a killed leader is followed within
 * a beat; one that is frozen keeps its connection, says nothing, and is thrown out. Either may still believe it leads:
 * the epoch, checked by each of its transactions, makes that harmless.
 */
export function createLeadership(options: LeadershipOptions): Leadership {
  const { role, clock, log } = options;
  const times = { ...TIMES, ...options.times };
  const ending = new AbortController();
  const { signal } = ending;
  let running: Promise<void> | undefined;
  let epoch: number | undefined;
  let leader: string | undefined;
  let troubled = false;

  /** Answers false when somebody else leads where we did. */
  async function beat(session: LeaderSession): Promise<boolean> {
    const locked = await session.tryLock();
    const found = await session.leader(role);
    const changed = leader !== found?.node;
    leader = found?.node;
    // Under our epoch also without the lock: the server has not noticed yet that our last connection is gone.
    if (epoch !== undefined) return found?.epoch === epoch;
    if (locked) {
      epoch = await session.takeOver(role);
      log.info({ role, epoch, before: found?.node }, 'this process leads');
      options.onElected(epoch, found?.node);
      return true;
    }
    if (found && changed) options.onFollows?.(found.node);
    if (await session.evictSilent(times.silent)) {
      log.warn({ role, leader: found?.node }, 'the leader has not been heard for too long; its place is taken');
      return beat(session);
    }
    return true;
  }

  async function serve(): Promise<boolean> {
    const session = await options.open();
    try {
      while (!signal.aborted) {
        if (!(await beat(session))) return false;
        if (troubled) log.info({ role }, 'leadership can be asked for again');
        troubled = false;
        await pause(epoch === undefined ? times.again : times.beat, signal);
      }
      return true;
    } finally {
      await session.close();
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const since = clock.monotonic();
      try {
        if (!(await serve())) {
          log.warn({ role, epoch, leader }, 'another process leads now');
          epoch = undefined;
          options.onLost();
          return;
        }
      } catch (error) {
        if (!troubled) log.warn({ role, error }, 'the connection that holds the leadership is gone');
        troubled = true;
      }
      if (clock.monotonic() - since < times.again) await pause(times.again, signal);
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      ending.abort();
      await running;
    },
    epoch: () => epoch,
    leader: () => leader,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

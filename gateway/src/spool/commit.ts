import { GatewayError } from '../errors.ts';
import { GroupWriter } from './codec.ts';
import { type Disk, groupKey } from './disk.ts';
import type { SpoolEntry } from './records.ts';

/** Bytes of one group; more are put as several groups under one fsync. */
const GROUP_BYTES = 1024 * 1024;

/** A group of this many messages or more says that they come faster than the disk takes groups. */
const CROWD = 16;
/** Then groups begin this far apart, milliseconds: each costs the same for one message as for a hundred. */
const PACE_MS = 4;

export interface DurableGroup {
  readonly first: number;
  readonly count: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Group commit: while one fsync is under way, what arrives gathers for the next. */
export interface Committer {
  /** Bytes of sealed groups that wait for their fsync. */
  readonly pendingBytes: number;
  /** Bytes of the group still open. */
  readonly openBytes: number;
  /** No entry waits and nothing is being written. */
  readonly idle: boolean;
  /** Takes entries from now on; the first one gets the number `next`. Also the way back after a failed write. */
  start(next: number): void;
  /** Resolves with the entry's number when it is durable. */
  add(entry: SpoolEntry): Promise<number>;
  /** Runs another write between two puts; a failed one stops the committer like a failed put. */
  exclusive(work: () => Promise<void>): Promise<void>;
  /** Refuses what waits and takes nothing more until {@link Committer.start}. */
  stop(error: unknown): void;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
}

interface Waiter {
  resolve(seq: number): void;
  reject(error: unknown): void;
}

/** The n-th waiter's number is `first + n`. */
interface Batch {
  readonly first: number;
  readonly groups: DurableGroup[];
  readonly waiters: Waiter[];
  bytes: number;
}

export function createCommitter(options: {
  disk: Pick<Disk, 'put'>;
  /** Milliseconds that only grow. */
  monotonic: () => number;
  /** Before the waiters hear of it. */
  durable(groups: readonly DurableGroup[], bytes: number, lastSeq: number): void;
  broken(error: unknown): void;
}): Committer {
  const writer = new GroupWriter();
  let gathering: Batch | undefined;
  let nextSeq = 1;
  let sealedTo = 0;
  let pendingBytes = 0;
  let writing: Promise<void> | undefined;
  let running = false;
  /** When the last group began, and whether it was a crowd. */
  let begun = Number.NEGATIVE_INFINITY;
  let crowded = false;

  const seal = (batch: Batch) => {
    const first = sealedTo + 1;
    const group = writer.take((count, bytes) => groupKey(first, count, bytes));
    sealedTo += group.count;
    batch.groups.push({ ...group, first });
    batch.bytes += group.value.length;
    pendingBytes += group.value.length;
  };

  const flush = async () => {
    for (let batch = gathering; batch && running; batch = gathering) {
      const early = PACE_MS - (options.monotonic() - begun);
      if (crowded && early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      if (!running) break;
      begun = options.monotonic();
      gathering = undefined;
      if (writer.count > 0) seal(batch);
      try {
        await options.disk.put(batch.groups);
      } catch (error) {
        stop(error, batch.waiters);
        break;
      }
      crowded = batch.waiters.length >= CROWD;
      pendingBytes -= batch.bytes;
      options.durable(batch.groups, batch.bytes, batch.first + batch.waiters.length - 1);
      for (let i = 0; i < batch.waiters.length; i++) batch.waiters[i]?.resolve(batch.first + i);
    }
    writing = undefined;
  };

  /**
   * A failed write leaves LevelDB's log in an unknown state: what is appended behind a torn record may be unreadable later.
   * So nothing is written any more until the store was closed and opened anew.
   */
  const stop = (error: unknown, waiters: readonly Waiter[]) => {
    running = false;
    const refusal = new GatewayError('SPOOL_FULL', 'The spool cannot be written.', { cause: error });
    for (const waiter of waiters) waiter.reject(refusal);
    for (const waiter of gathering?.waiters ?? []) waiter.reject(refusal);
    if (writer.count > 0) writer.take((count, bytes) => groupKey(0, count, bytes));
    gathering = undefined;
    pendingBytes = 0;
    options.broken(error);
  };

  return {
    get pendingBytes() {
      return pendingBytes;
    },
    get openBytes() {
      return writer.bytes;
    },
    get idle() {
      return gathering === undefined && writing === undefined;
    },
    start(next) {
      nextSeq = next;
      sealedTo = next - 1;
      running = true;
    },
    add(entry) {
      return new Promise((resolve, reject) => {
        writer.add(entry);
        gathering ??= { first: nextSeq, groups: [], waiters: [], bytes: 0 };
        gathering.waiters.push({ resolve, reject });
        nextSeq += 1;
        if (writer.bytes >= GROUP_BYTES) seal(gathering);
        // The rest of what this turn of the event loop read from the sockets joins the group.
        writing ??= new Promise((done) => setImmediate(done)).then(flush);
      });
    },
    async exclusive(work) {
      while (writing) await writing;
      if (!running) return;
      writing = work()
        .catch((error: unknown) => stop(error, []))
        .then(flush);
      await writing;
    },
    stop(error) {
      if (running) stop(error, []);
    },
    async settled() {
      while (writing) await writing;
    },
  };
}

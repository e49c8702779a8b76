import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';
import { sizeBound } from './codec.ts';
import { createCommitter } from './commit.ts';
import { createDisk, type Disk } from './disk.ts';
import type { Spool } from './interface.ts';
import { createLevelAlarm } from './level.ts';
import { readDisk } from './reader.ts';
import type { LostFact, SpoolRecord } from './records.ts';
import { createSleepers } from './sleepers.ts';
import { createTail } from './tail.ts';

export type { Spool, SpoolStatus } from './interface.ts';
export type { LostFact, SpoolEntry, SpoolRecord } from './records.ts';

export interface SpoolOptions {
  dir: string;
  capacityBytes: number;
  /** Records kept in memory for a reader close behind; default 100,000 (and at most 32 MiB). */
  memoryRecords?: number;
  log: Logger;
  clock: Clock;
  /** The disk underneath; tests give one that fails. */
  disk?: Disk;
}

/** Bytes that may wait for a slow disk before appends are refused. */
const PENDING_BYTES = 64 * 1024 * 1024;
/** How often a failed disk is tried again. */
const RETRY_MS = 1_000;
/** Groups forgotten under one fsync; appends wait that long. */
const FORGET_KEYS = 2_000;

export function createSpool(options: SpoolOptions): Spool {
  const { capacityBytes } = options;
  const log = options.log.child({ part: 'spool' });
  const disk = options.disk ?? createDisk({ dir: options.dir, log, newId: randomUUID });
  const alarm = createLevelAlarm(capacityBytes);
  const tail = createTail({ records: options.memoryRecords ?? 100_000, bytes: 32 * 1024 * 1024 });
  const sleepers = createSleepers();
  const lostListeners = new Set<(fact: LostFact) => void>();
  const lostStarts = new Set<number>();

  let id = '';
  let state: 'new' | 'open' | 'failed' | 'closed' = 'new';
  let trimmed = 0;
  let drainedSeq = 0;
  let lastSeq = 0;
  let storedBytes = 0;
  let lost = 0;
  /** Nothing readable stands in this range, so nobody is woken for it. */
  let hollow = { from: 0, upTo: 0 };
  let oldestUndrainedAt: number | null = null;
  let refining = false;
  let retryTimer: NodeJS.Timeout | undefined;
  let disksTurn: Promise<unknown> = Promise.resolve();

  const committer = createCommitter({
    disk,
    monotonic: options.clock.monotonic,
    durable(groups, bytes, last) {
      storedBytes += bytes;
      for (const group of groups) tail.add(group);
      lastSeq = last;
      if (oldestUndrainedAt === null) moveOldest();
      updateLevel();
      sleepers.wake(lastSeq);
    },
    broken(error) {
      state = 'failed';
      log.error({ error, dir: options.dir }, 'the spool does not work; nothing is acknowledged until it does');
      updateLevel();
      planRetry();
    },
  });

  /** Reads, plans of a trim and re-opening take turns; puts go beside them. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = disksTurn.then(work);
    disksTurn = result.catch(() => undefined);
    return result;
  };

  const updateLevel = (refusing = state === 'failed') => alarm.update(storedBytes + committer.pendingBytes, refusing);

  const tellLost = (fact: LostFact) => {
    if (lostStarts.has(fact.first)) return;
    lostStarts.add(fact.first);
    lost += fact.last - fact.first + 1;
    log.error({ ...fact, spool: id }, 'spooled messages are lost');
    for (const listener of lostListeners) queueMicrotask(() => listener(fact));
  };

  const adopt = async (): Promise<number> => {
    const found = await disk.open();
    id = found.id;
    trimmed = Math.max(trimmed, found.trimmed);
    drainedSeq = Math.max(drainedSeq, trimmed);
    lastSeq = Math.max(found.lastSeq, drainedSeq);
    storedBytes = found.bytes;
    tail.clear();
    for (const gap of found.gaps) tellLost({ ...gap, reason: 'missing' });
    await refineOldest();
    return found.records;
  };

  const resume = () => {
    state = 'open';
    committer.start(lastSeq + 1);
    updateLevel();
    sleepers.wake(lastSeq);
  };

  const planRetry = () => {
    retryTimer = setTimeout(() => {
      inTurn(reopen).catch((error: unknown) => {
        log.debug({ error }, 'the spool still does not work');
        if (state === 'failed') planRetry();
      });
    }, RETRY_MS);
    retryTimer.unref();
  };

  const reopen = async () => {
    if (state !== 'failed') return;
    // Asked first, because an open store that cannot be written can still be read and drained.
    await disk.probe();
    await committer.settled();
    await disk.close();
    await adopt();
    if (state !== 'failed') return;
    resume();
    log.info({ lastSeq }, 'the spool works again');
  };

  const readFrom = async (after: number, limit: number): Promise<SpoolRecord[]> => {
    const from = Math.max(after, trimmed);
    if (from >= lastSeq || limit <= 0) return [];
    const near = tail.read(from, limit);
    if (near) return near;
    const upTo = lastSeq;
    const found = await inTurn(() => readDisk(disk, tellLost, { after: from, lastSeq: upTo, limit })).catch((error) => {
      // Re-opening repairs what cannot be read.
      if (state === 'open') committer.stop(error);
      throw new GatewayError('UNAVAILABLE', 'The spool cannot be read.', { cause: error });
    });
    if (found.length === 0) {
      hollow = { from, upTo };
      if (drainedSeq >= from && drainedSeq < upTo) {
        drainedSeq = upTo;
        moveOldest();
      }
    }
    return found;
  };

  /** Finds the receive time of the oldest undrained record where memory does not have it. */
  const refineOldest = async () => {
    for (;;) {
      const from = drainedSeq;
      const [oldest] = await readDisk(disk, tellLost, { after: from, lastSeq, limit: 1 });
      const near = drainedSeq < lastSeq ? tail.receivedAt(drainedSeq + 1) : undefined;
      if (near === undefined && from !== drainedSeq) continue;
      oldestUndrainedAt = near ?? oldest?.receivedAt ?? null;
      return;
    }
  };

  /** Until the disk has answered, the older time stands: early is safe for whoever judges silence by it, late is not. */
  const moveOldest = () => {
    const known = drainedSeq < lastSeq ? tail.receivedAt(drainedSeq + 1) : null;
    if (known !== undefined) {
      oldestUndrainedAt = known;
    } else if (!refining && state !== 'closed') {
      refining = true;
      inTurn(refineOldest)
        .catch((error: unknown) => log.warn({ error }, 'the oldest undrained record could not be read'))
        .finally(() => {
          refining = false;
        });
    }
  };

  return {
    get id() {
      return id;
    },
    async open() {
      if (state !== 'new') throw new GatewayError('CONFLICT', 'The spool was opened before.');
      const recovered = await adopt();
      resume();
      log.info({ dir: options.dir, spool: id, recovered, lastSeq }, 'spool open');
      return { recovered };
    },
    append(entry) {
      if (state === 'failed') return Promise.reject(new GatewayError('SPOOL_FULL', 'The spool cannot be written.'));
      if (state !== 'open') return Promise.reject(new GatewayError('UNAVAILABLE', 'The spool is not open.'));
      const { pendingBytes, openBytes } = committer;
      if (storedBytes + pendingBytes + openBytes + sizeBound(entry) > capacityBytes || pendingBytes > PENDING_BYTES) {
        updateLevel(true);
        return Promise.reject(new GatewayError('SPOOL_FULL'));
      }
      return committer.add(entry);
    },
    read: readFrom,
    wait(after, signal) {
      if (state === 'closed') return Promise.reject(new GatewayError('UNAVAILABLE', 'The spool is closed.'));
      const inHollow = after >= hollow.from && lastSeq <= hollow.upTo;
      return lastSeq > after && !inHollow ? Promise.resolve() : sleepers.sleep(Math.max(after, lastSeq), signal);
    },
    drained(upTo) {
      if (upTo <= drainedSeq) return;
      if (upTo > lastSeq) {
        if (!committer.idle) throw new GatewayError('CONFLICT', `Record ${upTo} was not handed out yet.`);
        tellLost({ first: lastSeq + 1, last: upTo, reason: 'missing' });
        lastSeq = upTo;
        if (state === 'open') committer.start(lastSeq + 1);
      }
      drainedSeq = upTo;
      tail.forget(drainedSeq);
      moveOldest();
    },
    async trim(upTo) {
      for (;;) {
        const limit = Math.min(upTo, drainedSeq, lastSeq);
        if (limit <= trimmed || state !== 'open') return;
        const plan = await inTurn(() => disk.planForget(limit, FORGET_KEYS));
        await committer.exclusive(async () => {
          await disk.forget(plan, lastSeq);
          trimmed = Math.max(trimmed, plan.upTo);
          storedBytes = Math.max(0, storedBytes - plan.bytes);
        });
        updateLevel();
      }
    },
    status() {
      return {
        firstSeq: trimmed + 1,
        lastSeq,
        drainedSeq,
        undrained: Math.max(0, lastSeq - drainedSeq),
        bytes: storedBytes + committer.pendingBytes,
        capacityBytes,
        oldestUndrainedAt,
        level: alarm.level,
        lost,
      };
    },
    onLevel: alarm.onLevel,
    onLost(listener) {
      lostListeners.add(listener);
      return () => {
        lostListeners.delete(listener);
      };
    },
    async close() {
      clearTimeout(retryTimer);
      await committer.settled();
      if (state === 'closed') return;
      state = 'closed';
      sleepers.fail(new GatewayError('UNAVAILABLE', 'The spool is closed.'));
      await inTurn(() => disk.close());
    },
  };
}

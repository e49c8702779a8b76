import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';
import { decodeGroup, GroupWriter, sizeBound } from './codec.ts';
import { createDisk, type Disk, groupKey } from './disk.ts';
import { createLevelAlarm, type Level } from './level.ts';
import { createTail } from './tail.ts';

/** One message as it came in. Strings are well-formed Unicode of at most 65,535 bytes. */
export interface SpoolEntry {
  via: string;
  /** `device:<id>`, `vendor:<id>` or `broker:<name>`. */
  principal: string;
  topic: string;
  payload: Uint8Array;
  /** Epoch milliseconds, may carry a microsecond fraction; kept exactly. */
  receivedAt: number;
  dup: boolean;
  retained: boolean;
  /** Code of a message recorded as refused; its payload may be empty. */
  refused?: string;
}

export interface SpoolRecord extends SpoolEntry {
  /** Number of the message in this spool, from 1; never used twice, over trims and restarts. */
  seq: number;
}

export interface SpoolStatus {
  /** First number still kept; `lastSeq + 1` when the spool is empty. */
  firstSeq: number;
  /** Last durable number = messages taken in over the spool's whole life. */
  lastSeq: number;
  drainedSeq: number;
  undrained: number;
  /** Bytes kept and waiting for their fsync; the files may be larger until LevelDB compacts them. */
  bytes: number;
  capacityBytes: number;
  /** `receivedAt` of the oldest undrained record, never later than that; null when everything is drained. */
  oldestUndrainedAt: number | null;
  level: Level;
  /** Records found damaged or missing since open. */
  lost: number;
}

/** Records `first`…`last` were acknowledged once and are gone. */
export interface LostFact {
  readonly first: number;
  readonly last: number;
  readonly reason: 'missing' | 'corrupt';
}

export interface Spool {
  /** Random id of this spool directory, created with it; names its ledger row. Empty before `open()`. */
  readonly id: string;
  /** @throws GatewayError UNAVAILABLE when the directory is in use or not writable. */
  open(): Promise<{ recovered: number }>;
  /** Resolves with the number once fsynced; rejects with GatewayError SPOOL_FULL when there is no room or no working disk. */
  append(entry: SpoolEntry): Promise<number>;
  /** Up to `limit` records above `after`, oldest first. A jump in `seq` is a loss told to {@link Spool.onLost}. */
  read(after: number, limit: number): Promise<SpoolRecord[]>;
  /** Resolves when a record above `after` is durable; rejects with the signal's reason, or UNAVAILABLE at close. */
  wait(after: number, signal: AbortSignal): Promise<void>;
  /**
   * Everything up to `upTo` is committed in the database. A number above `lastSeq` means this directory lost its tail
   * (or is an old copy): numbering goes on after it, so that no number is used twice.
   */
  drained(upTo: number): void;
  /** Forgets records, never beyond what is drained. */
  trim(upTo: number): Promise<void>;
  status(): SpoolStatus;
  onLevel(listener: (level: Level) => void): () => void;
  onLost(listener: (fact: LostFact) => void): () => void;
  /** Flushes what is waiting and closes; idempotent. */
  close(): Promise<void>;
}

export interface SpoolOptions {
  dir: string;
  capacityBytes: number;
  /** Records kept in memory for a reader close behind; default 20,000 (and at most 32 MiB). */
  memoryRecords?: number;
  log: Logger;
  clock: Clock;
  /** The disk underneath; tests give one that fails. */
  disk?: Disk;
}

/** Bytes of one group; more are put as several groups under one fsync. */
const GROUP_BYTES = 1024 * 1024;
/** Bytes that may wait for a slow disk before appends are refused. */
const PENDING_BYTES = 64 * 1024 * 1024;
/** How often a failed disk is tried again. */
const RETRY_MS = 1_000;
/** Groups forgotten under one fsync; appends wait that long. */
const FORGET_KEYS = 2_000;

interface Waiter {
  resolve(seq: number): void;
  reject(error: unknown): void;
}

/** A group on its way to disk with those who wait for it; the n-th waiter's number is `first + n`. */
interface Batch {
  first: number;
  groups: { key: Buffer; value: Buffer; first: number; count: number }[];
  waiters: Waiter[];
  bytes: number;
}

export function createSpool(options: SpoolOptions): Spool {
  const { capacityBytes } = options;
  const log = options.log.child({ part: 'spool' });
  const disk = options.disk ?? createDisk({ dir: options.dir, log, newId: randomUUID });
  const alarm = createLevelAlarm(capacityBytes);
  const tail = createTail({ records: options.memoryRecords ?? 20_000, bytes: 32 * 1024 * 1024 });
  const writer = new GroupWriter();
  const sleepers = new Set<{ after: number; wake: () => void; fail: (error: unknown) => void }>();
  const lostListeners = new Set<(fact: LostFact) => void>();
  const lostStarts = new Set<number>();

  let id = '';
  let state: 'new' | 'open' | 'failed' | 'closed' = 'new';
  let trimmed = 0;
  let drainedSeq = 0;
  let lastSeq = 0;
  let nextSeq = 1;
  let storedBytes = 0;
  let lost = 0;
  let hollow = { from: 0, upTo: 0 };
  let oldestUndrainedAt: number | null = null;
  let refining = false;
  let gathering: Batch | undefined;
  let gatheringFirst = 1;
  let pendingBytes = 0;
  let writing: Promise<void> | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
  let disksTurn: Promise<unknown> = Promise.resolve();

  /** Reads, trims and re-opening take turns; puts go beside them. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = disksTurn.then(work);
    disksTurn = result.catch(() => undefined);
    return result;
  };

  const updateLevel = (refusing = state === 'failed') => alarm.update(storedBytes + pendingBytes, refusing);

  const tellLost = (fact: LostFact) => {
    if (lostStarts.has(fact.first)) return;
    lostStarts.add(fact.first);
    lost += fact.last - fact.first + 1;
    log.error({ ...fact, spool: id }, 'spooled messages are lost');
    for (const listener of lostListeners) listener(fact);
  };

  // ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  const seal = (batch: Batch) => {
    const first = gatheringFirst;
    const group = writer.take((count, bytes) => groupKey(first, count, bytes));
    gatheringFirst += group.count;
    batch.groups.push({ ...group, first });
    batch.bytes += group.value.length;
    pendingBytes += group.value.length;
  };

  const flush = async () => {
    for (let batch = gathering; batch && state === 'open'; batch = gathering) {
      gathering = undefined;
      if (writer.count > 0) seal(batch);
      try {
        await disk.put(batch.groups);
      } catch (error) {
        fail(error, batch.waiters);
        break;
      }
      settle(batch);
    }
    writing = undefined;
  };

  const settle = (batch: Batch) => {
    pendingBytes -= batch.bytes;
    storedBytes += batch.bytes;
    for (const group of batch.groups) tail.add(group);
    lastSeq = batch.first + batch.waiters.length - 1;
    if (oldestUndrainedAt === null && drainedSeq < lastSeq) oldestUndrainedAt = tail.receivedAt(drainedSeq + 1) ?? null;
    updateLevel();
    for (let i = 0; i < batch.waiters.length; i++) batch.waiters[i]?.resolve(batch.first + i);
    wakeSleepers();
  };

  const wakeSleepers = () => {
    for (const sleeper of sleepers) if (lastSeq > sleeper.after) sleeper.wake();
  };

  /**
   * A failed write leaves LevelDB's log in an unknown state: what is appended after a torn record may be unreadable later.
   * So nothing is written any more until the store was closed and opened anew.
   */
  const fail = (error: unknown, waiters: readonly Waiter[]) => {
    state = 'failed';
    log.error({ error, dir: options.dir }, 'the spool cannot write; nothing is acknowledged until it can');
    const refusal = full('The spool cannot be written.', error);
    for (const waiter of waiters) waiter.reject(refusal);
    for (const waiter of gathering?.waiters ?? []) waiter.reject(refusal);
    if (writer.count > 0) writer.take((count, bytes) => groupKey(0, count, bytes));
    gathering = undefined;
    pendingBytes = 0;
    updateLevel();
    planRetry();
  };

  const planRetry = () => {
    retryTimer = setTimeout(() => {
      inTurn(reopen).catch((error: unknown) => {
        log.debug({ error }, 'the spool still cannot write');
        if (state === 'failed') planRetry();
      });
    }, RETRY_MS);
    retryTimer.unref();
  };

  const reopen = async () => {
    if (state !== 'failed') return;
    await disk.probe();
    await disk.close();
    await adopt();
    if (state !== 'failed') return;
    state = 'open';
    updateLevel();
    log.info({ lastSeq }, 'the spool writes again');
    wakeSleepers();
  };

  const adopt = async (): Promise<number> => {
    const found = await disk.open();
    id = found.id;
    trimmed = Math.max(trimmed, found.trimmed);
    drainedSeq = Math.max(drainedSeq, trimmed);
    lastSeq = Math.max(found.lastSeq, drainedSeq);
    nextSeq = lastSeq + 1;
    gatheringFirst = nextSeq;
    storedBytes = found.bytes;
    tail.clear();
    for (const gap of found.gaps) tellLost({ ...gap, reason: 'missing' });
    await refineOldest();
    return found.records;
  };

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  const readDisk = async (after: number, limit: number): Promise<SpoolRecord[]> => {
    const records: SpoolRecord[] = [];
    let expected = after + 1;
    for (const { group, value } of await disk.read(after, limit)) {
      if (group.first > lastSeq) break;
      if (group.first > expected) tellLost({ first: expected, last: group.first - 1, reason: 'missing' });
      const decoded = decodeGroup(group.first, group.key, value);
      if (!decoded) tellLost({ first: group.first, last: group.first + group.count - 1, reason: 'corrupt' });
      expected = group.first + group.count;
      for (const record of decoded ?? []) if (record.seq > after && records.length < limit) records.push(record);
      if (records.length >= limit) break;
    }
    // A page that held nothing but damage must not look like the end of the spool.
    if (records.length === 0 && expected > after + 1 && expected <= lastSeq) return readDisk(expected - 1, limit);
    return records;
  };

  const readFrom = async (after: number, limit: number): Promise<SpoolRecord[]> => {
    const from = Math.max(after, trimmed);
    if (from >= lastSeq || limit <= 0) return [];
    const near = tail.read(from, limit);
    if (near) return near;
    const upTo = lastSeq;
    const found = await inTurn(() => readDisk(from, limit));
    if (found.length === 0) skipHollow(from, upTo);
    return found;
  };

  /** Nothing readable stands in `from`…`upTo`: nobody is woken for it, and it is not waited for. */
  const skipHollow = (from: number, upTo: number) => {
    hollow = { from, upTo };
    if (drainedSeq >= from && drainedSeq < upTo) {
      drainedSeq = upTo;
      moveOldest();
    }
  };

  /** Finds the receive time of the oldest undrained record where memory does not have it. */
  const refineOldest = async () => {
    for (;;) {
      const from = drainedSeq;
      const [oldest] = from < lastSeq ? await readDisk(from, 1) : [];
      if (from !== drainedSeq && tail.receivedAt(drainedSeq + 1) === undefined) continue;
      oldestUndrainedAt = (from === drainedSeq ? oldest?.receivedAt : tail.receivedAt(drainedSeq + 1)) ?? null;
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
      state = 'open';
      updateLevel();
      log.info({ dir: options.dir, spool: id, recovered, lastSeq }, 'spool open');
      return { recovered };
    },
    append(entry) {
      if (state === 'failed') return Promise.reject(full('The spool cannot be written.'));
      if (state !== 'open') return Promise.reject(new GatewayError('UNAVAILABLE', 'The spool is not open.'));
      const bytes = storedBytes + pendingBytes + writer.bytes + sizeBound(entry);
      if (bytes > capacityBytes || pendingBytes > PENDING_BYTES) {
        updateLevel(true);
        return Promise.reject(full('The spool is full.'));
      }
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
    read: readFrom,
    wait(after, signal) {
      if (lastSeq > after && !(after >= hollow.from && lastSeq <= hollow.upTo)) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const leave = () => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', aborted);
        };
        const aborted = () => sleeper.fail(signal.reason);
        const sleeper = {
          after,
          wake: () => {
            leave();
            resolve();
          },
          fail: (error: unknown) => {
            leave();
            reject(error);
          },
        };
        if (state === 'closed') return reject(new GatewayError('UNAVAILABLE', 'The spool is closed.'));
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener('abort', aborted);
        sleepers.add(sleeper);
      });
    },
    drained(upTo) {
      if (upTo <= drainedSeq) return;
      if (upTo > lastSeq) {
        if (gathering || writing) throw new GatewayError('CONFLICT', `Record ${upTo} was not handed out yet.`);
        tellLost({ first: lastSeq + 1, last: upTo, reason: 'missing' });
        lastSeq = upTo;
        nextSeq = upTo + 1;
        gatheringFirst = nextSeq;
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
        // One writer at a time: a put behind a torn deletion would be acknowledged and unreadable.
        while (writing) await writing;
        if (state !== 'open') return;
        writing = disk
          .forget(plan, lastSeq)
          .then(() => {
            trimmed = plan.upTo;
            storedBytes = Math.max(0, storedBytes - plan.bytes);
            updateLevel();
          })
          .catch((error: unknown) => fail(error, []))
          .then(flush);
        await writing;
      }
    },
    status() {
      return {
        firstSeq: trimmed + 1,
        lastSeq,
        drainedSeq,
        undrained: Math.max(0, lastSeq - drainedSeq),
        bytes: storedBytes + pendingBytes,
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
      while (writing) await writing;
      if (state === 'closed') return;
      state = 'closed';
      const closed = new GatewayError('UNAVAILABLE', 'The spool is closed.');
      for (const sleeper of sleepers) sleeper.fail(closed);
      await inTurn(() => disk.close());
    },
  };
}

function full(detail: string, cause?: unknown): GatewayError {
  return new GatewayError('SPOOL_FULL', detail, { cause });
}

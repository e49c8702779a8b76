import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Reading } from '../domain/reading.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError, isGatewayError } from '../errors.ts';
import { type Committed, commitBatch, type Verdict, writeAhead } from './commit.ts';
import { type PlannedMessage, type Planner, readingsOf } from './plan.ts';
import type {
  IngestHooks,
  IngestMetrics,
  IngestStore,
  Ledger,
  SpoolPort,
  SpoolRecord,
  TimeSeriesPort,
} from './ports.ts';

export interface DrainOptions {
  readonly spool: SpoolPort;
  readonly transactor: Transactor;
  readonly store: IngestStore;
  readonly readings: TimeSeriesPort;
  readonly planner: Planner;
  readonly hooks: IngestHooks;
  readonly metrics: IngestMetrics;
  /** What became of one message, for those who look on. Synchronous and cheap. */
  readonly record?: (verdict: Verdict) => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** Messages a transaction takes at most. */
  readonly maxBatch?: number;
  /** How long a small batch waits for more, milliseconds. */
  readonly lingerMs?: number;
  /** Called after each commit with the ledger's position; says how far the spool may forget. */
  readonly trimTo: (drained: number) => number;
  /** The spool is filling up. */
  readonly crowded: () => boolean;
  /** Called once, with the ledger's position when it is first known: what stands above it was recovered. */
  readonly onPlace?: (drained: number) => void;
}

export interface Drain {
  /** Runs until the signal aborts; a database outage only makes it wait and try again. */
  run(signal: AbortSignal): Promise<void>;
  /** Asks the ledger once, so that the spool knows its place before new messages come; an outage is left to `run`. */
  prepare(): Promise<void>;
  /** Last error while draining, null when the last batch went through. */
  readonly trouble: { code: string; since: number } | null;
}

const SMALL_BATCH = 200;
const MAX_BACKOFF_MS = 2_000;
const TRIM_EVERY = 5_000;

/**
 * Moves the spool into the database, in order, one transaction a batch, exactly once by the ledger. Readings in a store
 * of their own are written before it, so a record leaves the spool only when both stores have it.
 */
export function createDrain(options: DrainOptions): Drain {
  const { spool, transactor, store, log, clock } = options;
  const maxBatch = options.maxBatch ?? 1_000;
  const lingerMs = options.lingerMs ?? 3;
  /** What the database last confirmed; null = ask it again. */
  let ledger: Ledger | null = null;
  /** A batch whose COMMIT was sent and not answered. */
  let inDoubt: { last: number; committed: Committed } | null = null;
  let trimmed = 0;
  let trouble: Drain['trouble'] = null;
  let placed = false;

  const load = async (): Promise<Ledger> => {
    if (ledger) return ledger;
    ledger = await store.ledger(transactor.autocommit, spool.id);
    // Evidence first: the monitor's clock may move on as soon as the spool calls a record drained.
    if (inDoubt && ledger.drained >= inDoubt.last) publish(inDoubt.committed, 0);
    inDoubt = null;
    spool.drained(ledger.drained);
    if (!placed) options.onPlace?.(ledger.drained);
    placed = true;
    return ledger;
  };

  const nextBatch = async (after: number, signal: AbortSignal): Promise<SpoolRecord[]> => {
    let records = await spool.read(after, maxBatch);
    if (records.length === 0) {
      await spool.wait(after, signal);
      records = await spool.read(after, maxBatch);
    }
    if (records.length < SMALL_BATCH && lingerMs > 0 && !signal.aborted) {
      await pause(lingerMs, signal);
      records = await spool.read(after, maxBatch);
    }
    return records;
  };

  const write = async (plan: readonly PlannedMessage[]): Promise<Committed> => {
    const from = await load();
    const last = plan.at(-1)?.record.seq ?? from.drained;
    const readings: Reading[] = [];
    for (const message of plan) for (const item of message.items) readings.push(...readingsOf(item));
    await options.readings.prepare(readings);
    const ahead = options.readings.transactional ? undefined : await writeAhead(transactor.autocommit, plan, options);
    let delta: Ledger | undefined;
    const committed = await transactor.transaction(async (tx) => {
      const result = await commitBatch(tx, plan, options, ahead);
      const drained = last - from.drained;
      delta = { drained, lost: drained - plan.length, ...result.counts };
      if (!(await store.advance(tx, spool.id, from.drained, delta)))
        throw new GatewayError('CONFLICT', 'the ledger was moved by another drainer');
      await options.hooks.keep?.(tx, result.evidence);
      inDoubt = { last, committed: result };
      return result;
    });
    inDoubt = null;
    if (delta) ledger = sum(from, delta);
    return committed;
  };

  /** A batch the database refuses for its content is halved until the one bad message is alone, which is quarantined. */
  const writeIsolating = async (records: readonly SpoolRecord[]): Promise<void> => {
    const started = clock.monotonic();
    try {
      publish(await write(options.planner(records)), clock.monotonic() - started);
    } catch (error) {
      if (!isContentError(error)) throw error;
      inDoubt = null;
      if (records.length === 1) {
        log.error({ error, topic: records[0]?.topic }, 'message cannot be stored; quarantined');
        const refused = [{ code: 'UNSTORABLE', detail: error.message }];
        publish(await write(records.map((record) => ({ record, items: [], refused }))), 0);
        return;
      }
      const middle = records.length >> 1;
      await writeIsolating(records.slice(0, middle));
      await writeIsolating(records.slice(middle));
    }
  };

  const publish = (committed: Committed, tookMs: number) => {
    options.planner.settled();
    options.metrics.drained(committed.counts, tookMs);
    options.hooks.observe(committed.evidence);
    for (const verdict of committed.verdicts) options.record?.(verdict);
    for (const { deviceId, ...error } of committed.replies) options.hooks.reply(deviceId, error);
  };

  /** Before waiting, so that a spool full of what an earlier process drained is not waited for in vain. */
  const makeRoom = async (drained: number) => {
    const floor = options.trimTo(drained);
    // Large messages fill the spool long before they are many.
    const worthIt = options.crowded() ? floor > trimmed : floor - trimmed >= TRIM_EVERY;
    if (!worthIt) return;
    try {
      await spool.trim(floor);
      trimmed = floor;
    } catch (error) {
      // A disk that takes no deletion can still be read, and what is read must go on to the database.
      log.warn({ error }, 'the spool cannot be trimmed');
    }
  };

  const step = async (signal: AbortSignal) => {
    const { drained: position } = await load();
    await makeRoom(position);
    const records = await nextBatch(position, signal);
    if (records.length === 0) return;
    await writeIsolating(records);
    const { drained } = await load();
    spool.drained(drained);
  };

  return {
    get trouble() {
      return trouble;
    },
    async prepare() {
      try {
        await load();
      } catch (error) {
        if (!isGatewayError(error, 'UNAVAILABLE')) throw error;
      }
    },
    async run(signal) {
      let backoff = 0;
      while (!signal.aborted) {
        try {
          await step(signal);
          if (trouble) log.info({ wasDownMs: clock.now() - trouble.since }, 'draining again');
          trouble = null;
          backoff = 0;
        } catch (error) {
          if (signal.aborted) return;
          const code = isGatewayError(error) ? error.code : 'INTERNAL';
          if (!trouble) log.error({ error }, 'cannot drain the spool; messages stay in it and draining is retried');
          trouble ??= { code, since: clock.now() };
          options.metrics.failed(code);
          ledger = null;
          backoff = Math.min(MAX_BACKOFF_MS, backoff * 2 + 100);
          await pause(backoff, signal);
        }
      }
    },
  };
}

function sum(ledger: Ledger, delta: Ledger): Ledger {
  return {
    drained: ledger.drained + delta.drained,
    stored: ledger.stored + delta.stored,
    duplicate: ledger.duplicate + delta.duplicate,
    rejected: ledger.rejected + delta.rejected,
    quarantined: ledger.quarantined + delta.quarantined,
    lost: ledger.lost + delta.lost,
  };
}

/** SQLSTATE classes 22 (data) and 23 (constraint): the content's fault. Anything else may pass by itself. */
function isContentError(error: unknown): error is Error {
  const code = (error as { code?: unknown } | null)?.code;
  return error instanceof Error && typeof code === 'string' && /^2[23]...$/.test(code);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

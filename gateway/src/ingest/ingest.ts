import type { Clock, Logger, Message } from '../../../adapters/adapter.ts';
import type { Transactor } from '../domain/tx.ts';
import { createDrain } from './drain.ts';
import { createFeedback } from './feedback.ts';
import { createIntake, type IntakeLimits, type VendorAllowance } from './intake.ts';
import { recordVerdict } from './look-on.ts';
import { createPlanner } from './plan.ts';
import type {
  DirectoryPort,
  IngestHooks,
  IngestMetrics,
  IngestStore,
  SpoolEntry,
  SpoolPort,
  TimeSeriesPort,
  TypesPort,
} from './ports.ts';
import { createRecentMessages, type RecentMessages } from './recent.ts';
import { createLateness, DEFAULT_WINDOW, type TimeWindow } from './timing.ts';
import { type Checkpointed, createTrimPolicy } from './trim.ts';

export interface IngestOptions {
  readonly spool: SpoolPort & { status(): { readonly level: string; readonly lastSeq: number } };
  readonly transactor: Transactor & { readonly checkpointed?: Checkpointed };
  readonly store: IngestStore & { forgetKeys(tx: Transactor['autocommit'], before: number): Promise<number> };
  readonly readings: TimeSeriesPort;
  readonly directory: DirectoryPort;
  readonly types: TypesPort;
  readonly metrics: IngestMetrics;
  readonly observe: IngestHooks['observe'];
  readonly keep?: NonNullable<IngestHooks['keep']> | undefined;
  /** Publishes on a device's `error` topic; rejects when it is not connected, which is no fault. */
  readonly sendError: (deviceId: string, error: object) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<IntakeLimits>;
  readonly vendors?: VendorAllowance;
  /** See {@link createIntake}. */
  readonly apartMs?: () => number;
  /** A vendor's login spoke of a device that is another's; at most once a message. */
  readonly foreign?: (vendorId: string, deviceId: string) => void;
  readonly window?: () => TimeWindow;
}

export interface Ingest {
  /** The last messages of every device with what became of them. */
  readonly recent: RecentMessages;
  /** Resolves when the message is durable. */
  accept(message: Message): Promise<void>;
  /** Drains quarantined messages again under their first receive time; they say nothing of a device's health. */
  replay(entries: readonly Pick<SpoolEntry, 'via' | 'principal' | 'topic' | 'payload' | 'receivedAt'>[]): Promise<void>;
  /** Finds its place in the ledger, then drains until stopped. */
  start(): Promise<void>;
  /** Stops draining after the batch in hand; what is left stays in the spool. */
  stop(): Promise<void>;
  /** Why the spool is not being drained; null = it is. */
  readonly trouble: { readonly code: string; readonly since: number } | null;
  /** Where every message ever taken in stands now; the equation holds by the ledger. */
  accounting(): Promise<Accounting>;
  /** Forgets message keys older than a day; call it now and then. */
  forgetOldKeys(): Promise<void>;
}

/** `received + recovered = stored + duplicate + rejected + quarantined + spooled`, over all starts. */
export interface Accounting {
  readonly received: number;
  readonly recovered: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly spooled: number;
}

const KEEP_KEYS_MS = 24 * 3_600_000;

export function createIngest(options: IngestOptions): Ingest {
  const { spool, clock, log, store, transactor } = options;
  const intake = createIntake({
    spool,
    clock,
    received(tookMs) {
      options.metrics.received(1);
      options.metrics.puback(tookMs);
    },
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.vendors ? { vendors: options.vendors } : {}),
    ...(options.apartMs ? { apartMs: options.apartMs } : {}),
  });
  const crowded = () => spool.status().level !== 'ok';
  const trim = createTrimPolicy({
    checkpointed: transactor.checkpointed,
    crowded,
    clock,
    log,
  });
  const recent = createRecentMessages({ since: clock.now() });
  let lastSeqAtStart = 0;
  const drain = createDrain({
    spool,
    transactor,
    store,
    readings: options.readings,
    planner: createPlanner({
      directory: options.directory,
      types: options.types,
      window: options.window ?? (() => DEFAULT_WINDOW),
      isLate: createLateness(),
      ...(options.foreign ? { foreign: options.foreign } : {}),
    }),
    hooks: {
      observe: options.observe,
      ...(options.keep && { keep: options.keep }),
      reply: createFeedback({ clock, send: options.sendError }),
    },
    metrics: options.metrics,
    record: (verdict) => recordVerdict(recent, verdict, (id) => options.directory.byId(id)?.key),
    clock,
    log,
    trimTo: trim.trimTo,
    crowded,
    // The spool alone cannot know: it also keeps what is drained and not yet trimmed.
    onPlace: (drained) => options.metrics.recovered(Math.max(0, lastSeqAtStart - drained)),
  });
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  return {
    recent,
    accept: intake.accept,
    async replay(entries) {
      // All at once: one write to the disk serves many of them, and they keep their order.
      await Promise.all(entries.map((entry) => intake.replay({ ...entry, dup: false, retained: true })));
    },
    async start() {
      lastSeqAtStart = spool.status().lastSeq;
      await drain.prepare();
      running ??= drain.run(stopping.signal);
    },
    async stop() {
      stopping.abort();
      trim.stop();
      await running;
    },
    get trouble() {
      return drain.trouble;
    },
    async accounting() {
      const db = transactor.autocommit;
      const [own, others] = [await store.ledger(db, spool.id), await store.otherLedgers(db, spool.id)];
      const stored = own.stored + others.stored;
      const duplicate = own.duplicate + others.duplicate;
      const rejected = own.rejected + others.rejected;
      const quarantined = own.quarantined + others.quarantined;
      // The ledger is read first, so the spool can only have grown since.
      const spooled = spool.status().lastSeq - own.drained;
      const received = stored + duplicate + rejected + quarantined + spooled;
      return { received, recovered: 0, stored, duplicate, rejected, quarantined, spooled };
    },
    async forgetOldKeys() {
      const before = clock.now() - KEEP_KEYS_MS;
      while ((await store.forgetKeys(transactor.autocommit, before)) > 0 && !stopping.signal.aborted);
    },
  };
}

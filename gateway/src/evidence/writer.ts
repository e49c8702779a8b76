import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { MessageEvidence } from '../domain/evidence.ts';
import type { EvidenceSource } from '../domain/evidence-rows.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { repeat, type Task } from '../schedule.ts';
import { encodeFacts, encodeMessages, type Fact } from './codec.ts';
import type { EvidenceStore, Hearer } from './ports.ts';

export interface EvidenceWriterOptions {
  readonly store: Pick<EvidenceStore, 'write' | 'tell' | 'withdraw' | 'forget'>;
  readonly transactor: Transactor;
  /** Name of the data directory; known once the spool is open. */
  readonly source: () => string;
  readonly node: string;
  /** Paths this process hears, and how far what it heard is told or on its disk. */
  readonly paths: readonly {
    readonly path: string;
    /** Messages on the disk and the receive time of the oldest; null = this path keeps nothing there. */
    readonly kept: (() => { readonly undrained: number; readonly oldestUndrainedAt: number | null }) | null;
  }[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Stands in for the judge where the judge is another process: everything goes through the database. */
export interface EvidenceWriter extends Hearer {
  /** Writes evidence of messages into the transaction that stores them: told exactly when stored. */
  keep(tx: Tx, evidence: readonly MessageEvidence[]): Promise<void>;
  pathUp(path: string): void;
  pathDown(path: string, reason: string): void;
  start(): void;
  /** Tells what is left and that this process hears nothing any more. */
  stop(): Promise<void>;
  stats(): { readonly waiting: number; readonly lost: number };
}

const TELL_EVERY_MS = 500;
const FLUSH_AFTER_MS = 50;
const FACTS_A_ROW = 1_000;
/** What cannot be told for an outage of the database; the oldest go first, a newer look at a device says more. */
const MAX_WAITING = 50_000;
/** What nobody took for so long says nothing of how devices are now; their events are in the database by themselves. */
const STALE_MS = 15 * 60_000;
const FORGET_EVERY = 120;
/** A message may have its receive time and not be on the disk yet. */
const UNDERWAY_MS = 250;

export function createEvidenceWriter(options: EvidenceWriterOptions): EvidenceWriter {
  const { store, transactor, clock, log, paths, node } = options;
  const deaf = new Map<string, string | null>(paths.map(({ path }) => [path, 'notConnected']));
  let waiting: { readonly at: number; readonly fact: Fact }[] = [];
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let task: Task | undefined;
  let rounds = 0;
  let open = true;

  const add = (fact: Fact) => {
    if (waiting.length >= MAX_WAITING) {
      waiting = waiting.slice(-MAX_WAITING / 2);
      lost += MAX_WAITING / 2;
      log.error({ lost }, 'what was heard of devices could not be told; the oldest is forgotten');
    }
    waiting.push({ at: clock.now(), fact });
    if (open) timer ??= setTimeout(flushSoon, FLUSH_AFTER_MS);
  };

  function flushSoon(): void {
    timer = undefined;
    flush().catch((error) => log.debug({ error }, 'what was heard of devices cannot be told yet'));
  }

  /** One writer at a time, so that what one process heard keeps its order. */
  function flush(): Promise<void> {
    flushing ??= write().finally(() => {
      flushing = undefined;
    });
    return flushing;
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, FACTS_A_ROW);
      const dropped = lost;
      await store.write(transactor.autocommit, options.source(), encodeFacts(batch.map(({ fact }) => fact)));
      // Meanwhile the oldest may have been forgotten, these among them.
      waiting.splice(0, Math.max(0, batch.length - (lost - dropped)));
    }
  }

  /** Read before it is written: what comes meanwhile is later than the time told. */
  const told = (): EvidenceSource[] => {
    const now = clock.now() - UNDERWAY_MS;
    const facts = waiting[0]?.at ?? now;
    return paths.map(({ path, kept }) => {
      const { undrained = null, oldestUndrainedAt = null } = kept?.() ?? {};
      const heardTo = Math.min(now, facts, oldestUndrainedAt ?? now);
      return { source: options.source(), path, node, heardTo, deaf: deaf.get(path) ?? null, undrained };
    });
  };

  const tell = async () => {
    await flush();
    if (paths.length > 0) await store.tell(transactor.autocommit, told());
    rounds += 1;
    if (rounds % FORGET_EVERY !== 0) return;
    const forgotten = await store.forget(transactor.autocommit, STALE_MS);
    if (forgotten > 0) log.warn({ forgotten }, 'nobody judged what was heard of devices for a quarter of an hour');
  };

  return {
    async keep(tx, evidence) {
      if (evidence.length > 0) await store.write(tx, options.source(), encodeMessages(evidence));
    },
    observe: () => undefined,
    link: (evidence) => add(['link', evidence]),
    probe(evidence) {
      // A path that cannot hear fails every probe, and none of them says anything about a camera.
      if (!evidence.ok && deaf.get(evidence.path)) return;
      add(['probe', evidence]);
    },
    sign: (evidence) => add(['sign', evidence]),
    condition: (evidence) => add(['condition', evidence]),
    vendorLink: (evidence) => add(['vendorLink', evidence]),
    lifecycleChanged: (device) => add(['lifecycleChanged', device]),
    decideAgain: (devices) => add(['decideAgain', devices]),
    pathUp: (path) => void (deaf.has(path) && deaf.set(path, null)),
    pathDown: (path, reason) => void (deaf.has(path) && deaf.set(path, reason)),
    start() {
      task = repeat({ name: 'evidence', everyMs: TELL_EVERY_MS, firstAfterMs: 0, log }, tell);
    },
    async stop() {
      open = false;
      clearTimeout(timer);
      await task?.stop();
      try {
        await flush();
        const left = told();
        await store.tell(transactor.autocommit, left);
        // Nothing on the disk: nobody need wait for us.
        for (const { source, path, undrained } of left) {
          if (!undrained) await store.withdraw(transactor.autocommit, source, path);
        }
      } catch (error) {
        log.error({ error, waiting: waiting.length }, 'what was heard of devices could not be told at the end');
      }
    },
    stats: () => ({ waiting: waiting.length, lost }),
  };
}

import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Difference, Subscription } from '../domain/exchange.ts';
import type { Transactor } from '../domain/tx.ts';
import type { CheckTarget } from '../outbound.ts';
import { repeat, type Task } from '../schedule.ts';
import { fitting, messageOf } from './message.ts';
import { type DeliveryStore, type PendingDelivery, type Secrets, secretContext } from './ports.ts';
import { type PostResult, post } from './post.ts';

/** Durations in milliseconds. */
export interface CourierSettings {
  readonly pollEvery: number;
  /** One try, from start to end. */
  readonly sendWithin: number;
  readonly maxItems: number;
  readonly maxBytes: number;
  /** A subscription whose worker died is taken up by another one after this. */
  readonly leaseFor: number;
  /** The first wait after a failure, doubled each time up to the longest. */
  readonly firstWait: number;
  readonly longestWait: number;
  readonly keepFor: number;
}

export const DEFAULT_COURIER_SETTINGS: CourierSettings = {
  pollEvery: 1_000,
  sendWithin: 15_000,
  maxItems: 500,
  maxBytes: 512 * 1024,
  leaseFor: 60_000,
  firstWait: 2_000,
  longestWait: 300_000,
  keepFor: 30 * 86_400_000,
};

const PRUNE_EVERY = 3_600_000;
const PRUNE_BATCH = 2_000;
const SIGNS_KEPT = 86_400_000;
/** So many single items refused one after the other: now it may be the platform and not the items. */
const SUSPICIOUS = 3;

export interface Courier {
  start(): void;
  /** Looks for what is due now. */
  kick(): void;
  /** Ends the tries that run without recording them: they go out again with the same key. */
  stop(): Promise<void>;
}

/**
 * Brings every subscriber what differs from what it has. A message is stored before it is sent and goes out with the
 * same key and bytes until it is answered, so nothing is lost and nothing overtakes; each subscription has a worker of
 * its own, so a platform that hangs holds up nobody else.
 */
export function createCourier(options: {
  readonly store: DeliveryStore;
  readonly transactor: Transactor;
  readonly secrets: Secrets;
  readonly checkTarget: CheckTarget;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings?: Partial<CourierSettings>;
  readonly onTried?: (outcome: PostResult['outcome']) => void;
  /** In [0, 1); spreads the retries. */
  readonly random?: () => number;
}): Courier {
  const { store, transactor, clock, log } = options;
  const db = transactor.autocommit;
  const settings = { ...DEFAULT_COURIER_SETTINGS, ...options.settings };
  const random = options.random ?? Math.random;
  const ending = new AbortController();
  const owner = randomUUID();
  const workers = new Map<string, Promise<void>>();
  let poll: Task | undefined;
  let prune: Task | undefined;

  const keep = (id: string) => store.lease(db, id, owner, clock.now() + settings.leaseFor, clock.now());

  async function look(): Promise<void> {
    for (const id of await store.due(db, clock.now())) {
      if (ending.signal.aborted) return;
      if (workers.has(id)) continue;
      const worker = work(id)
        .catch((error: unknown) => log.error({ subscription: id, error }, 'handing over failed'))
        .finally(() => workers.delete(id));
      workers.set(id, worker);
    }
  }

  async function work(id: string): Promise<void> {
    if (!(await keep(id))) return;
    try {
      await round(id);
    } catch (error) {
      // What broke is ours; it must not be tried every second.
      await store.failed(db, id, { nextAt: clock.now() + settings.longestWait / 10, error: 'INTERNAL' });
      throw error;
    } finally {
      await store.release(db, id, owner);
    }
  }

  /** From the first object to the last, and what was begun before. */
  async function round(id: string): Promise<void> {
    const startedAt = clock.now();
    let after: string | null = '';
    let spoke = false;
    while (!ending.signal.aborted && (await keep(id))) {
      const subscription = await store.subscription(db, id);
      if (!subscription) return;
      const pending = await store.pending(db, id);
      if (pending) {
        const outcome = await attempt(subscription, pending);
        if (outcome === 'failed') return;
        spoke = true;
        if (outcome === 'refused') after = '';
      } else if (after !== null) {
        after = await prepareNext(subscription, after);
      } else if (!spoke) {
        // Also a platform for which there is no news is asked whether it is there.
        await prepare(subscription, []);
      } else {
        return complete(subscription, startedAt);
      }
    }
  }

  async function complete({ id, dataSet, refused }: Subscription, startedAt: number): Promise<void> {
    const set = (await store.dataSets(db)).find((one) => one.id === dataSet);
    const now = clock.now();
    await store.complete(db, id, { startedAt, nextAt: now + (set?.period ?? settings.longestWait), now });
    await store.setBacklog(db, id, refused);
  }

  /** Makes a message of what comes next, if anything does; answers where to go on. */
  async function prepareNext(subscription: Subscription, after: string): Promise<string | null> {
    const { batchLimit } = await store.progress(db, subscription.id);
    const most = Math.min(settings.maxItems, batchLimit ?? settings.maxItems);
    const found = await store.differences(db, subscription, after, clock.now(), most);
    if (found.items.length === 0) return found.next;
    const items = fitting(found.items, settings.maxBytes);
    await prepare(subscription, items);
    return items.length < found.items.length ? (items.at(-1)?.object ?? null) : found.next;
  }

  function prepare(subscription: Subscription, items: readonly Difference[]): Promise<void> {
    const { id, dataSet, completeAt } = subscription;
    return transactor.transaction(async (tx) => {
      const now = clock.now();
      const sequence = await store.nextSequence(tx, id);
      const kind = items.length === 0 ? 'unchanged' : completeAt === null ? 'full' : 'changes';
      const message = messageOf({ subscriptionId: id, dataSet, sequence, kind, items, now });
      await store.addDelivery(tx, { ...message, subscriptionId: id, sequence, kind, now });
    });
  }

  async function attempt(subscription: Subscription, pending: PendingDelivery): Promise<PostResult['outcome']> {
    const { id, dataSet } = subscription;
    const peer = await store.peer(db, subscription.peerId);
    if (!peer) return 'failed';
    const target = { ...peer, secret: options.secrets.open(peer.secret, secretContext(peer.id)) };
    const result = await post({ to: dataSet, key: pending.key, body: pending.body }, target, options, {
      signal: ending.signal,
      within: settings.sendWithin,
    });
    if (ending.signal.aborted && result.outcome !== 'taken') return 'failed';
    options.onTried?.(result.outcome);
    const { refusals, failures } = await store.progress(db, id);
    // A platform that refuses one item after the other is asked at the pace of one that is broken.
    const slower = result.outcome === 'refused' && pending.items <= 1 && refusals >= SUSPICIOUS;
    const ended = result.outcome === 'failed' || pending.items === 0;
    await transactor.transaction(async (tx) => {
      const now = clock.now();
      const tried = { ...result, now, detail: result.detail.slice(0, 500) };
      if (result.outcome === 'taken') {
        await store.tried(tx, pending.id, { ...tried, state: 'delivered' });
        await store.taken(tx, id, pending.id, result.latencyMs, settings.maxItems, now);
        return;
      }
      if (ended) await store.tried(tx, pending.id, { ...tried, state: 'sending' });
      else {
        await store.tried(tx, pending.id, { ...tried, state: 'refused' });
        const single = pending.items === 1;
        if (single) await store.setAside(tx, id, pending.id, now);
        await store.refused(tx, id, { batchLimit: Math.ceil(pending.items / 2), single, error: tried.detail });
      }
      if (ended || slower) {
        const wait = Math.max(result.retryAfter ?? 0, waitAfter(failures));
        await store.failed(tx, id, { nextAt: now + wait, error: tried.detail });
      }
    });
    if (result.outcome === 'taken') return 'taken';
    log.warn({ subscription: id, status: result.status, detail: result.detail }, 'the upper platform did not take it');
    if (!ended && !slower) return 'refused';
    await store.setBacklog(db, id, await store.backlog(db, subscription, clock.now()));
    return 'failed';
  }

  function waitAfter(failures: number): number {
    const full = Math.min(settings.longestWait, settings.firstWait * 2 ** Math.min(failures, 20));
    return Math.round(full * (0.5 + random() / 2));
  }

  return {
    start() {
      poll ??= repeat({ name: 'exchange', everyMs: settings.pollEvery, firstAfterMs: 0, log }, look);
      prune ??= repeat({ name: 'exchange prune', everyMs: PRUNE_EVERY, log }, async () => {
        const now = clock.now();
        const some = () => store.pruneDeliveries(db, now - settings.keepFor, now - SIGNS_KEPT, PRUNE_BATCH);
        while ((await some()) === PRUNE_BATCH);
      });
    },
    kick: () => poll?.kick(),
    async stop() {
      ending.abort();
      await Promise.all([poll?.stop(), prune?.stop()]);
      await Promise.all(workers.values());
    },
  };
}

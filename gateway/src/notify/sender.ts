import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Contact, LeasedRow, OutboxResult, SendingChannel } from '../domain/notification-rows.ts';
import type { Transactor } from '../domain/tx.ts';
import { repeat, type Task } from '../schedule.ts';
import { backoff, channelPause } from './backoff.ts';
import type { Channel, SendResult } from './channel.ts';
import { digestOf, messagesOf, type Wording } from './message.ts';
import { createPace, type Planned } from './pace.ts';
import type { CareStore, ChannelStore, OutboxStore, PaceStore, Secrets } from './ports.ts';

export interface SenderOptions {
  readonly store: OutboxStore & PaceStore & Pick<ChannelStore, 'channel'> & Pick<CareStore, 'contacts' | 'forget'>;
  readonly transactor: Transactor;
  readonly channels: readonly Channel[];
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeZone?: string;
  /** What the type of these devices calls an alarm or event; its code is sent without. */
  readonly titleOf?: (code: string, deviceIds: readonly string[]) => Title | undefined;
  readonly settings?: Partial<SenderSettings>;
  /** Where a notice about life and limb can be acknowledged without a login. */
  readonly linkFor?: (row: LeasedRow, channelId: string) => string | undefined;
  readonly ticketUrl?: Wording['ticketUrl'];
  /** Told of every try, for metrics. */
  readonly onTried?: (channelKind: string, outcome: SendResult['outcome']) => void;
  /** In [0, 1); spreads the retries. */
  readonly random?: () => number;
}

/** Durations in milliseconds. */
export interface SenderSettings {
  /** How often due rows are looked for; bounds the delay of a life-safety notice. */
  readonly pollEvery: number;
  /** One try, from start to end. */
  readonly sendWithin: number;
  readonly sendWithinLifeSafety: number;
  /** Tries at once per channel and queue. */
  readonly concurrency: number;
  /** Tries before a notice is a dead letter. */
  readonly maxAttempts: number;
  readonly maxAttemptsLifeSafety: number;
  /** How long what is over stays listed. */
  readonly keepFor: number;
}

export const DEFAULT_SENDER_SETTINGS: SenderSettings = {
  pollEvery: 500,
  sendWithin: 10_000,
  sendWithinLifeSafety: 5_000,
  concurrency: 8,
  maxAttempts: 20,
  maxAttemptsLifeSafety: 500,
  keepFor: 30 * 86_400_000,
};

export interface Sender {
  start(): void;
  /** Looks for due rows now. */
  kick(): void;
  /** No try starts after this; resolves when the last one is over and marked. */
  stop(): Promise<void>;
}

/** A lease outlives the try by this much, so that nobody sends a row a second time while its result is being marked. */
const LEASE_MARGIN = 30_000;
/** About life and limb a repetition after a crash is better than a wait. */
const LEASE_MARGIN_LIFE_SAFETY = 2_000;
/** Also a platform that asks for ten minutes is asked again after one. */
const LONGEST_WAIT_LIFE_SAFETY = 60_000;
const PRUNE_EVERY = 3_600_000;
const PRUNE_BATCH = 5_000;

/**
 * Empties the outbox, at least once: a crash between sending and marking sends again under the same key. Every channel
 * has a worker of its own for each of the two queues, so neither a dead receiver nor a backlog holds up anybody else's
 * notices, and none holds up life safety.
 */
export function createSender(options: SenderOptions): Sender {
  const { store, transactor, clock, log, secrets } = options;
  const settings = { ...DEFAULT_SENDER_SETTINGS, ...options.settings };
  const timeZone = options.timeZone ?? 'Asia/Shanghai';
  const titleOf = options.titleOf ?? (() => undefined);
  const random = options.random ?? Math.random;
  const kinds = new Map(options.channels.map((channel) => [channel.name, channel]));
  const pace = createPace({ store, transactor, clock });

  const ending = new AbortController();
  const workers = new Map<string, Promise<void>>();
  /** Channels that fail again and again or have no room: when to look at them next (monotonic), and how often they failed. */
  const pauses = new Map<string, { until: number; failures: number }>();
  /** Parts of long messages that are out already, by row: a retry goes on behind them. */
  const partsOut = new Map<string, number>();
  let poll: Task | undefined;
  let prune: Task | undefined;

  async function look(): Promise<void> {
    for (const { channelId, lifeSafety } of await store.dueChannels(transactor.autocommit, clock.now())) {
      const name = `${lifeSafety ? 'lifeSafety' : 'usual'} ${channelId}`;
      if (ending.signal.aborted || workers.has(name) || (pauses.get(name)?.until ?? 0) > clock.monotonic()) continue;
      const worker = drain(name, channelId, lifeSafety)
        .catch((error: unknown) => log.error({ channelId, error }, 'sending notices failed'))
        .finally(() => workers.delete(name));
      workers.set(name, worker);
    }
  }

  async function drain(name: string, channelId: string, lifeSafety: boolean): Promise<void> {
    while (!ending.signal.aborted) {
      const record = await store.channel(transactor.autocommit, channelId);
      if (!record) return;
      const channel = kinds.get(record.kind);
      const room = await pace.room(record, channel?.limits, lifeSafety, settings.concurrency);
      if (room.messages === 0) {
        if (room.notBefore !== null) pauseUntil(name, room.notBefore);
        return;
      }
      const owner = randomUUID();
      const now = clock.now();
      const within = lifeSafety ? settings.sendWithinLifeSafety : settings.sendWithin;
      const spaced = room.rows * (channel?.limits?.spacing ?? 0);
      const until = now + within + spaced + (lifeSafety ? LEASE_MARGIN_LIFE_SAFETY : LEASE_MARGIN);
      const rows = await store.lease(transactor.autocommit, {
        ...{ channelId, lifeSafety, owner, until, now },
        limit: room.rows,
      });
      if (rows.length === 0) return;
      const results = await attemptAll(record, channel, rows, room.merged, owner, within);
      await store.finish(transactor.autocommit, results, owner, clock.now());
      if (paused(name, lifeSafety, results)) return;
    }
  }

  async function attemptAll(
    record: SendingChannel,
    channel: Channel | undefined,
    rows: readonly LeasedRow[],
    merged: boolean,
    owner: string,
    within: number,
  ): Promise<OutboxResult[]> {
    const over = (state: 'skipped' | 'dead', detail: string) => (row: LeasedRow) => ({
      ...{ id: row.id, nextAt: null, state, detail },
    });
    if (!channel) return rows.map(over('dead', `unknown channel kind ${record.kind}`));
    const wanted = rows.filter((row) => row.wanted);
    const skipped = rows.filter((row) => !row.wanted).map(over('skipped', 'its firing never went out'));
    const wording: Wording = {
      timeZone,
      titleOf,
      contacts: await contactsOf(wanted),
      ...(options.ticketUrl ? { ticketUrl: options.ticketUrl } : {}),
      ...(options.linkFor ? { linkFor: (row: LeasedRow) => options.linkFor?.(row, record.id) } : {}),
    };
    const plans = await planned(channel, wanted, merged, owner, wording);
    const sent = await Promise.all(plans.map((plan) => deliver(record, channel, plan, within)));
    return [...skipped, ...sent.flat()];
  }

  async function planned(
    channel: Channel,
    rows: readonly LeasedRow[],
    merged: boolean,
    owner: string,
    wording: Wording,
  ): Promise<Planned[]> {
    if (!merged || !channel.limits)
      return rows.map((row) => ({ rows: [row], messages: messagesOf(row, channel, wording) }));
    const digest = digestOf(rows, channel, channel.limits, wording);
    if (!digest) return [];
    await store.release(
      transactor.autocommit,
      digest.left.map((row) => row.id),
      owner,
    );
    return [{ rows: digest.taken, messages: digest.messages }];
  }

  async function contactsOf(rows: readonly LeasedRow[]): Promise<Map<string, Contact>> {
    const ids = [...new Set(rows.flatMap(({ notice }) => notice.assigneeId ?? []))];
    if (ids.length === 0) return new Map();
    // Whom to call out by name is a help; without it the notice goes all the same.
    const contacts = await store.contacts(transactor.autocommit, ids).catch((error: unknown) => {
      log.warn({ error }, 'nobody is called out by name: their contacts cannot be read');
      return [];
    });
    return new Map(contacts.map((contact) => [contact.userId, contact]));
  }

  /** Sends the messages of a plan one behind the other and says what that means for its rows. */
  async function deliver(
    record: SendingChannel,
    channel: Channel,
    plan: Planned,
    within: number,
  ): Promise<OutboxResult[]> {
    const [first] = plan.messages;
    if (!first) return [];
    const secret = record.secret ? secrets.open(record.secret, `channel:${record.id}`) : null;
    const lifeSafety = plan.rows.some((row) => row.lifeSafety);
    const name = `${record.id} ${first.key}`;
    const parts = plan.messages.slice(partsOut.get(name) ?? 0);
    let result: SendResult = (await pace.more(record, channel.limits, lifeSafety, parts.length - 1)) ?? {
      outcome: 'sent',
      detail: 'ok',
    };
    for (const message of result.outcome === 'sent' ? parts : []) {
      await pace.turn(record.id, channel.limits);
      const deadline = clock.now() + within;
      const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(within)]);
      result = await channel.send(message, record.config, { signal, deadline, secret }).catch(
        // A channel that throws is a bug of ours; the notice must survive it.
        (error: unknown): SendResult => ({ outcome: 'retry', detail: `channel failed: ${String(error)}` }),
      );
      options.onTried?.(channel.name, result.outcome);
      if (result.outcome !== 'sent') break;
      if (plan.messages.length > 1) partsOut.set(name, (partsOut.get(name) ?? 0) + 1);
    }
    if (result.throttled) {
      log.warn({ channelId: record.id, detail: result.detail }, 'the platform asks for less');
      await store.rest(transactor.autocommit, record.id, clock.now() + (result.retryAfter ?? 0));
    }
    const results = plan.rows.map((row) => judge(row, result, record.id, first.key));
    if (results.every(({ state }) => state !== 'retry')) partsOut.delete(name);
    return results;
  }

  function judge(row: LeasedRow, result: SendResult, channelId: string, message: string): OutboxResult {
    const { detail } = result;
    if (result.outcome === 'sent') return { id: row.id, state: 'sent', detail, nextAt: null, message };
    const most = row.lifeSafety ? settings.maxAttemptsLifeSafety : settings.maxAttempts;
    if (result.outcome === 'permanent' || (row.attempts >= most && !result.throttled)) {
      log.error({ channelId, idempotencyKey: row.key, attempts: row.attempts, detail }, 'notice is a dead letter');
      return { id: row.id, state: 'dead', detail, nextAt: null };
    }
    const usual = Math.max(result.retryAfter ?? 0, backoff(row.attempts, row.lifeSafety, random()));
    const wait = row.lifeSafety ? Math.min(usual, LONGEST_WAIT_LIFE_SAFETY) : usual;
    return { id: row.id, state: 'retry', detail, nextAt: clock.now() + wait, uncounted: result.throttled === true };
  }

  function pauseUntil(name: string, at: number): void {
    const failures = pauses.get(name)?.failures ?? 0;
    pauses.set(name, { failures, until: clock.monotonic() + Math.max(0, at - clock.now()) });
  }

  /** A receiver that answers nothing is asked less often, instead of once for every waiting row. */
  function paused(name: string, lifeSafety: boolean, results: readonly OutboxResult[]): boolean {
    if (results.length === 0 || results.some((result) => result.state !== 'retry')) {
      pauses.delete(name);
      return false;
    }
    const failures = (pauses.get(name)?.failures ?? 0) + 1;
    pauses.set(name, { failures, until: clock.monotonic() + channelPause(failures, lifeSafety) });
    return true;
  }

  return {
    start() {
      poll ??= repeat({ name: 'notices', everyMs: settings.pollEvery, firstAfterMs: 0, log }, look);
      prune ??= repeat({ name: 'notices prune', everyMs: PRUNE_EVERY, log }, async () => {
        const before = clock.now() - settings.keepFor;
        while ((await store.prune(transactor.autocommit, before, PRUNE_BATCH)) === PRUNE_BATCH);
        while ((await store.forget(transactor.autocommit, before, PRUNE_BATCH)) === PRUNE_BATCH);
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

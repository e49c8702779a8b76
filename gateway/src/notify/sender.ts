import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Notice } from '../domain/notice.ts';
import type { LeasedRow, OutboxResult } from '../domain/notification-rows.ts';
import type { Transactor } from '../domain/tx.ts';
import type { Language } from '../messages/index.ts';
import { repeat, type Task } from '../schedule.ts';
import { backoff, channelPause } from './backoff.ts';
import type { Channel, SendResult } from './channel.ts';
import type { ChannelStore, OutboxStore, Secrets } from './ports.ts';
import { render } from './render.ts';

export interface SenderOptions {
  readonly store: OutboxStore & Pick<ChannelStore, 'channel'>;
  readonly transactor: Transactor;
  readonly channels: readonly Channel[];
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly language?: Language;
  readonly timeZone?: string;
  /** What the type of these devices calls an alarm or event; its code is sent without. */
  readonly titleOf?: (code: string, deviceIds: readonly string[]) => Title | undefined;
  readonly settings?: Partial<SenderSettings>;
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
  const language = options.language ?? 'zh-CN';
  const timeZone = options.timeZone ?? 'Asia/Shanghai';
  const titleOf = ({ fault, devices }: Notice) =>
    options.titleOf?.(
      fault,
      devices.map(({ id }) => id),
    );
  const random = options.random ?? Math.random;
  const kinds = new Map(options.channels.map((channel) => [channel.name, channel]));

  const ending = new AbortController();
  const workers = new Map<string, Promise<void>>();
  /** Channels that fail again and again: when to look at them next (monotonic), and how often they failed. */
  const pauses = new Map<string, { until: number; failures: number }>();
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
      const owner = randomUUID();
      const now = clock.now();
      const within = lifeSafety ? settings.sendWithinLifeSafety : settings.sendWithin;
      const until = now + within + (lifeSafety ? LEASE_MARGIN_LIFE_SAFETY : LEASE_MARGIN);
      const limit = settings.concurrency;
      const rows = await store.lease(transactor.autocommit, { channelId, lifeSafety, owner, until, now, limit });
      if (rows.length === 0) return;
      const results = await attemptAll(channelId, rows, within);
      await store.finish(transactor.autocommit, results, owner, clock.now());
      if (paused(name, lifeSafety, results)) return;
    }
  }

  async function attemptAll(channelId: string, rows: readonly LeasedRow[], within: number): Promise<OutboxResult[]> {
    const record = await store.channel(transactor.autocommit, channelId);
    const channel = record && kinds.get(record.kind);
    const secret = record?.secret ? secrets.open(record.secret, `channel:${record.id}`) : null;
    return Promise.all(
      rows.map(async (row): Promise<OutboxResult> => {
        const over = { id: row.id, nextAt: null };
        if (!row.wanted) return { ...over, state: 'skipped', detail: 'its firing never went out' };
        if (!channel) return { ...over, state: 'dead', detail: `unknown channel kind ${record?.kind ?? channelId}` };
        const deadline = clock.now() + within;
        const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(within)]);
        const message = {
          key: row.key,
          notice: row.notice,
          ...render(row.notice, language, timeZone, titleOf(row.notice)),
        };
        const result = await channel.send(message, record.config, { signal, deadline, secret }).catch(
          // A channel that throws is a bug of ours; the notice must survive it.
          (error: unknown): SendResult => ({ outcome: 'retry', detail: `channel failed: ${String(error)}` }),
        );
        options.onTried?.(channel.name, result.outcome);
        return judge(row, result, channelId);
      }),
    );
  }

  function judge(row: LeasedRow, result: SendResult, channelId: string): OutboxResult {
    const { detail } = result;
    if (result.outcome === 'sent') return { id: row.id, state: 'sent', detail, nextAt: null };
    const most = row.lifeSafety ? settings.maxAttemptsLifeSafety : settings.maxAttempts;
    if (result.outcome === 'permanent' || row.attempts >= most) {
      log.error({ channelId, idempotencyKey: row.key, attempts: row.attempts, detail }, 'notice is a dead letter');
      return { id: row.id, state: 'dead', detail, nextAt: null };
    }
    const wait = Math.max(result.retryAfter ?? 0, backoff(row.attempts, row.lifeSafety, random()));
    return { id: row.id, state: 'retry', detail, nextAt: clock.now() + wait };
  }

  /** A receiver that answers nothing is asked less often, instead of once for every waiting row. */
  function paused(name: string, lifeSafety: boolean, results: readonly OutboxResult[]): boolean {
    if (results.some((result) => result.state !== 'retry')) {
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

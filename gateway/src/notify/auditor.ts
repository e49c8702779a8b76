import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { type Notice, OF_NO_DEVICE } from '../domain/notice.ts';
import type { ChannelRecord, StuckRow } from '../domain/notification-rows.ts';
import type { Transactor } from '../domain/tx.ts';
import { type Language, text, textOr } from '../messages/index.ts';
import { repeat, type Task } from '../schedule.ts';
import type { Channel } from './channel.ts';
import type { Outbox } from './outbox.ts';
import type { AuditorStore, ChannelStore, Secrets } from './ports.ts';

export interface AuditorOptions {
  readonly store: AuditorStore & Pick<ChannelStore, 'channels' | 'channel'>;
  readonly transactor: Transactor;
  readonly outbox: Pick<Outbox, 'add'>;
  readonly channels: readonly Channel[];
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  /** For `/readyz`. */
  readonly readiness?: {
    set(part: string, state: 'ready' | 'degraded', reason: string, detail?: string): void;
  };
  /** For the metrics: how many of each kind stand still; a kind that is not named has none. */
  readonly onFound?: (found: readonly StuckRow[]) => void;
}

const EVERY_MS = 60_000;
const PING_WITHIN_MS = 10_000;
const HOUR = 3_600_000;

/**
 * Looks every minute whether anything stands still that should move: tickets, notices, held incidents, life and limb.
 * Only when all is sound does the sign of life go out, so a watcher outside learns also of what cannot tell of itself.
 */
export function createAuditor(options: AuditorOptions) {
  const { store, transactor, outbox, clock, log, readiness, secrets } = options;
  const kinds = new Map(options.channels.map((channel) => [channel.name, channel]));
  const ending = new AbortController();
  let task: Task | undefined;

  async function audit(): Promise<readonly StuckRow[]> {
    const found = await store.stuck(transactor.autocommit, clock.now());
    options.onFound?.(found);
    if (found.length === 0) {
      readiness?.set('auditor', 'ready', 'ok');
      await ping();
      return found;
    }
    const detail = found.map(({ code, count }) => `${code} ${count}`).join(', ');
    readiness?.set('auditor', 'degraded', 'SOMETHING_STUCK', detail);
    log.error({ found }, 'the auditor found what stands still');
    await transactor.transaction((tx) => outbox.add(tx, [noticeOf(found, clock.now())]));
    return found;
  }

  async function ping(): Promise<void> {
    const all = await store.channels(transactor.autocommit);
    const watchers = all.filter(({ kind, enabled }) => enabled && kinds.get(kind)?.signalOnly);
    await Promise.all(watchers.map(pingOne));
  }

  async function pingOne({ id }: ChannelRecord): Promise<void> {
    const record = await store.channel(transactor.autocommit, id);
    const channel = record && kinds.get(record.kind);
    if (!channel) return;
    const result = await channel.send(
      { key: `alive:${clock.now()}`, notice: noticeOf([], clock.now()), title: '', text: '' },
      record.config,
      {
        signal: AbortSignal.any([ending.signal, AbortSignal.timeout(PING_WITHIN_MS)]),
        deadline: clock.now() + PING_WITHIN_MS,
        secret: record.secret ? secrets.open(record.secret, `channel:${id}`) : null,
      },
    );
    if (result.outcome !== 'sent')
      log.warn({ channelId: id, detail: result.detail }, 'the sign of life did not arrive');
  }

  return {
    audit,
    start() {
      task ??= repeat({ name: 'auditor', everyMs: EVERY_MS, log }, async () => {
        try {
          await audit();
        } catch (error) {
          // Who cannot look has found nothing sound.
          readiness?.set('auditor', 'degraded', 'CANNOT_LOOK');
          throw error;
        }
      });
    },
    async stop() {
      ending.abort();
      await task?.stop();
    },
  };
}

/** One an hour and kind of trouble, by its key. */
function noticeOf(found: readonly StuckRow[], now: number): Notice {
  const codes = found.map(({ code }) => code).join('+');
  const title = (language: Language) => text(language, 'notice.gatewayTitle', { count: found.length });
  const lines = (language: Language) =>
    found
      .map(({ code, count, examples }) =>
        text(language, 'notice.gateway', {
          fault: textOr(language, `stuck.${code}`, code),
          count,
          examples: examples.join(' '),
        }),
      )
      .join('\n');
  return {
    ...OF_NO_DEVICE,
    event: 'report',
    key: `stuck:${codes}:${Math.floor(now / HOUR)}`,
    subject: 'stuck',
    fault: 'gatewayStuck',
    severity: 'major',
    priority: 'urgent',
    reason: null,
    advice: null,
    at: now,
    report: {
      kind: 'gatewayStuck',
      period: new Date(now).toISOString(),
      title: { zh: title('zh-CN'), en: title('en') },
      text: { zh: lines('zh-CN'), en: lines('en') },
    },
  };
}

import type { Notice, NoticeEvent } from '../domain/notice.ts';
import type { Severity } from '../domain/reading.ts';
import type { TicketStage } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';

export interface ChannelRecord {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly config: unknown;
  readonly enabled: boolean;
  readonly hasSecret: boolean;
}

export interface RuleRecord {
  readonly id: string;
  readonly channelId: string;
  readonly enabled: boolean;
  /** null = every fault. */
  readonly faults: readonly string[] | null;
  readonly minSeverity: Severity;
  /** Stages whose entering is told as well; null = none. */
  readonly stages: readonly TicketStage[] | null;
  readonly modules: readonly string[] | null;
  readonly orgIds: readonly string[] | null;
  /** true = only life safety, false = everything else, null = both. */
  readonly lifeSafety: boolean | null;
}

export interface NewOutboxRow {
  readonly channelId: string;
  readonly notice: Notice;
}

export interface LeasedRow {
  readonly id: number;
  readonly key: string;
  readonly event: NoticeEvent;
  readonly lifeSafety: boolean;
  readonly notice: Notice;
  /** This try included. */
  readonly attempts: number;
  /** false: a `resolved` whose `firing` never went out. */
  readonly wanted: boolean;
}

export interface OutboxResult {
  readonly id: number;
  readonly state: 'sent' | 'retry' | 'dead' | 'skipped';
  readonly detail: string;
  /** When to try again, epoch milliseconds; only with `retry`. */
  readonly nextAt: number | null;
}

export interface OutboxRow {
  readonly id: number;
  readonly channelId: string;
  readonly key: string;
  readonly event: NoticeEvent;
  readonly state: 'pending' | 'sent' | 'dead' | 'skipped';
  readonly lifeSafety: boolean;
  readonly attempts: number;
  readonly detail: string | null;
  readonly notice: Notice;
  readonly createdAt: number;
  readonly nextAt: number;
  readonly sentAt: number | null;
}

export interface QueueDepth {
  readonly lifeSafety: boolean;
  readonly pending: number;
  readonly dead: number;
  /** Creation time of the oldest pending row, epoch milliseconds. */
  readonly oldest: number | null;
}

export interface OutboxStore {
  /** Enabled rules of enabled channels. */
  activeRules(tx: Tx): Promise<RuleRecord[]>;
  /** Channels that were given a `firing` of these subjects. */
  channelsTold(tx: Tx, subjects: readonly string[]): Promise<{ subject: string; channelId: string }[]>;
  /** Inserts in the order given; a key the channel already has is left alone. */
  insert(tx: Tx, rows: readonly NewOutboxRow[], now: number): Promise<void>;
  /** Enabled channels with something due, by queue. */
  dueChannels(tx: Tx, now: number): Promise<{ channelId: string; lifeSafety: boolean }[]>;
  lease(
    tx: Tx,
    query: { channelId: string; lifeSafety: boolean; owner: string; until: number; now: number; limit: number },
  ): Promise<LeasedRow[]>;
  /** `sent` counts whoever says it; everything else only from the owner of the lease. */
  finish(tx: Tx, results: readonly OutboxResult[], owner: string, now: number): Promise<void>;
  list(
    tx: Tx,
    filter: { state?: OutboxRow['state']; channelId?: string; before?: number; limit: number },
  ): Promise<OutboxRow[]>;
  /** Dead rows go out again, and the `resolved` that were skipped because of them. Answers how many. */
  resend(tx: Tx, ids: readonly number[], now: number): Promise<number>;
  depth(tx: Tx): Promise<QueueDepth[]>;
  prune(tx: Tx, before: number, limit: number): Promise<number>;
}

export interface ChannelStore {
  channels(tx: Tx): Promise<ChannelRecord[]>;
  channel(tx: Tx, id: string): Promise<(ChannelRecord & { readonly secret: string | null }) | undefined>;
  /** Makes or changes; an undefined secret keeps the one there is. */
  putChannel(tx: Tx, channel: Omit<ChannelRecord, 'hasSecret'>, secret?: string): Promise<void>;
  removeChannel(tx: Tx, id: string): Promise<boolean>;
  rules(tx: Tx): Promise<RuleRecord[]>;
  putRule(tx: Tx, rule: RuleRecord): Promise<void>;
  removeRule(tx: Tx, id: string): Promise<boolean>;
}

/** Encryption at rest; `context` binds a sealed secret to the place it belongs to. */
export interface Secrets {
  seal(plain: string, context: string): string;
  open(sealed: string, context: string): string;
}

import type {
  ChannelRecord,
  LeasedRow,
  LeaseQuery,
  NewOutboxRow,
  OutboxFilter,
  OutboxResult,
  OutboxRow,
  QueueDepth,
  RuleRecord,
} from '../domain/notification-rows.ts';
import type { Tx } from '../domain/tx.ts';

export interface OutboxStore {
  /** Enabled rules of enabled channels. */
  activeRules(tx: Tx): Promise<RuleRecord[]>;
  /** Channels that were given a `firing` of these subjects. */
  channelsTold(tx: Tx, subjects: readonly string[]): Promise<{ subject: string; channelId: string }[]>;
  /** Inserts in the order given; a key the channel already has is left alone. */
  insert(tx: Tx, rows: readonly NewOutboxRow[], now: number): Promise<void>;
  /** Enabled channels with something due, by queue. */
  dueChannels(tx: Tx, now: number): Promise<{ channelId: string; lifeSafety: boolean }[]>;
  lease(tx: Tx, query: LeaseQuery): Promise<LeasedRow[]>;
  /** `sent` counts whoever says it; everything else only from the owner of the lease. */
  finish(tx: Tx, results: readonly OutboxResult[], owner: string, now: number): Promise<void>;
  list(tx: Tx, filter: OutboxFilter): Promise<OutboxRow[]>;
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

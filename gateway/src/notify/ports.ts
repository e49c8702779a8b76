import type { Notice } from '../domain/notice.ts';
import type {
  ChannelRecord,
  Contact,
  LeasedRow,
  LeaseQuery,
  NewOutboxRow,
  OutboxFilter,
  OutboxResult,
  OutboxRow,
  PaceGrant,
  PaceQuery,
  QueueDepth,
  RuleRecord,
  SendingChannel,
  StuckRow,
  TracedNotice,
} from '../domain/notification-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';

export interface OutboxStore {
  /** Enabled rules of enabled channels. */
  activeRules(tx: Tx): Promise<RuleRecord[]>;
  /** Channels that were given a `firing` of these subjects, and by which rule. */
  channelsTold(
    tx: Tx,
    subjects: readonly string[],
  ): Promise<{ subject: string; channelId: string; ruleId: string | null; language: 'zh-CN' | 'en'; level: number }[]>;
  /** Each organisation with all above it. */
  orgPaths(tx: Tx, orgIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Inserts in the order given; a key the channel already has is left alone. */
  insert(tx: Tx, rows: readonly NewOutboxRow[], now: number): Promise<void>;
  /** Enabled channels with something due, by queue. */
  dueChannels(tx: Tx, now: number): Promise<{ channelId: string; lifeSafety: boolean }[]>;
  /** How many rows could be leased now, counted up to `limit`. */
  waiting(tx: Tx, query: { channelId: string; lifeSafety: boolean; now: number; limit: number }): Promise<number>;
  lease(tx: Tx, query: LeaseQuery): Promise<LeasedRow[]>;
  /** `sent` counts whoever says it; everything else only from the owner of the lease. */
  finish(tx: Tx, results: readonly OutboxResult[], owner: string, now: number): Promise<void>;
  /** Newest first; a scope that is not everything sees the notices about its places only. */
  list(tx: Tx, filter: OutboxFilter, scope: Scope): Promise<OutboxRow[]>;
  /** Dead rows go out again, and the `resolved` that were skipped because of them. Answers how many. */
  resend(tx: Tx, ids: readonly number[], now: number): Promise<number>;
  depth(tx: Tx): Promise<QueueDepth[]>;
  prune(tx: Tx, before: number, limit: number): Promise<number>;
}

/** How fast a channel may be spoken to, kept in the database so that it holds for all gateways and after a restart. */
export interface PaceStore {
  take(tx: Tx, query: PaceQuery): Promise<PaceGrant>;
  rest(tx: Tx, channelId: string, until: number): Promise<void>;
  /** Leased rows that were not tried after all. */
  release(tx: Tx, ids: readonly number[], owner: string): Promise<void>;
}

export interface Subject {
  readonly ticketId?: string;
  readonly incidentId?: string;
}

export interface CareStore {
  repeatDue(tx: Tx, now: number, limit: number): Promise<number>;
  /** Notices first said before `said` that nobody answered, each once, and once more when there is a rule newer (`since`) than that. */
  raiseDue(tx: Tx, said: number, now: number, limit: number, since?: number | null): Promise<Notice[]>;
  /**
   * What is about life and limb, was raised before `before`, lasts and was not acknowledged: the latest word of each, and the
   * channels that were given it.
   */
  unanswered(
    tx: Tx,
    before: number,
    limit: number,
  ): Promise<{ readonly notice: Notice; readonly at: number; readonly told: readonly string[] }[]>;
  trace(tx: Tx, traced: readonly TracedNotice[]): Promise<void>;
  forget(tx: Tx, before: number, limit: number): Promise<number>;
  traced(tx: Tx, of: Subject, limit: number): Promise<TracedNotice[]>;
  ofSubjects(tx: Tx, subjects: readonly string[], limit: number): Promise<OutboxRow[]>;
  subjectsOf(tx: Tx, of: Subject): Promise<string[]>;
  /** Answers how many rows waited for it. */
  acknowledge(tx: Tx, subjects: readonly string[], by: string, now: number): Promise<number>;
  answer(
    tx: Tx,
    subjects: readonly string[],
  ): Promise<{ open: number; at: number | null; by: string | null; notice: Notice | null }>;
  quietReasons(tx: Tx, of: Subject): Promise<{ incidentId: string; state: string; suppressed: string[] }[]>;
  contacts(tx: Tx, userIds: readonly string[]): Promise<Contact[]>;
  /** A line in the ticket's log, `code` below `ticket.note.`; nothing when there is no such ticket. */
  noteTicket(tx: Tx, note: { ticketId: string; by: string; at: number; code: string; values: object }): Promise<void>;
}

export interface AuditorStore {
  stuck(tx: Tx, now: number): Promise<StuckRow[]>;
}

export interface ChannelStore {
  channels(tx: Tx): Promise<ChannelRecord[]>;
  channel(tx: Tx, id: string): Promise<SendingChannel | undefined>;
  /** Makes or changes; an undefined secret keeps the one there is. */
  putChannel(tx: Tx, channel: Omit<ChannelRecord, 'hasSecret'>, now: number, secret?: string): Promise<void>;
  removeChannel(tx: Tx, id: string): Promise<boolean>;
  rules(tx: Tx): Promise<RuleRecord[]>;
  putRule(tx: Tx, rule: RuleRecord, now: number): Promise<void>;
  /** Since when each enabled rule of an enabled channel is what it is, epoch milliseconds. */
  rulesSince(tx: Tx): Promise<ReadonlyMap<string, number>>;
  removeRule(tx: Tx, id: string): Promise<boolean>;
}

export type NotifyStore = OutboxStore & PaceStore & CareStore & AuditorStore & ChannelStore;

/** Encryption at rest; `context` binds a sealed secret to the place it belongs to. */
export interface Secrets {
  seal(plain: string, context: string): string;
  open(sealed: string, context: string): string;
}

/** Proves later that a text was ours. */
export interface Signer {
  sign(text: string): string;
  check(text: string, signature: string): 'valid' | 'forged' | 'otherKey';
}

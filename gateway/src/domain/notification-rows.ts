import type { Notice, NoticeEvent } from './notice.ts';
import type { Severity } from './reading.ts';
import type { TicketStage } from './ticket.ts';

/** Where notices go, by which rule, and how far each one has come. Times are epoch milliseconds. */

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

/** What a sender takes, and for how long it is nobody else's. */
export interface LeaseQuery {
  readonly channelId: string;
  readonly lifeSafety: boolean;
  readonly owner: string;
  readonly until: number;
  readonly now: number;
  readonly limit: number;
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
  /** When to try again; only with `retry`. */
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

export interface OutboxFilter {
  readonly state?: OutboxRow['state'];
  readonly channelId?: string;
  /** Only rows with a smaller id. */
  readonly before?: number;
  readonly limit: number;
}

export interface QueueDepth {
  readonly lifeSafety: boolean;
  readonly pending: number;
  readonly dead: number;
  /** Creation time of the oldest pending row. */
  readonly oldest: number | null;
}

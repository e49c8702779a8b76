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
  /** 1 = told at once; 2 and above = told when nobody acknowledged, and of what was escalated. */
  readonly level: number;
  /** null = everything but stages, which have their own list. */
  readonly events: readonly NoticeEvent[] | null;
  /** null = at any time. */
  readonly times: RuleTimes | null;
  /** Language of the texts; null = Chinese. */
  readonly language: Language | null;
}

/** Working hours or the rest of the week, or a window of the day in the gateway's zone; one over midnight belongs to its first day. */
export type RuleTimes =
  | { readonly when: 'working' | 'off' }
  /** ISO days of the week, 1 = Monday; times `HH:MM`. */
  | { readonly days: readonly number[]; readonly from: string; readonly to: string };

type Language = 'zh-CN' | 'en';

export interface NewOutboxRow {
  readonly channelId: string;
  readonly notice: Notice;
  readonly ruleId: string | null;
  readonly language: Language;
  readonly level: number;
  /** Milliseconds between repetitions until somebody acknowledges; null = said once. */
  readonly repeatEvery: number | null;
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
  readonly language: Language;
  readonly level: number;
  /** How often it was said before. */
  readonly repeated: number;
  readonly createdAt: number;
}

export interface OutboxResult {
  readonly id: number;
  readonly state: 'sent' | 'retry' | 'dead' | 'skipped';
  readonly detail: string;
  /** When to try again; only with `retry`. */
  readonly nextAt: number | null;
  /** Key of the message it went out in. */
  readonly message?: string;
  /** The try does not count: it was not the notice that failed. */
  readonly uncounted?: boolean;
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
  readonly level: number;
  readonly repeated: number;
  readonly message: string | null;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
}

export interface OutboxFilter {
  readonly state?: OutboxRow['state'];
  readonly channelId?: string;
  /** Only rows with a smaller id. */
  readonly before?: number;
  readonly limit: number;
}

/** What one channel may be handed; see `notify/pace.ts`. */
export interface PaceQuery {
  readonly channelId: string;
  readonly now: number;
  /** Messages that wait. While they all fit, up to `atOnce` are granted; else one for all of them, or none. */
  readonly waiting: number;
  readonly atOnce: number;
  /** Messages in any minute. */
  readonly perMinute: number;
}

export interface PaceGrant {
  readonly granted: number;
  /** The one message granted is for more than fits. */
  readonly merged: boolean;
  /** When the next message is free; only when nothing was granted. */
  readonly nextAt: number | null;
}

/** A channel as the sender needs it; `secret` sealed. */
export interface SendingChannel extends ChannelRecord {
  readonly secret: string | null;
  /** The platform asked to be left alone until then. */
  readonly restingUntil: number | null;
}

/** A notice as it was raised, and for how many channels. */
export interface TracedNotice {
  readonly notice: Notice;
  readonly at: number;
  readonly channels: number;
}

/** What does not move although it should: what it is, how many (up to 1,000), some ids. */
export interface StuckRow {
  readonly code: string;
  readonly count: number;
  readonly examples: readonly string[];
}

/** How a person can be called out by name; null = not known. */
export interface Contact {
  readonly userId: string;
  readonly username: string;
  readonly phone: string | null;
  readonly email: string | null;
  /** 企业微信 account. */
  readonly wecom: string | null;
}

export interface QueueDepth {
  readonly lifeSafety: boolean;
  readonly pending: number;
  readonly dead: number;
  /** Creation time of the oldest pending row. */
  readonly oldest: number | null;
}

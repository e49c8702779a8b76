import type { Severity } from './reading.ts';
import type { TicketPriority, TicketStage } from './ticket.ts';

/**
 * `firing` and `resolved` are a pair: whoever was told the first is told the second, and nobody else. `stage` tells
 * that a ticket moved, `overdue` that a deadline was missed, `escalated` that it went to somebody higher, `report` carries
 * the text of a report.
 */
export const NOTICE_EVENTS = ['firing', 'resolved', 'stage', 'overdue', 'escalated', 'report'] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** One thing worth telling somebody, in facts; the words are made when it is sent. */
export interface Notice {
  /** Idempotency key: ticket or incident id and the number of its transition, e.g. `tk_…:3`. */
  readonly key: string;
  /** Ticket id, or `incident:<id>` where no ticket was filed. Notices of one subject leave in order. */
  readonly subject: string;
  readonly event: NoticeEvent;
  readonly ticketId: string | null;
  readonly ticketNo: string | null;
  readonly incidentId: string | null;
  readonly fault: string;
  /** What a person called it; absent = the fault says it all. */
  readonly title?: string;
  /** What a person wrote when taking the step it tells of. */
  readonly words?: string;
  readonly component: string | null;
  readonly severity: Severity;
  readonly priority: TicketPriority;
  readonly lifeSafety: boolean;
  /** Told late because the device could not tell it in time (补报). */
  readonly late: boolean;
  readonly drill: boolean;
  /** 重保 goes on there: told at once, whatever severity and hours a rule asks for. Absent = no. */
  readonly secured?: boolean;
  readonly stage: TicketStage | null;
  readonly module: string | null;
  readonly orgId: string | null;
  readonly siteId: string | null;
  readonly siteName: string | null;
  readonly handlerOrgId: string | null;
  readonly assigneeId: string | null;
  /** What people call them; absent = nobody has it yet. */
  readonly handlerOrgName?: string;
  readonly assigneeName?: string;
  /** Of a `firing`: how often it fired under this ticket; absent = the first time. */
  readonly fireCount?: number;
  /** Of a `firing`: the ticket was closed and is open again. */
  readonly reopened?: boolean;
  /** Of a `firing`: number of the closed ticket this one is a recurrence of. */
  readonly recurrenceOf?: string;
  /** Of a `resolved`: when it began, epoch milliseconds. */
  readonly since?: number;
  /** Up to 20 devices by name; `deviceCount` says how many there are. */
  readonly devices: readonly { readonly id: string; readonly name: string }[];
  readonly deviceCount: number;
  /** Of a notice about a login: who and from where; then there are no devices. */
  readonly login?: { readonly userId: string | null; readonly who: string; readonly address: string | null };
  /** Of a notice about a vendor's papers; then there are no devices. `contact` is whom to reach at the vendor. */
  readonly vendor?: {
    readonly id: string;
    readonly name: string;
    readonly what: 'contract' | 'agreement';
    /** Last day, `YYYY-MM-DD`. */
    readonly endsOn: string;
    readonly daysLeft: number;
    readonly contact: { readonly name?: string; readonly phone?: string; readonly email?: string } | null;
  };
  /** Of a report (巡检日报): its words, already made, by language; then there are no devices. */
  readonly report?: {
    readonly kind: string;
    /** Day or period it is about. */
    readonly period: string;
    readonly title: Readonly<Record<'zh' | 'en', string>>;
    readonly text: Readonly<Record<'zh' | 'en', string>>;
  };
  /** 2 = told to the next level, because nobody acknowledged or a deadline was missed; absent = 1. */
  readonly level?: number;
  /** Of an `escalated`: everybody it went up to now. */
  readonly levels?: readonly number[];
  /** Of an `escalated`: the level somebody is to decide about (视情). */
  readonly undecided?: number;
  /** Of an `escalated`: it tells of the missed deadline too; no `overdue` is told beside it. */
  readonly overdue?: boolean;
  /** Told late (补报) because nobody could be told when it began: no rule and no channel for it. */
  readonly unheard?: boolean;
  /** Told once more: somebody saw to it, that time is over, and it lasts. */
  readonly again?: boolean;
  /** Of more time and of a pause, asked for or granted: until when, epoch milliseconds. */
  readonly until?: number;
  /** Stable reason code. */
  readonly reason: string | null;
  /** 处置建议 of the device type, by language. */
  readonly advice: Readonly<Record<string, string>> | null;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What a notice about no device and no ticket (a person's login, a vendor's papers) leaves open. */
export const OF_NO_DEVICE = {
  event: 'firing',
  ticketId: null,
  ticketNo: null,
  incidentId: null,
  component: null,
  lifeSafety: false,
  late: false,
  drill: false,
  stage: null,
  module: null,
  orgId: null,
  siteId: null,
  siteName: null,
  handlerOrgId: null,
  assigneeId: null,
  devices: [],
  deviceCount: 0,
} as const satisfies Partial<Notice>;

/** What all of them share, so that a rule of one module or organisation is asked rightly. */
export function shared<F extends 'module' | 'orgId'>(
  devices: readonly { readonly [K in F]: string | null }[],
  field: F,
): string | null {
  const values = new Set(devices.map((device) => device[field]));
  const [only = null] = values;
  return values.size === 1 ? only : null;
}

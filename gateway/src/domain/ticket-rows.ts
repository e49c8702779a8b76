import type { DeviceKey } from './device.ts';
import type { Escalation } from './escalation.ts';
import type { Scope } from './scope.ts';
import type { TicketHistoryEntry, TicketKind, TicketPriority, TicketRecord, TicketStage } from './ticket.ts';

/** How tickets are asked for and what the store answers. */

/** What the one-open-ticket rule is about. */
export interface TicketSubject {
  readonly subject: string;
  readonly fault: string;
  readonly component: string | null;
}

/** A line for the log, addressed. */
export interface LoggedEntry extends TicketHistoryEntry {
  readonly ticketId: string;
  readonly kind: LogKind;
}

/**
 * A transition changes the stage; a warning is the system's, a comment a person's. An `extension` moves the deadline of
 * its stage to `values.until` (epoch milliseconds), a `priority` line says that it was `values.before` until then. What
 * escalates is the watchdog's.
 */
export type LogKind =
  | 'transition'
  | 'warning'
  | 'comment'
  | 'assignment'
  | 'request'
  | 'extension'
  | 'supervision'
  | 'party'
  | 'attachment'
  | 'escalation'
  | 'priority';

/** 延期 or 挂起, asked by who handles the ticket and decided by the lead department. Times in epoch milliseconds. */
export interface TicketAsk {
  readonly ticketId: string;
  /** Counts from 1 within the ticket. */
  readonly n: number;
  readonly kind: 'extension' | 'suspension';
  readonly stage: TicketStage;
  readonly until: number;
  readonly reason: string;
  readonly by: string;
  readonly at: number;
  readonly state: 'pending' | 'approved' | 'refused';
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly decisionNote: string | null;
}

/** 协办 (`assist`) or 关注 (`related`); the handling organisation of the ticket itself is its 主办. */
export const PARTY_DUTIES = ['assist', 'related'] as const;
export type PartyDuty = (typeof PARTY_DUTIES)[number];

export interface TicketParty {
  readonly ticketId: string;
  readonly orgId: string;
  readonly duty: PartyDuty;
  readonly addedBy: string;
  readonly addedAt: number;
  /** null = nothing is expected of it. */
  readonly respondBy: number | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: number | null;
  readonly note: string | null;
}

export const ATTACHMENT_PHASES = ['before', 'after', 'other'] as const;
export type AttachmentPhase = (typeof ATTACHMENT_PHASES)[number];

/** A picture or document of a ticket. */
export interface TicketAttachment {
  readonly ticketId: string;
  /** Counts from 1 within the ticket. */
  readonly n: number;
  readonly sha256: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly name: string;
  readonly phase: AttachmentPhase;
  readonly note: string | null;
  readonly by: string;
  readonly at: number;
  /** When it was taken; null = unknown. */
  readonly takenAt: number | null;
  /** WGS-84 degrees. */
  readonly lat: number | null;
  readonly lon: number | null;
  /** Who said so: the file or the person. */
  readonly takenFrom: 'file' | 'person' | null;
  readonly placeFrom: 'file' | 'person' | null;
  /** Metres from the first device of the ticket, else from its site. */
  readonly distance: number | null;
  /** The very same bytes were added before, to this ticket or to another. */
  readonly repeated: boolean;
}

/** What belongs to a ticket beside its log. */
export interface TicketBelongings {
  readonly asks: readonly TicketAsk[];
  readonly parties: readonly TicketParty[];
  readonly attachments: readonly TicketAttachment[];
  /** Tickets that were merged into this one. */
  readonly merged: readonly { readonly id: string; readonly no: string }[];
  /** What went up, or waits to. */
  readonly escalations?: readonly Escalation[];
}

export interface TicketFilter {
  readonly stage?: readonly TicketStage[];
  readonly kind?: TicketKind;
  readonly fault?: string;
  readonly orgId?: string;
  readonly siteId?: string;
  readonly module?: string;
  /** Public device id. */
  readonly deviceId?: string;
  /** `me` = the reader. */
  readonly assigneeId?: string;
  readonly incidentId?: string;
  readonly overdue?: boolean;
  readonly priority?: TicketPriority;
  readonly drill?: boolean;
  /** Somebody above asked for it (督办). */
  readonly supervised?: boolean;
  /** It was given back at least once. */
  readonly returned?: boolean;
  /** A request of this kind, or a step higher (视情), waits for a decision. */
  readonly pending?: 'extension' | 'suspension' | 'escalation';
  /** Its limit passes within this time, in milliseconds, and has not passed yet. */
  readonly dueWithin?: number;
  /** Assigned to the reader or reported by them. */
  readonly mine?: boolean;
  readonly cause?: string;
  readonly faultType?: string;
  /** Part of the ticket's number or title. */
  readonly q?: string;
}

/** Who looks: sees what the scope holds, and every ticket assigned to this person. */
export interface TicketReader {
  readonly scope: Scope;
  readonly userId: string;
}

/** A ticket as read, with what the answer needs. */
export interface StoredTicket {
  readonly ticket: TicketRecord;
  /** Public device ids, sorted. */
  readonly deviceIds: readonly string[];
  /** Keys in the order of `deviceIds`. */
  readonly devices: readonly DeviceKey[];
  /** How many there are; lists hold the first of them only. */
  readonly deviceCount: number;
}

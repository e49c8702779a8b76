import type { DeviceKey } from './device.ts';
import type { Scope } from './scope.ts';
import type { TicketHistoryEntry, TicketKind, TicketRecord, TicketStage } from './ticket.ts';

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
  readonly kind: 'transition' | 'warning' | 'comment';
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
  readonly assigneeId?: string;
  readonly incidentId?: string;
  readonly overdue?: boolean;
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
}

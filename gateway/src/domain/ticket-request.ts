import type { DeviceKey } from './device.ts';
import type { Severity } from './reading.ts';
import type { TicketEvidence, TicketKind } from './ticket.ts';
import type { Tx } from './tx.ts';

/** A ticket another part of the gateway wants filed: a difference of a 排摸, an unstable device, a hot spot to visit. */
export interface TicketRequest {
  readonly kind: TicketKind;
  readonly fault: string;
  /** What the one-open-ticket rule is about, e.g. `device:12` or `campaign:2026-11:item:7`; null = always a new one. */
  readonly subject: string | null;
  readonly severity: Severity;
  /** Told at once and again and again until somebody acknowledges; absent = no. */
  readonly lifeSafety?: boolean;
  /** 处置建议, by language. */
  readonly advice?: Readonly<Record<string, string>> | null;
  readonly devices: readonly DeviceKey[];
  /** Absent = taken from the first device. */
  readonly module?: string | null;
  readonly siteId?: string | null;
  readonly orgId?: string | null;
  /** Who is near reported it: it goes to the module's lead department and not back to them. */
  readonly toLead?: boolean;
  readonly component?: string | null;
  /** Shown as the ticket's title, already in words; null = the fault's name. */
  readonly title: string | null;
  /** Key below `ticket.note.` of the message catalogues for the first line of the log, with its values. */
  readonly code: string;
  readonly values?: Readonly<Record<string, string | number>>;
  readonly evidence?: readonly TicketEvidence[];
  readonly drill?: boolean;
  /** Open incidents it speaks for: it is over when the last of them is. */
  readonly incidents?: readonly string[];
}

/**
 * Files tickets inside the caller's transaction and dispatches them to who is on duty. Answers the ticket id of each
 * request in order; where one of the same subject and fault is open already, that one's.
 */
export type FileTickets = (tx: Tx, requests: readonly TicketRequest[]) => Promise<readonly string[]>;

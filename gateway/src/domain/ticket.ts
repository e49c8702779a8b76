import { CAMERA_FAULTS } from './camera-faults.ts';
import type { Severity } from './reading.ts';

/** Stages of a ticket; their Chinese names stand in the message catalogues under `ticket.stage.*`. */
export const TICKET_STAGES = [
  'discovered',
  'filed',
  'dispatched',
  'handling',
  'verifying',
  'closed',
  'returned',
  'suspended',
  'falseAlarm',
  'cancelled',
] as const;
export type TicketStage = (typeof TICKET_STAGES)[number];

/** Nothing more is expected of anybody; a `closed` ticket may still be re-opened for a day. */
export const ENDED_STAGES = ['closed', 'falseAlarm', 'cancelled'] as const satisfies readonly TicketStage[];

export const TICKET_KINDS = ['deviceFault', 'event', 'inspection', 'manual'] as const;
export type TicketKind = (typeof TICKET_KINDS)[number];

export const TICKET_PRIORITIES = ['normal', 'urgent', 'critical'] as const;
export type TicketPriority = (typeof TICKET_PRIORITIES)[number];

/** Faults the device itself has; every other code is something the device saw (an event or alarm). */
export const DEVICE_FAULTS: readonly string[] = [
  'offline',
  'stale',
  'flapping',
  'unsteady',
  ...Object.keys(CAMERA_FAULTS),
];

/** Closed by recovery before anyone accepted (自恢复); reported separately. */
export const CAUSE_SELF_RECOVERED = 'selfRecovered';
/** Fresh data proved the repair and nobody had named a cause. */
export const CAUSE_RECOVERED = 'recovered';
/** The device was retired while its ticket was open. */
export const CAUSE_RETIRED = 'deviceRetired';
/** The drill (演练) that made the ticket up is over. */
export const CAUSE_DRILL_OVER = 'drillOver';

/**
 * What proves something about a ticket. `decision` opened it, `recovery` and `freshData` come from the device's own
 * messages, `recheck` from a probe made on demand, `picture` from the camera itself, `photo` and `statement` from a person.
 */
export const EVIDENCE_KINDS = [
  'decision',
  'recovery',
  'freshData',
  'recheck',
  'picture',
  'photo',
  'statement',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export interface TicketEvidence {
  readonly kind: EvidenceKind;
  /** Epoch milliseconds. */
  readonly at: number;
  /** User id, or `system`. */
  readonly by: string;
  /** Device id when the proof is about one device. */
  readonly deviceId?: string;
  /** Only of a `recheck`: what it said. */
  readonly ok?: boolean;
  /** Numbers and words that prove it, or a reference to an attachment; shown as they are. */
  readonly detail?: unknown;
}

/** What the rules of a ticket depend on. Times in epoch milliseconds. */
export interface TicketState {
  readonly kind: TicketKind;
  readonly fault: string;
  readonly module: string | null;
  readonly priority: TicketPriority;
  readonly stage: TicketStage;
  readonly stageSince: number;
  readonly handlerOrgId: string | null;
  readonly assigneeId: string | null;
  readonly cause: string | null;
  /** What kind of fault the handler found, a code of the module's catalogue. */
  readonly faultType: string | null;
  readonly evidence: readonly TicketEvidence[];
  /** When a person accepted in the current round; null = nobody yet. */
  readonly acceptedAt: number | null;
  /** Who handed the work over to verification; must not verify it. */
  readonly handledBy: string | null;
  /** The stage a suspended ticket returns to. */
  readonly resumeStage: TicketStage | null;
  readonly suspendedUntil: number | null;
  /** Start of the current round: opening or latest re-opening. Evidence before it proves nothing about this round. */
  readonly roundSince: number;
  /** Whether the fault behind the ticket is present now; false for tickets no data speaks about. */
  readonly firing: boolean;
  /** Since when the fault is gone; null while firing or when no data speaks about it. */
  readonly recoveredAt: number | null;
}

/** One line of the log. `from` equals `to` for remarks and warnings; `from` is null at the beginning. */
export interface TicketHistoryEntry {
  readonly from: TicketStage | null;
  readonly to: TicketStage;
  /** User id, or `system`. */
  readonly by: string;
  readonly at: number;
  /** Words of a person; null when `code` says it. */
  readonly note: string | null;
  /** Key below `ticket.note.` of the message catalogues, for what the system writes. */
  readonly code: string | null;
  readonly values: Readonly<Record<string, string | number>>;
  readonly cause: string | null;
}

/** The whole ticket as the store keeps it. */
export interface TicketRecord extends TicketState {
  readonly id: string;
  /** Human-readable number, e.g. `20261123-0001`. */
  readonly no: string;
  readonly component: string | null;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  /** What the one-open-ticket rule is about: `device:<key>` or `group:<key>`; null = free-standing. */
  readonly subject: string | null;
  readonly siteId: string | null;
  readonly orgId: string | null;
  readonly incidentId: string | null;
  readonly openedAt: number;
  /** How often the fault fired under this ticket. */
  readonly fireCount: number;
  /** Id of the earlier ticket this one is a recurrence of. */
  readonly reopenOf: string | null;
  readonly drill: boolean;
  /** What a person reported, for manual tickets. */
  readonly title: string | null;
  /** User id of who reported it, or `system`. */
  readonly openedBy: string;
  /** 处置建议 of the device type, by language. */
  readonly advice: Readonly<Record<string, string>> | null;
  /** The ticket that took this one over. */
  readonly mergedInto: string | null;
  /** Incidents of a merged ticket that still last; empty while there is only its own. */
  readonly openIncidents: readonly string[];
  readonly returnCount: number;
  readonly superviseCount: number;
  /** Number of the last transition; grows by one with each, and guards every update. */
  readonly revision: number;
  /** Cache of the deadline for lists and the sweep; reading a ticket computes it from the log. */
  readonly dueAt: number | null;
}

export function isEnded(stage: TicketStage): boolean {
  return (ENDED_STAGES as readonly TicketStage[]).includes(stage);
}

export function priorityOf(severity: Severity, lifeSafety: boolean): TicketPriority {
  if (lifeSafety || severity === 'critical') return 'critical';
  return severity === 'major' ? 'urgent' : 'normal';
}

export function kindOf(fault: string): TicketKind {
  return DEVICE_FAULTS.includes(fault) ? 'deviceFault' : 'event';
}

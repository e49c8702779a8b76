import {
  CAUSE_RECOVERED,
  CAUSE_SELF_RECOVERED,
  type EvidenceKind,
  isEnded,
  type TicketEvidence,
  type TicketHistoryEntry,
  type TicketStage,
  type TicketState,
} from './ticket.ts';
import { isCause, isFaultType } from './ticket-codes.ts';

/** `verifier` may judge repairs of others, `approver` speaks for the lead department. */
export type Duty = 'system' | 'dispatcher' | 'handler' | 'verifier' | 'approver';

/** Who acts, with the duties they have towards this one ticket. */
export interface TicketActor {
  /** User id, or `system`. */
  readonly id: string;
  readonly duties: readonly Duty[];
}

export const SYSTEM: TicketActor = { id: 'system', duties: ['system'] };

type Need =
  | 'module'
  | 'fault'
  | 'handlerOrg'
  | 'person'
  | 'note'
  | 'cause'
  | 'photo'
  | 'evidence'
  | 'notFiring'
  | 'until'
  | 'approval'
  | 'withinReopenWindow'
  | 'secondPerson'
  | 'knownCause'
  | 'knownFaultType'
  | 'recheck';

interface Edge {
  readonly who: readonly Duty[];
  /** Checked in this order; `recheck` last, because it costs a probe. */
  readonly needs: readonly Need[];
}

const END: Edge = { who: ['dispatcher'], needs: ['note'] };
const VOID: Edge = { who: ['dispatcher', 'system'], needs: ['note'] };
/** Only for a retired device: its open tickets end wherever they stand. */
const VOID_BY_SYSTEM: Edge = { who: ['system'], needs: ['note'] };
/** 自恢复 of a ticket that never reached anybody. */
const SELF_RECOVERY: Edge = { who: ['system'], needs: ['notFiring', 'secondPerson', 'evidence'] };
const RETURN: Edge = { who: ['handler'], needs: ['note'] };
const SUSPEND: Edge = { who: ['handler', 'approver'], needs: ['note', 'until', 'approval'] };
/** The pause was granted to who works on it: they may begin again before its end. */
const RESUME: Edge = { who: ['handler', 'approver', 'system'], needs: [] };

/** The transition table: stage → to → who may and what it needs. */
export const TICKET_TRANSITIONS: Readonly<Record<TicketStage, Partial<Record<TicketStage, Edge>>>> = {
  discovered: {
    filed: { who: ['system', 'dispatcher'], needs: [] },
    falseAlarm: END,
    cancelled: VOID,
    closed: SELF_RECOVERY,
  },
  filed: {
    dispatched: { who: ['system', 'dispatcher'], needs: ['module', 'fault', 'handlerOrg'] },
    falseAlarm: END,
    cancelled: VOID,
    closed: SELF_RECOVERY,
  },
  dispatched: {
    handling: { who: ['handler'], needs: ['person'] },
    returned: RETURN,
    suspended: SUSPEND,
    verifying: { who: ['system'], needs: ['notFiring', 'secondPerson', 'evidence'] },
    cancelled: VOID_BY_SYSTEM,
  },
  handling: {
    verifying: {
      who: ['handler', 'system'],
      needs: ['note', 'cause', 'knownCause', 'knownFaultType', 'photo', 'secondPerson', 'evidence', 'recheck'],
    },
    returned: RETURN,
    suspended: SUSPEND,
    cancelled: VOID_BY_SYSTEM,
  },
  verifying: {
    closed: { who: ['verifier', 'system'], needs: ['notFiring', 'secondPerson', 'evidence', 'cause', 'knownCause'] },
    handling: { who: ['verifier', 'system'], needs: ['note', 'person'] },
    // The device was back before its repair was reported: what was wrong and what was done is taken all the same, once.
    verifying: { who: ['handler'], needs: ['note', 'cause', 'knownCause', 'knownFaultType', 'photo'] },
    // Down again before anybody was ever named: 处置 needs a person, so the ticket waits for one in 派单.
    dispatched: { who: ['system'], needs: [] },
    cancelled: VOID_BY_SYSTEM,
  },
  closed: {
    dispatched: { who: ['dispatcher', 'system'], needs: ['withinReopenWindow', 'cause', 'knownCause'] },
  },
  returned: {
    dispatched: { who: ['dispatcher'], needs: ['note', 'module', 'fault', 'handlerOrg'] },
    falseAlarm: END,
    cancelled: VOID,
    closed: SELF_RECOVERY,
  },
  suspended: {
    // Exactly one of the two is open: the stage before.
    dispatched: RESUME,
    handling: RESUME,
    cancelled: VOID_BY_SYSTEM,
  },
  falseAlarm: {},
  cancelled: {},
};

export interface TransitionRequest {
  readonly to: TicketStage;
  readonly by: TicketActor;
  readonly note?: string | null;
  /** Catalogue key below `ticket.note.`; the system's way to give a note. */
  readonly code?: string;
  readonly values?: Readonly<Record<string, string | number>>;
  readonly assigneeId?: string | null;
  readonly handlerOrgId?: string | null;
  readonly cause?: string | null;
  readonly faultType?: string | null;
  /** Proofs that come with the transition. */
  readonly evidence?: readonly TicketEvidence[];
  /** End of a suspension, epoch milliseconds. */
  readonly until?: number | null;
  /** Outcome of the re-probe, one row per device; absent = not made yet. */
  readonly recheck?: readonly TicketEvidence[];
}

export interface TransitionRules {
  /** How long a closed ticket may be re-opened, in milliseconds. */
  readonly reopenWithin: number;
  /** The same fault again this long after the end is a recurrence; absent = for ever. */
  readonly recurrenceWithin?: number;
}

export const DEFAULT_TRANSITION_RULES: TransitionRules = { reopenWithin: 24 * 3_600_000 };

/** Why not: wrong stage, wrong person, or something required is missing. */
export interface TransitionRefusal {
  readonly code: 'TRANSITION_NOT_ALLOWED' | 'FORBIDDEN' | 'UNPROCESSABLE';
  /** The rule that refused, e.g. `stage`, `who`, `ownWork`, or the unmet need. */
  readonly rule: 'stage' | 'who' | 'ownWork' | Need;
  /** Stages this actor may move the ticket to now, whatever else they need. */
  readonly allowed: readonly TicketStage[];
}

export type TransitionResult<S extends TicketState> =
  | { readonly ok: true; readonly ticket: S; readonly entry: TicketHistoryEntry }
  | { readonly ok: false; readonly refusal: TransitionRefusal };

/** Where a verification that failed leads: 处置, or 派单 as long as no person is named. */
export function stageAfterRelapse(ticket: TicketState): 'handling' | 'dispatched' {
  return ticket.assigneeId === null ? 'dispatched' : 'handling';
}

/** Stages the actor may move the ticket to, by stage and person; what they need is checked when they try. */
export function allowedStages(
  ticket: TicketState,
  by: TicketActor,
  now: number,
  rules: TransitionRules = DEFAULT_TRANSITION_RULES,
): TicketStage[] {
  return (Object.keys(TICKET_TRANSITIONS[ticket.stage]) as TicketStage[]).filter((to) => {
    const edge = openEdge(ticket, to, now, rules);
    return edge !== undefined && mayUse(edge, ticket, by) === undefined;
  });
}

/** The transition table as one pure function: the new state and its log entry, or why not. */
export function transition<S extends TicketState>(
  ticket: S,
  request: TransitionRequest,
  now: number,
  rules: TransitionRules = DEFAULT_TRANSITION_RULES,
): TransitionResult<S> {
  const refuse = (code: TransitionRefusal['code'], rule: TransitionRefusal['rule']): TransitionResult<S> => ({
    ok: false,
    refusal: { code, rule, allowed: allowedStages(ticket, request.by, now, rules) },
  });

  const edge = openEdge(ticket, request.to, now, rules);
  if (!edge) return refuse('TRANSITION_NOT_ALLOWED', 'stage');
  const wrongPerson = mayUse(edge, ticket, request.by);
  if (wrongPerson) return refuse('FORBIDDEN', wrongPerson);
  const unmet = edge.needs.find((need) => !NEEDS[need](ticket, request, now, rules));
  if (unmet) return refuse(unmet === 'withinReopenWindow' ? 'TRANSITION_NOT_ALLOWED' : 'UNPROCESSABLE', unmet);

  return {
    ok: true,
    ticket: { ...ticket, ...changes(ticket, request, now) },
    entry: {
      from: ticket.stage,
      to: request.to,
      by: request.by.id,
      at: now,
      note: filled(request.note) ? request.note : null,
      code: request.code ?? null,
      values: request.values ?? {},
      cause: request.cause ?? null,
    },
  };
}

function openEdge(ticket: TicketState, to: TicketStage, now: number, rules: TransitionRules): Edge | undefined {
  if (ticket.stage === 'suspended' && !isEnded(to) && to !== ticket.resumeStage) return undefined;
  if (ticket.stage === 'closed' && now - ticket.stageSince > rules.reopenWithin) return undefined;
  if (ticket.stage === to && (ticket.acceptedAt === null || ticket.handledBy !== null)) return undefined;
  return TICKET_TRANSITIONS[ticket.stage][to];
}

function mayUse(edge: Edge, ticket: TicketState, by: TicketActor): 'who' | 'ownWork' | undefined {
  if (!edge.who.some((duty) => by.duties.includes(duty))) return 'who';
  const judges = edge.who.includes('verifier') && !by.duties.includes('system');
  return judges && (by.id === ticket.assigneeId || by.id === ticket.handledBy) ? 'ownWork' : undefined;
}

/** What counts as proof of repair, by kind of ticket. A person's word is enough only where no device can speak. */
const PROOF: Record<TicketState['kind'], readonly EvidenceKind[]> = {
  deviceFault: ['recovery', 'freshData', 'recheck'],
  event: ['photo'],
  inspection: ['photo', 'statement', 'recheck', 'freshData'],
  manual: ['photo', 'statement', 'recheck', 'freshData'],
};

type Check = (ticket: TicketState, request: TransitionRequest, now: number, rules: TransitionRules) => boolean;

const NEEDS: Record<Need, Check> = {
  module: (t) => filled(t.module),
  fault: (t) => filled(t.fault),
  handlerOrg: (t, r) => filled(r.handlerOrgId ?? t.handlerOrgId) || filled(r.assigneeId ?? t.assigneeId),
  person: (t, r) => filled(r.assigneeId ?? t.assigneeId),
  note: (_t, r) => filled(r.note) || (bySystem(r) && filled(r.code)),
  // The system names its own cause on closing; a person who re-opens gives a fresh one.
  cause: (t, r) => filled(r.cause) || bySystem(r) || (t.stage === 'verifying' && filled(t.cause)),
  photo: (t, r) => t.kind !== 'event' || bySystem(r) || proofs(t, r).some((e) => e.kind === 'photo'),
  evidence: (t, r) => {
    if (r.to === 'verifying' && !bySystem(r)) return true;
    const found = proofs(t, r).some((e) => PROOF[t.kind].includes(e.kind) && e.ok !== false);
    return found || (PROOF[t.kind].includes('statement') && !bySystem(r) && filled(r.note));
  },
  // No data tell the end of an event: the person who verified it does, and an alarm that is still up begins anew.
  notFiring: (t, r) => !t.firing || (t.kind === 'event' && !bySystem(r)),
  // An event ends by what its handler did and showed, seen by somebody else; never by data alone.
  secondPerson: (t, r) => t.kind !== 'event' || (!bySystem(r) && (r.to !== 'closed' || t.handledBy !== null)),
  knownCause: (t, r) => bySystem(r) || !filled(r.cause) || isCause(r.cause, t.module),
  knownFaultType: (t, r) => !filled(r.faultType) || isFaultType(r.faultType, t.module),
  until: (_t, r, now) => r.until !== undefined && r.until !== null && r.until > now,
  approval: (_t, r) => r.by.duties.includes('approver'),
  withinReopenWindow: (t, _r, now, rules) => now - t.stageSince <= rules.reopenWithin,
  recheck: (t, r) =>
    t.kind !== 'deviceFault' || bySystem(r) || (!!r.recheck?.length && r.recheck.every((e) => e.ok === true)),
};

function changes(ticket: TicketState, request: TransitionRequest, now: number): Partial<TicketState> {
  const to = request.to;
  const common = {
    stage: to,
    stageSince: to === ticket.stage ? ticket.stageSince : now,
    handlerOrgId: request.handlerOrgId ?? ticket.handlerOrgId,
    assigneeId: request.assigneeId ?? ticket.assigneeId,
    cause: request.cause ?? ticket.cause,
    faultType: request.faultType ?? ticket.faultType,
    evidence: [...ticket.evidence, ...(request.recheck ?? []), ...(request.evidence ?? [])],
    resumeStage: null,
    suspendedUntil: null,
  };
  const person = !bySystem(request);
  switch (to) {
    case 'handling':
      if (ticket.stage === 'suspended') return common;
      return { ...common, acceptedAt: ticket.acceptedAt ?? (person ? now : null), handledBy: null };
    case 'verifying':
      return { ...common, handledBy: person ? request.by.id : ticket.handledBy };
    case 'closed':
      return { ...common, cause: request.cause ?? ticket.cause ?? systemCause(ticket) };
    case 'suspended':
      return { ...common, resumeStage: ticket.stage, suspendedUntil: request.until ?? null };
    case 'dispatched':
      if (ticket.stage === 'suspended') return common;
      if (ticket.stage === 'closed')
        return { ...common, cause: null, acceptedAt: null, handledBy: null, roundSince: now };
      // Another party gets it: the person of the one who returned it no longer stands for it.
      if (ticket.stage === 'returned') return { ...common, assigneeId: request.assigneeId ?? null, acceptedAt: null };
      return { ...common, acceptedAt: null };
    default:
      return common;
  }
}

function systemCause(ticket: TicketState): string {
  return ticket.acceptedAt === null ? CAUSE_SELF_RECOVERED : CAUSE_RECOVERED;
}

function proofs(ticket: TicketState, request: TransitionRequest): TicketEvidence[] {
  const current = ticket.evidence.filter((e) => e.at >= ticket.roundSince);
  return [...current, ...(request.recheck ?? []), ...(request.evidence ?? [])];
}

function bySystem(request: TransitionRequest): boolean {
  return request.by.duties.includes('system');
}

function filled(value: string | null | undefined): value is string {
  return value !== null && value !== undefined && value.trim() !== '';
}

import { parseDuration } from './duration.ts';
import type { EscalationRule } from './duty-settings.ts';
import { mostSpecific } from './stage-limits.ts';
import { isEnded, type TicketPriority, type TicketStage } from './ticket.ts';
import type { WorkingTime } from './working-time.ts';

/** 1 = 承办单位负责人 and 牵头部门, 2 = 城运中心, 3 = 分管领导. */
export const ESCALATION_LEVELS = [1, 2, 3] as const;
export type EscalationLevel = (typeof ESCALATION_LEVELS)[number];

/** Which limit was passed, or what else needs somebody higher. */
export const ESCALATION_REASONS = [
  'accept',
  'handle',
  'verify',
  'undispatched',
  'returned',
  'disputed',
  'response',
] as const;
export type EscalationReason = (typeof ESCALATION_REASONS)[number];

/** `pending` waits for a person (视情); only `done` and `confirmed` went up. */
export type EscalationState = 'done' | 'pending' | 'confirmed' | 'declined';

/** One step up, once per round. Times in epoch milliseconds. */
export interface Escalation {
  readonly ticketId: string;
  /** The stage and when its clock began: a new dispatch begins a new round. Of a 协办 that does not answer, see {@link partyRound}. */
  readonly round: string;
  readonly level: EscalationLevel;
  readonly reason: EscalationReason;
  readonly state: EscalationState;
  /** Organisations told. */
  readonly orgIds: readonly string[];
  readonly at: number;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly decisionNote: string | null;
}

const PARTY = 'party:';

/** 协办 has a clock of its own beside that of the stage; asking it anew starts another. */
export function partyRound(orgId: string, respondBy: number): string {
  return `${PARTY}${orgId}:${respondBy}`;
}

export function isPartyRound(round: string): boolean {
  return round.startsWith(PARTY);
}

/** The organisation whose answer is waited for; null in a round of the ticket itself. */
export function partyOf(round: string): string | null {
  return isPartyRound(round) ? round.slice(PARTY.length, round.lastIndexOf(':')) : null;
}

/** A ticket as the watchdog sees it. */
export interface Watched {
  readonly round: string;
  readonly reason: EscalationReason;
  /** When its limit passes or passed; null = never. */
  readonly limitAt: number | null;
  readonly time: WorkingTime;
}

export interface EscalationRuleInForce {
  readonly centre: EscalationRule['centre'];
  readonly centreAfter: number;
  readonly leader: EscalationRule['leader'];
  readonly leaderAfter: number;
  /** null = a decision waits for ever. */
  readonly decideWithin: number | null;
}

const NOWHERE: EscalationRuleInForce = {
  centre: 'off',
  centreAfter: 0,
  leader: 'off',
  leaderAfter: 0,
  decideWithin: null,
};

export function escalationRule(
  rows: readonly EscalationRule[],
  module: string | null,
  priority: TicketPriority,
): EscalationRuleInForce {
  const row = mostSpecific(rows, module, priority);
  if (!row) return NOWHERE;
  return {
    centre: row.centre,
    centreAfter: parseDuration(row.centreAfter) ?? 0,
    leader: row.leader,
    leaderAfter: parseDuration(row.leaderAfter) ?? 0,
    decideWithin: row.decideWithin === undefined ? null : (parseDuration(row.decideWithin) ?? null),
  };
}

/** Returns after which the parties no longer settle it between them. */
export const DISPUTED_RETURNS = 2;

/** Why a ticket would be taken up in its stage; undefined = nobody is waited for. */
export function reasonIn(stage: TicketStage, returnCount: number): EscalationReason | undefined {
  if (isEnded(stage)) return undefined;
  switch (stage) {
    case 'dispatched':
      return 'accept';
    case 'handling':
      return 'handle';
    case 'verifying':
      return 'verify';
    case 'discovered':
    case 'filed':
      return 'undispatched';
    case 'returned':
      return returnCount >= DISPUTED_RETURNS ? 'disputed' : 'returned';
    default:
      return undefined;
  }
}

export interface EscalationStep {
  readonly level: EscalationLevel;
  readonly state: 'done' | 'pending' | 'confirmed';
}

/** When a level was reached, null = not yet or never; and when to look again. */
interface Reached {
  readonly at: number | null;
  readonly nextAt: number | null;
  /** What is to be done now; absent = nothing. */
  readonly step?: EscalationStep['state'];
}

/**
 * What is due now of a round, given what was done in it, and when to look next (null = when the ticket changes). Where
 * the centre itself leads the module, level 1 already reached it and level 2 is left out.
 */
export function escalationPlan(
  watched: Watched,
  rule: EscalationRuleInForce,
  centreLeads: boolean,
  done: readonly Pick<Escalation, 'level' | 'state' | 'at' | 'decidedAt'>[],
  now: number,
): { readonly steps: readonly EscalationStep[]; readonly nextAt: number | null } {
  if (watched.limitAt === null) return { steps: [], nextAt: null };
  if (now < watched.limitAt) return { steps: [], nextAt: watched.limitAt };
  const of = (level: EscalationLevel) => done.find((one) => one.level === level);
  const steps: EscalationStep[] = [];
  if (!of(1)) steps.push({ level: 1, state: 'done' });

  const centreDue = watched.time.after(watched.limitAt, rule.centreAfter);
  // Without the centre's own step, its time counts as reached when it would have been.
  const skipped: Reached =
    centreDue !== null && now >= centreDue ? { at: centreDue, nextAt: null } : { at: null, nextAt: centreDue };
  const centre = centreLeads ? skipped : reach(of(2), rule.centre, centreDue, rule.decideWithin, now);
  if (centre.step) steps.push({ level: 2, state: centre.step });
  if (centre.at === null) return { steps, nextAt: centre.nextAt };
  const leaderDue = watched.time.after(centre.at, rule.leaderAfter);
  const leader = reach(of(3), rule.leader, leaderDue, rule.decideWithin, now);
  if (leader.step) steps.push({ level: 3, state: leader.step });
  return { steps, nextAt: leader.nextAt };
}

/** How far one of the higher levels is; `before` is what was done about it in this round. */
function reach(
  before: Pick<Escalation, 'state' | 'at' | 'decidedAt'> | undefined,
  mode: EscalationRule['centre'],
  dueAt: number | null,
  decideWithin: number | null,
  now: number,
): Reached {
  if (before?.state === 'pending') {
    const patience = decideWithin === null ? null : before.at + decideWithin;
    if (patience === null || now < patience) return { at: null, nextAt: patience };
    return { at: now, nextAt: null, step: 'confirmed' };
  }
  if (before) return { at: before.state === 'declined' ? null : (before.decidedAt ?? before.at), nextAt: null };
  if (mode === 'off') return { at: null, nextAt: null };
  if (dueAt === null || now < dueAt) return { at: null, nextAt: dueAt };
  if (mode === 'auto') return { at: now, nextAt: null, step: 'done' };
  return { at: null, nextAt: decideWithin === null ? null : now + decideWithin, step: 'pending' };
}

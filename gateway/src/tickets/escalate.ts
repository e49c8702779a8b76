import type { Actor } from '../domain/actor.ts';
import { type Escalation, isPartyRound, type Watched } from '../domain/escalation.ts';
import { isEnded, type TicketRecord } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';
import type { Language } from '../messages/index.ts';
import type { Desk } from './desk.ts';
import { amend, type Draft, note } from './draft.ts';
import { refused, type TicketDetails } from './read.ts';
import { escalationKey, namedIn, record, targets, tellHigher, watch } from './watchdog.ts';

/** 视情: take what waits higher or leave it, or take a ticket higher before its time. */
export interface EscalationInput {
  readonly decision: 'confirm' | 'decline' | 'raise';
  readonly reason: string;
}

export interface EscalationSteps {
  /** A dispatcher or the lead department decides. */
  escalate(actor: Actor, id: string, input: EscalationInput, language?: Language): Promise<TicketDetails>;
}

type Context = ReturnType<Desk['context']>;

export function createEscalate(desk: Desk): EscalationSteps {
  const { store, transactor, directory } = desk.options;

  /** The next level nobody has reached or decided about in this round. */
  async function raised(tx: Tx, ticket: TicketRecord, watched: Watched, inRound: readonly Escalation[], c: Context) {
    const level = ([2, 3] as const).find((one) => !inRound.some((before) => before.level === one));
    if (level === undefined) throw refused('CONFLICT', 'highest', 'decision');
    const { id, module } = ticket;
    const lead = module === null ? undefined : (await directory.leads(tx, [module])).get(module);
    const orgIds = targets(level, ticket, lead ?? null, c.settings.dutyDesk?.orgId ?? null);
    const { round, reason } = watched;
    return { ticketId: id, round, level, reason, orgIds, at: c.now, state: 'confirmed' as const };
  }

  /** What waits for this decision; undefined when it is to begin now. */
  function waitingFor(decision: EscalationInput['decision'], inRound: readonly Escalation[]): Escalation | undefined {
    const waiting = inRound.find((row) => row.state === 'pending');
    if (decision === 'raise' && waiting) throw refused('CONFLICT', 'escalationWaits', 'decision');
    if (decision !== 'raise' && !waiting) throw refused('CONFLICT', 'noEscalation', 'decision');
    return waiting;
  }

  async function tellRaised(
    tx: Tx,
    draft: Draft,
    row: Escalation,
    asked: { decision: EscalationInput['decision']; reason: string; now: number },
  ): Promise<void> {
    const { dueAt } = draft.ticket;
    const names = await store.orgNames(tx, namedIn([row]));
    const early = asked.decision === 'raise' && (dueAt === null || dueAt > asked.now);
    const why = early ? 'raisedEarly' : row.reason;
    record(draft, row, names, asked.now, asked.reason, why);
    tellHigher(draft, [row], names, asked.now, why);
  }

  return {
    async escalate(actor, id, { decision, reason }, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft, by } = await desk.take(tx, actor, id);
        const { ticket } = draft;
        if (isEnded(ticket.stage)) throw refused('TRANSITION_NOT_ALLOWED', 'ended', 'stage', { stage: ticket.stage });
        desk.requireDuty(by, 'dispatcher', 'approver');
        const watched = watch(ticket, await store.history(tx, [id]), c);
        if (!watched) throw refused('TRANSITION_NOT_ALLOWED', 'escalateStage', 'stage', { stage: ticket.stage });
        const all = await store.escalations(tx, [id]);
        const inRound = all.filter((row) => row.round === watched.round);
        const waiting = waitingFor(decision, [...inRound, ...all.filter(({ round }) => isPartyRound(round))]);
        const decided = { decidedBy: actor.id, decidedAt: c.now, decisionNote: reason };
        const state = decision === 'decline' ? ('declined' as const) : ('confirmed' as const);
        const row: Escalation = waiting
          ? { ...waiting, ...decided, state }
          : { ...(await raised(tx, ticket, watched, inRound, c)), ...decided };
        const won = waiting ? await store.decideEscalations(tx, [row]) : await store.addEscalations(tx, [row]);
        if (!won.has(escalationKey(row))) throw refused('CONFLICT', 'noEscalation', 'decision');
        amend(draft, {});
        if (row.state === 'declined') noteDeclined(draft, row, actor.id, c.now, reason);
        else await tellRaised(tx, draft, row, { decision, reason, now: c.now });
        await desk.save(tx, [draft], c);
        await desk.prove.did(tx, actor, 'escalate', id, reason, { decision, level: row.level, reason: row.reason });
      });
      return desk.readOne(actor, id, language);
    },
  };
}

function noteDeclined(draft: Draft, { level }: Escalation, by: string, at: number, reason: string): void {
  const { stage } = draft.ticket;
  const line = { kind: 'escalation', from: stage, to: stage, by, at, cause: null } as const;
  note(draft, { ...line, note: reason, code: `escalationDeclined${level}`, values: { level } });
}

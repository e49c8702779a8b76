import type { Actor } from '../domain/actor.ts';
import type { Escalation, EscalationLevel } from '../domain/escalation.ts';
import { isEnded } from '../domain/ticket.ts';
import type { Language } from '../messages/index.ts';
import type { Desk } from './desk.ts';
import { amend, note } from './draft.ts';
import { refused, type TicketDetails } from './read.ts';
import { escalationKey, record, targets, watch } from './watchdog.ts';

/** 视情: take what waits higher or leave it, or take a ticket higher before its time. */
export interface EscalationInput {
  readonly decision: 'confirm' | 'decline' | 'raise';
  readonly reason: string;
}

export interface EscalationSteps {
  /** A dispatcher or the lead department decides. */
  escalate(actor: Actor, id: string, input: EscalationInput, language?: Language): Promise<TicketDetails>;
}

export function createEscalate(desk: Desk): EscalationSteps {
  const { store, transactor, directory } = desk.options;
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
        const inRound = (await store.escalations(tx, [id])).filter((row) => row.round === watched.round);
        const waiting = inRound.find((row) => row.state === 'pending');
        const decided = { decidedBy: actor.id, decidedAt: c.now, decisionNote: reason };
        let row: Escalation;
        if (decision === 'raise') {
          const level = ([2, 3] as const).find(
            (one) => !inRound.some((before) => before.level === one && went(before)),
          );
          if (waiting || level === undefined)
            throw refused('CONFLICT', waiting ? 'escalationWaits' : 'highest', 'decision');
          row = { ...decided, ...(await raised(level)), state: 'confirmed' };
        } else {
          if (!waiting) throw refused('CONFLICT', 'noEscalation', 'decision');
          row = { ...waiting, ...decided, state: decision === 'confirm' ? 'confirmed' : 'declined' };
        }
        const known = inRound.some((before) => before.level === row.level);
        const won = known && waiting ? await store.decideEscalations(tx, [row]) : await store.addEscalations(tx, [row]);
        if (!won.has(escalationKey(row))) throw refused('CONFLICT', 'noEscalation', 'decision');
        amend(draft, {});
        if (row.state === 'declined') {
          const { stage } = ticket;
          const line = { kind: 'escalation', from: stage, to: stage, by: actor.id, at: c.now, cause: null } as const;
          note(draft, { ...line, note: reason, code: `escalationDeclined${row.level}`, values: { level: row.level } });
        } else record(draft, row, await store.orgNames(tx, row.orgIds), c.now, reason);
        await desk.save(tx, [draft], c);
        await desk.prove.did(tx, actor, 'escalate', id, reason, { decision, level: row.level, reason: row.reason });

        async function raised(level: EscalationLevel) {
          const leads = ticket.module === null ? undefined : await directory.leads(tx, [ticket.module]);
          const centre = c.settings.dutyDesk?.orgId ?? null;
          return {
            ticketId: id,
            round: watched?.round ?? '',
            level,
            reason: watched?.reason ?? ('accept' as const),
            orgIds: targets(level, ticket, leads?.get(ticket.module ?? '') ?? null, centre),
            at: c.now,
          };
        }
      });
      return desk.readOne(actor, id, language);
    },
  };
}

/** Declined counts as taken: within a round nobody is asked, or asks, twice. */
function went(row: Escalation): boolean {
  return row.state !== 'pending';
}

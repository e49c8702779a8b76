import type { Actor } from '../domain/actor.ts';
import type { TicketRecord } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';
import type { Language } from '../messages/index.ts';
import type { Desk } from './desk.ts';
import { amend, note, tell } from './draft.ts';
import { refused, type TicketDetails } from './read.ts';
import { unitOfPerson } from './unit.ts';

/** 改派: another person, or another organisation; at least one of them. */
export interface AssignInput {
  readonly assigneeId?: string;
  readonly handlerOrgId?: string;
  readonly note: string;
}

export interface AssignSteps {
  assign(actor: Actor, id: string, input: AssignInput, language?: Language): Promise<TicketDetails>;
  /** 督办: an instruction from above, told to who handles the ticket. */
  supervise(actor: Actor, id: string, instruction: string, language?: Language): Promise<TicketDetails>;
}

const ASSIGNABLE: readonly TicketRecord['stage'][] = ['dispatched', 'handling', 'suspended'];

/** The handling party names another person of its own; the dispatcher names anybody. */
export function createAssign(desk: Desk): AssignSteps {
  const { store, transactor, directory } = desk.options;
  const nameOf = async (tx: Tx, id: string | null) =>
    id === null ? '-' : ((await directory.names(tx, [id])).get(id) ?? id);
  return {
    async assign(actor, id, input, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft, by } = await desk.take(tx, actor, id);
        const { stage, handlerOrgId, assigneeId } = draft.ticket;
        if (!ASSIGNABLE.includes(stage)) throw refused('TRANSITION_NOT_ALLOWED', 'assignStage', 'stage', { stage });
        const unit = await unitOfPerson(store, tx, by, input, handlerOrgId);
        desk.requireDuty(by, 'dispatcher', ...(unit === undefined ? (['handler'] as const) : []));
        await desk.requireKnown(tx, actor, draft, {
          assigneeId: input.assigneeId ?? null,
          handlerOrgId: unit ?? null,
        });
        const moves = unit !== undefined && unit !== handlerOrgId;
        // Whoever works on it must be somebody: a new organisation does not inherit the person of the old one.
        const person = input.assigneeId ?? (moves ? null : assigneeId);
        if (person === null && (stage === 'handling' || draft.ticket.resumeStage === 'handling'))
          throw refused('UNPROCESSABLE', 'person', 'assigneeId');
        if (!moves && person === assigneeId) throw refused('UNPROCESSABLE', 'sameParty', 'assigneeId');
        amend(draft, { assigneeId: person, handlerOrgId: unit ?? handlerOrgId });
        const to = person ?? unit ?? null;
        const values = { from: await nameOf(tx, assigneeId ?? handlerOrgId), to: await nameOf(tx, to) };
        const line = {
          kind: 'assignment',
          from: stage,
          to: stage,
          by: actor.id,
          at: c.now,
          code: 'reassigned',
        } as const;
        note(draft, { ...line, note: input.note, values, cause: null });
        tell(draft, 'stage', c.now, { reason: 'reassigned' });
        await desk.save(tx, [draft], c);
        await desk.prove.moved(tx, actor, draft.before, draft.ticket, input);
      });
      return desk.readOne(actor, id, language);
    },

    async supervise(actor, id, instruction, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft, by } = await desk.take(tx, actor, id);
        const { stage, superviseCount } = draft.ticket;
        desk.requireDuty(by, 'dispatcher', 'approver');
        if (stage === 'closed' || stage === 'cancelled' || stage === 'falseAlarm')
          throw refused('TRANSITION_NOT_ALLOWED', 'ended', 'stage', { stage });
        amend(draft, { superviseCount: superviseCount + 1 });
        const line = {
          kind: 'supervision',
          from: stage,
          to: stage,
          by: actor.id,
          at: c.now,
          code: 'supervised',
        } as const;
        note(draft, { ...line, note: instruction, values: { count: superviseCount + 1 }, cause: null });
        tell(draft, 'escalated', c.now, { reason: 'supervised' });
        await desk.save(tx, [draft], c);
        await desk.prove.did(tx, actor, 'supervise', id, instruction, { count: superviseCount + 1 });
      });
      return desk.readOne(actor, id, language);
    },
  };
}

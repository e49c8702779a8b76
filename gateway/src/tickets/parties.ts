import type { Actor } from '../domain/actor.ts';
import { isEnded } from '../domain/ticket.ts';
import type { PartyDuty, TicketParty } from '../domain/ticket-rows.ts';
import type { Language } from '../messages/index.ts';
import type { Desk } from './desk.ts';
import { amend, note, tell } from './draft.ts';
import { speaker } from './duties.ts';
import { refused, type TicketDetails } from './read.ts';

export interface PartyInput {
  readonly orgId: string;
  readonly duty: PartyDuty;
  readonly note?: string;
  /** Epoch milliseconds; absent = the time to accept of the ticket's priority. Only for 协办. */
  readonly respondBy?: number;
}

export interface PartySteps {
  addParty(actor: Actor, id: string, input: PartyInput, language?: Language): Promise<TicketDetails>;
  /** Nobody expects anything of it any more, and it sees the ticket no longer; UNPROCESSABLE when it is none. */
  removeParty(
    actor: Actor,
    id: string,
    input: { readonly orgId: string; readonly note: string },
    language?: Language,
  ): Promise<TicketDetails>;
  /** The party says it knows; UNPROCESSABLE for who stands for none of them. */
  acknowledge(actor: Actor, id: string, text: string | undefined, language?: Language): Promise<TicketDetails>;
}

/** Before anything is written: who is responsible is no party, a time is to come, and nothing is said twice. */
function refuseParty(
  { orgId, duty, respondBy }: PartyInput,
  known: { handlerOrgId: string | null; before: TicketParty | undefined; now: number },
): void {
  const { handlerOrgId, before, now } = known;
  if (orgId === handlerOrgId) throw refused('UNPROCESSABLE', 'sameParty', 'orgId');
  if (respondBy !== undefined && respondBy <= now) throw refused('UNPROCESSABLE', 'until', 'respondBy');
  // Another duty or another time is something new; the same once more is said to nobody.
  if (before?.duty === duty && (respondBy ?? before.respondBy) === before.respondBy)
    throw refused('UNPROCESSABLE', 'partyAlready', 'orgId');
}

/** 协办 answers in its own time and helps; 关注 is only told. 主办 is the handling organisation, see 改派. */
export function createParties(desk: Desk): PartySteps {
  const { store, transactor, directory } = desk.options;
  return {
    async addParty(actor, id, input, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft, by } = await desk.take(tx, actor, id);
        const { stage, module, priority, handlerOrgId, orgId: place } = draft.ticket;
        if (isEnded(stage)) throw refused('TRANSITION_NOT_ALLOWED', 'ended', 'stage', { stage });
        // Whoever works on it may call in the people of the place itself, though their lists do not show them.
        if (input.orgId !== place) await desk.requireKnown(tx, actor, draft, { orgId: input.orgId });
        desk.requireDuty(by, 'dispatcher', 'handler');
        const before = (await store.belongings(tx, [id])).get(id)?.parties.find(({ orgId }) => orgId === input.orgId);
        refuseParty(input, { handlerOrgId, before, now: c.now });
        const { time, limit } = c.limits.of(module, priority, 'dispatched');
        const usual = () => time.after(c.now, limit);
        const respondBy = input.duty === 'assist' ? (input.respondBy ?? usual()) : null;
        await store.putParty(tx, {
          ticketId: id,
          orgId: input.orgId,
          duty: input.duty,
          addedBy: actor.id,
          addedAt: c.now,
          respondBy,
          acknowledgedBy: null,
          acknowledgedAt: null,
          note: input.note ?? null,
        });
        amend(draft, {});
        const org = (await directory.names(tx, [input.orgId])).get(input.orgId) ?? input.orgId;
        const line = { kind: 'party', from: stage, to: stage, by: actor.id, at: c.now } as const;
        const code = input.duty === 'assist' ? 'assistAdded' : 'relatedAdded';
        note(draft, { ...line, code, note: input.note ?? null, values: { org }, cause: null });
        tell(draft, 'stage', c.now, { reason: code });
        await desk.save(tx, [draft], c);
        await desk.prove.did(tx, actor, 'addParty', id, input.note ?? null, { orgId: input.orgId, duty: input.duty });
      });
      return desk.readOne(actor, id, language);
    },

    async removeParty(actor, id, { orgId, note: reason }, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft, by } = await desk.take(tx, actor, id);
        const { stage } = draft.ticket;
        if (isEnded(stage)) throw refused('TRANSITION_NOT_ALLOWED', 'ended', 'stage', { stage });
        if (!(await store.removeParty(tx, id, orgId))) throw refused('UNPROCESSABLE', 'noSuchParty', 'orgId');
        desk.requireDuty(by, 'dispatcher', 'handler');
        amend(draft, {});
        const org = (await directory.names(tx, [orgId])).get(orgId) ?? orgId;
        const line = { kind: 'party', from: stage, to: stage, by: actor.id, at: c.now, code: 'partyRemoved' } as const;
        note(draft, { ...line, note: reason, values: { org }, cause: null });
        tell(draft, 'stage', c.now, { reason: 'partyRemoved' });
        await desk.save(tx, [draft], c);
        await desk.prove.did(tx, actor, 'removeParty', id, reason, { orgId });
      });
      return desk.readOne(actor, id, language);
    },

    async acknowledge(actor, id, text, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft } = await desk.take(tx, actor, id);
        const { stage } = draft.ticket;
        const parties = (await store.belongings(tx, [id])).get(id)?.parties ?? [];
        const speaksFor = speaker(actor, directory, tx);
        const mine: string[] = [];
        for (const { orgId } of parties) if (await speaksFor(orgId)) mine.push(orgId);
        if (mine.length === 0) throw refused('UNPROCESSABLE', 'notParty', 'id');
        // Saying it twice changes nothing.
        if ((await store.acknowledge(tx, id, mine, actor.id, c.now)) === 0) return;
        amend(draft, {});
        const names = await directory.names(tx, mine);
        const org = mine.map((one) => names.get(one) ?? one).join('、');
        const line = { kind: 'party', from: stage, to: stage, by: actor.id, at: c.now, code: 'partyKnows' } as const;
        note(draft, { ...line, note: text ?? null, values: { org }, cause: null });
        await desk.save(tx, [draft], c);
        await desk.prove.did(tx, actor, 'acknowledge', id, text ?? null, { orgIds: mine });
      });
      return desk.readOne(actor, id, language);
    },
  };
}

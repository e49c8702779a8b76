import type { Actor } from '../domain/actor.ts';
import { isEnded, type TicketStage } from '../domain/ticket.ts';
import type { LoggedEntry, TicketAsk } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import type { Language } from '../messages/index.ts';
import type { Desk } from './desk.ts';
import { amend, type Draft, move, note, tell, tellStage } from './draft.ts';
import { refusalError, refused, type TicketDetails } from './read.ts';

/** A request for more time (延期) or for a pause (挂起); `until` in epoch milliseconds. */
export interface AskInput {
  readonly reason: string;
  readonly until: number;
}

export interface AskDecision {
  readonly approve: boolean;
  readonly note?: string;
}

type Kind = TicketAsk['kind'];
type Context = ReturnType<Desk['context']>;
type Values = { readonly until?: number };

export interface AskSteps {
  /** Who handles the ticket asks; what the lead department asks itself is approved at once. */
  ask(actor: Actor, id: string, kind: Kind, input: AskInput, language?: Language): Promise<TicketDetails>;
  decide(actor: Actor, id: string, n: number, decision: AskDecision, language?: Language): Promise<TicketDetails>;
}

/** More time is asked for while a clock runs, a pause while somebody works. */
const STAGES: Readonly<Record<Kind, readonly string[]>> = {
  extension: ['dispatched', 'handling', 'verifying'],
  suspension: ['dispatched', 'handling'],
};

export function createAsks(desk: Desk): AskSteps {
  const { store, transactor } = desk.options;

  async function apply(tx: Tx, actor: Actor, draft: Draft, kind: Kind, until: number, text: string, c: Context) {
    if (kind === 'extension') {
      amend(draft, {});
      note(draft, entry(draft, 'extension', actor, c.now, 'extended', text, { until }));
      tell(draft, 'stage', c.now, { reason: 'extended', until });
      return;
    }
    const by = await desk.actorOf(tx, actor, draft);
    const moved = move(draft, { to: 'suspended', by, note: text, until }, c.now, c.rules);
    if (!moved.ok) throw refusalError(moved.refusal);
    tellStage(draft, c.now, { until });
  }

  /** A request, or the answer no to one: everybody sees it, the ticket stays as it is. */
  function say(draft: Draft, actor: Actor, c: Context, code: string, text: string, values: Values) {
    amend(draft, {});
    note(draft, entry(draft, 'request', actor, c.now, code, text, values));
    tell(draft, 'stage', c.now, { reason: code, ...values });
  }

  return {
    async ask(actor, id, kind, input, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft, by } = await desk.take(tx, actor, id);
        const { stage } = draft.ticket;
        if (!STAGES[kind].includes(stage)) throw refused('TRANSITION_NOT_ALLOWED', 'askStage', 'stage', { stage });
        desk.requireDuty(by, 'handler', 'approver');
        requireLater(kind, input.until, draft.ticket.dueAt, c.now);
        const approves = by.duties.includes('approver');
        const n = await store.addAsk(tx, {
          ...input,
          ticketId: id,
          kind,
          stage,
          by: actor.id,
          at: c.now,
          state: approves ? 'approved' : 'pending',
          decidedBy: approves ? actor.id : null,
          decidedAt: approves ? c.now : null,
        });
        if (n === null) throw refused('CONFLICT', 'askPending', 'until');
        if (approves) await apply(tx, actor, draft, kind, input.until, input.reason, c);
        else say(draft, actor, c, `${kind}Asked`, input.reason, { until: input.until });
        await desk.save(tx, [draft], c);
        await desk.prove.did(tx, actor, approves ? kind : `${kind}Ask`, id, input.reason, { n, until: input.until });
      });
      return desk.readOne(actor, id, language);
    },

    async decide(actor, id, n, decision, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft, by } = await desk.take(tx, actor, id);
        const ask = (await store.belongings(tx, [id])).get(id)?.asks.find((one) => one.n === n);
        if (!ask) throw new GatewayError('NOT_FOUND');
        desk.requireDuty(by, 'approver');
        requireDecidable(ask, decision, actor, draft.ticket.stage, c.now);
        const decided = { by: actor.id, at: c.now, note: decision.note ?? null };
        if (!(await store.decideAsk(tx, ask, decision.approve ? 'approved' : 'refused', decided)))
          throw refused('CONFLICT', 'askDecided', 'n');
        if (decision.approve) await apply(tx, actor, draft, ask.kind, ask.until, ask.reason, c);
        else say(draft, actor, c, `${ask.kind}Refused`, decision.note ?? '', {});
        await desk.save(tx, [draft], c);
        const action = decision.approve ? 'approve' : 'refuse';
        await desk.prove.did(tx, actor, action, id, decision.note ?? null, { n, kind: ask.kind, until: ask.until });
      });
      return desk.readOne(actor, id, language);
    },
  };
}

function requireLater(kind: Kind, until: number, dueAt: number | null, now: number): void {
  if (until <= now) throw refused('UNPROCESSABLE', 'until', 'until');
  if (kind === 'extension' && dueAt !== null && until <= dueAt) throw refused('UNPROCESSABLE', 'notLater', 'until');
}

function requireDecidable(ask: TicketAsk, decision: AskDecision, actor: Actor, stage: TicketStage, now: number): void {
  if (ask.by === actor.id) throw refused('FORBIDDEN', 'ownRequest', 'n');
  if (ask.state !== 'pending') throw refused('CONFLICT', 'askDecided', 'n');
  if (!decision.approve && !decision.note?.trim()) throw refused('UNPROCESSABLE', 'note', 'note');
  // The work went on meanwhile: more time for a stage that is over, or a pause of nothing, would only confuse.
  const over = isEnded(stage) || stage !== ask.stage || ask.until <= now;
  if (decision.approve && over) throw refused('CONFLICT', 'askOver', 'n');
}

function entry(
  draft: Draft,
  kind: LoggedEntry['kind'],
  actor: Actor,
  at: number,
  code: string,
  text: string,
  values: Values,
) {
  const { stage } = draft.ticket;
  return { kind, from: stage, to: stage, by: actor.id, at, note: text, code, values, cause: null } as const;
}

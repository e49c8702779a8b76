import type { Actor } from '../domain/actor.ts';
import type { TicketFilter } from '../domain/ticket-rows.ts';
import { isGatewayError } from '../errors.ts';
import { halfOf, type Language } from '../messages/index.ts';
import type { AssignInput } from './assign.ts';
import type { Desk } from './desk.ts';
import type { TransitionInput } from './transition.ts';

/** Tickets one call may touch. */
export const BULK_MOST = 500;
/** Steps at once: each may probe devices for seconds. */
const AT_ONCE = 4;

export type BulkAction =
  | ({ readonly action: 'transition' } & TransitionInput)
  | ({ readonly action: 'assign' } & AssignInput)
  | { readonly action: 'comment'; readonly note: string };

export interface BulkInput {
  /** Either these, or what the filter finds, at most {@link BULK_MOST}. */
  readonly ids?: readonly string[];
  readonly filter?: TicketFilter;
  readonly step: BulkAction;
}

export interface BulkResult {
  readonly done: number;
  readonly refused: number;
  /** More tickets fit the filter than one call takes: call again. */
  readonly more: boolean;
  readonly items: readonly {
    readonly id: string;
    readonly ok: boolean;
    readonly code: string | null;
    readonly detail: string | null;
  }[];
}

interface Steps {
  transition(actor: Actor, id: string, input: TransitionInput): Promise<unknown>;
  assign(actor: Actor, id: string, input: AssignInput): Promise<unknown>;
  comment(actor: Actor, id: string, text: string): Promise<unknown>;
}

/** The same step on many tickets, each by its own rules and in its own transaction: one refusal stops no other. */
export function createBulk(desk: Desk, steps: Steps) {
  const { store, transactor, clock } = desk.options;

  const one = async (actor: Actor, id: string, step: BulkAction, language: Language) => {
    const { action, ...input } = step;
    try {
      if (action === 'comment') await steps.comment(actor, id, step.note);
      else if (action === 'assign') await steps.assign(actor, id, input as AssignInput);
      else await steps.transition(actor, id, input as TransitionInput);
      return { id, ok: true, code: null, detail: null };
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      return { id, ok: false, code: error.code, detail: halfOf(error.message, language) };
    }
  };

  return async (actor: Actor, { ids, filter, step }: BulkInput, language: Language = 'zh-CN'): Promise<BulkResult> => {
    const page = { limit: BULK_MOST + 1, after: null, now: clock.now() };
    const wanted = ids
      ? [...new Set(ids)]
      : (await store.list(transactor.autocommit, desk.view(actor), filter ?? {}, page)).map(({ ticket }) => ticket.id);
    const taken = wanted.slice(0, BULK_MOST);
    const items: BulkResult['items'][number][] = [];
    for (let from = 0; from < taken.length; from += AT_ONCE)
      items.push(...(await Promise.all(taken.slice(from, from + AT_ONCE).map((id) => one(actor, id, step, language)))));
    const done = items.filter(({ ok }) => ok).length;
    const summary = { step, filter: filter ?? null, asked: taken.length, done };
    await desk.prove.did(transactor.autocommit, actor, 'bulk', null, null, summary);
    return { done, refused: items.length - done, more: wanted.length > taken.length, items };
  };
}

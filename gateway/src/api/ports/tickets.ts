import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { Page } from '../../domain/page.ts';
import type { TicketFilter } from '../../domain/ticket-rows.ts';
import type { Language } from '../../messages/index.ts';
import type { TicketBody, TicketView, TransitionBody } from '../schemas/ticket.ts';

type Ticket = Static<typeof TicketView>;

/** Texts the system wrote into the history come in the language asked for. */
export interface TicketPort {
  list(
    actor: Actor,
    filter: TicketFilter,
    page: { limit?: number; cursor?: string },
    language?: Language,
  ): Promise<Page<Ticket>>;
  get(actor: Actor, id: string, language?: Language): Promise<Ticket>;
  create(actor: Actor, input: Static<typeof TicketBody>, language?: Language): Promise<Ticket>;
  /** `until` in epoch milliseconds. */
  transition(
    actor: Actor,
    id: string,
    input: Omit<Static<typeof TransitionBody>, 'until'> & { until?: number },
    language?: Language,
  ): Promise<Ticket>;
  comment(actor: Actor, id: string, text: string, language?: Language): Promise<Ticket>;
}

import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { Crs, Point } from '../../domain/geo.ts';
import type { Page } from '../../domain/page.ts';
import type { AttachmentPhase, PartyDuty, TicketFilter } from '../../domain/ticket-rows.ts';
import type { Language } from '../../messages/index.ts';
import type { TicketBody, TicketView, TransitionBody } from '../schemas/ticket.ts';
import type { AskDecisionBody, AssignBody, BulkView } from '../schemas/ticket-work.ts';

type Ticket = Static<typeof TicketView>;
/** `until` in epoch milliseconds. */
type Transition = Omit<Static<typeof TransitionBody>, 'until'> & { until?: number };

export type BulkStep =
  | ({ readonly action: 'transition' } & Omit<Transition, 'evidence'>)
  | ({ readonly action: 'assign' } & Static<typeof AssignBody>)
  | { readonly action: 'comment'; readonly note: string };

/** A file as it came, with what the person says of it; `takenAt` in epoch milliseconds. */
export interface TicketFile {
  readonly content: Uint8Array;
  readonly name?: string;
  readonly phase?: AttachmentPhase;
  readonly note?: string;
  readonly takenAt?: number;
  readonly location?: Point & { readonly crs?: Crs };
}

/** Texts the system wrote into the history come in the language asked for. Times in epoch milliseconds. */
export interface TicketPort {
  list(
    actor: Actor,
    filter: TicketFilter,
    page: { limit?: number; cursor?: string },
    language?: Language,
  ): Promise<Page<Ticket>>;
  export(
    actor: Actor,
    query: {
      readonly filter: TicketFilter;
      readonly purpose: string;
      readonly format: 'csv' | 'xlsx';
      readonly encoding: 'utf-8' | 'gb18030';
    },
    language?: Language,
  ): Promise<{ readonly name: string; readonly contentType: string; readonly chunks: AsyncIterable<Uint8Array> }>;
  get(actor: Actor, id: string, language?: Language): Promise<Ticket>;
  create(
    actor: Actor,
    input: Static<typeof TicketBody>,
    language?: Language,
    files?: readonly TicketFile[],
  ): Promise<Ticket>;
  transition(actor: Actor, id: string, input: Transition, language?: Language): Promise<Ticket>;
  comment(actor: Actor, id: string, text: string, language?: Language): Promise<Ticket>;
  ask(
    actor: Actor,
    id: string,
    kind: 'extension' | 'suspension',
    input: { reason: string; until: number },
    language?: Language,
  ): Promise<Ticket>;
  decide(
    actor: Actor,
    id: string,
    n: number,
    decision: Static<typeof AskDecisionBody>,
    language?: Language,
  ): Promise<Ticket>;
  assign(actor: Actor, id: string, input: Static<typeof AssignBody>, language?: Language): Promise<Ticket>;
  escalate(
    actor: Actor,
    id: string,
    input: { decision: 'confirm' | 'decline' | 'raise'; reason: string },
    language?: Language,
  ): Promise<Ticket>;
  supervise(actor: Actor, id: string, instruction: string, language?: Language): Promise<Ticket>;
  addParty(
    actor: Actor,
    id: string,
    input: { orgId: string; duty: PartyDuty; note?: string; respondBy?: number },
    language?: Language,
  ): Promise<Ticket>;
  removeParty(
    actor: Actor,
    id: string,
    input: { readonly orgId: string; readonly note: string },
    language?: Language,
  ): Promise<Ticket>;
  acknowledge(actor: Actor, id: string, text: string | undefined, language?: Language): Promise<Ticket>;
  devices(
    actor: Actor,
    id: string,
    page: { limit?: number; cursor?: string },
  ): Promise<{ items: readonly { id: string }[]; nextCursor: string | null }>;
  people(
    actor: Actor,
    id: string,
  ): Promise<readonly { readonly id: string; readonly name: string; readonly orgId: string | null }[]>;
  merge(
    actor: Actor,
    id: string,
    input: { ids: readonly string[]; note: string },
    language?: Language,
  ): Promise<Ticket>;
  /** Answers the new ticket. */
  split(
    actor: Actor,
    id: string,
    input: { deviceIds: readonly string[]; note: string },
    language?: Language,
  ): Promise<Ticket>;
  bulk(
    actor: Actor,
    input: { ids?: readonly string[]; filter?: TicketFilter; step: BulkStep },
    language?: Language,
  ): Promise<Static<typeof BulkView>>;
  attach(actor: Actor, id: string, file: TicketFile, language?: Language): Promise<Ticket>;
  attachment(
    actor: Actor,
    id: string,
    n: number,
  ): Promise<{ content: Uint8Array; mediaType: string; name: string; sha256: string }>;
}

import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceKey } from '../domain/device.ts';
import { createStageLimits, type StageLimits } from '../domain/stage-limits.ts';
import type { StoredTicket } from '../domain/ticket-rows.ts';
import { allowedStages, type Duty, type TicketActor } from '../domain/ticket-transition.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import type { Language } from '../messages/index.ts';
import type { AttachmentFiles } from './attachments/files.ts';
import { type Draft, draftOf } from './draft.ts';
import { dutiesOf } from './duties.ts';
import { mentioned, withNames } from './named.ts';
import type { PictureTaken } from './pictures.ts';
import type { Conditions, Directory, Outbox, Recheck, TicketStore, TitleOf } from './ports.ts';
import { createProofs } from './proofs.ts';
import { details, refused, type TicketDetails } from './read.ts';
import { groupByTicket, saveDrafts } from './save.ts';
import type { TicketSettings } from './settings.ts';

export interface TicketsOptions {
  readonly store: TicketStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly conditions: Conditions;
  readonly recheck: Recheck;
  readonly clock: Clock;
  readonly log: Logger;
  /** IANA; times in files are told in it. */
  readonly timeZone: string;
  /** Where pictures and documents of tickets lie. */
  readonly files: AttachmentFiles;
  /** Read at every use, so a changed setting counts at once. */
  readonly settings: () => TicketSettings;
  readonly titleOf?: TitleOf;
  /** Devices whose incidents ended with their ticket: an alarm that is still up begins anew. Must not throw. */
  readonly judgeAgain?: (devices: readonly DeviceKey[]) => void;
  /** Whether 重保 goes on for one of these devices. Memory only. */
  readonly secured?: (devices: readonly DeviceKey[]) => boolean;
  /** The newest good picture of each of these devices that is a camera. */
  readonly picturesBefore?: (tx: Tx, devices: readonly DeviceKey[]) => Promise<ReadonlyMap<DeviceKey, PictureTaken>>;
}

export type Desk = ReturnType<typeof createDesk>;

/** What every step of a person on a ticket needs: find it in scope, change it in memory, save, prove, show. */
export function createDesk(options: TicketsOptions) {
  const { store, transactor, directory, outbox, clock } = options;
  const prove = createProofs(options);

  let limitsOf: { settings: TicketSettings; limits: StageLimits } | undefined;
  /** Everything a change needs, as of now. */
  const context = () => {
    const settings = options.settings();
    if (!limitsOf || !sameLimits(limitsOf.settings, settings))
      limitsOf = { settings, limits: createStageLimits(settings.limits, settings.workingHours, settings.clocks) };
    const { limits } = limitsOf;
    const { judgeAgain, secured } = options;
    const ports = { store, directory, outbox, ...(judgeAgain ? { judgeAgain } : {}), ...(secured ? { secured } : {}) };
    return { ...ports, settings, limits, rules: settings, now: clock.now() };
  };
  const view = (actor: Actor) => ({ scope: actor.scope, userId: actor.id });

  const find = async (tx: Tx, actor: Actor, id: string, lock: boolean): Promise<StoredTicket> => {
    const found = await store.get(tx, id, view(actor), lock);
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };

  const read = async (
    tx: Tx,
    found: readonly StoredTicket[],
    language: Language,
  ): Promise<readonly TicketDetails[]> => {
    if (found.length === 0) return [];
    const ids = found.map(({ ticket }) => ticket.id);
    const logs = groupByTicket(await store.history(tx, ids));
    const belongings = await store.belongings(tx, ids);
    const escalations = await store.escalations(tx, ids);
    const { titleOf } = options;
    const c = { ...context(), language, ...(titleOf ? { titleOf } : {}) };
    const shown = found.map((one) => {
      const { id } = one.ticket;
      const steps = escalations.filter(({ ticketId }) => ticketId === id);
      const own = belongings.get(id) ?? NOTHING;
      return details(one, logs.get(id) ?? [], { ...own, escalations: steps }, c);
    });
    return withNames(shown, await store.names(tx, mentioned(shown)));
  };

  /** Parties that only help may speak, and nothing else. */
  const actorOf = async (tx: Tx, actor: Actor, draft: Draft): Promise<TicketActor> => {
    const { parties = [] } = (await store.belongings(tx, [draft.ticket.id])).get(draft.ticket.id) ?? {};
    return dutiesOf.actor(actor, draft.ticket, directory, tx, parties);
  };

  return {
    options,
    context,
    view,
    find,
    read,
    prove,
    actorOf,
    save: (tx: Tx, drafts: readonly Draft[], c: ReturnType<typeof context>) => saveDrafts(tx, drafts, c.now, c),

    async readOne(actor: Actor, id: string, language: Language): Promise<TicketDetails> {
      const tx = transactor.autocommit;
      const found = await find(tx, actor, id, false);
      const [only] = await read(tx, [found], language);
      if (!only) throw new GatewayError('NOT_FOUND');
      const by = await actorOf(tx, actor, draftOf(found));
      const c = context();
      return {
        ...only,
        allowed: allowedStages(found.ticket, by, c.now, c.rules),
        duties: by.duties.filter((duty) => duty !== 'system'),
      };
    },

    /** The ticket locked, as a draft, with what the actor may do to it. */
    async take(tx: Tx, actor: Actor, id: string): Promise<{ draft: Draft; by: TicketActor }> {
      const draft = draftOf(await find(tx, actor, id, true));
      return { draft, by: await actorOf(tx, actor, draft) };
    },

    requireDuty(by: TicketActor, ...duties: Duty[]): void {
      if (!duties.some((duty) => by.duties.includes(duty))) throw refused('FORBIDDEN', 'who', 'to');
    },

    /** Only those are named who exist within reach or have to do with the ticket: INVALID_INPUT naming the field. */
    async requireKnown(
      tx: Tx,
      actor: Actor,
      { ticket }: Draft,
      named: { readonly assigneeId?: string | null; readonly handlerOrgId?: string | null; readonly orgId?: string },
    ): Promise<void> {
      const people = named.assigneeId ? [named.assigneeId] : [];
      const orgs = [named.handlerOrgId, named.orgId].filter((id) => id !== undefined && id !== null);
      if (people.length + orgs.length === 0) return;
      const known = await store.known(tx, people, orgs, { scope: actor.scope, ticketId: ticket.id });
      for (const [field, id] of Object.entries(named)) {
        if (!id || known.has(`${field === 'assigneeId' ? 'user' : 'org'}:${id}`)) continue;
        throw refused('INVALID_INPUT', 'unknownParty', field);
      }
    },
  };
}

const NOTHING = { asks: [], parties: [], attachments: [], merged: [] };

function sameLimits(a: TicketSettings, b: TicketSettings): boolean {
  return a.limits === b.limits && a.workingHours === b.workingHours && a.clocks === b.clocks;
}

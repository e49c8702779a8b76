import type { Actor } from '../domain/actor.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Decision } from '../domain/health.ts';
import { CAUSE_DRILL_OVER, CAUSE_RETIRED, type TicketStage } from '../domain/ticket.ts';
import type { FileTickets } from '../domain/ticket-request.ts';
import type { TicketFilter } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import type { Language } from '../messages/index.ts';
import { type AskSteps, createAsks } from './asks.ts';
import { type AssignSteps, createAssign } from './assign.ts';
import { type AttachmentSteps, createAttachments, type NewAttachment } from './attachments/attachments.ts';
import { createFileSweep } from './attachments/sweep.ts';
import { type BulkInput, type BulkResult, createBulk } from './bulk.ts';
import { createDesk, type TicketsOptions } from './desk.ts';
import { draftOf, moveBySystem, tellStage } from './draft.ts';
import { createEscalate, type EscalationSteps } from './escalate.ts';
import { createTicketExport, type TicketExport, type TicketExportQuery } from './export.ts';
import { fileTickets } from './file.ts';
import { createJoin, type JoinSteps } from './join.ts';
import { recordDecisions } from './on-decision.ts';
import { createParties, type PartySteps } from './parties.ts';
import { attachPictureAfter, type PictureTaken, withPicturesBefore } from './pictures.ts';
import { decodeCursor, encodeCursor, type TicketDetails } from './read.ts';
import { createHazards } from './recurrence.ts';
import { type NewTicket, outOfReach, reportedTicket, requireManual, sendReport } from './report.ts';
import { createSweep, type SweepResult } from './sweep.ts';
import { createTransition, type TransitionStep } from './transition.ts';
import { createWatchdog, type WatchResult } from './watchdog.ts';

export type { TicketsOptions } from './desk.ts';
export type { AttachedEvidence, TransitionInput } from './transition.ts';

export interface TicketList {
  readonly items: readonly TicketDetails[];
  readonly nextCursor: string | null;
  readonly total: number | null;
}

/** Steps of people throw NOT_FOUND for foreign and unknown tickets alike, FORBIDDEN without the duty. */
export interface Tickets extends AskSteps, AssignSteps, PartySteps, JoinSteps, EscalationSteps {
  /** Files, counts, recovers and relapses tickets inside the monitor's transaction. */
  onDecision(tx: Tx, decisions: readonly Decision[]): Promise<void>;
  /** Throws NOT_FOUND, FORBIDDEN, TRANSITION_NOT_ALLOWED or UNPROCESSABLE, each with `allowed`. */
  readonly transition: TransitionStep;
  /** With pictures in the same transaction: a report from a phone is there whole or not at all. */
  create(actor: Actor, input: NewTicket, language?: Language, files?: readonly NewAttachment[]): Promise<TicketDetails>;
  comment(actor: Actor, id: string, text: string, language?: Language): Promise<TicketDetails>;
  readonly attach: AttachmentSteps['add'];
  readonly attachment: AttachmentSteps['file'];
  get(actor: Actor, id: string, language?: Language): Promise<TicketDetails>;
  /** Public ids of the ticket's devices, in order. */
  devices(
    actor: Actor,
    id: string,
    page: { limit?: number; cursor?: string },
  ): Promise<{ items: readonly { id: string }[]; nextCursor: string | null }>;
  /** Who may be named to work on it. */
  people(
    actor: Actor,
    id: string,
  ): Promise<readonly { readonly id: string; readonly name: string; readonly orgId: string | null }[]>;
  list(
    actor: Actor,
    filter: TicketFilter,
    page: { limit?: number; cursor?: string },
    language?: Language,
  ): Promise<TicketList>;
  export(actor: Actor, query: TicketExportQuery, language?: Language): Promise<TicketExport>;
  bulk(actor: Actor, input: BulkInput, language?: Language): Promise<BulkResult>;
  /** Closes what data proves repaired, resumes what was suspended long enough, marks missed deadlines. */
  sweep(): Promise<SweepResult>;
  /** Takes higher what nobody saw to in time. */
  watch(): Promise<WatchResult>;
  /** Removes files that no ticket names, once a day however often it is called; answers how many. */
  sweepFiles(): Promise<number>;
  /** Files a 隐患 ticket for each device that failed too often; answers how many. */
  hazards(): Promise<number>;
  /** 作废 of the open tickets of retired devices, inside the registry's transaction. */
  voidForDevices(tx: Tx, devices: readonly DeviceKey[], reason: string): Promise<void>;
  /** 作废 of what is still open of these tickets of a drill that is over. */
  endDrill(tx: Tx, ids: readonly string[]): Promise<void>;
  /** A good picture of a camera was taken: tickets whose fault is over keep it as the picture after. Answers how many. */
  pictureTaken(device: DeviceKey, picture: PictureTaken): Promise<number>;
  countByStage(): Promise<Partial<Record<TicketStage, number>>>;
  /** Tickets another part asks for; see {@link FileTickets}. */
  readonly file: FileTickets;
}

const MOST_PEOPLE = 300;
const TOTAL_CAP = 10_000;

export function createTickets(options: TicketsOptions): Tickets {
  const { store, transactor, directory, clock } = options;
  const desk = createDesk(options);
  const { context, view, find, prove } = desk;
  const attachments = createAttachments(desk, options.files);
  const transition = createTransition(desk);
  const assigning = createAssign(desk);

  const comment: Tickets['comment'] = async (actor, id, text, language = 'zh-CN') => {
    await transactor.transaction(async (tx) => {
      const { ticket } = await find(tx, actor, id, false);
      const remark = { from: ticket.stage, to: ticket.stage, by: actor.id, at: clock.now(), note: text };
      await store.log(tx, [{ ...remark, ticketId: id, kind: 'comment', code: null, values: {}, cause: null }]);
      await prove.commented(tx, actor, id, text);
    });
    return desk.readOne(actor, id, language);
  };

  return {
    ...createAsks(desk),
    ...assigning,
    ...createParties(desk),
    ...createJoin(desk),
    ...createEscalate(desk),
    transition,
    comment,
    attach: attachments.add,
    attachment: attachments.file,
    export: createTicketExport(desk),
    bulk: createBulk(desk, { transition, assign: assigning.assign, comment }),

    async onDecision(tx, decisions) {
      if (decisions.length === 0) return;
      const begun = decisions.flatMap(({ action, devices }) => (action === 'resolved' ? [] : devices));
      const before = begun.length === 0 ? undefined : await options.picturesBefore?.(tx, begun);
      const { conditions } = options;
      await recordDecisions(tx, before ? withPicturesBefore(decisions, before) : decisions, {
        ...context(),
        conditions,
      });
    },

    pictureTaken: (device, picture) => transactor.transaction((tx) => attachPictureAfter(tx, store, device, picture)),

    async create(actor, input, language = 'zh-CN', files = []) {
      requireManual(input, files.length);
      const kept = await Promise.all(files.map(attachments.keep));
      const id = await transactor.transaction(async (tx) => {
        const c = context();
        const devices = await directory.devicesById(tx, input.deviceIds ?? [], actor.scope);
        const placeOrg = input.siteId === undefined ? null : await directory.siteOrg(tx, input.siteId);
        const draft = reportedTicket(actor, input, { devices, placeOrg }, c.now, language);
        await sendReport(tx, directory, actor, draft, devices, c);
        const [collided] = await desk.save(tx, [draft], c);
        if (!collided) {
          const { id: made } = draft.ticket;
          if (!(await store.get(tx, made, view(actor), false))) throw outOfReach(draft.ticket.module);
          await prove.created(tx, actor, draft.ticket, input.deviceIds ?? []);
          await attachments.attach(tx, actor, made, kept);
          return made;
        }
        const { subject, fault, component } = draft.ticket;
        const [open] = subject === null ? [] : await store.latestOf(tx, [{ subject, fault, component }]);
        throw new GatewayError('CONFLICT', undefined, { extra: { ticketId: open?.ticket.id ?? null } });
      });
      return desk.readOne(actor, id, language);
    },

    get: (actor, id, language = 'zh-CN') => desk.readOne(actor, id, language),

    async devices(actor, id, page) {
      await find(transactor.autocommit, actor, id, false);
      const limit = page.limit ?? 100;
      const ids = await store.deviceIds(transactor.autocommit, id, page.cursor ?? '', limit + 1);
      const shown = ids.slice(0, limit);
      return {
        items: shown.map((device) => ({ id: device })),
        nextCursor: ids.length > limit ? (shown.at(-1) ?? null) : null,
      };
    },

    async people(actor, id) {
      const tx = transactor.autocommit;
      await find(tx, actor, id, false);
      return store.nameable(tx, { scope: actor.scope, ticketId: id }, MOST_PEOPLE);
    },

    async list(actor, filter, page, language = 'zh-CN') {
      const tx = transactor.autocommit;
      const limit = page.limit ?? 50;
      const after = page.cursor === undefined ? null : decodeCursor(page.cursor);
      const now = clock.now();
      const [found, total] = await Promise.all([
        store.list(tx, view(actor), filter, { limit: limit + 1, after, now }),
        store.count(tx, view(actor), filter, now, TOTAL_CAP),
      ]);
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: await desk.read(tx, shown, language),
        nextCursor: found.length > limit && last ? encodeCursor(last.ticket) : null,
        total,
      };
    },

    sweep: createSweep({ ...options, context }),
    watch: createWatchdog(desk, options.log),
    hazards: createHazards(desk, options.log),
    sweepFiles: createFileSweep(options),

    async voidForDevices(tx, devices, reason) {
      if (devices.length === 0) return;
      const c = context();
      const drafts = (await store.openOfDevices(tx, devices)).map(draftOf);
      for (const draft of drafts) {
        moveBySystem(draft, { to: 'cancelled', code: 'retired', note: reason, cause: CAUSE_RETIRED }, c.now, c.rules);
        tellStage(draft, c.now);
      }
      await desk.save(tx, drafts, c);
    },

    async endDrill(tx, ids) {
      if (ids.length === 0) return;
      const c = context();
      const drafts = (await store.openDrills(tx, ids)).map(draftOf);
      for (const draft of drafts) {
        const over = { to: 'cancelled', code: 'drillOver', note: '演练结束', cause: CAUSE_DRILL_OVER } as const;
        moveBySystem(draft, over, c.now, c.rules);
      }
      await desk.save(tx, drafts, c);
    },

    countByStage: () => store.countByStage(transactor.autocommit),

    file: (tx, requests) => fileTickets(tx, requests, { ...context(), audit: options.audit }),
  };
}

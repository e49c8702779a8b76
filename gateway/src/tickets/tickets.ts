import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Decision } from '../domain/health.ts';
import { CAUSE_RETIRED, type TicketEvidence, type TicketStage } from '../domain/ticket.ts';
import type { FileTickets } from '../domain/ticket-request.ts';
import type { StoredTicket, TicketFilter } from '../domain/ticket-rows.ts';
import { transition as judge } from '../domain/ticket-transition.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { createWorkingTime, type WorkingTime } from '../domain/working-time.ts';
import { GatewayError } from '../errors.ts';
import type { Language } from '../messages/index.ts';
import { type Draft, draftOf, move, moveBySystem, tell, tellStage, warn } from './draft.ts';
import { dutiesOf } from './duties.ts';
import { fileTickets } from './file.ts';
import { recordDecisions } from './on-decision.ts';
import { attachPictureAfter, type PictureTaken, withPicturesBefore } from './pictures.ts';
import type { Conditions, Directory, Outbox, Recheck, TicketStore, TitleOf } from './ports.ts';
import { createProofs } from './proofs.ts';
import { decodeCursor, details, encodeCursor, refusalError, type TicketDetails } from './read.ts';
import { type NewTicket, outOfReach, reportedTicket } from './report.ts';
import { groupByTicket, saveDrafts } from './save.ts';
import type { TicketSettings } from './settings.ts';
import { createSweep, type SweepResult } from './sweep.ts';
import { findHandlers, type Handler } from './who.ts';

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
  /** Read at every use, so a changed setting counts at once. */
  readonly settings: () => TicketSettings;
  readonly titleOf?: TitleOf;
  /** Devices whose incidents ended with their ticket: an alarm that is still up begins anew. Must not throw. */
  readonly judgeAgain?: (devices: readonly DeviceKey[]) => void;
  /** The newest good picture of each of these devices that is a camera. */
  readonly picturesBefore?: (tx: Tx, devices: readonly DeviceKey[]) => Promise<ReadonlyMap<DeviceKey, PictureTaken>>;
}

export interface TransitionInput {
  readonly to: TicketStage;
  readonly note?: string;
  readonly assigneeId?: string;
  readonly cause?: string;
  readonly handlerOrgId?: string;
  /** End of a suspension, epoch milliseconds. */
  readonly until?: number;
  /** References to photos, or statements; what machines prove is never taken from a request. */
  readonly evidence?: readonly AttachedEvidence[];
}

export interface AttachedEvidence {
  readonly kind: 'photo' | 'statement';
  readonly detail: unknown;
}

export interface TicketList {
  readonly items: readonly TicketDetails[];
  readonly nextCursor: string | null;
  readonly total: number | null;
}

export interface Tickets {
  /** Files, counts, recovers and relapses tickets inside the monitor's transaction. */
  onDecision(tx: Tx, decisions: readonly Decision[]): Promise<void>;
  /** Throws NOT_FOUND, FORBIDDEN, TRANSITION_NOT_ALLOWED or UNPROCESSABLE, each with `allowed`. */
  transition(actor: Actor, id: string, input: TransitionInput, language?: Language): Promise<TicketDetails>;
  create(actor: Actor, input: NewTicket, language?: Language): Promise<TicketDetails>;
  comment(actor: Actor, id: string, text: string, language?: Language): Promise<TicketDetails>;
  attach(actor: Actor, id: string, evidence: readonly AttachedEvidence[], language?: Language): Promise<TicketDetails>;
  get(actor: Actor, id: string, language?: Language): Promise<TicketDetails>;
  list(
    actor: Actor,
    filter: TicketFilter,
    page: { limit?: number; cursor?: string },
    language?: Language,
  ): Promise<TicketList>;
  /** Closes what data proves repaired, resumes what was suspended long enough, marks missed deadlines. */
  sweep(): Promise<SweepResult>;
  /** 作废 of the open tickets of retired devices, inside the registry's transaction. */
  voidForDevices(tx: Tx, devices: readonly DeviceKey[], reason: string): Promise<void>;
  /** A good picture of a camera was taken: tickets whose fault is over keep it as the picture after. Answers how many. */
  pictureTaken(device: DeviceKey, picture: PictureTaken): Promise<number>;
  countByStage(): Promise<Partial<Record<TicketStage, number>>>;
  /** Tickets another part asks for; see {@link FileTickets}. */
  readonly file: FileTickets;
}

const TOTAL_CAP = 10_000;

export function createTickets(options: TicketsOptions): Tickets {
  const { store, transactor, directory, outbox, clock } = options;
  const prove = createProofs(options);

  let workingFor: { hours: TicketSettings['workingHours']; working: WorkingTime } | undefined;
  /** Everything a change needs, as of now. */
  const context = () => {
    const settings = options.settings();
    if (workingFor?.hours !== settings.workingHours)
      workingFor = { hours: settings.workingHours, working: createWorkingTime(settings.workingHours) };
    const { working } = workingFor;
    const { judgeAgain } = options;
    const ports = { store, directory, outbox, ...(judgeAgain ? { judgeAgain } : {}) };
    return { ...ports, settings, working, rules: settings, now: clock.now() };
  };
  type Context = ReturnType<typeof context>;
  const save = (tx: Tx, drafts: readonly Draft[], c: Context) => saveDrafts(tx, drafts, c.now, c);

  const view = (actor: Actor) => ({ scope: actor.scope, userId: actor.id });
  const find = async (tx: Tx, actor: Actor, id: string, lock: boolean): Promise<StoredTicket> => {
    const found = await store.get(tx, id, view(actor), lock);
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };
  const read = async (tx: Tx, found: readonly StoredTicket[], language: Language): Promise<TicketDetails[]> => {
    if (found.length === 0) return [];
    const logs = groupByTicket(
      await store.history(
        tx,
        found.map(({ ticket }) => ticket.id),
      ),
    );
    const { titleOf } = options;
    const c = { ...context(), language, ...(titleOf ? { titleOf } : {}) };
    return found.map((one) => details(one, logs.get(one.ticket.id) ?? [], c));
  };
  const readOne = async (tx: Tx, actor: Actor, id: string, language: Language): Promise<TicketDetails> => {
    const [only] = await read(tx, [await find(tx, actor, id, false)], language);
    if (!only) throw new GatewayError('NOT_FOUND');
    return only;
  };

  /** One try of a person's transition; `probe` when only the re-probe is missing. */
  async function attemptTransition(
    tx: Tx,
    actor: Actor,
    id: string,
    input: TransitionInput,
    recheck: readonly TicketEvidence[] | undefined,
  ): Promise<{ probe: readonly DeviceKey[]; fault: string } | undefined> {
    const c = context();
    const draft = draftOf(await find(tx, actor, id, true));
    const before = draft.ticket;
    const by = await dutiesOf.actor(actor, draft.ticket, directory, tx);
    const handler =
      input.to === 'dispatched' && draft.ticket.stage !== 'suspended' && input.handlerOrgId === undefined
        ? await handlerFor(tx, draft, c)
        : undefined;
    const request = {
      to: input.to,
      by,
      note: input.note ?? null,
      cause: input.cause ?? null,
      assigneeId: input.assigneeId ?? handler?.userId ?? null,
      handlerOrgId: input.handlerOrgId ?? handler?.orgId ?? null,
      until: input.until ?? null,
      evidence: attached(actor, input.evidence, c.now),
      ...(recheck ? { recheck } : {}),
    };
    const verdict = judge(draft.ticket, request, c.now, c.rules);
    if (!verdict.ok) {
      if (verdict.refusal.rule === 'recheck' && recheck === undefined) {
        return { probe: draft.devices, fault: draft.ticket.fault };
      }
      throw refusalError(verdict.refusal, recheck ? { recheck } : {});
    }
    move(draft, request, c.now, c.rules);
    for (const warning of handler?.warnings ?? []) warn(draft, warning, c.now);
    tellStage(draft, c.now);
    // The fault went away during the suspension; the party it returns to has nothing left to repair.
    const { stage, firing, recoveredAt } = draft.ticket;
    if (verdict.entry.from === 'suspended' && stage !== 'cancelled' && !firing && recoveredAt !== null) {
      moveBySystem(draft, { to: 'verifying', code: 'recovered' }, c.now, c.rules);
      tell(draft, 'stage', c.now);
    }
    await save(tx, [draft], c);
    await prove.moved(tx, actor, before, draft.ticket, input);
    return undefined;
  }

  async function handlerFor(tx: Tx, draft: Draft, c: Context): Promise<Handler | undefined> {
    // A re-dispatch without a named party keeps the one there is, unless that one just gave it back.
    if (draft.ticket.handlerOrgId !== null && draft.ticket.stage !== 'returned') return undefined;
    const [device] = await directory.devices(tx, draft.devices.slice(0, 1));
    const duties = { ...draft.ticket, maintenanceUnitId: device?.maintenanceUnitId ?? null };
    return (await findHandlers(directory, tx, [duties], c.settings, c.now))[0];
  }

  async function probe(devices: readonly DeviceKey[], fault: string): Promise<TicketEvidence[]> {
    const rows = await options.recheck(devices, fault);
    const names = new Map((await directory.devices(transactor.autocommit, devices)).map((d) => [d.key, d.id]));
    return devices.map((key) => {
      const row = rows.find((one) => one.device === key);
      return {
        kind: 'recheck',
        at: clock.now(),
        by: 'system',
        deviceId: names.get(key) ?? String(key),
        ok: row?.ok ?? false,
        detail: row?.detail ?? null,
      };
    });
  }

  return {
    async onDecision(tx, decisions) {
      if (decisions.length === 0) return;
      const begun = decisions.flatMap(({ action, devices }) => (action === 'resolved' ? [] : devices));
      const before = begun.length === 0 ? undefined : await options.picturesBefore?.(tx, begun);
      await recordDecisions(tx, before ? withPicturesBefore(decisions, before) : decisions, context());
    },

    async transition(actor, id, input, language = 'zh-CN') {
      const first = await transactor.transaction((tx) => attemptTransition(tx, actor, id, input, undefined));
      if (first) {
        // Probing takes seconds, so it runs outside any transaction; the second try judges the ticket as it is then.
        const evidence = await probe(first.probe, first.fault);
        await transactor.transaction((tx) => attemptTransition(tx, actor, id, input, evidence));
      }
      return readOne(transactor.autocommit, actor, id, language);
    },

    pictureTaken: (device, picture) => transactor.transaction((tx) => attachPictureAfter(tx, store, device, picture)),

    async create(actor, input, language = 'zh-CN') {
      const id = await transactor.transaction(async (tx) => {
        const c = context();
        const devices = await directory.devicesById(tx, input.deviceIds ?? [], actor.scope);
        const draft = reportedTicket(actor, input, devices, c.now);
        const [collided] = await save(tx, [draft], c);
        if (!collided) {
          if (!(await store.get(tx, draft.ticket.id, view(actor), false))) throw outOfReach();
          await prove.created(tx, actor, draft.ticket, input.deviceIds ?? []);
          return draft.ticket.id;
        }
        const { subject, fault, component } = draft.ticket;
        const [open] = subject === null ? [] : await store.latestOf(tx, [{ subject, fault, component }]);
        throw new GatewayError('CONFLICT', undefined, { extra: { ticketId: open?.ticket.id ?? null } });
      });
      return readOne(transactor.autocommit, actor, id, language);
    },

    async comment(actor, id, text, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        const { ticket } = await find(tx, actor, id, false);
        const remark = { from: ticket.stage, to: ticket.stage, by: actor.id, at: clock.now(), note: text };
        await store.log(tx, [{ ...remark, ticketId: id, kind: 'comment', code: null, values: {}, cause: null }]);
        await prove.commented(tx, actor, id, text);
      });
      return readOne(transactor.autocommit, actor, id, language);
    },

    async attach(actor, id, evidence, language = 'zh-CN') {
      await transactor.transaction(async (tx) => {
        await find(tx, actor, id, true);
        await store.addEvidence(tx, id, attached(actor, evidence, clock.now()));
        await prove.attached(tx, actor, id, evidence);
      });
      return readOne(transactor.autocommit, actor, id, language);
    },

    get: (actor, id, language = 'zh-CN') => readOne(transactor.autocommit, actor, id, language),

    async list(actor, filter, page, language = 'zh-CN') {
      const tx = transactor.autocommit;
      const limit = page.limit ?? 50;
      const after = page.cursor === undefined ? null : decodeCursor(page.cursor);
      const now = clock.now();
      const found = await store.list(tx, view(actor), filter, { limit: limit + 1, after, now });
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: await read(tx, shown, language),
        nextCursor: found.length > limit && last ? encodeCursor(last.ticket) : null,
        total: await store.count(tx, view(actor), filter, now, TOTAL_CAP),
      };
    },

    sweep: createSweep({ ...options, context }),

    async voidForDevices(tx, devices, reason) {
      if (devices.length === 0) return;
      const c = context();
      const drafts = (await store.openOfDevices(tx, devices)).map(draftOf);
      for (const draft of drafts) {
        moveBySystem(draft, { to: 'cancelled', code: 'retired', note: reason, cause: CAUSE_RETIRED }, c.now, c.rules);
        tellStage(draft, c.now);
      }
      await save(tx, drafts, c);
    },

    countByStage: () => store.countByStage(transactor.autocommit),

    file: (tx, requests) => fileTickets(tx, requests, { ...context(), audit: options.audit }),
  };
}

function attached(actor: Actor, evidence: readonly AttachedEvidence[] = [], now: number): TicketEvidence[] {
  return evidence.map(({ kind, detail }) => ({ kind, at: now, by: actor.id, detail }));
}

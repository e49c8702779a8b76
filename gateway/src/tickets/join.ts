import type { Actor } from '../domain/actor.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import { isEnded, type TicketEvidence, type TicketRecord } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import type { Language } from '../messages/index.ts';
import { blankTicket, dispatchNew } from './blank.ts';
import type { Desk } from './desk.ts';
import { amend, type Draft, moveBySystem, newDraft, note, tell, tellStage } from './draft.ts';
import { refused, type TicketDetails } from './read.ts';
import { findHandlers } from './who.ts';

export interface JoinSteps {
  /** Takes other open tickets into this one: they end as 作废 with a link, what they hold moves. */
  merge(
    actor: Actor,
    id: string,
    input: { ids: readonly string[]; note: string },
    language?: Language,
  ): Promise<TicketDetails>;
  /** Takes devices out of a group's ticket into one of their own; answers the new one. */
  split(
    actor: Actor,
    id: string,
    input: { deviceIds: readonly string[]; note: string },
    language?: Language,
  ): Promise<TicketDetails>;
}

export function createJoin(desk: Desk): JoinSteps {
  const { store, transactor, directory } = desk.options;

  /** Locked in one order, so that two who merge each other's tickets never wait for each other. */
  async function takeAll(tx: Tx, actor: Actor, id: string, others: readonly string[]): Promise<Map<string, Draft>> {
    const drafts = new Map<string, Draft>();
    for (const one of [id, ...others].sort()) {
      const { draft, by } = await desk.take(tx, actor, one);
      desk.requireDuty(by, 'dispatcher');
      if (isEnded(draft.ticket.stage)) throw refused('TRANSITION_NOT_ALLOWED', 'ended', one === id ? 'id' : 'ids');
      drafts.set(one, draft);
    }
    return drafts;
  }

  async function leavingOf(tx: Tx, draft: Draft, deviceIds: readonly string[]): Promise<readonly DeviceFacts[]> {
    const facts = await directory.devices(tx, draft.devices);
    const wanted = new Set(deviceIds);
    const leaving = facts.filter((device) => wanted.has(device.id));
    if (leaving.length !== wanted.size) throw refused('UNPROCESSABLE', 'notInTicket', 'deviceIds');
    if (leaving.length === facts.length) throw refused('UNPROCESSABLE', 'splitAll', 'deviceIds');
    return leaving;
  }

  return {
    async merge(actor, id, input, language = 'zh-CN') {
      const others = [...new Set(input.ids)].filter((one) => one !== id);
      if (others.length === 0) {
        await desk.find(transactor.autocommit, actor, id, false);
        throw refused('UNPROCESSABLE', 'mergeSelf', 'ids');
      }
      await transactor.transaction(async (tx) => {
        const c = desk.context();
        const drafts = await takeAll(tx, actor, id, others);
        const into = drafts.get(id);
        if (!into) throw new GatewayError('NOT_FOUND');
        const merged = others.flatMap((one) => drafts.get(one) ?? []);
        for (const one of merged) {
          const { ticket } = one;
          // Their rules of proof differ: a photo ends an event, fresh data end a fault.
          if (ticket.kind !== into.ticket.kind || ticket.module !== into.ticket.module)
            throw refused('UNPROCESSABLE', 'mergeUnlike', 'ids', { ticketId: ticket.id });
          const shift = await store.copyAttachments(tx, ticket.id, id);
          takeOver(into, one, shift, c.now);
        }
        for (const one of merged) {
          one.ticket = { ...one.ticket, mergedInto: id };
          const values = { no: into.ticket.no };
          moveBySystem(one, { to: 'cancelled', code: 'merged', note: input.note, values }, c.now, c.rules);
          signLast(one, actor);
          tellStage(one, c.now);
        }
        const { stage } = into.ticket;
        const nos = merged.map(({ ticket }) => ticket.no).join(', ');
        const line = { kind: 'assignment', from: stage, to: stage, by: actor.id, at: c.now, code: 'tookOver' } as const;
        note(into, { ...line, note: input.note, values: { nos }, cause: null });
        tell(into, 'stage', c.now, { reason: 'tookOver' });
        await desk.save(tx, [into, ...merged], c);
        await desk.prove.did(tx, actor, 'merge', id, input.note, { ids: others });
      });
      return desk.readOne(actor, id, language);
    },

    async split(actor, id, input, language = 'zh-CN') {
      const made = await transactor.transaction(async (tx) => {
        const c = desk.context();
        const { draft, by } = await desk.take(tx, actor, id);
        desk.requireDuty(by, 'dispatcher');
        const { ticket } = draft;
        if (isEnded(ticket.stage)) throw refused('TRANSITION_NOT_ALLOWED', 'ended', 'id');
        const leaving = await leavingOf(tx, draft, input.deviceIds);
        const keys = leaving.map(({ key }) => key);
        const still = await store.takeIncidents(tx, keys, ticket);
        const record = { ...splitRecord(ticket, leaving, actor, c.now), ...firingOf(still) };
        const line = {
          kind: 'transition',
          from: null,
          to: 'discovered',
          by: actor.id,
          at: c.now,
          code: 'split',
        } as const;
        const own = newDraft(record, keys, { ...line, note: input.note, values: { no: ticket.no }, cause: null });
        const duties = { ...record, maintenanceUnitId: leaving[0]?.maintenanceUnitId ?? null };
        const [handler] = await findHandlers(directory, tx, [duties], c.settings, c.now);
        if (handler) dispatchNew(own, handler, c.now, c.rules);
        tell(own, record.firing || record.kind === 'manual' ? 'firing' : 'stage', c.now);
        const ids = leaving.map((device) => device.id).join(', ');
        const { stage } = ticket;
        amend(draft, {});
        note(draft, {
          ...{ kind: 'assignment', from: stage, to: stage, by: actor.id, at: c.now, code: 'splitOff' },
          note: input.note,
          values: { ids },
          cause: null,
        });
        const [collided] = await desk.save(tx, [draft, own], c);
        if (collided) {
          const { subject, fault, component } = record;
          const [open] = subject === null ? [] : await store.latestOf(tx, [{ subject, fault, component }]);
          throw refused('CONFLICT', 'splitOpen', 'deviceIds', { ticketId: open?.ticket.id ?? null });
        }
        await store.removeDevices(tx, id, keys);
        await desk.prove.did(tx, actor, 'split', id, input.note, { deviceIds: input.deviceIds, into: own.ticket.id });
        return own.ticket.id;
      });
      return desk.readOne(actor, made, language);
    },
  };
}

/** A ticket of their own for some devices of a group's ticket. */
function splitRecord(ticket: TicketRecord, leaving: readonly DeviceFacts[], actor: Actor, now: number): TicketRecord {
  const [first] = leaving;
  const ids = new Set(leaving.map(({ id }) => id));
  return {
    ...blankTicket(now),
    kind: ticket.kind,
    fault: ticket.fault,
    // What a group has in common is not the cause of who leaves it; what people wrote stays said.
    title: ticket.subject?.startsWith('group:') ? null : ticket.title,
    component: ticket.component,
    priority: ticket.priority,
    severity: ticket.severity,
    lifeSafety: ticket.lifeSafety,
    subject: leaving.length === 1 && first ? `device:${first.key}` : null,
    module: first?.module ?? ticket.module,
    siteId: first?.siteId ?? ticket.siteId,
    orgId: first?.orgId ?? ticket.orgId,
    advice: ticket.advice,
    drill: ticket.drill,
    openedBy: actor.id,
    evidence: ticket.evidence.filter(({ deviceId }) => deviceId === undefined || ids.has(deviceId)),
  };
}

/** Devices that are still down keep what tells of their end. */
function firingOf(incidents: readonly string[]): Partial<TicketRecord> {
  const [first, ...others] = incidents;
  if (first === undefined) return {};
  return { firing: true, incidentId: first, openIncidents: others.length === 0 ? [] : incidents };
}

/** Devices, proofs and what still fires. The ticket is over only when all of it is. */
function takeOver(into: Draft, one: Draft, shift: number, now: number): void {
  const { ticket } = one;
  const fires = (record: TicketRecord) =>
    record.openIncidents.length > 0
      ? record.openIncidents
      : record.firing && record.incidentId !== null
        ? [record.incidentId]
        : [];
  const openIncidents = ticket.firing
    ? [...new Set([...fires(into.ticket), ...fires(ticket)])]
    : into.ticket.openIncidents;
  into.devices = [...new Set([...into.devices, ...one.devices])];
  amend(into, {
    firing: into.ticket.firing || ticket.firing,
    recoveredAt: ticket.firing ? null : into.ticket.recoveredAt,
    openIncidents,
    lifeSafety: into.ticket.lifeSafety || ticket.lifeSafety,
    fireCount: into.ticket.fireCount + ticket.fireCount,
    evidence: [...into.ticket.evidence, ...ticket.evidence.map((proof) => moved(proof, shift))].sort(
      (a, b) => a.at - b.at,
    ),
  });
  // Its incident goes on under the other ticket and must not end with this one.
  one.ticket = { ...ticket, incidentId: ticket.firing ? null : ticket.incidentId, firing: false, openIncidents: [] };
  one.before = { ...one.before, openIncidents: [] };
  if (into.ticket.stage === 'verifying' && ticket.firing) moveBackToWork(into, now);
}

function moveBackToWork(into: Draft, now: number): void {
  const to = into.ticket.assigneeId === null ? 'dispatched' : 'handling';
  moveBySystem(into, { to, code: 'relapsed', values: { count: into.ticket.fireCount } }, now, { reopenWithin: 0 });
}

function moved(proof: TicketEvidence, shift: number): TicketEvidence {
  const { detail } = proof;
  if (shift === 0 || typeof detail !== 'object' || detail === null || !('attachment' in detail)) return proof;
  return { ...proof, detail: { ...detail, attachment: Number(detail.attachment) + shift } };
}

/** The step is the system's by the table and a person's by deed. */
function signLast(draft: Draft, actor: Actor): void {
  const last = draft.entries.pop();
  if (last) draft.entries.push({ ...last, by: actor.id });
}

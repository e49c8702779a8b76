import type { Actor } from '../domain/actor.ts';
import type { DeviceKey } from '../domain/device.ts';
import { DISPUTED_RETURNS } from '../domain/escalation.ts';
import type { TicketEvidence, TicketStage } from '../domain/ticket.ts';
import { transition as judge, type TicketActor } from '../domain/ticket-transition.ts';
import type { Tx } from '../domain/tx.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import type { Language } from '../messages/index.ts';
import type { Desk } from './desk.ts';
import { type Draft, move, moveBySystem, tell, tellStage, warn } from './draft.ts';
import { refusalError, refused, type TicketDetails } from './read.ts';
import { unitOfPerson } from './unit.ts';
import { findHandlers, type Handler } from './who.ts';

export interface TransitionInput {
  readonly to: TicketStage;
  readonly note?: string;
  readonly assigneeId?: string;
  /** A code of the module's catalogue. */
  readonly cause?: string;
  readonly faultType?: string;
  readonly handlerOrgId?: string;
  /** End of a suspension, epoch milliseconds. */
  readonly until?: number;
  /** References to photos, or statements; what machines prove is never taken from a request. */
  readonly evidence?: readonly AttachedEvidence[];
}

export interface AttachedEvidence {
  readonly kind: 'photo' | 'statement';
  /** Of a photo: `{ attachment: n }`, one of the ticket's own. */
  readonly detail: unknown;
}

export type TransitionStep = (
  actor: Actor,
  id: string,
  input: TransitionInput,
  language?: Language,
) => Promise<TicketDetails>;

export function createTransition(desk: Desk): TransitionStep {
  const { store, transactor, directory, clock, recheck: look } = desk.options;

  /** One try of a person's transition; answers what to probe when only the re-probe is missing. */
  async function attempt(
    tx: Tx,
    actor: Actor,
    id: string,
    input: TransitionInput,
    recheck: readonly TicketEvidence[] | undefined,
  ): Promise<{ probe: readonly DeviceKey[]; fault: string } | undefined> {
    const c = desk.context();
    const { draft, by } = await desk.take(tx, actor, id);
    requireUndisputed(draft, input.to, by);
    await desk.requireKnown(tx, actor, draft, {
      assigneeId: input.assigneeId ?? null,
      handlerOrgId: input.handlerOrgId ?? null,
    });
    await requirePhotos(tx, id, input.evidence);
    const handler =
      input.to === 'dispatched' && draft.ticket.stage !== 'suspended' && input.handlerOrgId === undefined
        ? await handlerFor(tx, draft)
        : undefined;
    const unit = await unitOfPerson(store, tx, by, input, handler?.orgId ?? draft.ticket.handlerOrgId);
    const request = {
      to: input.to,
      by,
      note: input.note ?? null,
      cause: input.cause ?? null,
      faultType: input.faultType ?? null,
      assigneeId: input.assigneeId ?? handler?.userId ?? null,
      handlerOrgId: unit ?? handler?.orgId ?? null,
      until: input.until ?? null,
      evidence: attached(actor, input.evidence, c.now),
      ...(recheck ? { recheck } : {}),
    };
    const verdict = judge(draft.ticket, request, c.now, c.rules);
    if (!verdict.ok) {
      if (verdict.refusal.rule === 'recheck' && recheck === undefined)
        return { probe: draft.devices, fault: draft.ticket.fault };
      throw refusalError(verdict.refusal, looked(recheck, c.settings.workingHours.zone));
    }
    move(draft, request, c.now, c.rules);
    for (const warning of handler?.warnings ?? []) warn(draft, warning, c.now);
    if (draft.ticket.stage !== draft.before.stage) tellStage(draft, c.now);
    resumeRecovered(draft, c.now, c.rules);
    await desk.save(tx, [draft], c);
    await desk.prove.moved(tx, actor, draft.before, draft.ticket, input);
    return undefined;
  }

  /** What is shown must be there: a photo is one that was uploaded to this ticket. */
  async function requirePhotos(tx: Tx, id: string, evidence: readonly AttachedEvidence[] = []): Promise<void> {
    if (!evidence.some(({ kind }) => kind === 'photo')) return;
    const files = (await store.belongings(tx, [id])).get(id)?.attachments ?? [];
    const pictures = new Set(files.flatMap(({ n, mediaType }) => (mediaType.startsWith('image/') ? [n] : [])));
    for (const [index, { kind, detail }] of evidence.entries())
      if (kind === 'photo' && !pictures.has(attachmentOf(detail)))
        throw refused('UNPROCESSABLE', 'photoUnknown', `evidence.${index}.detail.attachment`);
  }

  async function handlerFor(tx: Tx, draft: Draft): Promise<Handler | undefined> {
    // A re-dispatch without a named party keeps the one there is, unless that one just gave it back.
    if (draft.ticket.handlerOrgId !== null && draft.ticket.stage !== 'returned') return undefined;
    const { settings, now } = desk.context();
    const [device] = await directory.devices(tx, draft.devices.slice(0, 1));
    const duties = { ...draft.ticket, maintenanceUnitId: device?.maintenanceUnitId ?? null };
    return (await findHandlers(directory, tx, [duties], settings, now))[0];
  }

  async function probe(devices: readonly DeviceKey[], fault: string): Promise<TicketEvidence[]> {
    const rows = await look(devices, fault);
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

  /** Two parties that both gave it back leave it to the lead department whose it is. */
  function requireUndisputed({ ticket }: Draft, to: TicketStage, by: TicketActor): void {
    const disputed = ticket.stage === 'returned' && to === 'dispatched' && ticket.returnCount >= DISPUTED_RETURNS;
    if (disputed && by.duties.includes('dispatcher') && !by.duties.includes('approver'))
      throw refused('FORBIDDEN', 'leadDecides', 'to');
  }

  return async (actor, id, input, language = 'zh-CN') => {
    const first = await transactor.transaction((tx) => attempt(tx, actor, id, input, undefined));
    if (first) {
      // Probing takes seconds, so it runs outside any transaction; the second try judges the ticket as it is then.
      const evidence = await probe(first.probe, first.fault);
      await transactor.transaction((tx) => attempt(tx, actor, id, input, evidence));
    }
    return desk.readOne(actor, id, language);
  };
}

/** The fault went away during the suspension; the party it returns to has nothing left to repair. */
export function resumeRecovered(draft: Draft, now: number, rules: Parameters<typeof moveBySystem>[3]): void {
  const { kind, stage, firing, recoveredAt } = draft.ticket;
  if (draft.before.stage !== 'suspended' || (stage !== 'dispatched' && stage !== 'handling')) return;
  if (kind === 'event' || firing || recoveredAt === null) return;
  moveBySystem(draft, { to: 'verifying', code: 'recovered' }, now, rules);
  tell(draft, 'stage', now);
}

export function attached(actor: Actor, evidence: readonly AttachedEvidence[] = [], now: number): TicketEvidence[] {
  return evidence.map(({ kind, detail }) => ({ kind, at: now, by: actor.id, detail }));
}

function attachmentOf(detail: unknown): number {
  return typeof detail === 'object' && detail !== null && 'attachment' in detail ? Number(detail.attachment) : 0;
}

/** What a failed re-check found, as the answer tells it. */
function looked(recheck: readonly TicketEvidence[] | undefined, zone: string): Record<string, unknown> {
  if (!recheck) return {};
  const iso = createZonedTime(zone);
  return { recheck: recheck.map((one) => ({ ...one, at: iso(one.at) })) };
}

import type { DeviceKey } from '../domain/device.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import type { StageLimits } from '../domain/stage-limits.ts';
import { isEnded, TICKET_PRIORITIES, type TicketPriority, type TicketRecord } from '../domain/ticket.ts';
import type { LoggedEntry } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { createZone } from '../domain/working-time.ts';
import { GatewayError } from '../errors.ts';
import { type Draft, noticesOf } from './draft.ts';
import { dueOf } from './due.ts';
import type { Directory, Outbox, TicketStore } from './ports.ts';
import type { TicketSettings } from './settings.ts';

export interface SaveContext {
  readonly store: TicketStore;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly settings: TicketSettings;
  readonly limits: StageLimits;
  /** Devices whose incidents ended with their ticket. Called before the commit; must not throw. */
  readonly judgeAgain?: (devices: readonly DeviceKey[]) => void;
  /** Whether 重保 goes on for one of these devices: their tickets are a step more urgent, their notices go to everybody at once. */
  readonly secured?: (devices: readonly DeviceKey[]) => boolean;
}

/** Proofs kept with a ticket: the one that opened it and the latest. */
const EVIDENCE_KEPT = 100;

/**
 * Writes tickets, their log and their notices with a fixed number of statements, whatever their number.
 * Answers the new tickets that collided with an open one; nothing of those is written.
 */
export async function saveDrafts(
  tx: Tx,
  drafts: readonly Draft[],
  now: number,
  context: SaveContext,
  facts?: ReadonlyMap<DeviceKey, DeviceFacts>,
): Promise<Draft[]> {
  const { store, limits } = context;
  for (const draft of drafts) {
    const isNew = draft.expected === null && !draft.ticket.drill;
    if (isNew && context.secured?.(draft.devices))
      draft.ticket = { ...draft.ticket, priority: raised(draft.ticket.priority) };
  }
  const touched = drafts.filter((draft) => draft.expected === null || draft.ticket.revision !== draft.expected);
  const stored = touched.filter((draft) => draft.expected !== null);
  const earlier = groupByTicket(
    stored.length === 0
      ? []
      : await store.history(
          tx,
          stored.map((d) => d.ticket.id),
        ),
  );
  for (const draft of touched) {
    const log = [...(earlier.get(draft.ticket.id) ?? []), ...draft.entries];
    const { dueAt } = dueOf(log, draft.ticket, now, limits);
    draft.ticket = { ...draft.ticket, dueAt, evidence: bounded(draft.ticket.evidence) };
  }

  const fresh = touched.filter((draft) => draft.expected === null);
  await number(tx, fresh, now, context);
  const made =
    fresh.length === 0
      ? new Set<string>()
      : await store.insert(
          tx,
          fresh.map((draft) => draft.ticket),
        );
  const changed = await store.update(
    tx,
    stored.map(({ ticket, expected }) => ({ ticket, expected: expected ?? 0 })),
  );
  if (changed.size !== stored.length)
    throw new GatewayError(
      'CONFLICT',
      '工单刚被他人修改，请刷新后重试 / a ticket was changed by somebody else meanwhile; reload and try again',
    );

  const collided = fresh.filter((draft) => !made.has(draft.ticket.id));
  const written = drafts.filter((draft) => !collided.includes(draft));
  const members = written.flatMap((draft) => {
    const known = new Set(draft.known);
    return draft.devices.flatMap((device) => (known.has(device) ? [] : [{ ticketId: draft.ticket.id, device }]));
  });
  await store.addDevices(tx, members);
  await store.log(
    tx,
    written.flatMap((draft) => draft.entries),
  );
  await endIncidents(tx, written, now, context);
  await announce(tx, written, context, facts);
  return collided;
}

/** An event has no data that tell of its end: it is over when its ticket is. */
async function endIncidents(
  tx: Tx,
  drafts: readonly Draft[],
  now: number,
  { store, judgeAgain }: SaveContext,
): Promise<void> {
  const ids = drafts.flatMap(({ ticket, before, entries }) => {
    const ends = entries.some((entry) => entry.kind === 'transition' && isEnded(entry.to));
    if (ticket.kind !== 'event' || !ends || !isEnded(ticket.stage)) return [];
    return [...(ticket.incidentId ? [ticket.incidentId] : []), ...before.openIncidents];
  });
  if (ids.length > 0) judgeAgain?.(await store.closeIncidents(tx, ids, now));
}

async function announce(
  tx: Tx,
  drafts: readonly Draft[],
  { directory, outbox, secured }: SaveContext,
  known?: ReadonlyMap<DeviceKey, DeviceFacts>,
): Promise<void> {
  const told = drafts.filter((draft) => draft.told.length > 0);
  if (told.length === 0) return;
  const missing = [...new Set(told.flatMap((draft) => draft.devices))].filter((key) => !known?.has(key));
  const facts = new Map(known);
  if (missing.length > 0) for (const device of await directory.devices(tx, missing)) facts.set(device.key, device);
  const who = told.flatMap(({ told: all }) => all.flatMap(({ ticket }) => [ticket.handlerOrgId, ticket.assigneeId]));
  const ids = [...new Set(who.filter((id) => id !== null))];
  const people = ids.length > 0 ? await directory.names(tx, ids) : [];
  // What is reported about a place may have no device that names it.
  const bare = told.flatMap(({ devices, ticket }) => (devices.length === 0 && ticket.siteId ? [ticket.siteId] : []));
  const sites = bare.length > 0 ? await directory.siteNames(tx, bare) : [];
  const names = new Map([...people, ...sites]);
  await outbox.add(
    tx,
    told.flatMap((draft) => {
      const notices = noticesOf(draft, facts, names);
      if (draft.ticket.drill || !secured?.(draft.devices)) return notices;
      return notices.map((notice) => ({ ...notice, priority: draft.ticket.priority, secured: true }));
    }),
  );
}

function raised(priority: TicketPriority): TicketPriority {
  return TICKET_PRIORITIES[TICKET_PRIORITIES.indexOf(priority) + 1] ?? priority;
}

async function number(tx: Tx, fresh: readonly Draft[], now: number, { store, settings }: SaveContext): Promise<void> {
  if (fresh.length === 0) return;
  const zone = createZone(settings.workingHours.zone);
  const day = new Date(zone.day(now) * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  let next = await store.takeNumbers(tx, day, fresh.length);
  for (const draft of fresh) draft.ticket = { ...draft.ticket, no: `${day}-${String(next++).padStart(4, '0')}` };
}

function bounded(evidence: TicketRecord['evidence']): TicketRecord['evidence'] {
  return evidence.length <= EVIDENCE_KEPT
    ? evidence
    : [...evidence.slice(0, 1), ...evidence.slice(evidence.length - EVIDENCE_KEPT + 1)];
}

export function groupByTicket(entries: readonly LoggedEntry[]): Map<string, LoggedEntry[]> {
  const groups = new Map<string, LoggedEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.ticketId);
    if (group) group.push(entry);
    else groups.set(entry.ticketId, [entry]);
  }
  return groups;
}

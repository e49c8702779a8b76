import type { DeviceKey } from '../domain/device.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import type { Notice, NoticeEvent } from '../domain/notice.ts';
import { isEnded, type TicketRecord } from '../domain/ticket.ts';
import type { LoggedEntry, StoredTicket } from '../domain/ticket-rows.ts';
import {
  SYSTEM,
  type TransitionRequest,
  type TransitionResult,
  type TransitionRules,
  transition,
} from '../domain/ticket-transition.ts';

/** What a notice says beside the ticket. */
export interface NoticeExtra {
  readonly late?: boolean;
  readonly reason?: string | null;
  readonly advice?: Readonly<Record<string, string>> | null;
  /** Said by the gateway where people said nothing. */
  readonly words?: string;
  /** Of more time and of a pause: until when, epoch milliseconds. */
  readonly until?: number;
  /** Of what was escalated: how high, to whom all, what waits for a decision, and whether it tells of a missed deadline. */
  readonly level?: number;
  readonly levels?: readonly number[];
  readonly undecided?: number;
  readonly overdue?: boolean;
  /** Number of the ticket it is a recurrence of. */
  readonly recurrenceOf?: string;
  /** Of what is over: when it began. */
  readonly since?: number;
}

interface Told extends NoticeExtra {
  readonly event: NoticeEvent;
  readonly ticket: TicketRecord;
  readonly at: number;
}

/** A ticket being changed in memory; `saveDrafts` writes any number of them together. */
export interface Draft {
  ticket: TicketRecord;
  /** As it was found, or as it began. */
  before: TicketRecord;
  devices: readonly DeviceKey[];
  /** Stored revision, null for a ticket that is not stored yet. */
  readonly expected: number | null;
  /** Devices already stored with the ticket. */
  readonly known: readonly DeviceKey[];
  readonly entries: LoggedEntry[];
  readonly told: Told[];
}

export function draftOf(stored: StoredTicket): Draft {
  return {
    ticket: stored.ticket,
    before: stored.ticket,
    devices: stored.devices,
    expected: stored.ticket.revision,
    known: stored.devices,
    entries: [],
    told: [],
  };
}

export function newDraft(
  ticket: TicketRecord,
  devices: readonly DeviceKey[],
  first: Omit<LoggedEntry, 'ticketId'>,
): Draft {
  return {
    ticket,
    before: ticket,
    devices,
    expected: null,
    known: [],
    entries: [{ ...first, ticketId: ticket.id }],
    told: [],
  };
}

/** Changes what the transition rules do not speak about. */
export function amend(draft: Draft, changes: Partial<TicketRecord>): void {
  draft.ticket = { ...draft.ticket, ...changes, revision: draft.ticket.revision + 1 };
}

/** One transition. An ended ticket no longer fires, so whoever was told of the fault is told of its end. */
export function move(
  draft: Draft,
  request: TransitionRequest,
  now: number,
  rules: TransitionRules,
): TransitionResult<TicketRecord> {
  const result = transition(draft.ticket, request, now, rules);
  if (!result.ok) return result;
  const since = firingSince(draft.ticket);
  const wasFiring = draft.ticket.firing;
  const ended = isEnded(result.ticket.stage);
  draft.ticket = {
    ...result.ticket,
    firing: wasFiring && !ended,
    openIncidents: ended ? [] : draft.ticket.openIncidents,
    returnCount: draft.ticket.returnCount + (request.to === 'returned' ? 1 : 0),
    revision: draft.ticket.revision + 1,
  };
  draft.entries.push({ ...result.entry, ticketId: draft.ticket.id, kind: 'transition' });
  // Who heard of a ticket that was asked for hears of its end: no data speak of it before.
  const { openedBy, incidentId, kind } = draft.ticket;
  const asked = kind === 'manual' || (openedBy === 'system' && incidentId === null);
  if (ended && (wasFiring || asked)) tell(draft, 'resolved', now, { since });
  return result;
}

/** When what the ticket is about began: the latest firing that no recovery followed. */
export function firingSince({ evidence, roundSince }: TicketRecord): number {
  const before = evidence.findLast(({ kind }) => kind === 'recovery' || kind === 'freshData')?.at ?? 0;
  return evidence.find(({ kind, at }) => kind === 'decision' && at > before)?.at ?? roundSince;
}

/** A transition by the gateway itself, which must be possible: a refusal is a mistake of ours. */
export function moveBySystem(
  draft: Draft,
  request: Omit<TransitionRequest, 'by'>,
  now: number,
  rules: TransitionRules,
): void {
  const from = draft.ticket.stage;
  const result = move(draft, { ...request, by: SYSTEM }, now, rules);
  if (!result.ok) throw new Error(`${from} → ${request.to} refused to the system: ${result.refusal.rule}`);
}

/** A line of the log that is no transition. */
export function note(draft: Draft, entry: Omit<LoggedEntry, 'ticketId'>): void {
  draft.entries.push({ ...entry, ticketId: draft.ticket.id });
}

export function warn(
  draft: Draft,
  code: string,
  now: number,
  values: Readonly<Record<string, string | number>> = {},
): void {
  const { stage, id } = draft.ticket;
  draft.entries.push({
    ticketId: id,
    kind: 'warning',
    from: stage,
    to: stage,
    by: 'system',
    at: now,
    note: null,
    code,
    values,
    cause: null,
  });
}

export function tell(draft: Draft, event: NoticeEvent, now: number, extra: NoticeExtra = {}): void {
  draft.told.push({ event, ticket: draft.ticket, at: now, ...extra });
}

/** Tells the last transition, unless something stronger was already said about it. */
export function tellStage(draft: Draft, now: number, extra?: NoticeExtra): void {
  const said = draft.told.some((one) => one.ticket.revision === draft.ticket.revision);
  if (!said) tell(draft, 'stage', now, extra);
}

const NAMED_DEVICES = 20;

export function noticesOf(
  draft: Draft,
  facts: ReadonlyMap<DeviceKey, DeviceFacts>,
  /** Of sites without a device here, of organisations and of people. */
  names: ReadonlyMap<string, string> = new Map(),
): Notice[] {
  const devices = draft.devices.flatMap((key) => facts.get(key) ?? []);
  return draft.told.map(({ event, ticket, at, late, reason, advice, ...extra }) => ({
    key: keyOf(event, ticket, extra.level),
    ...onlySaid(extra),
    ...saidOf(draft, event, at),
    ...whoHas(ticket, names),
    ...(event === 'firing' ? timesOf(draft, ticket) : {}),
    ...(event === 'stage' && ticket.stage === 'dispatched' ? reopenedBy(draft) : {}),
    subject: ticket.id,
    event,
    ticketId: ticket.id,
    ticketNo: draft.ticket.no,
    incidentId: ticket.incidentId,
    fault: ticket.fault,
    component: ticket.component,
    severity: ticket.severity,
    priority: ticket.priority,
    lifeSafety: ticket.lifeSafety,
    late: late ?? false,
    drill: ticket.drill,
    stage: ticket.stage,
    module: ticket.module,
    orgId: ticket.orgId,
    siteId: ticket.siteId,
    siteName:
      devices.find((device) => device.siteId === ticket.siteId)?.siteName ?? names.get(ticket.siteId ?? '') ?? null,
    handlerOrgId: ticket.handlerOrgId,
    assigneeId: ticket.assigneeId,
    devices: devices.slice(0, NAMED_DEVICES).map(({ id, name }) => ({ id, name })),
    deviceCount: draft.devices.length,
    reason: reason ?? null,
    advice: advice ?? null,
    at,
  }));
}

/** What people said: the title they gave, and their words about the step that is told. */
function saidOf({ ticket, entries }: Draft, event: NoticeEvent, at: number): Pick<Notice, 'title' | 'words'> {
  const by = entries.findLast((entry) => entry.at === at && entry.by !== 'system' && entry.note?.trim());
  const ended = event === 'resolved' && isEnded(ticket.stage);
  const theirs =
    event === 'stage' || event === 'escalated' || ended || (event === 'firing' && ticket.kind === 'manual');
  const words = theirs ? by?.note : undefined;
  return { ...(ticket.title === null ? {} : { title: ticket.title }), ...(words ? { words } : {}) };
}

/** The rest of what a part of the tickets says with the notice; what was not said is left out. */
function onlySaid({ words, until, level, levels, undecided, overdue, recurrenceOf, since }: Told | NoticeExtra) {
  const all = { words, until, level, levels, undecided, overdue, recurrenceOf, since };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<Notice>;
}

function whoHas({ handlerOrgId, assigneeId }: TicketRecord, names: ReadonlyMap<string, string>): Partial<Notice> {
  const handlerOrgName = names.get(handlerOrgId ?? '');
  const assigneeName = names.get(assigneeId ?? '');
  return { ...(handlerOrgName ? { handlerOrgName } : {}), ...(assigneeName ? { assigneeName } : {}) };
}

function timesOf(draft: Draft, { fireCount }: TicketRecord): Partial<Notice> {
  return { ...(fireCount > 1 ? { fireCount } : {}), ...reopenedBy(draft) };
}

function reopenedBy({ before }: Draft): Partial<Notice> {
  return before.stage === 'closed' ? { reopened: true } : {};
}

function keyOf(event: NoticeEvent, { id, revision }: TicketRecord, level: number | undefined): string {
  if (event === 'overdue') return `${id}:${revision}:overdue`;
  return level === undefined ? `${id}:${revision}` : `${id}:${revision}:level${level}`;
}

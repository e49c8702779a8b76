import { type DeviceKey, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import type { Decision } from '../domain/health.ts';
import { SEVERITIES, type Severity } from '../domain/reading.ts';
import {
  isEnded,
  kindOf,
  priorityOf,
  TICKET_PRIORITIES,
  type TicketEvidence,
  type TicketRecord,
} from '../domain/ticket.ts';
import type { TicketSubject } from '../domain/ticket-rows.ts';
import { stageAfterRelapse, type TransitionRules } from '../domain/ticket-transition.ts';
import { blankTicket, dispatchNew } from './blank.ts';
import { amend, type Draft, firingSince, moveBySystem, newDraft, note, tell, warn } from './draft.ts';
import { stillDown } from './still-down.ts';
import type { Handler } from './who.ts';

type Facts = ReadonlyMap<DeviceKey, DeviceFacts>;

/** Two decisions about the same thing meet in one ticket. */
export function subjectOf(decision: Decision): TicketSubject {
  const subject =
    decision.kind === 'device' && decision.devices[0] !== undefined
      ? `device:${decision.devices[0]}`
      : `group:${decision.groupKey ?? decision.incidentId}`;
  return { subject, fault: decision.fault, component: decision.component };
}

export function subjectKey(subject: TicketSubject): string {
  return `${subject.subject}\n${subject.fault}\n${subject.component ?? ''}`;
}

/**
 * Whether a decision may file a ticket at all. Late evidence opens none, except about life and limb; devices in trial or
 * suspended have none, but their life-safety events are told all the same.
 */
export function filesTicket(decision: Decision, facts: Facts): boolean {
  if (decision.ticket === false) return false;
  if (decision.late && !decision.lifeSafety) return false;
  return decision.devices.some((key) => {
    const device = facts.get(key);
    return device !== undefined && LIFECYCLE_RIGHTS[device.lifecycle].tickets;
  });
}

/** An incident opened or relapsed: count it on the open ticket, re-open the one just closed, or file a new one. */
export function applyFiring(
  decision: Decision,
  found: Draft | undefined,
  facts: Facts,
  handler: Handler,
  now: number,
  rules: TransitionRules,
): Draft {
  if (found && !isEnded(found.ticket.stage)) {
    fireAgain(found, decision, now, rules);
    return found;
  }
  const closed = found?.ticket.stage === 'closed' ? found : undefined;
  const handlerOrgId = handler.orgId ?? closed?.ticket.handlerOrgId ?? null;
  if (closed && handlerOrgId !== null && now - closed.ticket.stageSince <= rules.reopenWithin) {
    moveBySystem(
      closed,
      {
        to: 'dispatched',
        code: 'reopened',
        values: { count: closed.ticket.fireCount + 1 },
        cause: 'recurred',
        handlerOrgId,
        assigneeId: handler.userId ?? closed.ticket.assigneeId,
      },
      now,
      rules,
    );
    amend(closed, firing(closed.ticket, decision, now));
    for (const warning of handler.warnings) warn(closed, warning, now);
    tell(closed, 'firing', now, decision);
    return closed;
  }
  return file(decision, recurrenceOf(closed?.ticket, now, rules), facts, handler, now, rules);
}

function fireAgain(draft: Draft, decision: Decision, now: number, rules: TransitionRules): void {
  const before = draft.ticket;
  // The same decision delivered twice, after a crash between its commit and our answer, changes nothing; a group may grow.
  if (decision.action === 'opened' && before.firing && before.incidentId === decision.incidentId) {
    if (decision.kind === 'group') {
      draft.devices = [...new Set([...draft.devices, ...decision.devices])];
      const title = decision.cause ?? before.title;
      if (title !== before.title) amend(draft, { title });
    }
    return;
  }
  amend(draft, firing(before, decision, now));
  noteRaised(draft, before.priority, now);
  draft.devices = [...new Set([...draft.devices, ...decision.devices])];
  if (before.stage === 'verifying')
    moveBySystem(
      draft,
      { to: stageAfterRelapse(before), code: 'relapsed', values: { count: draft.ticket.fireCount } },
      now,
      rules,
    );
  if (!before.firing || decision.lifeSafety) tell(draft, 'firing', now, decision);
}

/**
 * The fault is gone: 派单 and 处置 go to 核查 with the proof; elsewhere the fact waits for the sweep or a person. A group is
 * over when most of it is back; `missing` are the others.
 */
export function applyResolved(
  draft: Draft,
  decision: Decision,
  facts: Facts,
  now: number,
  rules: TransitionRules,
  missing: readonly DeviceFacts[] = [],
): void {
  if (isEnded(draft.ticket.stage) || !draft.ticket.firing) return;
  const [key, ...others] = decision.devices;
  const deviceId = key === undefined || others.length > 0 ? undefined : facts.get(key)?.id;
  const proof = details(decision).map((detail): TicketEvidence => {
    const one = { kind: 'recovery', at: now, by: 'system', detail } as const;
    return deviceId === undefined ? one : { ...one, deviceId };
  });
  const since = firingSince(draft.ticket);
  const evidence = [...draft.ticket.evidence, ...proof];
  const openIncidents = draft.ticket.openIncidents.filter((id) => id !== decision.incidentId);
  if (openIncidents.length > 0) {
    amend(draft, { openIncidents, evidence });
    return;
  }
  amend(draft, { firing: false, recoveredAt: Math.min(now, decision.at), openIncidents, evidence });
  const down = stillDown(missing);
  // Somebody has to look at an event, whatever its data say.
  if (draft.ticket.kind === 'event') warn(draft, 'eventOver', now);
  else if (draft.ticket.stage === 'dispatched' || draft.ticket.stage === 'handling')
    moveBySystem(
      draft,
      {
        to: 'verifying',
        ...(down ? { code: 'recoveredMostly', values: { devices: down.devices } } : { code: 'recovered' }),
      },
      now,
      rules,
    );
  else if (down) warn(draft, 'recoveredMostly', now, { devices: down.devices });
  tell(draft, 'resolved', now, { ...decision, since, ...(down ? { words: down.words } : {}) });
}

/** 发现 → 立案 → 派单 by the system, as far as module and handler are known. */
function file(
  decision: Decision,
  before: Before | null,
  facts: Facts,
  handler: Handler,
  now: number,
  rules: TransitionRules,
): Draft {
  const devices = decision.devices.flatMap((key) => facts.get(key) ?? []);
  const ticket: TicketRecord = {
    ...blankTicket(now),
    kind: kindOf(decision.fault),
    fault: decision.fault,
    title: decision.cause ?? null,
    component: decision.component,
    priority: priorityOf(decision.severity, decision.lifeSafety),
    severity: decision.severity,
    lifeSafety: decision.lifeSafety,
    subject: subjectOf(decision).subject,
    // A feed fails lamps and chargers alike: the module that lost most leads.
    module: (decision.kind === 'group' ? mostOf : common)(devices.map((device) => device.module)),
    siteId: common(devices.map((device) => device.siteId)),
    orgId: common(devices.map((device) => device.orgId)),
    evidence: details(decision).map((detail) => ({ kind: 'decision', at: now, by: 'system', detail })),
    incidentId: decision.incidentId,
    firing: true,
    advice: decision.advice,
    reopenOf: before?.id ?? null,
  };
  const draft = newDraft(ticket, decision.devices, {
    kind: 'transition',
    from: null,
    to: 'discovered',
    by: 'system',
    at: now,
    note: null,
    code: before === null ? 'discovered' : 'recurrence',
    values: { reason: decision.reason },
    cause: null,
  });
  dispatchNew(draft, handler, now, rules);
  tell(draft, 'firing', now, { ...decision, ...recurrence(before) });
  return draft;
}

type Before = Pick<TicketRecord, 'id' | 'no'>;

export function recurrence(before: Before | null): { readonly recurrenceOf?: string } {
  return before === null ? {} : { recurrenceOf: before.no };
}

/** The ticket before, when it ended recently enough for the new one to be the same trouble. */
export function recurrenceOf(
  before: Pick<TicketRecord, 'id' | 'no' | 'stage' | 'stageSince'> | undefined,
  now: number,
  { recurrenceWithin = Number.POSITIVE_INFINITY }: TransitionRules,
): Before | null {
  return before?.stage === 'closed' && now - before.stageSince <= recurrenceWithin ? before : null;
}

/** What was counted until now stays counted in the time of the priority before. */
function noteRaised(draft: Draft, before: TicketRecord['priority'], at: number): void {
  const { stage, priority } = draft.ticket;
  if (priority === before) return;
  const line = { kind: 'priority', from: stage, to: stage, by: 'system', at, note: null, cause: null } as const;
  note(draft, { ...line, code: 'raised', values: { before, after: priority } });
}

/** A ticket takes over what is worse of the new firing and never gets milder by itself. */
function firing(ticket: TicketRecord, decision: Decision, now: number): Partial<TicketRecord> {
  const lifeSafety = ticket.lifeSafety || decision.lifeSafety;
  const severity = worse(ticket.severity, decision.severity);
  const priority = priorityOf(severity, lifeSafety);
  const rank = (p: TicketRecord['priority']) => TICKET_PRIORITIES.indexOf(p);
  return {
    firing: true,
    recoveredAt: null,
    fireCount: ticket.fireCount + 1,
    incidentId: decision.incidentId,
    title: decision.cause ?? ticket.title,
    advice: decision.advice ?? ticket.advice,
    lifeSafety,
    severity,
    priority: rank(priority) > rank(ticket.priority) ? priority : ticket.priority,
    evidence: [
      ...ticket.evidence,
      ...details(decision).map((detail): TicketEvidence => ({ kind: 'decision', at: now, by: 'system', detail })),
    ],
  };
}

function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

/** What a decision rests on; its reason alone when it brought nothing else. */
function details(decision: Decision): unknown[] {
  const late = decision.late ? { late: true } : {};
  const rows = decision.evidence.slice(0, 20);
  return rows.length === 0
    ? [{ reason: decision.reason, ...late }]
    : rows.map((row) => ({ reason: decision.reason, ...late, ...row }));
}

export function common(values: readonly (string | null)[]): string | null {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : null;
}

function mostOf(values: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [first] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return first?.[0] ?? null;
}

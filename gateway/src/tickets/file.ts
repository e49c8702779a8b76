import { SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import { isEnded, priorityOf, type TicketRecord } from '../domain/ticket.ts';
import type { TicketRequest } from '../domain/ticket-request.ts';
import type { TransitionRules } from '../domain/ticket-transition.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { blankTicket, dispatchNew } from './blank.ts';
import { common, recurrence, recurrenceOf, subjectKey } from './decide.ts';
import { type Draft, newDraft, tell } from './draft.ts';
import { type SaveContext, saveDrafts } from './save.ts';
import { findHandlers, type Handler } from './who.ts';

export interface FileContext extends SaveContext {
  readonly now: number;
  readonly rules: TransitionRules;
  readonly audit: AuditPort;
}

/** A collision is settled by looking again; more often is a bug. */
const ATTEMPTS = 3;

/** Tickets other parts of the gateway ask for, in a number of statements that does not depend on theirs. */
export async function fileTickets(
  tx: Tx,
  requests: readonly TicketRequest[],
  context: FileContext,
  attempt = 1,
): Promise<string[]> {
  if (requests.length === 0) return [];
  const { store, directory, settings, now, rules } = context;
  const keys = [...new Set(requests.flatMap((request) => request.devices))];
  const facts = new Map((await directory.devices(tx, keys)).map((device) => [device.key, device]));
  const subjects = new Map(requests.flatMap((one) => (one.subject === null ? [] : [[keyOf(one), subjectOf(one)]])));
  const found = subjects.size === 0 ? [] : await store.latestOf(tx, [...subjects.values()]);
  const latest = new Map(found.map(({ ticket }) => [keyOf(ticket), ticket]));

  const cases = requests.map((request) => {
    const place = placeOf(request, facts);
    return { kind: request.kind, ...place, ...(request.toLead ? { siteId: null, maintenanceUnitId: null } : {}) };
  });
  const handlers = await findHandlers(directory, tx, cases, settings, now);
  const drafts: Draft[] = [];
  const bySubject = new Map<string, Draft>();
  const ids = requests.map((request, index): string => {
    const key = keyOf(request);
    const before = request.subject === null ? undefined : latest.get(key);
    if (before && !isEnded(before.stage)) return before.id;
    const twin = request.subject === null ? undefined : bySubject.get(key);
    if (twin) return twin.ticket.id;
    const draft = draftOfRequest(request, recurrenceOf(before, now, rules), facts, handlers[index], now, rules);
    drafts.push(draft);
    if (request.subject !== null) bySubject.set(key, draft);
    return draft.ticket.id;
  });

  const collided = new Set((await saveDrafts(tx, drafts, now, context, facts)).map((draft) => draft.ticket.id));
  await prove(tx, drafts, collided, context);
  const again = requests.filter((_request, index) => collided.has(ids[index] ?? ''));
  if (again.length === 0) return ids;
  if (attempt >= ATTEMPTS) throw new GatewayError('CONFLICT', `${again.length} requested tickets keep colliding`);
  const settled = (await fileTickets(tx, again, context, attempt + 1)).values();
  return ids.map((id) => (collided.has(id) ? (settled.next().value ?? id) : id));
}

function draftOfRequest(
  request: TicketRequest,
  before: Pick<TicketRecord, 'id' | 'no'> | null,
  facts: ReadonlyMap<DeviceKey, DeviceFacts>,
  handler: Handler | undefined,
  now: number,
  rules: TransitionRules,
): Draft {
  const { module, siteId, orgId } = placeOf(request, facts);
  const { lifeSafety = false } = request;
  const ticket: TicketRecord = {
    ...blankTicket(now),
    kind: request.kind,
    fault: request.fault,
    title: request.title,
    component: request.component ?? null,
    priority: priorityOf(request.severity, lifeSafety),
    severity: request.severity,
    lifeSafety,
    advice: request.advice ?? null,
    subject: request.subject,
    module,
    siteId,
    orgId,
    evidence: request.evidence ?? [],
    reopenOf: before?.id ?? null,
    drill: request.drill ?? false,
    ...incidentsOf(request),
  };
  const draft = newDraft(ticket, [...new Set(request.devices)], {
    kind: 'transition',
    from: null,
    to: 'discovered',
    by: 'system',
    at: now,
    note: null,
    code: request.code,
    values: request.values ?? {},
    cause: null,
  });
  if (handler) dispatchNew(draft, handler, now, rules);
  tell(draft, 'firing', now, { reason: request.code, advice: request.advice ?? null, ...recurrence(before) });
  return draft;
}

function incidentsOf({ incidents = [] }: TicketRequest): Partial<TicketRecord> {
  const [first, ...others] = incidents;
  if (first === undefined) return {};
  return { incidentId: first, firing: true, openIncidents: others.length === 0 ? [] : incidents };
}

/** What the request does not say is taken from its devices, where they agree. */
function placeOf(request: TicketRequest, facts: ReadonlyMap<DeviceKey, DeviceFacts>) {
  const devices = request.devices.flatMap((key) => facts.get(key) ?? []);
  const said = <K extends 'module' | 'siteId' | 'orgId'>(field: K) =>
    request[field] ?? common(devices.map((device) => device[field]));
  return {
    module: said('module'),
    siteId: said('siteId'),
    orgId: said('orgId'),
    maintenanceUnitId: devices.find((device) => device.maintenanceUnitId !== null)?.maintenanceUnitId ?? null,
  };
}

type About = Pick<TicketRequest, 'subject' | 'fault' | 'component'>;

function subjectOf({ subject, fault, component }: About) {
  return { subject: subject ?? '', fault, component: component ?? null };
}

function keyOf(about: About): string {
  return subjectKey(subjectOf(about));
}

async function prove(tx: Tx, drafts: readonly Draft[], collided: ReadonlySet<string>, { audit, now }: FileContext) {
  const made = drafts.filter(({ ticket }) => !collided.has(ticket.id));
  if (made.length === 0) return;
  await audit.append(
    tx,
    made.map(({ ticket, devices }) => ({
      at: now,
      actor: SYSTEM,
      action: 'create',
      resource: 'tickets',
      resourceId: ticket.id,
      after: {
        no: ticket.no,
        fault: ticket.fault,
        subject: ticket.subject,
        stage: ticket.stage,
        devices: devices.length,
      },
    })),
  );
}

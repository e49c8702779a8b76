import type { DeviceKey } from '../domain/device.ts';
import type { DeviceFacts } from '../domain/duty-rows.ts';
import type { Decision } from '../domain/health.ts';
import type { StoredTicket } from '../domain/ticket-rows.ts';
import type { TransitionRules } from '../domain/ticket-transition.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { applyFiring, applyResolved, filesTicket, subjectKey, subjectOf } from './decide.ts';
import { type Draft, draftOf } from './draft.ts';
import { dutiesOf } from './duties.ts';
import { noticeWithoutTicket } from './no-ticket.ts';
import type { Conditions } from './ports.ts';
import { type SaveContext, saveDrafts } from './save.ts';
import { findHandlers, type Handler } from './who.ts';

export interface DecisionContext extends SaveContext {
  readonly now: number;
  readonly rules: TransitionRules;
  readonly conditions: Conditions;
}

/** A collision with a ticket filed by somebody else meanwhile is settled by looking again; more often is a bug. */
const ATTEMPTS = 3;

/**
 * Writes what a sweep of the monitor decided: all its tickets, log lines and notices in a fixed number of statements.
 * Decisions count in their order, so one sweep may open and resolve the same ticket.
 */
export async function recordDecisions(
  tx: Tx,
  decisions: readonly Decision[],
  context: DecisionContext,
  attempt = 1,
): Promise<void> {
  const { directory, outbox, now, rules } = context;
  const keys = [...new Set(decisions.flatMap((decision) => decision.devices))];
  const facts = new Map((await directory.devices(tx, keys)).map((device) => [device.key, device]));
  const firing = decisions.filter((decision) => decision.action !== 'resolved' && filesTicket(decision, facts));
  const handlers = await handlersOf(tx, firing, facts, context);
  const board = createBoard(await ticketsOf(tx, firing, decisions, context));

  const down = await membersDown(tx, decisions, context);
  const bare: Decision[] = [];
  const causes = new Map<Draft, Decision[]>();
  for (const decision of decisions) {
    const draft = apply(decision, board, handlers.get(decision), facts, now, rules, down);
    if (draft) causes.set(draft, [...(causes.get(draft) ?? []), decision]);
    else if (decision.lifeSafety || decision.late || decision.action === 'resolved' || decision.ticket === false)
      bare.push(decision);
  }

  const collided = await saveDrafts(tx, board.drafts(), now, context, facts);
  if (bare.length > 0)
    await outbox.add(
      tx,
      bare.map((decision) => noticeWithoutTicket(decision, facts)),
    );
  const again = collided.flatMap((draft) => causes.get(draft) ?? []);
  if (again.length === 0) return;
  if (attempt >= ATTEMPTS) throw new GatewayError('CONFLICT', `tickets of ${again.length} decisions keep colliding`);
  await recordDecisions(tx, again, context, attempt + 1);
}

/** The ticket a decision changed or made; undefined when it concerns none. */
function apply(
  decision: Decision,
  board: Board,
  handler: Handler | undefined,
  facts: ReadonlyMap<DeviceKey, DeviceFacts>,
  now: number,
  rules: TransitionRules,
  down: ReadonlySet<DeviceKey>,
): Draft | undefined {
  if (decision.action === 'resolved') {
    const draft = board.ofIncident(decision.incidentId);
    // Who left the group for a ticket of their own is not missing from it.
    const missing = decision.devices.filter((key) => down.has(key) && draft?.devices.includes(key));
    const named = missing.flatMap((key) => facts.get(key) ?? []);
    if (draft) applyResolved(draft, decision, facts, now, rules, named);
    return draft;
  }
  if (!handler) return undefined;
  const draft = applyFiring(decision, board.ofSubject(decision), facts, handler, now, rules);
  board.put(draft);
  return draft;
}

/** Members that are not well although their group is over. */
async function membersDown(
  tx: Tx,
  decisions: readonly Decision[],
  { conditions }: DecisionContext,
): Promise<ReadonlySet<DeviceKey>> {
  const over = decisions.filter(({ action, kind }) => action === 'resolved' && kind === 'group');
  const members = [...new Set(over.flatMap(({ devices }) => devices))];
  if (members.length === 0) return new Set();
  return new Set((await conditions(tx, members)).flatMap(({ device, good }) => (good ? [] : [device])));
}

async function handlersOf(
  tx: Tx,
  firing: readonly Decision[],
  facts: ReadonlyMap<DeviceKey, DeviceFacts>,
  { directory, settings, now }: DecisionContext,
): Promise<Map<Decision, Handler>> {
  const cases = firing.map((decision) => dutiesOf.decision(decision, facts));
  const found = await findHandlers(directory, tx, cases, settings, now);
  return new Map(
    firing.flatMap((decision, index) => {
      const handler = found[index];
      return handler ? [[decision, handler] as const] : [];
    }),
  );
}

async function ticketsOf(
  tx: Tx,
  firing: readonly Decision[],
  decisions: readonly Decision[],
  { store }: DecisionContext,
): Promise<StoredTicket[]> {
  const subjects = new Map(firing.map((decision) => [subjectKey(subjectOf(decision)), subjectOf(decision)]));
  const resolved = decisions.flatMap(({ action, incidentId }) => (action === 'resolved' ? [incidentId] : []));
  return [
    ...(subjects.size === 0 ? [] : await store.latestOf(tx, [...subjects.values()])),
    ...(resolved.length === 0 ? [] : await store.ofIncidents(tx, resolved)),
  ];
}

interface Board {
  ofSubject(decision: Decision): Draft | undefined;
  ofIncident(incidentId: string): Draft | undefined;
  put(draft: Draft): void;
  drafts(): Draft[];
}

/** The tickets of one call, found by what they are about and by their incident. */
function createBoard(stored: readonly StoredTicket[]): Board {
  const byId = new Map<string, Draft>();
  const bySubject = new Map<string, Draft>();
  const byIncident = new Map<string, Draft>();
  const put = (draft: Draft) => {
    const { id, subject, fault, component, incidentId } = draft.ticket;
    byId.set(id, draft);
    if (subject !== null) bySubject.set(subjectKey({ subject, fault, component }), draft);
    if (incidentId !== null) byIncident.set(incidentId, draft);
    for (const one of draft.ticket.openIncidents) byIncident.set(one, draft);
  };
  // The latest ticket of a subject stands first and must win over an older one that an incident still names.
  for (const one of [...stored].reverse()) if (!byId.has(one.ticket.id)) put(draftOf(one));
  return {
    ofSubject: (decision) => bySubject.get(subjectKey(subjectOf(decision))),
    ofIncident: (incidentId) => byIncident.get(incidentId),
    put,
    drafts: () => [...byId.values()],
  };
}

import type { DeviceKey } from '../domain/device.ts';
import type { Decision } from '../domain/health.ts';
import type { IncidentRow } from '../domain/health-rows.ts';
import type { DeviceEvent } from '../domain/reading.ts';
import type { SettleContext } from './context.ts';
import { addEvidence, decision, type Fault, newIncident, relapse, resolve } from './incidents.ts';
import { isJudged } from './judge.ts';
import { typeOf } from './ports.ts';

/** One code of one device and component; a burst of the same is one entry with a count. */
export interface Raised {
  readonly device: DeviceKey;
  readonly code: string;
  readonly component: string;
  /** Epoch milliseconds by the device's clock, for the evidence. */
  readonly time: number;
  readonly receivedAt: number;
  readonly severity: DeviceEvent['severity'];
  readonly lifeSafety: boolean;
  readonly late: boolean;
  readonly path: string;
  readonly data: unknown;
  count: number;
}

/** An event that goes on being sent is announced again after this; a life-safety one sooner. */
const REPEAT_MS = 600_000;
const REPEAT_LIFE_SAFETY_MS = 60_000;
/** `smokeCleared` ends `smoke`. */
const CLEARED = 'Cleared';

export interface EventQueue {
  add(event: Raised): void;
  readonly size: number;
  /** Takes everything out; what could not be written is put back by the caller. */
  take(): Raised[];
}

/** Bounded by the number of devices and codes, not by the number of events. */
export function createEventQueue(): EventQueue {
  let waiting = new Map<string, Raised>();
  return {
    add(event) {
      const key = `${event.device}|${event.code}|${event.component}`;
      const first = waiting.get(key);
      if (first) first.count += event.count;
      else waiting.set(key, event);
    },
    get size() {
      return waiting.size;
    },
    take() {
      const all = [...waiting.values()];
      waiting = new Map();
      return all;
    },
  };
}

/** What one transaction writes. */
interface Outcome {
  readonly at: number;
  readonly inserts: IncidentRow[];
  readonly updates: IncidentRow[];
  readonly decisions: Decision[];
}

/** Writes events as incidents; life-safety ones are open and handed on in the same transaction. */
export async function raise(context: SettleContext, events: readonly Raised[]): Promise<void> {
  const { incidents, transactor } = context;
  await transactor.transaction(async (tx) => {
    const at = context.wall();
    const devices = [...new Set(events.map((event) => event.device))].sort((a, b) => a - b);
    await context.store.lock(tx, devices, at);
    const known = await incidents.ofDevices(tx, devices, at - context.relapseMs);
    const outcome: Outcome = { at, inserts: [], updates: [], decisions: [] };
    for (const event of events) takeIn(context, event, known, outcome);
    const inserted = await incidents.insert(tx, outcome.inserts);
    await incidents.update(tx, outcome.updates);
    const told = outcome.inserts.filter((row) => row.state === 'open' && row.notified && inserted.has(row.id));
    const decisions = [...told.map((row) => decision(row, 'opened', at)), ...outcome.decisions];
    if (decisions.length > 0) await context.onDecision(tx, decisions);
  });
}

function takeIn(context: SettleContext, event: Raised, known: readonly IncidentRow[], outcome: Outcome): void {
  const brief = context.directory.get(event.device);
  if (!isJudged(brief)) return;
  const type = typeOf(context.types, brief);
  const ended = event.code.endsWith(CLEARED) ? event.code.slice(0, -CLEARED.length) : null;
  if (ended !== null && type?.events.has(ended)) {
    const row = known.find((candidate) => isOf(candidate, event, ended) && isOngoing(candidate));
    if (row) end(row, outcome);
    return;
  }
  const rule = type?.events.get(event.code);
  const fault = faultOf(event, rule?.advice ?? null);
  const row = known.find((candidate) => isOf(candidate, event, event.code));
  const decideAt = context.now(event.path) + Math.max(context.holdMs(brief), rule?.holdMs ?? 0);
  if (!row) outcome.inserts.push(newIncident(brief, fault, outcome.at, decideAt));
  // Seen before: what a successor reads again that its predecessor had taken in.
  else if (event.receivedAt <= row.lastAt) return;
  else if (isOngoing(row)) again(row, fault, event, outcome);
  else {
    const after = relapse(row, fault, decideAt);
    outcome.updates.push(after);
    if (after.state === 'open') outcome.decisions.push(decision(after, 'relapsed', outcome.at));
  }
}

function end(row: IncidentRow, outcome: Outcome): void {
  const { row: after, announce } = resolve(row, outcome.at);
  outcome.updates.push(after);
  if (announce) outcome.decisions.push(decision(after, 'resolved', outcome.at));
}

function again(row: IncidentRow, fault: Fault, event: Raised, outcome: Outcome): void {
  const quiet = event.receivedAt - row.lastAt;
  const after: IncidentRow = {
    ...row,
    occurrences: row.occurrences + event.count,
    lastAt: event.receivedAt,
    evidence: addEvidence(row.evidence, fault.evidence),
  };
  outcome.updates.push(after);
  const due = quiet >= (event.lifeSafety ? REPEAT_LIFE_SAFETY_MS : REPEAT_MS);
  if (due && row.state === 'open' && row.notified) {
    outcome.decisions.push(decision(after, 'relapsed', outcome.at));
  }
}

function faultOf(event: Raised, advice: Fault['advice']): Fault {
  return {
    fault: event.code,
    component: event.component,
    reason: event.code,
    severity: event.severity,
    lifeSafety: event.lifeSafety,
    late: event.late,
    advice,
    evidence: {
      event: event.code,
      time: new Date(event.time).toISOString(),
      receivedAt: new Date(event.receivedAt).toISOString(),
      ...(event.data === undefined ? {} : { data: event.data }),
    },
    path: event.path,
    lastAt: event.receivedAt,
  };
}

const isOngoing = (row: IncidentRow) => row.state === 'held' || row.state === 'open';
const isOf = (row: IncidentRow, event: Raised, fault: string) =>
  row.device === event.device && row.fault === fault && row.component === event.component;

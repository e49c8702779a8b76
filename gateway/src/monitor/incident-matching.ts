import { isCameraFault } from '../domain/camera-faults.ts';
import type { DeviceBrief } from '../domain/device.ts';
import type { IncidentRow } from '../domain/health-rows.ts';
import { isOfRule } from './alarms.ts';
import type { Batch } from './batch.ts';
import type { Case } from './case.ts';
import type { SettleContext } from './context.ts';
import { addEvidence, decision, type Fault, newIncident, relapse, resolve, suppressions } from './incidents.ts';
import type { Judgement } from './judge.ts';
import type { MonitoredType } from './ports.ts';
import { recoveryProof } from './recovery-proof.ts';
import { CLOCK_SKEW } from './skew.ts';

export const isOngoing = (row: IncidentRow) => row.state === 'held' || row.state === 'open';

/** Holds the faults of a device against its incidents: what is new, goes on, came back or is over. */
export function matchIncidents(
  context: SettleContext,
  batch: Batch,
  device: Case,
  wanted: readonly Fault[],
  judgement: Judgement,
  rows: readonly IncidentRow[],
): void {
  const { brief, type, wall: at } = device;
  const same = (row: IncidentRow, fault: Fault) => row.fault === fault.fault && row.component === fault.component;
  for (const row of rows.filter(isOngoing)) {
    const fault = wanted.find((candidate) => same(row, candidate));
    if (fault && !(fault.covered && row.state === 'held' && !row.notified)) {
      keep(context, batch, { brief, row, fault, at });
      continue;
    }
    if (!fault && !endsByItself(row, type)) {
      if (canSpeakNow(context, row, brief)) speakOf(context, batch, row, at);
      continue;
    }
    // The data of a device that is now offline say nothing: a told incident waits, an untold one is covered.
    if (row.fault === 'stale' && judgement.offline && row.state === 'open') continue;
    const { row: after, announce } = resolve(row, at);
    batch.updates.push(after);
    if (announce) batch.decisions.push(decision(after, 'resolved', at, recoveryProof(row, device, judgement)));
  }
  for (const fault of wanted) {
    if (fault.calm || fault.covered || rows.some((row) => isOngoing(row) && same(row, fault))) continue;
    const decideAt = context.now(fault.path) + context.holdMs(brief);
    const before = rows.find((row) => !isOngoing(row) && same(row, fault));
    if (!before) {
      batch.inserts.push(newIncident(brief, fault, at, decideAt));
      continue;
    }
    const row = relapse(before, fault, decideAt);
    batch.updates.push(row);
    if (row.state === 'open') batch.decisions.push(decision(row, 'relapsed', at));
  }
}

const OWN_FAULTS: ReadonlySet<string> = new Set(['offline', 'stale', 'flapping', 'unsteady', CLOCK_SKEW]);

/** Event incidents, and what history told, end with their ticket; what a fact or a rule began, it ends. */
function endsByItself(row: IncidentRow, type: MonitoredType | undefined): boolean {
  if (row.late) return false;
  if (OWN_FAULTS.has(row.fault) || isCameraFault(row.fault)) return true;
  // What a rule began ends with it, also when the rule is gone.
  if (row.evidence.some(isOfRule)) return true;
  if (type?.events.has(row.fault)) return false;
  return type?.alarms.some((rule) => rule.code === row.fault) ?? false;
}

function keep(
  context: SettleContext,
  batch: Batch,
  { brief, row, fault, at }: { brief: DeviceBrief; row: IncidentRow; fault: Fault; at: number },
): void {
  const turned = row.reason !== fault.reason || row.severity !== fault.severity;
  const evidence = turned ? addEvidence(row.evidence, fault.evidence) : row.evidence;
  const now = { ...row, reason: fault.reason, severity: fault.severity, evidence };
  if (canSpeakNow(context, now, brief)) {
    speakOf(context, batch, now, at);
    return;
  }
  if (turned) batch.updates.push(now);
}

/** What kept an open incident quiet is over. */
function canSpeakNow(context: SettleContext, row: IncidentRow, brief: DeviceBrief): boolean {
  if (row.state !== 'open' || row.suppressed.length === 0) return false;
  // The group speaks for it until it lets go of it.
  if (row.suppressed.some((reason) => reason.startsWith('group:'))) return false;
  return suppressions(brief, row, context).length === 0;
}

/** Silence that nothing keeps quiet any more is held once more: many devices may have had the same reason. */
function speakOf(context: SettleContext, batch: Batch, row: IncidentRow, at: number): void {
  if (row.fault === 'offline' && !row.lifeSafety) {
    batch.updates.push({
      ...row,
      state: 'held',
      suppressed: [],
      decideAt: context.now(row.path) + context.groupHoldMs(),
    });
    return;
  }
  const told = { ...row, suppressed: [], notified: true };
  batch.updates.push(told);
  batch.decisions.push(decision(told, 'opened', at));
}

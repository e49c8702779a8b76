import type { AlarmRow } from '../domain/health-rows.ts';
import { SEVERITIES, type Severity } from '../domain/reading.ts';
import type { Case } from './case.ts';
import { ruleOf } from './fault-rules.ts';
import type { Fault } from './incidents.ts';
import type { Judgement } from './judge.ts';
import { holdsBack } from './unsteady.ts';

/** What is wrong with a device now and should be an incident: offline, else stale, and every alarm that is up. */
export function faultsOf(device: Case, judgement: Judgement, alarms: readonly AlarmRow[]): Fault[] {
  const { memory, wall } = device;
  const common = { component: '', late: false, lifeSafety: false, lastAt: wall, advice: null };
  const faults: Fault[] = [];
  const covered = alarms.some(({ state, evidence }) => state === 'active' && evidence.covers === 'offline');
  const { offline, staleMetrics, flap, unsteady } = judgement;
  if (flap.reason !== null) {
    faults.push({
      ...common,
      fault: 'flapping',
      reason: flap.reason,
      severity: flap.reason === 'unstable' ? 'major' : 'minor',
      evidence: { fact: 'flapping', ...flap.evidence },
      path: flap.path,
    });
  }
  if (offline) {
    const evidence = { fact: offline.name, reason: offline.reason, ...offline.evidence };
    faults.push({
      ...common,
      fault: 'offline',
      reason: offline.reason,
      severity: 'major',
      evidence,
      path: offline.path,
      // A flapping device has one incident: what was told goes on until it is over, and nothing new begins.
      ...(flap.holds ? { calm: true } : {}),
      ...(covered ? { covered } : {}),
    });
  } else if (staleMetrics.length > 0) {
    const calm = staleMetrics.every((metric) => holdsBack(unsteady, `data:${metric}`));
    const evidence = { metrics: staleMetrics, lastSeenAt: new Date(memory.seenAt).toISOString() };
    faults.push({ ...common, fault: 'stale', reason: 'stale', severity: 'minor', evidence, path: memory.path, calm });
  }
  const coming = unsteadyFault(device, judgement);
  if (coming) faults.push({ ...common, ...coming });
  for (const alarm of alarms) {
    const rule = ruleOf(device.type, alarm.code);
    if (alarm.state !== 'active' || !rule) continue;
    faults.push({
      fault: alarm.code,
      component: alarm.component,
      reason: alarm.code,
      severity: rule.severity,
      lifeSafety: rule.lifeSafety,
      late: false,
      advice: rule.advice,
      evidence: alarm.evidence,
      path: alarm.path,
      lastAt: alarm.since,
      calm: holdsBack(unsteady, `alarm:${alarm.code}`),
    });
  }
  return faults;
}

/** Data, picture and alarms that come and go are one fault of the device, which names them (故障反复). */
function unsteadyFault({ type }: Case, { unsteady }: Judgement) {
  const going = [...unsteady].filter(([, { reason }]) => reason !== null);
  const [first] = going;
  if (!first) return null;
  const unstable = going.filter(([, { reason }]) => reason === 'unstable').map(([name]) => name);
  const ranks = unstable.map((name) => SEVERITIES.indexOf(severityOf(type, name)));
  return {
    fault: 'unsteady',
    reason: unstable.length > 0 ? 'unstableFault' : 'unsteady',
    severity: SEVERITIES[Math.max(...ranks)] ?? 'minor',
    evidence: {
      fact: 'unsteady',
      faults: unstable.length > 0 ? unstable : going.map(([name]) => name),
      flips: Object.fromEntries(going.map(([name, { evidence }]) => [name, evidence.flips])),
    },
    path: first[1].path,
  };
}

const severityOf = (type: Case['type'], name: string): Severity =>
  ruleOf(type, name.slice(name.indexOf(':') + 1))?.severity ?? 'minor';

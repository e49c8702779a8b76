import { CAMERA_FAULTS, isCameraFault } from '../domain/camera-faults.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { AlarmRow } from '../domain/health-rows.ts';
import type { Fault } from './incidents.ts';
import type { Case, Judgement } from './judge.ts';
import { CLOCK_SKEW } from './skew.ts';

const CLOCK_ADVICE: Title = {
  zh: '核对设备的校时设置（NTP、时区、后备电池）',
  en: 'Check how the device sets its clock (NTP, time zone, backup battery)',
};

/** What is wrong with a device now and should be an incident: offline, else stale, and every alarm that is up. */
export function faultsOf(device: Case, judgement: Judgement, alarms: readonly AlarmRow[]): Fault[] {
  const { memory, wall } = device;
  const common = { component: '', late: false, lifeSafety: false, lastAt: wall, advice: null };
  const faults: Fault[] = [];
  const covered = alarms.some(({ state, evidence }) => state === 'active' && evidence.covers === 'offline');
  const { offline, staleMetrics, flap } = judgement;
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
      ...(flap.reason === null ? {} : { calm: true }),
      ...(covered ? { covered } : {}),
    });
  } else if (staleMetrics.length > 0) {
    const evidence = { metrics: staleMetrics, lastSeenAt: new Date(memory.seenAt).toISOString() };
    faults.push({ ...common, fault: 'stale', reason: 'stale', severity: 'minor', evidence, path: memory.path });
  }
  for (const alarm of alarms) {
    const rule = ruleOf(device, alarm.code);
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
    });
  }
  return faults;
}

/** How bad it is: the type says so of its own alarms, the gateway of what it finds itself. */
function ruleOf({ type }: Case, code: string) {
  const rule = type?.alarms.find((candidate) => candidate.code === code);
  if (rule) return { severity: rule.severity, lifeSafety: rule.lifeSafety, advice: rule.advice as Title | null };
  if (code === CLOCK_SKEW) return { severity: 'minor' as const, lifeSafety: false, advice: CLOCK_ADVICE };
  return isCameraFault(code) ? { ...CAMERA_FAULTS[code], lifeSafety: false } : undefined;
}

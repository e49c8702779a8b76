import { CAMERA_FAULTS, isCameraFault } from '../domain/camera-faults.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Severity } from '../domain/reading.ts';
import type { MonitoredType } from './ports.ts';
import { CLOCK_SKEW } from './skew.ts';

export interface FaultRule {
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  readonly advice: Title | null;
  /** How long its condition must hold, milliseconds. */
  readonly forMs: number;
}

const CLOCK_ADVICE: Title = {
  zh: '核对设备的校时设置（NTP、时区、后备电池）',
  en: 'Check how the device sets its clock (NTP, time zone, backup battery)',
};

/** How bad an alarm is: the type says so of its own, the gateway of what it finds itself. */
export function ruleOf(type: MonitoredType | undefined, code: string): FaultRule | undefined {
  const rule = type?.alarms.find((candidate) => candidate.code === code);
  if (rule) return rule;
  if (code === CLOCK_SKEW) return { severity: 'minor', lifeSafety: false, advice: CLOCK_ADVICE, forMs: 0 };
  return isCameraFault(code) ? { ...CAMERA_FAULTS[code], lifeSafety: false, forMs: 0 } : undefined;
}

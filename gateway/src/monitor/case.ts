import type { DeviceBrief } from '../domain/device.ts';
import type { AlarmRow, FactRow, HealthRow } from '../domain/health-rows.ts';
import type { DeviceMemory } from './memory.ts';
import type { MonitoredType } from './ports.ts';

/** A device with all that is known of it when it is judged. */
export interface Case {
  readonly memory: DeviceMemory;
  readonly brief: DeviceBrief;
  readonly type: MonitoredType | undefined;
  readonly health: HealthRow;
  readonly facts: readonly FactRow[];
  readonly alarms: readonly AlarmRow[];
  /** As they stood at the last judgement. */
  readonly alarmsBefore: readonly AlarmRow[];
  /** Observed time that may be judged, by path. */
  readonly now: (path: string) => number;
  /** Epoch milliseconds. */
  readonly wall: number;
}

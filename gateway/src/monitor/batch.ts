import type { DeviceKey } from '../domain/device.ts';
import type { Decision } from '../domain/health.ts';
import type { AlarmRow, FactWrite, HealthChange, HealthRow, IncidentRow } from '../domain/health-rows.ts';
import type { Judgement } from './judge.ts';
import type { DeviceMemory } from './memory.ts';

/** All that one transaction (a) is going to write, and what memory learns after its commit. */
export interface Batch {
  facts: FactWrite[];
  health: HealthRow[];
  changes: HealthChange[];
  saveAlarms: AlarmRow[];
  dropAlarms: AlarmRow[];
  inserts: IncidentRow[];
  updates: IncidentRow[];
  decisions: Decision[];
  forgotten: DeviceKey[];
  judged: { memory: DeviceMemory; judgement: Judgement; alarmChanges: number }[];
}

export function emptyBatch(): Batch {
  return {
    facts: [],
    health: [],
    changes: [],
    saveAlarms: [],
    dropAlarms: [],
    inserts: [],
    updates: [],
    decisions: [],
    forgotten: [],
    judged: [],
  };
}

export function noteHealth(batch: Batch, was: HealthRow, is: HealthRow, at: number): void {
  batch.health.push(is);
  if (was.state === is.state) return;
  batch.changes.push({ device: is.device, was: was.state, state: is.state, reason: is.reason, at });
}

import type { DeviceKey } from '../domain/device.ts';
import type { ConditionEvidence, ProbeEvidence } from '../domain/evidence.ts';

/** Answers in a row that confirm that a camera has no free session, and that it has one again. */
const CONFIRM_FULL = 3;
const CONFIRM_FREE = 2;

interface Count {
  full: number;
  free: number;
  /** Last answer; undefined before the first. */
  ok: boolean | undefined;
  /** What the monitor was last told; undefined = nothing in this run. */
  told: boolean | undefined;
}

export interface Refinement {
  (evidence: ProbeEvidence): void;
  /** Whether its last answer was good; true before the first. */
  answers(device: DeviceKey): boolean;
}

/**
 * Tells what a probe's answer means for the camera's life apart from what it means for its use: one that is full
 * (453, 503) is alive, so it is no failed probe but, once confirmed, the condition `sessionLimit`.
 */
export function createRefinement(options: {
  readonly probe: (evidence: ProbeEvidence) => void;
  readonly condition: (evidence: ConditionEvidence) => void;
  /** It gives a good answer again: time for a look at its picture. */
  readonly turned: (device: DeviceKey) => void;
}): Refinement {
  const counts = new Map<DeviceKey, Count>();
  const tell = (count: Count, active: boolean, { device, path, at, detail }: ProbeEvidence) => {
    if (count.told === active) return;
    count.told = active;
    options.condition({ device, path, at, code: 'sessionLimit', active, evidence: { detail } });
  };

  const refine = (evidence: ProbeEvidence) => {
    const count = counts.get(evidence.device) ?? { full: 0, free: 0, ok: undefined, told: undefined };
    counts.set(evidence.device, count);
    const { ok } = count;
    count.ok = evidence.ok;
    if (ok === false && evidence.ok) options.turned(evidence.device);
    if (evidence.reason === 'sessionLimit') {
      count.full += 1;
      count.free = 0;
      options.probe({ ...evidence, ok: true });
      if (count.full >= CONFIRM_FULL) tell(count, true, evidence);
      return;
    }
    // A camera that does not answer says nothing of its sessions.
    count.full = 0;
    count.free = evidence.ok ? count.free + 1 : 0;
    options.probe(evidence);
    if (count.free >= CONFIRM_FREE) tell(count, false, evidence);
  };
  return Object.assign(refine, { answers: (device: DeviceKey) => counts.get(device)?.ok !== false });
}

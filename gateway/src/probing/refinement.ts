import type { DeviceKey } from '../domain/device.ts';
import type { ConditionEvidence, ProbeEvidence } from '../domain/evidence.ts';

/** Answers in a row that confirm that a camera has no free session, and that it has one again. */
const CONFIRM_FULL = 3;
const CONFIRM_FREE = 2;

/** Answers in a row, and what they have confirmed; undefined = nothing yet in this run. */
interface Tally {
  full: number;
  free: number;
  stands: boolean | undefined;
}

interface Count {
  readonly probes: Tally;
  readonly looks: Tally;
  lookedAt: number;
  /** Last answer to a probe; undefined before the first. */
  ok: boolean | undefined;
  /** What the monitor was last told; undefined = nothing in this run. */
  told: boolean | undefined;
}

type Said = Pick<ProbeEvidence, 'device' | 'path' | 'at' | 'detail'>;

/** What a look at the picture says of the camera's sessions; it was `served` when it got one. */
export interface LookEvidence extends Said {
  readonly reason: string;
  readonly served: boolean;
}

export interface Refinement {
  (evidence: ProbeEvidence): void;
  /** Whether its last answer was good; true before the first. */
  answers(device: DeviceKey): boolean;
  /** Looks closer together than `gapMs` count as one. */
  looked(look: LookEvidence, gapMs: number): void;
}

/**
 * Tells what a probe's answer means for the camera's life apart from what it means for its use: one that is full
 * (453, 503) is alive, so it is no failed probe but, once confirmed, the condition `sessionLimit`. Many cameras describe
 * a stream they have no session for, so looks at the picture say it as well; one that they found full, they find free.
 */
export function createRefinement(options: {
  readonly probe: (evidence: ProbeEvidence) => void;
  readonly condition: (evidence: ConditionEvidence) => void;
  /** It gives a good answer again: time for a look at its picture. */
  readonly turned: (device: DeviceKey) => void;
}): Refinement {
  const counts = new Map<DeviceKey, Count>();
  const countOf = (device: DeviceKey): Count => {
    const tally = (): Tally => ({ full: 0, free: 0, stands: undefined });
    const fresh = { probes: tally(), looks: tally(), lookedAt: 0, ok: undefined, told: undefined };
    const count = counts.get(device) ?? fresh;
    counts.set(device, count);
    return count;
  };
  const tell = (count: Count, { device, path, at, detail }: Said) => {
    const { probes, looks, told } = count;
    const active = probes.stands === true || looks.stands === true;
    // What an earlier run found, a probe alone cannot end: a look may have found it.
    const known = active || (probes.stands === false && (told !== undefined || looks.free > 0));
    if (!known || told === active) return;
    count.told = active;
    options.condition({ device, path, at, code: 'sessionLimit', active, evidence: { detail } });
  };

  const refine = (evidence: ProbeEvidence) => {
    const count = countOf(evidence.device);
    const { ok } = count;
    count.ok = evidence.ok;
    if (ok === false && evidence.ok) options.turned(evidence.device);
    const full = evidence.reason === 'sessionLimit';
    add(count.probes, full, evidence.ok);
    options.probe(full ? { ...evidence, ok: true } : evidence);
    tell(count, evidence);
  };
  return Object.assign(refine, {
    answers: (device: DeviceKey) => counts.get(device)?.ok !== false,
    looked(look: LookEvidence, gapMs: number) {
      const count = countOf(look.device);
      if (look.at - count.lookedAt < gapMs) return;
      count.lookedAt = look.at;
      add(count.looks, look.reason === 'sessionLimit', look.served);
      tell(count, look);
    },
  });
}

/** One that does not answer says nothing of its sessions. */
function add(tally: Tally, full: boolean, free: boolean): void {
  tally.full = full ? tally.full + 1 : 0;
  tally.free = free && !full ? tally.free + 1 : 0;
  if (tally.full >= CONFIRM_FULL) tally.stands = true;
  if (tally.free >= CONFIRM_FREE) tally.stands = false;
}

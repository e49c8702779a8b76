import { isCameraFault } from '../domain/camera-faults.ts';
import { FAULT_TERMS, flapTau } from '../domain/flapping.ts';
import type { UnsteadyName } from '../domain/health.ts';
import type { EffectivePolicy } from '../domain/health-policy.ts';
import type { AlarmRow, FactRow } from '../domain/health-rows.ts';
import type { Case } from './case.ts';
import { ruleOf } from './fault-rules.ts';
import { type FlapJudgement, patienceOf, turn } from './flap.ts';
import { freshWithinOf } from './shape.ts';

/** Whether a fault is there, and whether it was at the last judgement. */
export interface Turn {
  readonly is: boolean;
  readonly was: boolean;
  readonly path: string;
}

/** Faults of one device that come and go, by fact or rule. Life safety is never among them. */
export type Unsteady = ReadonlyMap<UnsteadyName, FlapJudgement>;

const PREFIX = 'flapping:';
/** Pictures are looked at every hour, and every few minutes while their verdict changes. */
const PICTURE_INTERVAL_MS = 1_200_000;
/** A time that makes a fault is about so many intervals long. */
const INTERVALS_OF_DEADLINE = 3;
const NONE: Unsteady = new Map();

/** Judges how often each fault of a device came and went: of its data as they were judged now, and of its alarms. */
export function unsteadyOf(
  device: Case,
  rows: ReadonlyMap<string, FactRow>,
  data: ReadonlyMap<string, Turn>,
  policy: EffectivePolicy,
): Unsteady {
  const turns = new Map<UnsteadyName, Turn>();
  for (const [metric, one] of data) turns.set(`data:${metric}`, one);
  addAlarms(turns, device);
  for (const [name, { path }] of rows) {
    const fault = faultOf(name);
    if (fault && !turns.has(fault)) turns.set(fault, { is: false, was: false, path });
  }
  if (turns.size === 0) return NONE;

  const found = new Map<UnsteadyName, FlapJudgement>();
  for (const [fault, { is, was, path }] of turns) {
    const pace = paceOf(device, fault, policy);
    const row = rows.get(`${PREFIX}${fault}`);
    // What is about life and limb since a rule was changed is told each time: its past is left to fade.
    if (!pace && !row) continue;
    const judged = turn(device, {
      name: `${PREFIX}${fault}`,
      row,
      path: row?.path ?? path,
      dead: is,
      flipped: pace !== null && is !== was,
      terms: FAULT_TERMS,
      tau: flapTau(pace?.interval ?? policy.interval),
      patience: patienceOf(policy, pace?.own),
    });
    found.set(fault, pace ? judged : { ...judged, reason: null, holds: false });
  }
  return found;
}

export const holdsBack = (unsteady: Unsteady, fault: UnsteadyName): boolean => unsteady.get(fault)?.holds ?? false;

function faultOf(name: string): UnsteadyName | null {
  if (!name.startsWith(PREFIX)) return null;
  const fault = name.slice(PREFIX.length);
  return fault.startsWith('data:') || fault.startsWith('alarm:') ? (fault as UnsteadyName) : null;
}

function addAlarms(turns: Map<UnsteadyName, Turn>, { alarms, alarmsBefore }: Case): void {
  const note = (from: readonly AlarmRow[], as: (known: Turn | undefined, path: string) => Turn) => {
    for (const { code, state, path } of from) {
      if (state === 'active') turns.set(`alarm:${code}`, as(turns.get(`alarm:${code}`), path));
    }
  };
  note(alarmsBefore, (_, path) => ({ is: false, was: true, path }));
  note(alarms, (known, path) => ({ is: true, was: known?.was ?? false, path }));
}

/** How often the fault may turn at all, and what it takes to be noticed, milliseconds; null = it is never held back. */
function paceOf(device: Case, fault: UnsteadyName, { interval }: EffectivePolicy) {
  const { type, brief } = device;
  if (fault.startsWith('data:')) {
    const own = freshWithinOf(type, brief.healthPolicy, fault.slice('data:'.length)) ?? 0;
    return { interval: Math.max(interval, own / INTERVALS_OF_DEADLINE), own };
  }
  const code = fault.slice('alarm:'.length);
  const rule = ruleOf(type, code);
  if (rule?.lifeSafety) return null;
  if (isCameraFault(code)) return { interval: PICTURE_INTERVAL_MS, own: 0 };
  const own = rule?.forMs ?? 0;
  return { interval: Math.max(interval, own / INTERVALS_OF_DEADLINE), own };
}

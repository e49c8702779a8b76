import {
  type FlapTerms,
  flapTau,
  judgeFlapping,
  LINK_TERMS,
  PATIENCE_DEADLINES,
  readFlapping,
} from '../domain/flapping.ts';
import type { FactName } from '../domain/health.ts';
import type { EffectivePolicy } from '../domain/health-policy.ts';
import type { FactRow, FactWrite } from '../domain/health-rows.ts';
import type { Verdict } from '../domain/health-rules.ts';
import type { DeviceMemory } from './memory.ts';

/** What flapping adds to the verdict on a device. */
export interface FlapJudgement {
  /** Null = as it was. */
  readonly write: FactWrite | null;
  /** `flapping`, or `unstable` once it has lasted too long; null = it does not flap. */
  readonly reason: string | null;
  /** Nothing is begun on account of what flaps; what was told goes on and ends. */
  readonly holds: boolean;
  /** What the incident shows. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly path: string;
}

/** What turns and how fast it may. */
export interface Turning {
  readonly name: FactName;
  readonly row: FactRow | undefined;
  readonly path: string;
  readonly dead: boolean;
  readonly flipped: boolean;
  readonly terms: FlapTerms;
  readonly tau: number;
  readonly patience: number;
}

export interface FlapContext {
  readonly memory: DeviceMemory;
  readonly now: (path: string) => number;
  readonly wall: number;
}

/** How long what flaps must be dead without a return to be believed; `own` is what it takes to be noticed at all. */
export function patienceOf({ offlineAfter }: EffectivePolicy, own = 0): number {
  return Math.max(PATIENCE_DEADLINES * offlineAfter, own);
}

/** Judges how often a device has turned between dead and alive. */
export function flapOf(
  context: FlapContext,
  rows: ReadonlyMap<string, FactRow>,
  { link, probe }: { readonly link: Verdict | null; readonly probe: Verdict | null },
  /** How often the device speaks, milliseconds. */
  interval: number,
  policy: EffectivePolicy,
): FlapJudgement {
  const row = rows.get('flapping');
  const dead = link?.state === 'bad' || probe?.state === 'bad';
  const wasDead = rows.get('link')?.state === 'bad' || rows.get('probe')?.state === 'bad';
  return turn(context, {
    name: 'flapping',
    row,
    path: row?.path ?? context.memory.path,
    dead,
    flipped: dead !== wasDead && isTurn(rows, dead),
    terms: LINK_TERMS,
    tau: flapTau(interval),
    patience: patienceOf(policy),
  });
}

/** The fact row is all that is kept of it. */
export function turn({ memory, now, wall }: FlapContext, turning: Turning): FlapJudgement {
  const { name, row, path, dead, flipped, terms, tau, patience } = turning;
  const at = now(path);
  if (!row && !flipped) return { write: null, reason: null, holds: false, evidence: {}, path };

  const was = row && row.state !== 'good' ? readFlapping(row.evidence) : null;
  const verdict = judgeFlapping({ terms, now: at, was, flipped, dead, tau, patience });
  const { flapping, unstable, deadline } = verdict;
  const state = flapping === null ? 'good' : flapping.active ? 'bad' : 'suspect';
  const reason = state === 'bad' ? (unstable ? 'unstable' : 'flapping') : state === 'good' ? 'calm' : 'flipped';
  const evidence = {
    ...(flapping ?? { score: 0, at }),
    tauMs: tau,
    startsAt: terms.start,
    endsAt: terms.stop,
    patienceMs: patience,
  };
  const same = !flipped && row?.state === state && row.reason === reason && row.deadline === deadline;
  const write: FactWrite = {
    device: memory.key,
    name,
    state,
    reason,
    deadline,
    turning: null,
    path,
    since: row?.state === state ? null : wall,
    evidence,
  };
  return {
    write: same ? null : write,
    reason: state === 'bad' ? reason : null,
    holds: verdict.holds,
    evidence,
    path,
  };
}

/** The first word on a device is no turn of it, unless that word ends something. */
function isTurn(rows: ReadonlyMap<string, FactRow>, dead: boolean): boolean {
  const known = [rows.get('link'), rows.get('probe')].some((fact) => fact && fact.state !== 'unknown');
  return known || !dead;
}

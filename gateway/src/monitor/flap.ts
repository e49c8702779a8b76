import { FLAP_START, FLAP_STOP, flapTau, judgeFlapping, readFlapping } from '../domain/flapping.ts';
import type { FactRow, FactWrite } from '../domain/health-rows.ts';
import type { Verdict } from '../domain/health-rules.ts';
import type { DeviceMemory } from './memory.ts';

/** What flapping adds to the verdict on a device. */
export interface FlapJudgement {
  /** Null = as it was. */
  readonly write: FactWrite | null;
  /** `flapping`, or `unstable` once it has lasted too long; null = it does not flap. */
  readonly reason: string | null;
  /** What the incident shows. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly path: string;
}

interface FlapCase {
  readonly memory: DeviceMemory;
  readonly rows: ReadonlyMap<string, FactRow>;
  readonly link: Verdict | null;
  readonly probe: Verdict | null;
  /** How often the device speaks, milliseconds. */
  readonly interval: number;
  readonly now: (path: string) => number;
  readonly wall: number;
}

/** Judges how often a device has turned between dead and alive. Its fact row is all that is kept of it. */
export function flapOf({ memory, rows, link, probe, interval, now, wall }: FlapCase): FlapJudgement {
  const row = rows.get('flapping');
  const path = row?.path ?? memory.path;
  const at = now(path);
  const dead = link?.state === 'bad' || probe?.state === 'bad';
  const wasDead = rows.get('link')?.state === 'bad' || rows.get('probe')?.state === 'bad';
  const flipped = dead !== wasDead && isTurn(rows, dead);
  if (!row && !flipped) return { write: null, reason: null, evidence: {}, path };

  const was = row && row.state !== 'good' ? readFlapping(row.evidence) : null;
  const tau = flapTau(interval);
  const { flapping, unstable, deadline } = judgeFlapping({ now: at, was, flipped, dead, tau });
  const state = flapping === null ? 'good' : flapping.active ? 'bad' : 'suspect';
  const reason = state === 'bad' ? (unstable ? 'unstable' : 'flapping') : state === 'good' ? 'calm' : 'flipped';
  const evidence = { ...(flapping ?? { score: 0, at }), tauMs: tau, startsAt: FLAP_START, endsAt: FLAP_STOP };
  const same = !flipped && row?.state === state && row.reason === reason && row.deadline === deadline;
  const write: FactWrite = {
    device: memory.key,
    name: 'flapping',
    state,
    reason,
    deadline,
    turning: null,
    path,
    since: row?.state === state ? null : wall,
    evidence,
  };
  return { write: same ? null : write, reason: state === 'bad' ? reason : null, evidence, path };
}

/** The first word on a device is no turn of it, unless that word ends something. */
function isTurn(rows: ReadonlyMap<string, FactRow>, dead: boolean): boolean {
  const known = [rows.get('link'), rows.get('probe')].some((fact) => fact && fact.state !== 'unknown');
  return known || !dead;
}

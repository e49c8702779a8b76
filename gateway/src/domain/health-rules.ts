import type { FactState, HealthState } from './health.ts';
import { type EffectivePolicy, PROBE_FAILURES } from './health-policy.ts';

/** All times in this file are observed milliseconds of the fact's path unless a name says otherwise. */
export interface Verdict {
  readonly state: FactState;
  readonly reason: string;
  readonly deadline: number | null;
  /** Since when a change waits for its confirmation; null = nothing is under way. */
  readonly turning: number | null;
}

/** `lost` ended uncleanly, `goodbye` cleanly, `unknown` was up when the gateway itself went away. */
export type SessionState = 'none' | 'up' | 'lost' | 'goodbye' | 'unknown';

/** Signs of life since the fact turned bad; what makes a return. */
export interface Signs {
  /** Zero, one, or two and more at distinct times. */
  readonly count: 0 | 1 | 2;
  readonly first: number;
}

export interface LinkInput {
  readonly now: number;
  readonly state: FactState;
  readonly reason: string;
  /** Newest sign of life; null = never. */
  readonly seen: number | null;
  readonly session: SessionState;
  /** When the session took this state. */
  readonly sessionAt: number;
  readonly sessionReason: string;
  readonly signs: Signs;
  readonly policy: EffectivePolicy;
}

/** Judges silence. Its own live session keeps a device from being silent; its data have facts of their own. */
export function judgeLink(input: LinkInput): Verdict {
  const { now, session, sessionAt, seen, policy } = input;
  if (seen === null && session === 'none') return verdict('unknown', 'neverSeen', null);
  const lostFor = session === 'lost' && (seen === null || seen <= sessionAt) ? now - sessionAt : null;
  const alive = session === 'up' ? now : Math.max(seen ?? 0, session === 'none' || session === 'lost' ? 0 : sessionAt);
  if (input.state === 'bad') return returning(input, lostFor, alive);
  if (lostFor !== null) {
    const dead = lostFor >= policy.hold;
    return verdict(dead ? 'bad' : 'suspect', input.sessionReason, dead ? null : sessionAt + policy.hold);
  }
  if (session === 'up') return verdict('good', 'connected', now + policy.offlineAfter);
  const silence = now - alive;
  if (silence >= policy.offlineAfter) return verdict('bad', 'silent', null);
  if (silence >= policy.suspectAfter) return verdict('suspect', 'silent', alive + policy.offlineAfter);
  return verdict('good', 'heard', alive + policy.suspectAfter);
}

/** A dead device comes back by two signs of life at distinct times, or by one that lasts for recoverAfter. */
function returning(input: LinkInput, lostFor: number | null, alive: number): Verdict {
  const { now, signs, policy } = input;
  const gone = lostFor !== null || now - alive >= policy.offlineAfter;
  if (signs.count === 0 || gone) return verdict('bad', input.reason, null);
  const reason = input.session === 'up' ? 'connected' : 'heard';
  const after = input.session === 'up' ? now + policy.offlineAfter : alive + policy.suspectAfter;
  if (signs.count === 2 || now >= signs.first + policy.recoverAfter) return verdict('good', reason, after);
  const next = Math.min(signs.first + policy.recoverAfter, Math.max(alive, signs.first) + policy.offlineAfter);
  return { state: 'bad', reason: input.reason, deadline: next, turning: signs.first };
}

export interface DataInput {
  readonly now: number;
  readonly state: FactState;
  readonly turning: number | null;
  /** Newest value. */
  readonly value: number;
  readonly freshWithin: number;
  /** State of the device's link: the data of a silent device are not judged. */
  readonly link: FactState;
  /** When a suspect link is judged next. */
  readonly linkDeadline: number | null;
  /** First sign of life of a device that has just returned; null = it was not away. */
  readonly returnedAt: number | null;
  readonly policy: EffectivePolicy;
}

/** Judges one metric's freshness, counted only while the device itself is alive. */
export function judgeData(input: DataInput): Verdict {
  const { now, state, turning, value, freshWithin, link, returnedAt, policy } = input;
  const fresh = now - value < freshWithin;
  if (link === 'bad') {
    return state === 'bad' ? verdict('bad', 'stale', null) : verdict('unknown', 'deviceOffline', null);
  }
  if (state === 'bad') {
    if (!fresh) return verdict('bad', 'stale', null);
    const first = turning ?? value;
    if (value > first || now >= first + policy.recoverAfter) return verdict('good', 'fresh', value + freshWithin);
    return { state: 'bad', reason: 'stale', deadline: first + policy.recoverAfter, turning: first };
  }
  if (state === 'unknown' || returnedAt !== null) return awaited(input, turning ?? returnedAt ?? now);
  if (fresh) return verdict('good', 'fresh', value + freshWithin);
  if (link === 'suspect') {
    return { state, reason: 'deviceSilent', deadline: Math.max(now, input.linkDeadline ?? now) + 1_000, turning };
  }
  return verdict('bad', 'stale', null);
}

/** After an outage of the device its values get their whole window anew before their silence counts. */
function awaited({ now, value, freshWithin }: DataInput, from: number): Verdict {
  if (value >= from) return verdict('good', 'fresh', value + freshWithin);
  if (now - from >= freshWithin) return verdict('bad', 'stale', null);
  return { state: 'unknown', reason: 'awaited', deadline: from + freshWithin, turning: from };
}

export interface ProbeInput {
  readonly now: number;
  readonly state: FactState;
  readonly reason: string;
  /** Newest result. */
  readonly ok: boolean;
  readonly lastReason: string;
  /** Failures in a row; 0 after a success. */
  readonly failures: number;
  readonly firstFailure: number;
  /** Newest failure. */
  readonly lastFailure: number;
  readonly signs: Signs;
  readonly policy: EffectivePolicy;
}

/** Judges an unbroken run of probes; a probe that was not made is nobody's fault. */
export function judgeProbe(input: ProbeInput): Verdict {
  const { now, state, signs, policy } = input;
  // Our own configuration forbids the way to it: nothing is known, and what was known to be dead has not come back.
  if (!input.ok && input.lastReason === 'targetNotAllowed') {
    return state === 'bad' ? verdict('bad', input.reason, null) : verdict('unknown', input.lastReason, null);
  }
  if (!input.ok) {
    const dead =
      state === 'bad' ||
      (input.failures >= PROBE_FAILURES && input.lastFailure - input.firstFailure >= policy.probeHold);
    return { ...verdict(dead ? 'bad' : 'suspect', input.lastReason, null), turning: dead ? null : input.firstFailure };
  }
  if (state !== 'bad') return verdict('good', 'ok', null);
  if (signs.count === 2 || (signs.count === 1 && now >= signs.first + policy.recoverAfter)) {
    return verdict('good', 'ok', null);
  }
  if (signs.count === 0) return verdict('bad', input.reason, null);
  return { state: 'bad', reason: input.reason, deadline: signs.first + policy.recoverAfter, turning: signs.first };
}

/** The facts behind a device's overall state. */
export interface Findings {
  readonly link: Verdict | null;
  readonly probe: Verdict | null;
  readonly staleMetrics: readonly string[];
  /** A data fact is bad but has begun to return. */
  readonly dataTurning: boolean;
  /** Why the device counts as flapping (`flapping`, `unstable`); null = it does not. */
  readonly flapping: string | null;
  /** Codes of active alarms. */
  readonly alarms: readonly string[];
  /** Some fault of it comes and goes. */
  readonly unsteady?: boolean;
  readonly clockSkew: boolean;
  /** Whether there was ever a sign of life; a first probe that fails is none. */
  readonly everSeen: boolean;
}

export interface Overall {
  readonly state: HealthState;
  readonly reason: string;
  readonly suspect: boolean;
}

/** Worst fact wins: offline, flapping, stale, degraded, online. */
export function overall(findings: Findings): Overall {
  const { link, probe, staleMetrics, alarms } = findings;
  const suspect =
    [link, probe].some((fact) => fact?.state === 'suspect' || (fact?.state === 'bad' && fact.turning !== null)) ||
    findings.dataTurning;
  const as = (state: HealthState, reason: string): Overall => ({ state, reason, suspect });
  // The probe's reason is the more exact one.
  if (probe?.state === 'bad') return as('offline', probe.reason);
  if (link?.state === 'bad') return as('offline', link.reason);
  if (findings.flapping !== null) return as('flapping', findings.flapping);
  if (staleMetrics.length > 0) return as('stale', 'stale');
  const [alarm] = alarms;
  if (alarm !== undefined) return as('degraded', alarm);
  if (findings.unsteady) return as('degraded', 'unsteady');
  if (findings.clockSkew) return as('degraded', 'clockSkew');
  const heard = [link, probe].find((fact) => fact && fact.state !== 'unknown');
  if (!findings.everSeen || !heard) return as('unknown', (heard ?? probe)?.reason ?? 'neverSeen');
  return as('online', heard.reason);
}

/** Device clock minus gateway clock beyond which a device is marked; the way back is shorter so the mark does not flicker. */
const SKEW_MS = 120_000;
const SKEW_BACK_MS = 100_000;

export function isSkewed(was: boolean, skewMs: number): boolean {
  return Math.abs(skewMs) > (was ? SKEW_BACK_MS : SKEW_MS);
}

function verdict(state: FactState, reason: string, deadline: number | null): Verdict {
  return { state, reason, deadline, turning: null };
}

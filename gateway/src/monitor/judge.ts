import { type DeviceBrief, LIFECYCLE_RIGHTS } from '../domain/device.ts';
import type { FactName } from '../domain/health.ts';
import { type EffectivePolicy, learningTerms } from '../domain/health-policy.ts';
import type { FactRow, FactWrite, HealthRow } from '../domain/health-rows.ts';
import { type Findings, judgeData, judgeLink, judgeProbe, overall, type Verdict } from '../domain/health-rules.ts';
import type { Case } from './case.ts';
import { type FlapJudgement, flapOf } from './flap.ts';
import { policyOf } from './learning.ts';
import { type DeviceMemory, nameOf, numberOf, slotOf } from './memory.ts';
import { freshWithinOf } from './shape.ts';
import { type Turn, type Unsteady, unsteadyOf } from './unsteady.ts';

const NO_SIGNS = { count: 0, first: 0 } as const;

export interface Judgement {
  readonly facts: readonly FactWrite[];
  /** Null = unchanged. */
  readonly health: HealthRow | null;
  readonly offline: FactWrite | null;
  readonly staleMetrics: readonly string[];
  readonly flap: FlapJudgement;
  readonly unsteady: Unsteady;
  /** Signs of life that were followed by silence or a loss: they count for no return. */
  readonly spentSigns: boolean;
}

/** Judges one device by its memory and its rows. No I/O: the caller writes what comes out. */
export function judgeDevice(device: Case): Judgement {
  const { memory, type, brief } = device;
  const policy = policyOf(memory, type, brief);
  const rows = new Map(device.facts.map((fact) => [fact.name, fact]));
  const writes: FactWrite[] = [];

  const note: Note = (name, path, verdict, evidence) => {
    const row = rows.get(name);
    const turned = row?.state !== verdict.state || row.reason !== verdict.reason;
    const write: FactWrite = {
      device: memory.key,
      name,
      ...verdict,
      path,
      since: row?.state === verdict.state ? null : device.wall,
      evidence: turned || name === 'probe' ? evidence() : null,
    };
    if (turned || row.deadline !== verdict.deadline || row.turning !== verdict.turning || row.path !== path) {
      writes.push(write);
    } else if (name === 'probe' && !memory.probe?.ok) writes.push(write);
    return write;
  };

  const link = linkOf(device, rows.get('link'), policy);
  const linkFact = link && note('link', memory.path, link, () => linkEvidence(device, policy));
  const probe = probeOf(device, rows.get('probe'), policy);
  const probeFact = probe && memory.probe && note('probe', memory.probe.path, probe, () => probeEvidence(device));

  const spentSigns = link?.state === 'bad' && link.turning === null && (memory.signs?.count ?? 0) > 0;
  const interval = memory.learning?.learned?.median ?? policy.interval;
  const flap = flapOf(device, rows, { link, probe }, interval, policy);
  if (flap.write) writes.push(flap.write);

  const returnedAt = rows.get('link')?.state === 'bad' && link?.state === 'good' ? (memory.signs?.first ?? 0) : null;
  const { stale, turns, turning } = judgeMetrics(device, rows, { link, returnedAt, policy }, note);
  const unsteady = unsteadyOf(device, rows, turns, policy);
  for (const { write } of unsteady.values()) if (write) writes.push(write);

  const found = overall({
    link,
    probe,
    staleMetrics: stale,
    dataTurning: turning,
    flapping: flap.reason,
    alarms: device.alarms.filter((alarm) => alarm.state === 'active').map((alarm) => alarm.code),
    unsteady: [...unsteady.values()].some(({ reason }) => reason !== null),
    clockSkew: memory.skewed,
    everSeen: memory.seenAt > 0,
  } satisfies Findings);
  const flags = memory.skewed ? ['clockSkew'] : [];
  const was = device.health;
  const health: HealthRow = {
    device: memory.key,
    ...found,
    since: was.state === found.state ? was.since : device.wall,
    flags,
  };
  const same =
    was.state === health.state &&
    was.reason === health.reason &&
    was.suspect === health.suspect &&
    was.flags.join() === flags.join();
  const dead = probeFact?.state === 'bad' ? probeFact : linkFact?.state === 'bad' ? linkFact : null;
  return {
    facts: writes,
    health: same ? null : health,
    offline: dead,
    staleMetrics: dead ? [] : stale,
    flap,
    unsteady,
    spentSigns,
  };
}

type Note = (name: FactName, path: string, verdict: Verdict, evidence: () => Record<string, unknown>) => FactWrite;
type DataContext = { link: Verdict | null; returnedAt: number | null; policy: EffectivePolicy };

/** Judges the freshness of the metrics that may have changed, and says which of them became too old or fresh again. */
function judgeMetrics(device: Case, rows: ReadonlyMap<string, FactRow>, context: DataContext, note: Note) {
  const { memory, type, brief } = device;
  const stale: string[] = [];
  const turns = new Map<string, Turn>();
  let turning = false;
  for (const metric of metricsToJudge(memory, device.facts)) {
    const name: FactName = `data:${metric}`;
    const row = rows.get(name);
    const { verdict, value } = dataOf(device, metric, row, context);
    note(name, memory.path, verdict, () => ({
      valueAt: iso(device.wall - (device.now(memory.path) - value)),
      freshWithin: freshWithinOf(type, brief.healthPolicy, metric),
    }));
    const turn = { is: verdict.state === 'bad', was: row?.state === 'bad', path: memory.path };
    if (turn.is || turn.was) turns.set(metric, turn);
    if (!turn.is) continue;
    stale.push(metric);
    if (verdict.turning !== null) turning = true;
  }
  return { stale, turns, turning };
}

/** Whether the device's lifecycle lets it be judged at all. */
export function isJudged(brief: DeviceBrief | undefined): brief is DeviceBrief {
  return brief !== undefined && LIFECYCLE_RIGHTS[brief.lifecycle].judged;
}

function linkOf({ memory, now }: Case, row: FactRow | undefined, policy: EffectivePolicy): Verdict | null {
  if (!row && memory.seen === 0 && memory.session === 'none') return null;
  return judgeLink({
    now: now(memory.path),
    state: row?.state ?? 'unknown',
    reason: row?.reason ?? '',
    seen: memory.seen === 0 ? null : memory.seen,
    session: memory.session,
    sessionAt: memory.sessionObserved,
    sessionReason: memory.sessionReason,
    signs: memory.signs ?? NO_SIGNS,
    policy,
  });
}

function probeOf({ memory, now }: Case, row: FactRow | undefined, policy: EffectivePolicy): Verdict | null {
  const { probe } = memory;
  if (!probe) return row ? { state: row.state, reason: row.reason, deadline: null, turning: row.turning } : null;
  return judgeProbe({
    now: now(probe.path),
    state: row?.state ?? 'unknown',
    reason: row?.reason ?? '',
    ok: probe.ok,
    lastReason: probe.reason,
    failures: probe.failures,
    firstFailure: probe.firstFailure,
    lastFailure: probe.lastFailure,
    signs: probe.signs,
    policy,
  });
}

function dataOf(
  { memory, brief, type, now }: Case,
  metric: string,
  row: FactRow | undefined,
  { link, returnedAt, policy }: DataContext,
): { verdict: Verdict; value: number } {
  const value = slotOf(memory, numberOf(metric)) ?? 0;
  const freshWithin = freshWithinOf(type, brief.healthPolicy, metric);
  if (freshWithin === null) {
    return { verdict: { state: 'unknown', reason: 'notWatched', deadline: null, turning: null }, value };
  }
  const verdict = judgeData({
    now: now(memory.path),
    state: row?.state ?? 'good',
    turning: row?.turning ?? null,
    value,
    freshWithin,
    link: link?.state ?? 'unknown',
    linkDeadline: link?.deadline ?? null,
    returnedAt,
    policy,
  });
  return { verdict, value };
}

function metricsToJudge(memory: DeviceMemory, facts: readonly FactRow[]): ReadonlySet<string> {
  const metrics = new Set<string>();
  for (const fact of facts) if (fact.name.startsWith('data:')) metrics.add(fact.name.slice('data:'.length));
  for (const number of memory.watched ?? []) metrics.add(nameOf(number));
  return metrics;
}

function linkEvidence({ memory, now, type, brief }: Case, policy: EffectivePolicy): Record<string, unknown> {
  return {
    lastSeenAt: memory.seenAt > 0 ? iso(memory.seenAt) : null,
    silentMs: memory.seen > 0 ? Math.max(0, now(memory.path) - memory.seen) : null,
    session: memory.session,
    ...(memory.sessionAt > 0 ? { sessionAt: iso(memory.sessionAt), sessionReason: memory.sessionReason } : {}),
    offlineAfterMs: policy.offlineAfter,
    holdMs: policy.hold,
    ...learnedEvidence(memory, learningTerms(type?.health, brief.healthPolicy)?.offlineAfter),
  };
}

/** Why a deadline is not the declared one. */
function learnedEvidence({ learning }: DeviceMemory, declaredMs: number | undefined): Record<string, unknown> {
  if (!learning?.learned || declaredMs === undefined) return {};
  const { median, p99 } = learning.learned;
  return { learned: { medianMs: median, p99Ms: p99, samples: learning.gaps.samples, withoutMs: declaredMs } };
}

function probeEvidence({ memory }: Case): Record<string, unknown> {
  const { probe } = memory;
  if (!probe) return {};
  return {
    reason: probe.reason,
    detail: probe.detail,
    failures: probe.failures,
    firstFailure: probe.firstFailure,
    lastFailure: probe.lastFailure,
    observed: probe.at,
    probedAt: iso(memory.seenAt),
  };
}

const iso = (ms: number) => new Date(ms).toISOString();

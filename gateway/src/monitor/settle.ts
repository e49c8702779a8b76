import type { Logger } from '../../../adapters/adapter.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Decision } from '../domain/health.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { decision, type Fault, newIncident, relapse, resolve, suppressions } from './incidents.ts';
import { type Case, isJudged, type Judgement, judgeDevice } from './judge.ts';
import { type DeviceMemory, type Memory, numberOf, unwatch, watch } from './memory.ts';
import type {
  AlarmRow,
  Directory,
  FactWrite,
  HealthChange,
  HealthRow,
  HealthStore,
  IncidentRow,
  IncidentStore,
  MonitoredType,
  OnDecision,
  TypeSource,
} from './ports.ts';
import { recoveryProof } from './recovery-proof.ts';

export interface SettleContext {
  readonly store: HealthStore;
  readonly incidents: IncidentStore;
  readonly transactor: Transactor;
  readonly memory: Memory;
  readonly directory: Directory;
  readonly types: TypeSource;
  readonly onDecision: OnDecision;
  readonly log: Logger;
  readonly wall: () => number;
  readonly now: (path: string) => number;
  readonly nows: () => ReadonlyMap<string, number>;
  readonly groupHoldMs: () => number;
  readonly relapseMs: number;
}

interface Batch {
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

/** Transaction (a): judges these devices under lock and writes states, history and held incidents together. */
export async function settle(context: SettleContext, devices: readonly DeviceKey[]): Promise<readonly HealthChange[]> {
  const batch = await context.transactor.transaction((tx) => judgeAll(context, tx, devices));
  for (const { memory, judgement, alarmChanges } of batch.judged) {
    remember(memory, judgement);
    memory.alarmChanges -= alarmChanges;
  }
  for (const key of batch.forgotten) context.memory.forget(key);
  return batch.changes;
}

async function judgeAll(context: SettleContext, tx: Tx, devices: readonly DeviceKey[]): Promise<Batch> {
  const { store, incidents } = context;
  const wall = context.wall();
  const health = await store.lock(tx, devices, wall);
  // A device that may be coming back needs all its data facts: their windows begin anew.
  const away = devices.filter((key) => context.memory.get(key)?.linkBad);
  const facts = byDevice(await store.facts(tx, devices, context.nows(), away));
  const alarms = byDevice(await store.alarms(tx, devices));
  const known = byDevice(await incidents.ofDevices(tx, devices, wall - context.relapseMs));
  const batch: Batch = {
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
  for (const key of devices) {
    const row = health.get(key);
    if (!row) continue;
    const brief = context.directory.get(key);
    const rows = { alarms: alarms.get(key) ?? [], incidents: known.get(key) ?? [] };
    if (!isJudged(brief)) {
      letGo(batch, row, rows, wall);
      continue;
    }
    const memory = context.memory.obtain(key, facts.get(key)?.[0]?.path ?? 'mqtt');
    const type = context.types.get(brief.type);
    const active = syncAlarms(batch, memory, rows.alarms);
    const device: Case = {
      memory,
      brief,
      type,
      health: row,
      facts: facts.get(key) ?? [],
      alarms: active,
      now: context.now,
      wall,
    };
    const judgement = judgeDevice(device);
    batch.facts.push(...judgement.facts);
    if (judgement.health) noteHealth(batch, row, judgement.health, wall);
    batch.judged.push({ memory, judgement, alarmChanges: memory.alarmChanges });
    const wanted = faultsOf(device, judgement, active);
    matchIncidents(context, batch, device, wanted, judgement, rows.incidents);
  }
  await write(context, tx, batch, wall);
  return batch;
}

function noteHealth(batch: Batch, was: HealthRow, is: HealthRow, at: number): void {
  batch.health.push(is);
  if (was.state === is.state) return;
  batch.changes.push({ device: is.device, was: was.state, state: is.state, reason: is.reason, at });
}

/** A lifecycle that is not judged: nothing is known of the device, and nothing it had is announced as repaired. */
function letGo(
  batch: Batch,
  was: HealthRow,
  rows: { alarms: readonly AlarmRow[]; incidents: readonly IncidentRow[] },
  at: number,
): void {
  batch.forgotten.push(was.device);
  batch.dropAlarms.push(...rows.alarms);
  for (const row of rows.incidents) if (isOngoing(row)) batch.updates.push(resolve(row, at).row);
  if (was.state === 'unknown' && !was.suspect) return;
  noteHealth(
    batch,
    was,
    { device: was.device, state: 'unknown', reason: 'notJudged', since: at, suspect: false, flags: [] },
    at,
  );
}

/** The rules run on the ingest path, in memory; here their outcome becomes rows. Returns what is not at rest. */
function syncAlarms(batch: Batch, memory: DeviceMemory, rows: readonly AlarmRow[]): readonly AlarmRow[] {
  if (memory.alarmChanges === 0) return rows;
  const mine = memory.alarms ?? new Map<string, AlarmRow>();
  for (const row of rows) if (!mine.has(row.code)) batch.dropAlarms.push(row);
  for (const alarm of mine.values()) {
    const row = rows.find((candidate) => candidate.code === alarm.code);
    if (row?.state !== alarm.state || row.since !== alarm.since) batch.saveAlarms.push(alarm);
  }
  return [...mine.values()];
}

function faultsOf(device: Case, judgement: Judgement, alarms: readonly AlarmRow[]): Fault[] {
  const { memory, wall } = device;
  const common = { component: '', late: false, lifeSafety: false, lastAt: wall, advice: null };
  const faults: Fault[] = [];
  const { offline, staleMetrics } = judgement;
  if (offline) {
    const evidence = { fact: offline.name, reason: offline.reason, ...offline.evidence };
    faults.push({
      ...common,
      fault: 'offline',
      reason: offline.reason,
      severity: 'major',
      evidence,
      path: offline.path,
    });
  } else if (staleMetrics.length > 0) {
    const evidence = { metrics: staleMetrics, lastSeenAt: new Date(memory.seenAt).toISOString() };
    faults.push({ ...common, fault: 'stale', reason: 'stale', severity: 'minor', evidence, path: memory.path });
  }
  for (const alarm of alarms) {
    const rule = device.type?.alarms.find((candidate) => candidate.code === alarm.code);
    if (alarm.state !== 'active' || !rule) continue;
    faults.push({
      fault: rule.code,
      component: alarm.component,
      reason: rule.code,
      severity: rule.severity,
      lifeSafety: rule.lifeSafety,
      late: false,
      advice: rule.advice as Title | null,
      evidence: alarm.evidence,
      path: alarm.path,
      lastAt: alarm.since,
    });
  }
  return faults;
}

const isOngoing = (row: IncidentRow) => row.state === 'held' || row.state === 'open';

function matchIncidents(
  context: SettleContext,
  batch: Batch,
  device: Case,
  wanted: readonly Fault[],
  judgement: Judgement,
  rows: readonly IncidentRow[],
): void {
  const { brief, type, wall: at } = device;
  const same = (row: IncidentRow, fault: Fault) => row.fault === fault.fault && row.component === fault.component;
  for (const row of rows.filter(isOngoing)) {
    const fault = wanted.find((candidate) => same(row, candidate));
    if (fault) {
      keep(batch, brief, row, fault, at);
      continue;
    }
    if (!endsByItself(row, type)) {
      if (canSpeakNow(row, brief)) speak(batch, row, at);
      continue;
    }
    // The data of a device that is now offline say nothing: a told incident waits, an untold one is covered.
    if (row.fault === 'stale' && judgement.offline && row.state === 'open') continue;
    const { row: after, announce } = resolve(row, at);
    batch.updates.push(after);
    if (announce) batch.decisions.push(decision(after, 'resolved', at, recoveryProof(row, device, judgement)));
  }
  for (const fault of wanted) {
    if (rows.some((row) => isOngoing(row) && same(row, fault))) continue;
    const decideAt = context.now(fault.path) + context.groupHoldMs();
    const before = rows.find((row) => !isOngoing(row) && same(row, fault));
    if (!before) {
      batch.inserts.push(newIncident(brief, fault, at, decideAt));
      continue;
    }
    const row = relapse(before, fault, decideAt);
    batch.updates.push(row);
    if (row.state === 'open') batch.decisions.push(decision(row, 'relapsed', at));
  }
}

/** Event incidents, and what history told, end with their ticket; what a fact or a rule began, it ends. */
function endsByItself(row: IncidentRow, type: MonitoredType | undefined): boolean {
  if (row.late) return false;
  if (row.fault === 'offline' || row.fault === 'stale') return true;
  if (type?.events.has(row.fault)) return false;
  return type?.alarms.some((rule) => rule.code === row.fault) ?? false;
}

function keep(batch: Batch, brief: DeviceBrief, row: IncidentRow, fault: Fault, at: number): void {
  if (canSpeakNow(row, brief)) {
    speak(batch, row, at);
    return;
  }
  if (row.reason !== fault.reason || row.severity !== fault.severity) {
    batch.updates.push({ ...row, reason: fault.reason, severity: fault.severity });
  }
}

/** The lifecycle that kept an open incident quiet has changed. */
function canSpeakNow(row: IncidentRow, brief: DeviceBrief): boolean {
  return row.state === 'open' && row.suppressed.length > 0 && suppressions(brief).length === 0;
}

function speak(batch: Batch, row: IncidentRow, at: number): void {
  const told = { ...row, suppressed: [], notified: true };
  batch.updates.push(told);
  batch.decisions.push(decision(told, 'opened', at));
}

async function write(context: SettleContext, tx: Tx, batch: Batch, at: number): Promise<void> {
  const { store, incidents } = context;
  await store.saveFacts(tx, batch.facts);
  await store.saveHealth(tx, batch.health);
  await store.addHistory(tx, batch.changes);
  await store.saveAlarms(tx, batch.saveAlarms);
  await store.dropAlarms(tx, batch.dropAlarms);
  await store.dropFacts(tx, batch.forgotten);
  const inserted = await incidents.insert(tx, batch.inserts);
  await incidents.update(tx, batch.updates);
  const told = batch.inserts.filter((row) => row.state === 'open' && row.notified && inserted.has(row.id));
  const decisions = [...told.map((row) => decision(row, 'opened', at)), ...batch.decisions];
  if (decisions.length > 0) await context.onDecision(tx, decisions);
}

/** Carries what is now committed back into memory, where the ingest path reads it. */
function remember(memory: DeviceMemory, judgement: Judgement): void {
  for (const fact of judgement.facts) {
    if (fact.name === 'link') {
      const bad = fact.state === 'bad';
      if (!bad || fact.turning === null) memory.signs = bad ? { count: 0, first: 0 } : null;
      memory.linkKnown = true;
      memory.linkBad = bad;
      memory.linkTroubled = fact.state !== 'good';
    } else if (fact.name === 'probe') {
      if (memory.probe) memory.probe.bad = fact.state === 'bad';
    } else if (fact.state === 'good') unwatch(memory, numberOf(fact.name.slice('data:'.length)));
    else watch(memory, numberOf(fact.name.slice('data:'.length)));
  }
}

function byDevice<T extends { readonly device: DeviceKey }>(rows: readonly T[]): Map<DeviceKey, T[]> {
  const groups = new Map<DeviceKey, T[]>();
  for (const row of rows) {
    const group = groups.get(row.device);
    if (group) group.push(row);
    else groups.set(row.device, [row]);
  }
  return groups;
}

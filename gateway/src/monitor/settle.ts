import type { DeviceKey } from '../domain/device.ts';
import type { AlarmRow, HealthChange, HealthRow, IncidentRow } from '../domain/health-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { type Batch, emptyBatch, noteHealth } from './batch.ts';
import type { Case } from './case.ts';
import type { SettleContext } from './context.ts';
import { faultsOf } from './faults.ts';
import { isOngoing, matchIncidents } from './incident-matching.ts';
import { decision, resolve } from './incidents.ts';
import { isJudged, type Judgement, judgeDevice } from './judge.ts';
import { type DeviceMemory, numberOf, unwatch, watch } from './memory.ts';
import { typeOf } from './ports.ts';

/** Transaction (a): judges these devices under lock and writes states, history and held incidents together. */
export async function settle(context: SettleContext, devices: readonly DeviceKey[]): Promise<readonly HealthChange[]> {
  const batch = await context.transactor.transaction((tx) => judgeAll(context, tx, devices));
  for (const { memory, judgement, alarmChanges } of batch.judged) {
    remember(memory, judgement);
    context.pairs.touched(memory.key);
    memory.alarmChanges -= alarmChanges;
    if (memory.alarmChanges === 0) memory.endings = null;
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
  const batch = emptyBatch();
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
    const type = typeOf(context.types, brief);
    const active = syncAlarms(batch, memory, rows.alarms);
    const device: Case = {
      memory,
      brief,
      type,
      health: row,
      facts: facts.get(key) ?? [],
      alarms: active,
      alarmsBefore: rows.alarms,
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
export function remember(memory: DeviceMemory, judgement: Judgement): void {
  if (judgement.spentSigns) memory.signs = { count: 0, first: 0 };
  for (const fact of judgement.facts) {
    if (fact.name === 'link') {
      const bad = fact.state === 'bad';
      if (!bad || fact.turning === null) memory.signs = bad ? { count: 0, first: 0 } : null;
      memory.linkKnown = true;
      memory.linkBad = bad;
      memory.linkTroubled = fact.state !== 'good';
    } else if (fact.name === 'probe') {
      if (memory.probe) memory.probe.bad = fact.state === 'bad';
    } else if (fact.name === 'flapping') memory.flapping = fact.state === 'bad';
    else if (!fact.name.startsWith('data:')) continue;
    else if (fact.state === 'good') unwatch(memory, numberOf(fact.name.slice('data:'.length)));
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

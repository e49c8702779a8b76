import { setImmediate as turn } from 'node:timers/promises';
import { type Actor, actorText } from '../../domain/actor.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { DeviceCredentials, NewDevice } from '../../domain/device-record.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { archiveDifference } from '../cameras/archive.ts';
import { saveTurns } from '../turns.ts';
import type { Plan, PlannedChange, PlannedDevice } from './check.ts';
import { byLevels } from './levels.ts';
import { CHUNK } from './portions.ts';
import type { ImportDeps } from './ports.ts';

/** A new device's way in; the password is null when the file brought it. */
export interface NewCredentials {
  readonly row: number;
  readonly name: string;
  readonly serial: string | null;
  readonly username: string;
  readonly password: string | null;
}

export interface Written {
  readonly keys: readonly DeviceKey[];
  readonly credentials: readonly NewCredentials[];
}

/** Writes a plan in the caller's transaction. What changed since it was made is a conflict: then nothing is written. */
export async function writePlan(
  tx: Tx,
  actor: Actor,
  plan: Plan,
  deps: ImportDeps,
  progress: (done: number) => void,
): Promise<Written> {
  let done = 0;
  const step = async (count: number) => {
    done += count;
    progress(done);
    await turn();
  };
  await deps.room?.(tx, actor, plan.created.length);
  await lockUnchanged(tx, plan.updated, deps);
  const keys: DeviceKey[] = [];
  const credentials: NewCredentials[] = [];
  const keyOf = new Map<string, DeviceKey>();
  for (const level of byLevels(plan.created)) {
    for (let start = 0; start < level.length; start += CHUNK) {
      const chunk = level.slice(start, start + CHUNK);
      const made = chunk.map((planned) => makeDevice(planned, keyOf, deps));
      const inserted = await deps.devices.insert(
        tx,
        made.map(({ record }) => record),
      );
      for (const [index, key] of inserted.entries()) keyOf.set(made[index]?.record.id ?? '', key);
      keys.push(...inserted);
      credentials.push(...made.map(({ credentials: each }) => each));
      await deps.reactions.onIssued?.(
        tx,
        made.map(({ record, password }) => ({ username: record.id, password })),
      );
      await proveCreated(tx, actor, inserted, made, chunk, deps);
      await step(chunk.length);
    }
  }
  for (let start = 0; start < plan.updated.length; start += CHUNK) {
    const chunk = plan.updated.slice(start, start + CHUNK);
    const changes = chunk.filter(({ changed }) => changed).map(({ change }) => change);
    await saveTurns(tx, actor, changes, { what: 'updated', reason: 'import' }, deps);
    await saveArchives(tx, actor, chunk, deps);
    keys.push(...changes.map(({ after }) => after.key));
    await step(chunk.length);
  }
  return { keys, credentials };
}

async function lockUnchanged(tx: Tx, planned: readonly PlannedChange[], { imports }: ImportDeps): Promise<void> {
  if (planned.length === 0) return;
  const revisions = await imports.lockRevisions(
    tx,
    planned.map(({ change }) => change.before.key),
  );
  const moved = planned.find(({ change: { before } }) => revisions.get(before.key) !== before.revision);
  if (moved) throw changedMeanwhile(moved.change.before.id);
}

export function changedMeanwhile(id: string, cause?: unknown): GatewayError {
  return new GatewayError('CONFLICT', bilingual('registry.import.changed', { id }), { cause });
}

function makeDevice(
  { row, record, secret, parentInFile }: PlannedDevice,
  keyOf: ReadonlyMap<string, DeviceKey>,
  deps: ImportDeps,
): { record: NewDevice; password: string; credentials: NewCredentials } {
  const { password }: Pick<DeviceCredentials, 'password'> = { password: secret ?? madeSecret(deps) };
  return {
    password,
    record: {
      ...record,
      parentKey: parentInFile === null ? record.parentKey : (keyOf.get(parentInFile) ?? null),
      secretHash: deps.sealing.hash(password),
    },
    credentials: {
      row,
      name: record.name,
      serial: record.serial,
      username: record.id,
      password: secret === null ? password : null,
    },
  };
}

/** One that stands in a table as it is: no spreadsheet takes it for a formula, so no apostrophe gets in front of it. */
function madeSecret({ newSecret }: ImportDeps): string {
  for (;;) {
    const secret = newSecret();
    if (/^[A-Za-z0-9]/.test(secret)) return secret;
  }
}

async function proveCreated(
  tx: Tx,
  actor: Actor,
  keys: readonly DeviceKey[],
  made: readonly { readonly record: NewDevice }[],
  planned: readonly PlannedDevice[],
  deps: ImportDeps,
): Promise<void> {
  const at = deps.clock.now();
  const by = actorText(actor);
  await deps.devices.addTurns(
    tx,
    keys.map((device) => ({ device, at, by, what: 'created', reason: 'import', before: null, after: null })),
  );
  const cameras = planned.flatMap(({ archive }, index) => {
    const device = keys[index];
    return archive && device !== undefined ? [{ device, archive, prefilled: [] }] : [];
  });
  if (cameras.length > 0) await deps.imports.saveArchives(tx, cameras);
  await deps.audit.append(
    tx,
    made.map(({ record: { secretHash: _, connectionSecret: __, ...record } }, index) => ({
      at,
      actor,
      action: 'create',
      resource: 'devices',
      resourceId: record.id,
      reason: 'import',
      after: planned[index]?.archive ? { ...record, archive: planned[index].archive } : record,
    })),
  );
}

async function saveArchives(tx: Tx, actor: Actor, chunk: readonly PlannedChange[], deps: ImportDeps): Promise<void> {
  const touched = chunk.flatMap(({ change, archive }) => (archive ? [{ device: change.after, archive }] : []));
  if (touched.length === 0) return;
  const at = deps.clock.now();
  await deps.imports.saveArchives(
    tx,
    touched.map(({ device, archive }) => ({
      device: device.key,
      archive: archive.after,
      prefilled: archive.prefilled,
    })),
  );
  const turns = touched.map(({ device, archive }) => ({
    device,
    ...archiveDifference(archive.before, archive.after),
  }));
  await deps.devices.addTurns(
    tx,
    turns.map(({ device, ...turned }) => ({
      device: device.key,
      at,
      by: actorText(actor),
      what: 'archive',
      reason: 'import',
      ...turned,
    })),
  );
  await deps.audit.append(
    tx,
    turns.map(({ device, ...turned }) => ({
      at,
      actor,
      action: 'update',
      resource: 'cameras',
      resourceId: device.id,
      reason: 'import',
      ...turned,
    })),
  );
}

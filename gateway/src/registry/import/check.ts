import { setImmediate as turn } from 'node:timers/promises';
import type { Actor } from '../../domain/actor.ts';
import { OwnArchive } from '../../domain/camera-archive.ts';
import { DeviceInput, DevicePatch } from '../../domain/device-input.ts';
import type { DeviceRecord, NewDevice } from '../../domain/device-record.ts';
import { fieldError, schemaErrors } from '../../domain/input.ts';
import type { FieldError } from '../../errors.ts';
import { bothNames } from '../../messages/index.ts';
import { applyArchive, archiveDifference, archiveErrors, withDirection } from '../cameras/archive.ts';
import { checkCandidates, missingReferences, takenNames } from '../candidates.ts';
import { readFields, splitLogin } from '../device-fields.ts';
import { type Change, difference } from '../turns.ts';
import type { ImportRow } from './cells.ts';
import { deviceSecretFault } from './device-secret.ts';
import { byLevels } from './levels.ts';
import { duplicatesInFile, matchRows } from './match.ts';
import { portions } from './portions.ts';
import type { ImportDeps, ListedDevice } from './ports.ts';

export interface PlannedDevice {
  readonly row: number;
  readonly record: NewDevice;
  readonly archive: OwnArchive | null;
  /** Given by the file; null = to be made. */
  readonly secret: string | null;
  /** Id of a parent that stands in the same file. */
  readonly parentInFile: string | null;
}

export interface PlannedChange {
  readonly row: number;
  readonly change: Change;
  /** The record itself changes, not the archive alone. */
  readonly changed: boolean;
  readonly archive: {
    readonly before: OwnArchive;
    readonly after: OwnArchive;
    readonly prefilled: readonly string[];
  } | null;
}

/** What an import would do, or everything that is in its way. */
export interface Plan {
  readonly created: readonly PlannedDevice[];
  readonly updated: readonly PlannedChange[];
  readonly unchanged: number;
  readonly errors: readonly FieldError[];
  /** Data row with which the check ended early, having found `mostErrors`; undefined when all were checked. */
  readonly endedAt: number | undefined;
}

/** Checks every row against the rules and the database; writes nothing and locks nothing. */
export async function checkRows(
  actor: Actor,
  rows: readonly ImportRow[],
  deps: ImportDeps,
  mostErrors: number,
  progress: (done: number) => void,
): Promise<Plan> {
  const { db } = deps;
  const errors: FieldError[] = duplicatesInFile(rows, actor);
  const { known, errors: doubtful } = await matchRows(actor, rows, deps);
  errors.push(...doubtful);
  const claimed = new Map<string, number>();
  for (const row of rows) {
    const before = known.get(row.row);
    const first = before && claimed.get(before.device.id);
    if (before && first !== undefined) errors.push(sameDevice(row.row, first, before.device.id));
    else if (before) claimed.set(before.device.id, row.row);
  }
  const cameras = cameraTypes(deps);
  const newIds = new Set(
    rows.flatMap(({ row, input }) => (!known.has(row) && typeof input.id === 'string' ? [input.id] : [])),
  );
  const created: PlannedDevice[] = [];
  const updated: PlannedChange[] = [];
  let unchanged = 0;
  const now = deps.clock.now();
  await deps.room?.(db.autocommit, actor, rows.length - known.size);
  const { room: _, ...unbounded } = deps;
  let done = 0;
  for (const chunk of portions(rows)) {
    if (errors.length >= mostErrors) break;
    const fresh = chunk.filter(({ row }) => !known.has(row));
    const found = fresh.map((row) => checkNew(row, cameras, newIds, errors)).filter((each) => each !== undefined);
    const { records, errors: more } = await checkCandidates(db.autocommit, actor, found, unbounded, now);
    errors.push(...more);
    for (const [index, { row, archive, secret, parentInFile }] of found.entries()) {
      const record = records[index];
      if (record) created.push({ row, record, archive, secret, parentInFile });
    }
    const before = chunk.flatMap((row) => {
      const device = known.get(row.row);
      return device ? [{ row, before: device }] : [];
    });
    const planned = await checkKnown(actor, before, cameras, errors, deps);
    updated.push(...planned);
    unchanged += before.length - planned.length;
    done += chunk.length;
    progress(done);
    await turn();
  }
  // A dry run finds a circle, too; a parent that is wrong itself is told first.
  if (errors.length === 0) byLevels(created);
  return { created, updated, unchanged, errors, endedAt: rows[done]?.row };
}

const cameraTypes = (deps: ImportDeps) =>
  new Set(
    deps.typeNames
      .list()
      .filter(({ adapter }) => adapter === 'rtsp' || adapter === 'onvif')
      .map(({ id }) => id),
  );

function sameDevice(row: number, first: number, id: string): FieldError {
  return { ...fieldError('/id', 'duplicate', 'registry.import.sameDevice', { value: id, first }), row };
}

function checkNew(row: ImportRow, cameras: ReadonlySet<string>, newIds: ReadonlySet<string>, errors: FieldError[]) {
  const parent = row.input.parentId;
  const inFile = typeof parent === 'string' && newIds.has(parent) ? parent : null;
  const { parentId: _, ...withoutParent } = row.input;
  const input = inFile === null ? row.input : withoutParent;
  const faults = schemaErrors(DeviceInput, input);
  const unfit = faults.length > 0;
  const own = checkArchive(row, input, {}, cameras);
  faults.push(...own.errors);
  const weak = row.secret === null ? undefined : deviceSecretFault(row.secret, input);
  if (weak) faults.push(weak);
  if (inFile !== null && inFile === input.id) {
    faults.push(fieldError('/parentId', 'cycle', 'registry.cycle', { value: inFile }));
  }
  errors.push(...faults.map((error) => ({ ...error, row: row.row })));
  if (unfit) return undefined;
  return { row: row.row, input: input as DeviceInput, archive: own.archive, secret: row.secret, parentInFile: inFile };
}

function checkArchive(
  row: ImportRow,
  device: { readonly type?: unknown; readonly connection?: unknown },
  before: OwnArchive,
  cameras: ReadonlySet<string>,
): { archive: OwnArchive | null; errors: FieldError[] } {
  if (row.archive === null) return { archive: null, errors: [] };
  if (!device.connection && !cameras.has(String(device.type))) {
    const [field = ''] = Object.keys(row.archive);
    return { archive: null, errors: [fieldError(`/archive/${field}`, 'notCamera', 'registry.import.notCamera')] };
  }
  const faults = schemaErrors(OwnArchive, row.archive);
  const archive = withDirection(applyArchive(before, row.archive, { whole: false }));
  if (faults.length === 0) faults.push(...archiveErrors(archive));
  return { archive, errors: faults.map((error) => ({ ...error, path: `/archive${error.path}` })) };
}

async function checkKnown(
  actor: Actor,
  rows: readonly { readonly row: ImportRow; readonly before: ListedDevice }[],
  cameras: ReadonlySet<string>,
  errors: FieldError[],
  deps: ImportDeps,
): Promise<PlannedChange[]> {
  if (rows.length === 0) return [];
  const planned: PlannedChange[] = [];
  const parents = await deps.devices.keysOf(
    deps.db.autocommit,
    rows.flatMap(({ row }) => (typeof row.input.parentId === 'string' ? [row.input.parentId] : [])),
  );
  for (const known of rows) {
    const { faults, plan } = checkKnownRow(actor, known, { cameras, parents }, deps);
    errors.push(...faults.map((error) => ({ ...error, row: known.row.row })));
    if (plan) planned.push(plan);
  }
  const after = planned.map(({ change }) => change.after);
  const at = planned.map(({ row }) => row);
  errors.push(...(await missingReferences(deps.db.autocommit, actor, after, at, deps)));
  errors.push(...(await takenNames(deps.db.autocommit, after, at, deps)));
  return planned;
}

function checkKnownRow(
  actor: Actor,
  { row, before }: { readonly row: ImportRow; readonly before: ListedDevice },
  known: { readonly cameras: ReadonlySet<string>; readonly parents: ReadonlyMap<string, number> },
  deps: ImportDeps,
): { faults: FieldError[]; plan?: PlannedChange } {
  const { device } = before;
  const { id: _, type, ...patch } = row.input;
  const place = { type: device.type, connection: patch.connection ?? device.connection };
  const own = checkArchive(row, place, before.archive, known.cameras);
  const faults = [...schemaErrors(DevicePatch, patch), ...own.errors];
  if (type !== undefined && type !== device.type) {
    faults.push(fieldError('/type', 'fixed', 'registry.import.type', { value: device.type }));
  }
  // The file a device came from may come again; another secret is no business of an import.
  if (row.secret !== null && deps.sealing.hash(row.secret) !== device.secretHash) {
    faults.push(fieldError('/secret', 'fixed', 'registry.import.secret.fixed'));
  }
  if (faults.length > 0) return { faults };
  const { after, errors } = applyPatch(device, patch as DevicePatch, known.parents, deps);
  const changed = Object.keys(difference({ before: device, after }).after).length > 0;
  const touched = own.archive ? Object.keys(archiveDifference(before.archive, own.archive).after) : [];
  if (!changed && touched.length === 0) return { faults: errors };
  if (actor.scope.kind === 'vendor' && !['pending', 'trial', 'rejected'].includes(device.lifecycle)) {
    errors.push(
      fieldError('', 'inService', 'registry.vendorInService', {
        lifecycle: bothNames('lifecycle', [device.lifecycle]),
      }),
    );
  }
  const prefilled = before.prefilled.filter((field) => !touched.includes(field));
  const archive = own.archive && touched.length > 0 ? { before: before.archive, after: own.archive, prefilled } : null;
  return { faults: errors, plan: { row: row.row, change: { before: device, after }, changed, archive } };
}

function applyPatch(
  before: DeviceRecord,
  patch: DevicePatch,
  parents: ReadonlyMap<string, number>,
  deps: ImportDeps,
): { after: DeviceRecord; errors: FieldError[] } {
  // A sealed password differs each time; one that is already there is compared in the clear and left alone.
  const connection = patch.connection ? (splitLogin(patch.connection) ?? patch.connection) : patch.connection;
  const keeps =
    connection?.password !== undefined &&
    before.connectionSecret !== null &&
    deps.sealing.open(before.connectionSecret, `device:${before.id}:connection`) === connection.password;
  const { password: _, ...open } = connection ?? {};
  const read = readFields(keeps ? { ...patch, connection: open as typeof connection & object } : patch, {
    id: before.id,
    before,
    sealing: deps.sealing,
  });
  const { parentId, ...fields } = read.fields;
  const after: DeviceRecord = { ...before, ...fields };
  if (parentId === undefined || parentId === null || parentId === before.parentId)
    return { after, errors: read.errors };
  const parentKey = parents.get(parentId) ?? null;
  if (isBelow(parentKey, before.key, deps)) {
    read.errors.push(fieldError('/parentId', 'cycle', 'registry.cycle', { value: parentId }));
  }
  return { after: { ...after, parentId, parentKey }, errors: read.errors };
}

/** Whether a device is another one itself or hangs below it; asked of memory, for it may be asked 20,000 times. */
function isBelow(key: number | null, above: number, { directory }: ImportDeps): boolean {
  for (let at = key, steps = 0; at !== null && steps < 64; steps++) {
    if (at === above) return true;
    at = directory.byKey(at)?.parentKey ?? null;
  }
  return false;
}

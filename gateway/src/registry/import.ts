import { type Actor, actorText } from '../domain/actor.ts';
import { DeviceInput, DevicePatch } from '../domain/device-input.ts';
import type { DeviceCredentials, DeviceRecord } from '../domain/device-record.ts';
import { fieldError, schemaErrors } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Tx } from '../domain/tx.ts';
import { type FieldError, GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { type Candidate, checkCandidates, missingReferences, takenNames } from './candidates.ts';
import { parseCsv } from './csv.ts';
import { readFields, splitLogin } from './device-fields.ts';
import type { DevicesDeps } from './device-finder.ts';
import { readCells, readHeader } from './import-columns.ts';
import { type Change, difference, saveTurns } from './turns.ts';

export interface ImportResult {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** `row` counts data rows from 1; 0 is the header. When there is any, nothing was written. */
  readonly errors: readonly FieldError[];
  /** Of new devices only; existing ones keep theirs. */
  readonly credentials: readonly DeviceCredentials[];
}

const MAX_ROWS = 20_000;
const MAX_ERRORS = 1_000;

interface Row {
  readonly row: number;
  readonly input: Record<string, unknown>;
}

/**
 * Imports devices from CSV, all or nothing. A row names an existing device by its id or, without one, by its serial
 * number (of the same vendor); importing the same file again changes nothing.
 */
export async function importDevices(
  actor: Actor,
  csv: string,
  options: { dryRun: boolean },
  deps: DevicesDeps,
): Promise<ImportResult> {
  requireRight(actor, 'devices', 'create');
  const { rows, errors } = readRows(csv);
  if (errors.length > 0) return failed(errors);
  try {
    const { keys, result } = await deps.db.transaction(async (tx) => {
      const done = await importRows(tx, actor, rows, deps);
      if (done.result.errors.length > 0 || options.dryRun) throw new Undo({ ...done.result, credentials: [] });
      return done;
    });
    await deps.directory.refresh(deps.db.autocommit, keys);
    return result;
  } catch (error) {
    if (error instanceof Undo) return error.result;
    throw error;
  }
}

/** Rolls the transaction back with an answer. */
class Undo extends Error {
  readonly result: ImportResult;
  constructor(result: ImportResult) {
    super('nothing is to be kept');
    this.result = result;
  }
}

function readRows(csv: string): { rows: Row[]; errors: FieldError[] } {
  const table = parseCsv(csv);
  if (!table) throw new GatewayError('INVALID_INPUT', bilingual('registry.import.quote'));
  const [header, ...data] = table;
  if (!header || data.length === 0) throw new GatewayError('INVALID_INPUT', bilingual('registry.import.empty'));
  if (data.length > MAX_ROWS) {
    throw new GatewayError('PAYLOAD_TOO_LARGE', bilingual('registry.import.rows', { max: MAX_ROWS }));
  }
  const { paths, errors } = readHeader(header.cells);
  const rows = data.map(({ cells }, index) => ({ row: index + 1, input: readCells(paths, cells) }));
  for (const [index, { cells }] of data.entries()) {
    if (cells.length > paths.length) {
      errors.push({
        ...fieldError('', 'tooManyCells', 'registry.import.cells', { max: paths.length }),
        row: index + 1,
      });
    }
  }
  return { rows, errors };
}

async function importRows(tx: Tx, actor: Actor, rows: readonly Row[], deps: DevicesDeps) {
  const existing = await findExisting(tx, actor, rows, deps);
  const errors: FieldError[] = [];
  const candidates: Candidate[] = [];
  const changes: Change[] = [];
  const changedRows: number[] = [];
  let unchanged = 0;
  const seen = new Map<string, number>();
  for (const { row, input } of rows) {
    const before = existing.get(row);
    const { id: _, type, ...patch } = input;
    const schemaFaults = before ? schemaErrors(DevicePatch, patch) : schemaErrors(DeviceInput, input);
    errors.push(...schemaFaults.map((error) => ({ ...error, row })));
    if (schemaFaults.length > 0) continue;
    if (!before) {
      candidates.push({ row, input: input as DeviceInput });
      continue;
    }
    if (seen.has(before.id))
      errors.push({ ...fieldError('/id', 'duplicate', 'input.duplicate', { value: before.id }), row });
    seen.set(before.id, row);
    if (type !== undefined && type !== before.type) {
      errors.push({ ...fieldError('/type', 'fixed', 'registry.import.type', { value: before.type }), row });
    }
    const change = await applyRow(tx, before, patch as DevicePatch, row, errors, deps);
    if (change) {
      changes.push(change);
      changedRows.push(row);
    } else unchanged++;
  }
  const after = changes.map((change) => change.after);
  errors.push(...(await missingReferences(tx, actor, after, changedRows, deps)));
  errors.push(...(await takenNames(tx, after, changedRows, deps)));
  const now = deps.clock.now();
  const { records, errors: more } = await checkCandidates(tx, actor, candidates, deps, now);
  errors.push(...more);
  if (errors.length > 0) return { keys: [], result: failed(errors) };

  const credentials = records.map(({ id }) => ({ username: id, password: deps.newSecret() }));
  const made = records.map((record, index) => ({
    ...record,
    secretHash: deps.sealing.hash(credentials[index]?.password ?? ''),
  }));
  const keys = made.length > 0 ? await deps.devices.insert(tx, made) : [];
  const by = actorText(actor);
  await deps.devices.addTurns(
    tx,
    keys.map((device) => ({ device, at: now, by, what: 'created', reason: 'import', before: null, after: null })),
  );
  await deps.audit.append(
    tx,
    made.map(({ secretHash: _, connectionSecret: __, ...record }) => ({
      at: now,
      actor,
      action: 'create',
      resource: 'devices',
      resourceId: record.id,
      reason: 'import',
      after: record,
    })),
  );
  await saveTurns(tx, actor, changes, { what: 'updated', reason: 'import' }, deps);
  return {
    keys: [...keys, ...after.map(({ key }) => key)],
    result: { created: keys.length, updated: changes.length, unchanged, errors: [], credentials },
  };
}

/** Rows that name a device in the actor's reach, with that device locked. */
async function findExisting(
  tx: Tx,
  actor: Actor,
  rows: readonly Row[],
  deps: DevicesDeps,
): Promise<Map<number, DeviceRecord>> {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const ownVendor = actor.scope.kind === 'vendor' ? actor.scope.vendorId : null;
  const named = new Map<number, string>();
  for (const { row, input } of rows) {
    const id = text(input.id);
    if (id !== null) named.set(row, id);
  }
  const unnamed = rows.filter(({ row, input }) => !named.has(row) && text(input.serial) !== null);
  const bySerial = await deps.devices.clashes(
    tx,
    unnamed.map(({ input }) => ({
      key: null,
      id: '',
      serial: text(input.serial),
      externalId: null,
      nationalCode: null,
      vendorId: text(input.vendorId) ?? ownVendor,
    })),
  );
  for (const { row, deviceId } of bySerial) {
    const found = unnamed[row];
    if (found) named.set(found.row, deviceId);
  }
  const locked = await deps.devices.lock(tx, { ids: [...new Set(named.values())] }, actor.scope, MAX_ROWS);
  const byId = new Map(locked.map((record) => [record.id, record]));
  return new Map(
    [...named].flatMap(([row, id]) => {
      const record = byId.get(id);
      return record ? [[row, record] as const] : [];
    }),
  );
}

async function applyRow(
  tx: Tx,
  before: DeviceRecord,
  patch: DevicePatch,
  row: number,
  errors: FieldError[],
  deps: DevicesDeps,
): Promise<Change | undefined> {
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
  errors.push(...read.errors.map((error) => ({ ...error, row })));
  const { parentId, ...fields } = read.fields;
  let after: DeviceRecord = { ...before, ...fields };
  if (parentId !== undefined && parentId !== before.parentId) {
    const parentKey = parentId === null ? null : ((await deps.devices.keysOf(tx, [parentId])).get(parentId) ?? null);
    if (parentKey !== null && (await deps.devices.ancestors(tx, parentKey)).includes(before.key)) {
      errors.push({ ...fieldError('/parentId', 'cycle', 'registry.cycle', { value: parentId ?? '' }), row });
    }
    after = { ...after, parentId, parentKey };
  }
  const changed = Object.keys(difference({ before, after }).after).length > 0;
  return changed ? { before, after } : undefined;
}

function failed(errors: readonly FieldError[]): ImportResult {
  const sorted = [...errors].sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
  return { created: 0, updated: 0, unchanged: 0, errors: sorted.slice(0, MAX_ERRORS), credentials: [] };
}

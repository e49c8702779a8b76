import { setImmediate as turn } from 'node:timers/promises';
import type { Actor } from '../../domain/actor.ts';
import { fieldError } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import type { Tx } from '../../domain/tx.ts';
import { type FieldError, GatewayError, isGatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { CsvEncoding } from '../../sheets/csv-read.ts';
import { readSheet } from '../../sheets/read.ts';
import type { SheetRow, Table } from '../../sheets/table.ts';
import { type ImportRow, type NameBook, readRow } from './cells.ts';
import { checkRows, type Plan } from './check.ts';
import { type Column, EXAMPLE_MARK } from './columns.ts';
import { createImportFiles, credentialsFile, errorsFile, type FileForm, type FileLink } from './files.ts';
import { type RowError, readHeader } from './header.ts';
import { createLocator } from './locate.ts';
import { CHUNK, portions } from './portions.ts';
import type { ImportDeps, NamedReference } from './ports.ts';
import { warningsOf } from './warnings.ts';
import { changedMeanwhile, writePlan } from './write.ts';

export const MAX_ROWS = 20_000;
/** Errors that are answered one by one; the error workbook has all that were found. */
const MAX_ERRORS = 1_000;
/** With as many errors the check ends: who mends them comes again with the rest. */
export const MOST_FOUND = 50_000;
const ERRORS_A_TURN = 2_000;
/** Rows of a file beside the data: header, notes, example. */
const SPARE_ROWS = 100;
const SHEETS = ['设备', 'Devices'];

export interface ImportResult {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** When there is any, nothing was written. */
  readonly errors: readonly RowError[];
  /** All of them, `errors` being cut. */
  readonly errorCount: number;
  /** Rows that are taken all the same and deserve a second look; cut as `errors` are. */
  readonly warnings: readonly RowError[];
  readonly warningCount: number;
  /** Of new devices only, fetched once; existing ones keep theirs. */
  readonly credentialsFile: FileLink | null;
  readonly errorsFile: FileLink | null;
}

export type Phase = 'waiting' | 'reading' | 'checking' | 'writing' | 'refreshing' | 'done';
export type OnProgress = (phase: Phase, done: number, total: number) => void;

export interface ImportOptions {
  readonly dryRun: boolean;
  readonly encoding?: CsvEncoding;
  readonly signal?: AbortSignal;
  readonly progress?: OnProgress;
  /** Runs in the transaction of the devices, with what will be answered. */
  readonly onCommit?: (tx: Tx, result: ImportResult) => Promise<void>;
}

/**
 * Imports devices from a file, all or nothing. A row names an existing device by its id or, without one, by its serial
 * number; importing the same file again changes nothing.
 */
export async function importFile(
  actor: Actor,
  bytes: Uint8Array,
  options: ImportOptions,
  deps: ImportDeps,
): Promise<ImportResult> {
  requireRight(actor, 'devices', 'create');
  requireRight(actor, 'devices', 'update');
  // Every step asks whether to go on; once the devices are committed nothing stops the rest.
  const progress: OnProgress = (...at) => {
    if (at[0] !== 'refreshing') options.signal?.throwIfAborted();
    options.progress?.(...at);
  };
  progress('reading', 0, 0);
  const table = await readSheet(bytes, {
    sheets: SHEETS,
    limits: { maxRows: MAX_ROWS + SPARE_ROWS },
    ...(options.encoding ? { encoding: options.encoding } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return importTable(actor, table, { ...options, progress }, deps);
}

/** The same of a table that is already read. */
export async function importTable(
  actor: Actor,
  table: Table,
  options: ImportOptions,
  deps: ImportDeps,
): Promise<ImportResult> {
  const progress: OnProgress = (...at) => options.progress?.(...at);
  const [header] = table.rows;
  const { columns, errors } = readHeader(header?.cells ?? []);
  const data = dataRows(table, columns);
  if (!header || data.length === 0) throw new GatewayError('INVALID_INPUT', bilingual('registry.import.empty'));
  if (data.length > MAX_ROWS) {
    throw new GatewayError('PAYLOAD_TOO_LARGE', bilingual('registry.import.rows', { max: MAX_ROWS }));
  }
  const { rows, endedAt } = await readRows(actor, data, columns, errors, deps);
  let plan: Plan | undefined;
  let end = endedAt;
  // A header that is not understood makes every row look wrong.
  if (end === undefined && !errors.some(({ row }) => row === 0)) {
    const checked = (done: number) => progress('checking', done, rows.length);
    plan = await checkRows(actor, rows, deps, MOST_FOUND - errors.length, checked);
    for (const error of plan.errors) errors.push(error);
    end = plan.endedAt;
  }
  if (end !== undefined) {
    errors.push({ ...fieldError('', 'tooManyErrors', 'registry.import.tooManyErrors', { max: MOST_FOUND }), row: end });
  }
  const files = createImportFiles(deps);
  const form: FileForm = {
    format: table.meta.format,
    encoding: table.meta.encoding === 'gb18030' ? 'gb18030' : 'utf-8',
  };
  if (errors.length > 0 || !plan) {
    const locate = createLocator(header.cells, columns, rows);
    const located: RowError[] = [];
    for (const error of await sorted(errors)) {
      located.push(locate(error));
      if (located.length % ERRORS_A_TURN === 0) await turn();
    }
    const file = await files.prepare(actor, 'errors', await errorsFile(header.cells, columns, rows, located, form));
    await deps.db.transaction((tx) => files.keep(tx, file));
    return { ...NOTHING, errors: located.slice(0, MAX_ERRORS), errorCount: located.length, errorsFile: file.link };
  }
  const found = await warningsOf(actor, plan, deps, () => progress('checking', rows.length, rows.length));
  const counts = {
    created: plan.created.length,
    updated: plan.updated.length,
    unchanged: plan.unchanged,
    warnings: found.slice(0, MAX_ERRORS).map(createLocator(header.cells, columns, rows)),
    warningCount: found.length,
  };
  if (options.dryRun) return { ...NOTHING, ...counts };

  const { keys, result } = await write(actor, plan, { ...options, progress, form, counts }, deps, files);
  for (let start = 0; start < keys.length; start += CHUNK) {
    // Memory first: a device that can be fetched from the answer can also log in.
    await deps.directory.refresh(deps.db.autocommit, keys.slice(start, start + CHUNK));
    progress('refreshing', start, keys.length);
    await turn();
  }
  return result;
}

const NOTHING: ImportResult = {
  created: 0,
  updated: 0,
  unchanged: 0,
  errors: [],
  errorCount: 0,
  warnings: [],
  warningCount: 0,
  credentialsFile: null,
  errorsFile: null,
};

async function write(
  actor: Actor,
  plan: Plan,
  options: ImportOptions & {
    readonly progress: OnProgress;
    readonly form: FileForm;
    readonly counts: Pick<ImportResult, 'created' | 'updated' | 'unchanged' | 'warnings' | 'warningCount'>;
  },
  deps: ImportDeps,
  files: ReturnType<typeof createImportFiles>,
) {
  const total = plan.created.length + plan.updated.length;
  try {
    return await deps.db.transaction(async (tx) => {
      options.signal?.throwIfAborted();
      const { keys, credentials } = await writePlan(tx, actor, plan, deps, (done) =>
        options.progress('writing', done, total),
      );
      let link: FileLink | null = null;
      if (credentials.length > 0) {
        const file = await files.prepare(actor, 'credentials', await credentialsFile(credentials, options.form));
        await files.keep(tx, file);
        link = file.link;
      }
      const result: ImportResult = { ...NOTHING, ...options.counts, credentialsFile: link };
      await options.onCommit?.(tx, result);
      return { keys, result };
    });
  } catch (error) {
    // A name that was free when the rows were checked is taken now.
    if (isGatewayError(error, 'CONFLICT') && error.errors.length === 0 && error.cause !== undefined) {
      throw changedMeanwhile('', error);
    }
    throw error;
  }
}

/** Rows under the header that are meant: not the template's example. */
function dataRows(table: Table, columns: readonly (Column | null)[]): SheetRow[] {
  const id = columns.findIndex((column) => column?.path === 'id');
  return table.rows.slice(1).filter(({ cells }) => !(id >= 0 && cells[id]?.trim().startsWith(EXAMPLE_MARK)));
}

async function readRows(
  actor: Actor,
  data: readonly SheetRow[],
  columns: readonly (Column | null)[],
  errors: FieldError[],
  deps: ImportDeps,
): Promise<{ rows: ImportRow[]; endedAt: number | undefined }> {
  const names = await readNames(actor, data, columns, deps);
  const rows: ImportRow[] = [];
  let endedAt: number | undefined;
  for (const portion of portions(data)) {
    for (const line of portion) {
      const read = readRow(columns, line, { row: rows.length + 1, sheetRow: line.line }, names);
      rows.push(read.row);
      // The rows go back with the errors, also those that are not looked at any more.
      if (endedAt === undefined) errors.push(...read.errors);
    }
    if (errors.length >= MOST_FOUND && rows.length < data.length) endedAt ??= rows.length + 1;
    await turn();
  }
  return { rows, endedAt };
}

/** The ids of whatever the file calls by name. */
async function readNames(
  actor: Actor,
  data: readonly SheetRow[],
  columns: readonly (Column | null)[],
  deps: ImportDeps,
): Promise<NameBook> {
  const wanted: Record<NamedReference, string[]> = { org: [], site: [], module: [], vendor: [], unit: [] };
  for (const [index, column] of columns.entries()) {
    if (typeof column?.kind !== 'object' || !('reference' in column.kind) || column.kind.reference === 'type') continue;
    const list = wanted[column.kind.reference];
    for (const name of new Set(data.map(({ cells }) => cells[index]?.trim() ?? ''))) if (name) list.push(name);
  }
  const ids = new Map<string, string[]>();
  const add = (reference: string, name: string, id: string) => {
    const key = `${reference} ${name}`;
    ids.set(key, [...(ids.get(key) ?? []), id]);
  };
  for (const { id, title } of deps.typeNames.list()) {
    add('type', title.zh, id);
    add('type', title.en, id);
  }
  for (const found of await deps.imports.referenceIds(deps.db.autocommit, wanted, actor.scope)) {
    add(found.reference, found.name, found.id);
  }
  return { idsOf: (reference, name) => [...new Set(ids.get(`${reference} ${name}`))] };
}

/** By row; of a cell the first fault, the others mostly follow from it. */
async function sorted(errors: readonly FieldError[]): Promise<FieldError[]> {
  const seen = new Set<string>();
  const first: FieldError[] = [];
  for (const [index, error] of errors.entries()) {
    const { row, path, code } = error;
    const key = path === '' ? `${row} ${code}` : `${row} ${path}`;
    if (!seen.has(key)) first.push(error);
    seen.add(key);
    if (index % ERRORS_A_TURN === ERRORS_A_TURN - 1) await turn();
  }
  return first.sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
}

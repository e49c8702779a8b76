import { randomUUID } from 'node:crypto';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { isDate } from '../domain/calendar.ts';
import type { ShiftRecord } from '../domain/duty-rows.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../domain/export-mark.ts';
import { fieldError, parseInput } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { type FieldError, GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { CsvEncoding } from '../sheets/csv-read.ts';
import { readSheet } from '../sheets/read.ts';
import type { SheetRow } from '../sheets/table.ts';
import { CONTENT_TYPES, type Encoding, type Format, sheetBytes } from '../sheets/write.ts';
import { type ImportRow, readRow } from './import/cells.ts';
import { headerReader, type RowError } from './import/header.ts';
import { createLocator } from './import/locate.ts';
import type { ImportStore } from './import/ports.ts';
import { cellsOfShift, ROSTER_COLUMNS, readShift, sameShift } from './roster-columns.ts';
import { type RosterStore, type ShiftFilter, WHOLE_DAY } from './rosters.ts';

export interface RosterImportResult {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** When there is any, nothing was written. */
  readonly errors: readonly (RowError & { readonly row: number })[];
  readonly errorCount: number;
}

export interface RosterFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** Duty rosters as tables: the file that leaves is the one that comes back. */
export interface RosterTables {
  /** All of it or nothing. A row with an id changes that shift, one without adds it, unless there is the same already. */
  import(
    actor: Actor,
    bytes: Uint8Array,
    options: { readonly dryRun: boolean; readonly encoding?: CsvEncoding },
  ): Promise<RosterImportResult>;
  export(
    actor: Actor,
    query: ShiftFilter & { readonly purpose: string; readonly format: Format; readonly encoding: Encoding },
  ): Promise<RosterFile>;
}

export interface PeopleStore {
  /** People of these ids, accounts or names within the scope. */
  peopleNamed(
    tx: Tx,
    scope: Scope,
    names: readonly string[],
  ): Promise<readonly { readonly id: string; readonly name: string }[]>;
  names(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

const MOST_ROWS = 2_000;
const MOST_ERRORS = 1_000;
/** Header, notes and blank lines beside the data. */
const SPARE_ROWS = 50;
const SHEET = '值班表';
const NOTHING: RosterImportResult = { created: 0, updated: 0, unchanged: 0, errors: [], errorCount: 0 };
const readHeader = headerReader(ROSTER_COLUMNS);

/** A shift as its row wants it; `before` null = a new one. */
interface Wanted {
  readonly row: number;
  readonly shift: ShiftRecord;
  readonly before: ShiftRecord | null;
}

interface Plan {
  readonly rows: readonly ImportRow[];
  readonly errors: readonly FieldError[];
  readonly changes: readonly Wanted[];
  readonly unchanged: number;
}

/** An id names a shift in reach, and once. */
function idFaults(
  id: string | undefined,
  byId: ReadonlyMap<string, ShiftRecord>,
  firstOf: ReadonlyMap<string, number>,
): FieldError[] {
  if (id === undefined) return [];
  const first = firstOf.get(id);
  if (first !== undefined) return [fieldError('/id', 'duplicate', 'registry.import.duplicate', { value: id, first })];
  return byId.has(id) ? [] : [fieldError('/id', 'notFound', 'input.notFound', { value: id })];
}

export function createRosterTables(deps: {
  readonly db: Transactor;
  readonly rosters: RosterStore & PeopleStore;
  readonly imports: Pick<ImportStore, 'referenceIds'>;
  readonly orgs: { get(tx: Tx, id: string, scope: Scope): Promise<unknown> };
  readonly modules: { get(tx: Tx, id: string): Promise<unknown> };
  readonly audit: AuditPort;
  readonly clock: { now(): number };
  readonly timeZone: string;
}): RosterTables {
  const { db, rosters } = deps;

  /** Ids of the names in the file. A name that two have is refused by whoever reads the cell. */
  const namesIn = async (tx: Tx, actor: Actor, data: readonly SheetRow[], at: (path: string) => number) => {
    const said = (path: string) => [...new Set(data.map(({ cells }) => cells[at(path)]?.trim() ?? ''))].filter(Boolean);
    const nobody = { site: [], vendor: [], unit: [] };
    const named = await deps.imports.referenceIds(
      tx,
      { ...nobody, org: said('orgId'), module: said('module') },
      actor.scope,
    );
    const people = await rosters.peopleNamed(tx, actor.scope, said('userId'));
    const idsOf = (list: readonly { name: string; id: string }[], name: string) => [
      ...new Set(list.filter((one) => one.name === name).map(({ id }) => id)),
    ];
    return {
      idsOf: (reference: string, name: string) =>
        idsOf(
          named.filter((one) => one.reference === reference),
          name,
        ),
      people: (name: string) => idsOf(people, name),
    };
  };

  /** What the shifts name must exist where the actor can see it; asked once each, however many rows name it. */
  const missing = async (tx: Tx, actor: Actor, shifts: readonly { row: number; shift: ShiftRecord }[]) => {
    const errors: FieldError[] = [];
    const refuse = (row: number, path: string, key: 'input.notFound' | 'duty.person', value: string) =>
      errors.push({ ...fieldError(path, 'notFound', key, { value }), row });
    const byOrg = Map.groupBy(shifts, ({ shift }) => shift.orgId);
    const modules = new Map<string, boolean>();
    for (const [orgId, rows] of byOrg) {
      const known = Boolean(await deps.orgs.get(tx, orgId, actor.scope));
      const people = [...new Set(rows.map(({ shift }) => shift.userId))];
      const may = await rosters.rosterable(tx, actor.scope, people, orgId);
      for (const { row, shift } of rows) {
        if (!known) refuse(row, '/orgId', 'input.notFound', orgId);
        else if (!may.has(shift.userId)) refuse(row, '/userId', 'duty.person', shift.userId);
        if (shift.module === null) continue;
        if (!modules.has(shift.module)) modules.set(shift.module, Boolean(await deps.modules.get(tx, shift.module)));
        if (!modules.get(shift.module)) refuse(row, '/module', 'input.notFound', shift.module);
      }
    }
    return errors;
  };

  const prove = (tx: Tx, actor: Actor, changes: readonly { before: ShiftRecord | null; after: ShiftRecord }[]) =>
    deps.audit.append(
      tx,
      changes.map(({ before, after }) => ({
        at: deps.clock.now(),
        actor,
        action: before ? 'update' : 'create',
        resource: 'rosters',
        resourceId: after.id,
        reason: 'import',
        before,
        after,
      })),
    );

  /** What the rows would do, or everything that is in the way. */
  const planOf = async (
    tx: Tx,
    actor: Actor,
    data: readonly SheetRow[],
    columns: ReturnType<typeof readHeader>['columns'],
  ): Promise<Plan> => {
    const errors: FieldError[] = [];
    const rows: ImportRow[] = [];
    const wanted: Wanted[] = [];
    const names = await namesIn(tx, actor, data, (path) => columns.findIndex((column) => column?.path === path));
    const present = await rosters.listShifts(tx, actor.scope);
    const byId = new Map(present.map((shift) => [shift.id, shift]));
    const firstOf = new Map<string, number>();
    for (const [index, sheetRow] of data.entries()) {
      const read = readRow(columns, sheetRow, { row: index + 1, sheetRow: sheetRow.line }, names);
      const { row, input } = read.row;
      const said = readShift(input, names.people, isDate);
      const id = input.id as string | undefined;
      const wrong = [...read.errors, ...said.errors, ...idFaults(id, byId, firstOf)];
      rows.push(read.row);
      errors.push(...wrong.map((error) => ({ ...error, row })));
      if (id !== undefined) firstOf.set(id, firstOf.get(id) ?? row);
      const before = (id === undefined ? undefined : byId.get(id)) ?? null;
      const shift = { ...WHOLE_DAY, ...before, ...said.fields, id: id ?? randomUUID() };
      if (wrong.length === 0) wanted.push({ row, before, shift });
    }
    errors.push(...(await missing(tx, actor, wanted)));
    const changes = wanted.filter(({ shift }) => !present.some((one) => sameShift(one, shift)));
    return { rows, errors, changes, unchanged: wanted.length - changes.length };
  };

  return {
    async import(actor, bytes, { dryRun, encoding }) {
      requireRight(actor, 'rosters', 'create');
      requireRight(actor, 'rosters', 'update');
      const limits = { maxRows: MOST_ROWS + SPARE_ROWS };
      const table = await readSheet(bytes, { sheets: [SHEET], limits, ...(encoding ? { encoding } : {}) });
      const [header, ...data] = table.rows;
      if (!header || data.length === 0) throw new GatewayError('INVALID_INPUT', bilingual('registry.import.empty'));
      if (data.length > MOST_ROWS)
        throw new GatewayError('PAYLOAD_TOO_LARGE', bilingual('registry.import.rows', { max: MOST_ROWS }));
      const { columns, errors } = readHeader(header.cells);
      return db.transaction(async (tx) => {
        // A header that is not understood makes every row look wrong.
        const plan =
          errors.length > 0 ? { rows: [], errors, changes: [], unchanged: 0 } : await planOf(tx, actor, data, columns);
        if (plan.errors.length > 0) {
          const locate = createLocator(header.cells, columns, plan.rows);
          const located = [...plan.errors]
            .sort((a, b) => (a.row ?? 0) - (b.row ?? 0))
            .map((error) => ({ ...locate(error), row: error.row ?? 0 }));
          return { ...NOTHING, errors: located.slice(0, MOST_ERRORS), errorCount: located.length };
        }
        if (!dryRun) {
          for (const { shift } of plan.changes) await rosters.putShift(tx, shift);
          await prove(
            tx,
            actor,
            plan.changes.map(({ before, shift }) => ({ before, after: shift })),
          );
        }
        const created = plan.changes.filter(({ before }) => before === null).length;
        return { ...NOTHING, created, updated: plan.changes.length - created, unchanged: plan.unchanged };
      });
    },

    async export(actor, { purpose: raw, format, encoding, ...filter }) {
      requireRight(actor, 'rosters', 'export');
      const { purpose } = parseInput(ExportInput, { purpose: raw });
      const shifts = await rosters.listShifts(db.autocommit, actor.scope, filter);
      const people = await rosters.names(db.autocommit, [...new Set(shifts.map(({ userId }) => userId))]);
      const at = deps.clock.now();
      const rows = shifts.length;
      await db.transaction((tx) =>
        deps.audit.append(tx, [exportEntry(actor, { at, resource: 'rosters', purpose, filter, rows, format })]),
      );
      const bytes = await sheetBytes(
        [
          {
            name: SHEET,
            notes: exportMark({ user: exporterName(actor), at, purpose, rows }, deps.timeZone),
            columns: ROSTER_COLUMNS.map(({ zh }) => ({ header: zh })),
            rows: shifts.map((shift) => cellsOfShift(shift, people)),
          },
        ],
        { format, encoding },
      );
      const contentType = format === 'csv' ? `${CONTENT_TYPES.csv}; charset=${encoding}` : CONTENT_TYPES.xlsx;
      return { bytes, contentType };
    },
  };
}

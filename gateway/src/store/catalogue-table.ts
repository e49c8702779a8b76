import { fieldError, refuseIf } from '../domain/input.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { sql } from './database.ts';
import { isUniqueViolation, sqlState } from './pg-errors.ts';
import { containing, createParams, decodeCursor, encodeCursor, type Params } from './scope.ts';
import { at } from './time.ts';
import { totalOf } from './totals.ts';

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly q?: string | undefined;
  /** Exact values of the fields a table may be filtered by. */
  readonly where?: Readonly<Record<string, string>> | undefined;
}

interface Table<T> {
  readonly name: string;
  /** Field, column and kind of every stored field but the id. */
  readonly columns: readonly (readonly [
    field: keyof T & string,
    column: string,
    kind: 'text' | 'int' | 'boolean' | 'jsonb' | 'date' | 'text[]' | 'ms',
  ])[];
  /** Further select expressions. */
  readonly computed?: string;
  readonly search: readonly string[];
  readonly scope: (scope: Scope, params: Params) => string;
  /** Columns of the fields a list may be filtered by. */
  readonly filters?: Readonly<Record<string, string>>;
}

/** The statements that organisations, sites and vendors have in common; `t` is the table's alias. */
export function createTableStore<T extends { readonly id: string }>(table: Table<T>) {
  const selected = [
    't.id',
    ...table.columns.map(([field, column, kind]) => `t.${column}${kind === 'date' ? '::text' : ''} as "${field}"`),
    ...(table.computed ? [table.computed] : []),
  ].join(', ');

  const value = (row: T, field: keyof T, kind: string, params: Params) => {
    const raw = row[field];
    if (kind === 'jsonb') return `${params.add(raw === null ? null : JSON.stringify(raw))}::jsonb`;
    return kind === 'ms' ? at(params.add(raw)) : `${params.add(raw)}::${kind}`;
  };

  return {
    async get(tx: Tx, id: string, scope: Scope, options: { lock?: boolean } = {}): Promise<T | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<T>(
        `select ${selected} from ${table.name} t where t.id = $1 and ${table.scope(scope, params)}
         ${options.lock ? 'for update of t' : ''}`,
        params.values,
      );
      return rows[0];
    },

    /** In order of id. */
    async list(
      tx: Tx,
      query: ListQuery,
      scope: Scope,
    ): Promise<{ items: T[]; nextCursor: string | null; total: number | null }> {
      const params = createParams();
      const parts = [table.scope(scope, params)];
      for (const [field, column] of Object.entries(table.filters ?? {})) {
        const wanted = query.where?.[field];
        if (wanted !== undefined) parts.push(`t.${column} = ${params.add(wanted)}`);
      }
      if (query.q) {
        const pattern = params.add(containing(query.q));
        parts.push(`(${table.search.map((column) => `t.${column} ilike ${pattern}`).join(' or ')})`);
      }
      const total = await totalOf(tx, `from ${table.name} t where ${parts.join(' and ')}`, params.values);
      if (query.cursor) parts.push(`t.id > ${params.add(cursorId(query.cursor))}`);
      const { rows } = await sql(tx).query<T>(
        `select ${selected} from ${table.name} t where ${parts.join(' and ')}
         order by t.id limit ${params.add(query.limit + 1)}`,
        params.values,
      );
      const items = rows.slice(0, query.limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor: rows.length > query.limit && last ? encodeCursor([last.id]) : null,
        total,
      };
    },

    async insert(tx: Tx, row: T): Promise<void> {
      const params = createParams(row.id);
      const values = table.columns.map(([field, , kind]) => value(row, field, kind, params));
      await guarded(
        row.id,
        sql(tx).query(
          `insert into ${table.name} (${['id', ...table.columns.map(([, column]) => column)].join(', ')})
           values (${['$1', ...values].join(', ')})`,
          params.values,
        ),
      );
    },

    async update(tx: Tx, row: T): Promise<void> {
      const params = createParams(row.id);
      const sets = table.columns.map(([field, column, kind]) => `${column} = ${value(row, field, kind, params)}`);
      await guarded(row.id, sql(tx).query(`update ${table.name} set ${sets.join(', ')} where id = $1`, params.values));
    },

    async remove(tx: Tx, id: string): Promise<void> {
      await guarded(id, sql(tx).query(`delete from ${table.name} where id = $1`, [id]));
    },
  };
}

/** Taken ids and objects still in use become answers a person can act on. */
export async function guarded<T>(id: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isUniqueViolation(cause)) {
      const message = bilingual('input.duplicate', { field: '/id', value: id });
      throw new GatewayError('CONFLICT', message, { errors: [{ path: '/id', code: 'duplicate', message }], cause });
    }
    if (sqlState(cause) === '23503') throw new GatewayError('CONFLICT', bilingual('registry.inUse', { id }), { cause });
    throw cause;
  }
}

function cursorId(text: string): string {
  const [id, ...rest] = decodeCursor(text) ?? [];
  if (typeof id !== 'string' || rest.length > 0) refuseIf([fieldError('/cursor', 'invalid', 'input.cursor')]);
  return String(id);
}

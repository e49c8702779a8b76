import type { Module, Org, Site, Vendor } from '../domain/catalogue-input.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { sql } from './database.ts';
import { isUniqueViolation, sqlState } from './pg-errors.ts';
import {
  cappedCount,
  containing,
  createParams,
  decodeCursor,
  encodeCursor,
  exactTotal,
  orgInScope,
  type Params,
} from './scope.ts';
import { at } from './time.ts';

interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly q?: string | undefined;
}

interface Table<T> {
  readonly name: string;
  /** Field, column and kind of every stored field but the id. */
  readonly columns: readonly (readonly [
    field: keyof T & string,
    column: string,
    kind: 'text' | 'int' | 'jsonb' | 'date' | 'text[]' | 'ms',
  ])[];
  /** Further select expressions. */
  readonly computed?: string;
  readonly search: readonly string[];
  readonly scope: (scope: Scope, params: Params) => string;
}

/** The statements that organisations, sites and vendors have in common; `t` is the table's alias. */
function createTableStore<T extends { readonly id: string }>(table: Table<T>) {
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
      if (query.q) {
        const pattern = params.add(containing(query.q));
        parts.push(`(${table.search.map((column) => `t.${column} ilike ${pattern}`).join(' or ')})`);
      }
      const counted = await sql(tx).query<{ n: number }>(
        cappedCount(`from ${table.name} t where ${parts.join(' and ')}`),
        params.values,
      );
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
        total: exactTotal(counted.rows[0]?.n),
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

export function createOrgStore() {
  return {
    ...createTableStore<Org>({
      name: 'org',
      columns: [
        ['parentId', 'parent_id', 'text'],
        ['kind', 'kind', 'text'],
        ['level', 'level', 'int'],
        ['name', 'name', 'text'],
        ['code', 'code', 'text'],
        ['responsible', 'responsible', 'jsonb'],
        ['contact', 'contact', 'jsonb'],
        ['contractFrom', 'contract_from', 'date'],
        ['contractTo', 'contract_to', 'date'],
      ],
      search: ['id', 'name', 'code'],
      scope: (scope, params) => orgInScope(scope, params, 't.id'),
    }),

    /** The organisation and everything under it. */
    async subtree(tx: Tx, id: string): Promise<string[]> {
      const { rows } = await sql(tx).query<{ id: string }>('select org_subtree(array[$1::text]) as id', [id]);
      return rows.map((row) => row.id);
    },

    /** Least level among the areas directly below. */
    async highestChildLevel(tx: Tx, id: string): Promise<number | null> {
      const { rows } = await sql(tx).query<{ level: number | null }>(
        'select min(level)::int as level from org where parent_id = $1',
        [id],
      );
      return rows[0]?.level ?? null;
    },
  };
}

export function createSiteStore() {
  return createTableStore<Site>({
    name: 'site',
    columns: [
      ['name', 'name', 'text'],
      ['kind', 'kind', 'text'],
      ['orgId', 'org_id', 'text'],
      ['location', 'location', 'jsonb'],
      ['createdAt', 'created_at', 'ms'],
    ],
    search: ['id', 'name'],
    scope: (scope, params) =>
      scope.kind === 'vendor'
        ? `t.id in (select d.site_id from device d where d.vendor_id = ${params.add(scope.vendorId)})`
        : orgInScope(scope, params, 't.org_id'),
  });
}

export function createVendorStore() {
  return {
    ...createTableStore<Vendor>({
      name: 'vendor',
      columns: [
        ['name', 'name', 'text'],
        ['contact', 'contact', 'jsonb'],
        ['topics', 'topics', 'text[]'],
        ['createdAt', 'created_at', 'ms'],
      ],
      computed: `exists (select from api_key k where k.vendor_id = t.id and k.revoked_at is null) as "hasKey"`,
      search: ['id', 'name'],
      scope: (scope, params) => (scope.kind === 'vendor' ? `t.id = ${params.add(scope.vendorId)}` : 'true'),
    }),

    /** Every vendor's granted topics and the hashes of its working keys. */
    async logins(
      tx: Tx,
    ): Promise<{ id: string; topics: string[]; keys: { hash: string; expiresAt: number | null }[] }[]> {
      const { rows } = await sql(tx).query<{
        id: string;
        topics: string[];
        hashes: string[];
        expiries: (number | null)[];
      }>(
        `select v.id, v.topics,
           array(select replace(encode(k.key_hash, 'base64'), chr(10), '') from api_key k
             where k.vendor_id = v.id and k.revoked_at is null order by k.id) as hashes,
           array(select k.expires_at from api_key k
             where k.vendor_id = v.id and k.revoked_at is null order by k.id) as expiries
         from vendor v`,
      );
      return rows.map(({ id, topics, hashes, expiries }) => ({
        id,
        topics,
        keys: hashes.map((hash, index) => ({ hash, expiresAt: expiries[index] ?? null })),
      }));
    },
  };
}

export function createModuleStore() {
  const MODULES = `select m.id, m.name_zh, m.name_en,
      (select o.org_id from module_org o where o.module_id = m.id and o.duty = 'lead') as lead,
      array(select o.org_id from module_org o where o.module_id = m.id and o.duty = 'cooperate' order by o.org_id) as cooperating
    from module m`;
  interface Row {
    id: string;
    name_zh: string;
    name_en: string;
    lead: string | null;
    cooperating: string[];
  }
  const read = (row: Row): Module => ({
    id: row.id,
    name: { zh: row.name_zh, en: row.name_en },
    leadOrgId: row.lead,
    cooperatingOrgIds: row.cooperating,
  });

  return {
    async list(tx: Tx): Promise<Module[]> {
      const { rows } = await sql(tx).query<Row>(`${MODULES} order by m.position, m.id`);
      return rows.map(read);
    },
    async get(tx: Tx, id: string): Promise<Module | undefined> {
      const { rows } = await sql(tx).query<Row>(`${MODULES} where m.id = $1 for update of m`, [id]);
      return rows[0] && read(rows[0]);
    },
    async insert(tx: Tx, module: Module): Promise<void> {
      await guarded(
        module.id,
        sql(tx).query(
          `insert into module (id, name_zh, name_en, position)
           select $1, $2, $3, coalesce(max(position), 0) + 1 from module`,
          [module.id, module.name.zh, module.name.en],
        ),
      );
      await this.assign(tx, module);
    },
    async update(tx: Tx, module: Module): Promise<void> {
      await sql(tx).query('update module set name_zh = $2, name_en = $3 where id = $1', [
        module.id,
        module.name.zh,
        module.name.en,
      ]);
      await this.assign(tx, module);
    },
    async assign(tx: Tx, module: Module): Promise<void> {
      await sql(tx).query('delete from module_org where module_id = $1', [module.id]);
      await guarded(
        module.id,
        sql(tx).query(
          `insert into module_org (module_id, org_id, duty)
           select $1, org_id, duty from unnest($2::text[], $3::text[]) as a (org_id, duty)`,
          [
            module.id,
            [...(module.leadOrgId === null ? [] : [module.leadOrgId]), ...module.cooperatingOrgIds],
            [...(module.leadOrgId === null ? [] : ['lead']), ...module.cooperatingOrgIds.map(() => 'cooperate')],
          ],
        ),
      );
    },
    async remove(tx: Tx, id: string): Promise<void> {
      await guarded(id, sql(tx).query('delete from module where id = $1', [id]));
    },
  };
}

export function createSettingStore() {
  return {
    async read(tx: Tx): Promise<Record<string, unknown>> {
      const { rows } = await sql(tx).query<{ name: string; value: unknown }>('select name, value from setting');
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    },
    async write(tx: Tx, values: Readonly<Record<string, unknown>>, by: string): Promise<void> {
      const rows = Object.entries(values).map(([name, value]) => ({ name, value }));
      await sql(tx).query(
        `insert into setting (name, value, updated_at, updated_by)
         select name, value, now(), $2 from jsonb_to_recordset($1::jsonb) as s (name text, value jsonb)
         on conflict (name) do update set value = excluded.value, updated_at = now(), updated_by = excluded.updated_by`,
        [JSON.stringify(rows), by],
      );
    },
  };
}

/** Taken ids and objects still in use become answers a person can act on. */
async function guarded<T>(id: string, work: Promise<T>): Promise<T> {
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

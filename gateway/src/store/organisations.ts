import type { Org, Site } from '../domain/catalogue-input.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { createTableStore } from './catalogue-table.ts';
import { sql } from './database.ts';
import { deviceInScope, orgInScope, type Params } from './scope.ts';

/** Areas, departments and maintenance units; one tree. */
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
        ['boundary', 'boundary', 'jsonb'],
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

/** Places; each lies in one area. */
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
    scope: siteInScope,
  });
}

/** The sites of the organisations in scope, and those at which a vendor's or a maintenance unit's devices stand. */
function siteInScope(scope: Scope, params: Params): string {
  if (scope.kind === 'all') return 'true';
  // A device that is not approved yet may name any site: that shows nobody where it is.
  const standing = "d.site_id = t.id and d.lifecycle not in ('pending', 'rejected')";
  const through = `exists (select from device d where ${standing} and ${deviceInScope(scope, params)})`;
  return scope.kind === 'vendor' ? through : `(${orgInScope(scope, params, 't.org_id')} or ${through})`;
}

import type { RoleChange } from '../domain/access-rows.ts';
import type { Matrix } from '../domain/duty-matrix.ts';
import type { TimedPage } from '../domain/page.ts';
import type { Rights } from '../domain/permission.ts';
import type { RightsChanges } from '../domain/rights-table.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { pageOf, rangeCondition } from './reads-page.ts';
import { createParams } from './scope.ts';
import { at } from './time.ts';

/** Rights an installation changed, and the tree and matrix that say who reaches what. */
export function createRoleStore() {
  return {
    async changes(tx: Tx): Promise<RightsChanges> {
      const { rows } = await sql(tx).query<{ role: string; rights: Rights }>(
        'select role, jsonb_object_agg(resource, to_jsonb(actions)) as rights from role_right group by role',
      );
      return Object.fromEntries(rows.map(({ role, rights }) => [role, rights]));
    },

    /** Two administrators at once: one after the other, or rows of both would mix. */
    async lock(tx: Tx, role: string): Promise<void> {
      await sql(tx).query(`select pg_advisory_xact_lock(hashtext('role_right'), hashtext($1))`, [role]);
    },

    /** Of one locked role: what is not among the changes goes back to what ships. */
    async replace(tx: Tx, role: string, changes: Rights, by: { actor: string; at: number }): Promise<void> {
      await sql(tx).query('delete from role_right where role = $1', [role]);
      const rows = Object.entries(changes).map(([resource, actions]) => ({ resource, actions }));
      await sql(tx).query(
        `insert into role_right (role, resource, actions, changed_at, changed_by)
         select $1, r.resource, array(select jsonb_array_elements_text(r.actions)), ${at('$3')}, $4
         from jsonb_to_recordset($2::jsonb) as r (resource text, actions jsonb)`,
        [role, JSON.stringify(rows), by.at, by.actor],
      );
    },

    /** Changes of the table as the audit table proves them, newest first. */
    async history(tx: Tx, query: { limit: number; cursor?: string }): Promise<TimedPage<RoleChange>> {
      const params = createParams();
      const place = query.cursor === undefined ? {} : { cursor: query.cursor };
      const { rows } = await sql(tx).query<RoleChange & { key: number }>(
        `select a.id::float8 as key, a.at, a.actor_name as "actorName", a.action, a.resource_id as role, a.reason, a.before, a.after
         from audit a
         where a.resource = 'roles' and a.action in ('update', 'reset')
           and ${rangeCondition(place, 'a.at', ['a.id', 'number'], params)}
         order by a.at desc, a.id desc limit ${params.add(query.limit + 1)}`,
        params.values,
      );
      return pageOf(rows, query.limit, (row) => [row.at, row.key]);
    },

    async matrix(tx: Tx): Promise<Matrix> {
      const { rows: orgs } = await sql(tx).query<Matrix['orgs'][number]>(
        'select id, parent_id as "parentId", kind, level from org',
      );
      const { rows: duties } = await sql(tx).query<Matrix['duties'][number]>(
        'select module_id as "moduleId", org_id as "orgId", duty from module_org',
      );
      return { orgs, duties };
    },

    /** Which of these exist; what a user names is checked against it. */
    async known(
      tx: Tx,
      ids: {
        readonly orgIds: readonly string[];
        readonly moduleIds: readonly string[];
        readonly vendorIds: readonly string[];
      },
    ): Promise<{
      orgs: { id: string; kind: string; level: number | null }[];
      moduleIds: string[];
      vendorIds: string[];
    }> {
      const { rows: orgs } = await sql(tx).query<{ id: string; kind: string; level: number | null }>(
        'select id, kind, level from org where id = any ($1::text[])',
        [ids.orgIds],
      );
      const { rows } = await sql(tx).query<{ kind: 'module' | 'vendor'; id: string }>(
        `select 'module' as kind, id from module where id = any ($1::text[])
         union all select 'vendor', id from vendor where id = any ($2::text[])`,
        [ids.moduleIds, ids.vendorIds],
      );
      const of = (kind: string) => rows.filter((row) => row.kind === kind).map(({ id }) => id);
      return { orgs, moduleIds: of('module'), vendorIds: of('vendor') };
    },
  };
}

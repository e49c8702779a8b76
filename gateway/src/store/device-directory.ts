import type { DeviceKey } from '../domain/device.ts';
import type { Clash, DirectoryRow, Identity, References, SealedTarget } from '../domain/device-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope, orgInScope } from './scope.ts';
import { at, ms } from './time.ts';

const DIRECTORY = `key, id, type, lifecycle, vendor_id as "vendorId", serial, external_id as "externalId", site_id as "siteId",
  org_id as "orgId", module, parent_key as "parentKey", health_policy as "healthPolicy",
  encode(secret_hash, 'base64') as "secretHash", revision::float8 as revision`;

/** Look-ups on devices: the directory in memory, names that are taken, references, and what to probe. */
export function createDeviceLookups() {
  return {
    async page(tx: Tx, after: DeviceKey, limit: number): Promise<DirectoryRow[]> {
      const { rows } = await sql(tx).query<DirectoryRow>(
        `select ${DIRECTORY} from device where key > $1 order by key limit $2`,
        [after, limit],
      );
      return rows;
    },

    async byKeys(tx: Tx, keys: readonly DeviceKey[]): Promise<DirectoryRow[]> {
      const { rows } = await sql(tx).query<DirectoryRow>(
        `select ${DIRECTORY} from device where key = any ($1::int[])`,
        [keys],
      );
      return rows;
    },

    async changedSince(
      tx: Tx,
      since: number | null,
      page: { readonly after: DeviceKey; readonly limit: number },
    ): Promise<{ rows: DirectoryRow[]; now: number }> {
      const { rows: clock } = await sql(tx).query<{ now: number }>(`select ${ms('clock_timestamp()')} as now`);
      const now = clock[0]?.now ?? 0;
      if (since === null) return { rows: [], now };
      const { rows } = await sql(tx).query<DirectoryRow>(
        `select ${DIRECTORY} from device where updated_at >= ${at('$1')} and key > $2 order by key limit $3`,
        [since, page.after, page.limit],
      );
      return { rows, now };
    },

    async keysOf(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, DeviceKey>> {
      if (ids.length === 0) return new Map();
      const { rows } = await sql(tx).query<{ id: string; key: number }>(
        'select id, key from device where id = any ($1::text[])',
        [ids],
      );
      return new Map(rows.map(({ id, key }) => [id, key]));
    },

    async siteOrgs(tx: Tx, siteIds: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
      if (siteIds.length === 0) return new Map();
      const { rows } = await sql(tx).query<{ id: string; org_id: string | null }>(
        'select id, org_id from site where id = any ($1::text[])',
        [siteIds],
      );
      return new Map(rows.map((row) => [row.id, row.org_id]));
    },

    async ancestors(tx: Tx, key: DeviceKey): Promise<DeviceKey[]> {
      const { rows } = await sql(tx).query<{ key: number }>(
        `with recursive up (key, parent_key, depth) as (
           select key, parent_key, 0 from device where key = $1
           union all
           select d.key, d.parent_key, up.depth + 1 from device d join up on d.key = up.parent_key where up.depth < 64
         )
         select key from up order by depth`,
        [key],
      );
      return rows.map((row) => row.key);
    },

    async missing(tx: Tx, wanted: References, scope: Scope): Promise<References> {
      // A vendor hangs its device anywhere in the tree: the operations centre decides when it approves.
      const orgScope: Scope = scope.kind === 'vendor' ? { kind: 'all' } : scope;
      const params = createParams();
      const ask = (list: string, ids: readonly string[], exists: string) =>
        `select '${list}' as list, w.id from unnest(${params.add([...new Set(ids)])}::text[]) as w (id)
         where not exists (${exists})`;
      const { rows } = await sql(tx).query<{ list: keyof References; id: string }>(
        [
          ask(
            'orgIds',
            wanted.orgIds,
            `select from org o where o.id = w.id and ${orgInScope(orgScope, params, 'o.id')}`,
          ),
          ask(
            'siteIds',
            wanted.siteIds,
            `select from site s where s.id = w.id and (s.org_id is null or ${orgInScope(orgScope, params, 's.org_id')})`,
          ),
          ask('vendorIds', wanted.vendorIds, 'select from vendor v where v.id = w.id'),
          ask('modules', wanted.modules, 'select from module m where m.id = w.id'),
          ask(
            'maintenanceUnitIds',
            wanted.maintenanceUnitIds,
            `select from org o where o.id = w.id and o.kind = 'maintenance'`,
          ),
          ask(
            'parentIds',
            wanted.parentIds,
            `select from device d where d.id = w.id and ${deviceInScope(scope, params)}`,
          ),
        ].join(' union all '),
        params.values,
      );
      const gone = (list: keyof References) => rows.filter((row) => row.list === list).map((row) => row.id);
      return {
        orgIds: gone('orgIds'),
        siteIds: gone('siteIds'),
        vendorIds: gone('vendorIds'),
        modules: gone('modules'),
        maintenanceUnitIds: gone('maintenanceUnitIds'),
        parentIds: gone('parentIds'),
      };
    },

    async clashes(tx: Tx, identities: readonly Identity[]): Promise<Clash[]> {
      const asked = identities.map((identity, row) => ({ row, ...identity }));
      const { rows } = await sql(tx).query<Clash>(
        `with n as (
           select * from jsonb_to_recordset($1::jsonb) as n
             ("row" integer, key integer, id text, serial text, "externalId" text, "nationalCode" text, "vendorId" text)
         )
         select n."row", 'id' as field, d.id as "deviceId" from n join device d on d.id = n.id
           where d.key is distinct from n.key
         union all
         select n."row", 'nationalCode', d.id from n join device d on d.national_code = n."nationalCode"
           where d.key is distinct from n.key
         union all
         select n."row", 'serial', d.id
           from n join device d on d.serial = n.serial and coalesce(d.vendor_id, '') = coalesce(n."vendorId", '')
             and d.lifecycle not in ('retired', 'rejected')
           where d.key is distinct from n.key
         union all
         select n."row", 'externalId', d.id
           from n join device d on d.external_id = n."externalId" and coalesce(d.vendor_id, '') = coalesce(n."vendorId", '')
           where d.key is distinct from n.key`,
        [JSON.stringify(asked)],
      );
      return rows;
    },

    async targets(
      tx: Tx,
      which: { after: DeviceKey; limit: number } | { keys: readonly DeviceKey[] },
    ): Promise<SealedTarget[]> {
      const [condition, values] =
        'keys' in which
          ? ['key = any ($1::int[])', [which.keys]]
          : ['key > $1 order by key limit $2', [which.after, which.limit]];
      const { rows } = await sql(tx).query<SealedTarget>(
        `select key, id, type, connection, replace(encode(connection_secret, 'base64'), chr(10), '') as "connectionSecret"
         from device where connection is not null and lifecycle in ('trial', 'active', 'suspended') and ${condition}`,
        values,
      );
      return rows;
    },
  };
}

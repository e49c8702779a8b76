import type { DeviceKey } from '../domain/device.ts';
import { labelsKey, type QuietPlaces, type QuietScope } from '../domain/quiet-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { type QuietRule, quietDevices } from './quiet-match.ts';
import { createParams, deviceInScope, orgInScope } from './scope.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

/** Which devices maintenance windows, silences, 重保 and drills touch. */
export function createQuietPlaceStore() {
  return {
    async places(tx: Tx, rules: readonly QuietRule[]): Promise<QuietPlaces> {
      const reaches = [...new Set(rules.flatMap(({ reach }) => reach?.orgIds ?? []))];
      const roots = [...new Set([...reaches, ...rules.flatMap(({ scope }) => scope.orgs ?? [])])];
      const labels = new Map(rules.flatMap(({ scope: { labels: one } }) => (one ? [[labelsKey(one), one]] : [])));
      const below = await grouped<string>(
        tx,
        roots.length > 0,
        'select r.root as id, t.member from unnest($1::text[]) as r (root) cross join lateral org_subtree(array[r.root]) as t (member)',
        [roots],
      );
      const kept = await grouped<DeviceKey>(
        tx,
        reaches.length > 0,
        `select d.maintenance_unit_id as id, d.key as member from device d
         where d.maintenance_unit_id = any (array(select org_subtree($1::text[])))`,
        [reaches],
      );
      const labelled = await grouped<DeviceKey>(
        tx,
        labels.size > 0,
        `select l.id, d.key as member from unnest($1::text[], $2::jsonb[]) as l (id, labels) join device d on d.labels @> l.labels`,
        [[...labels.keys()], [...labels.values()].map(toJson)],
      );
      return { below, kept, labelled };
    },

    async note(tx: Tx, row: QuietRule & { readonly id: string }): Promise<void> {
      await sql(tx).query('delete from quiet_place where quiet_id = $1', [row.id]);
      const params = createParams(row.id);
      await sql(tx).query(
        `insert into quiet_place (quiet_id, module, org_id, vendor_id, maintenance_unit_id, devices)
         select $1, d.module, d.org_id, d.vendor_id, d.maintenance_unit_id, count(*)::int from device d
         where ${quietDevices(row, params)} group by 2, 3, 4, 5`,
        params.values,
      );
    },

    async outside(tx: Tx, id: string, scope: Scope): Promise<number> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<{ n: number }>(
        `select coalesce(sum(p.devices), 0)::int as n from quiet_place p
         where p.quiet_id = $1 and (${deviceInScope(scope, params, 'p')}) is not true`,
        params.values,
      );
      return rows[0]?.n ?? 0;
    },

    async preview(tx: Tx, rule: QuietRule, scope: Scope, limit: number) {
      const params = createParams();
      const where = `from device d where ${quietDevices(rule, params)} and ${deviceInScope(scope, params)}`;
      const counted = await sql(tx).query<{ n: number }>(`select count(*)::int as n ${where}`, params.values);
      const { rows } = await sql(tx).query<{ id: string; name: string }>(
        `select d.id, d.name ${where} order by d.id limit ${params.add(limit)}`,
        params.values,
      );
      return { total: counted.rows[0]?.n ?? 0, devices: rows };
    },

    async securityOver(tx: Tx, rule: QuietRule, { from, to }: { readonly from: number; readonly to: number }) {
      const going = await sql(tx).query<QuietRule & { readonly name: string }>(
        `select q.name, q.scope, q.reach from quiet_time q where q.kind = 'security'
           and q.starts_at < ${at('$2')} and coalesce(q.ended_at, q.ends_at) > ${at('$1')} order by q.starts_at limit 20`,
        [from, to],
      );
      const names: string[] = [];
      for (const security of going.rows) {
        const params = createParams();
        const both = `${quietDevices(rule, params)} and ${quietDevices(security, params)}`;
        const { rowCount } = await sql(tx).query(`select from device d where ${both} limit 1`, params.values);
        if (rowCount > 0) names.push(security.name);
      }
      return names;
    },

    async securedAt(tx: Tx, keys: readonly DeviceKey[] | null, moment: number) {
      const going = await sql(tx).query<QuietRule & { readonly name: string }>(
        `select q.name, q.scope, q.reach from quiet_time q where q.kind = 'security'
           and q.starts_at <= ${at('$1')} and coalesce(q.ended_at, q.ends_at) > ${at('$1')} order by q.starts_at limit 20`,
        [moment],
      );
      const found = new Map<DeviceKey, string>();
      for (const { name, ...rule } of going.rows) {
        const params = createParams();
        const asked = keys ? `d.key = any (${params.add([...keys])}::int[]) and ` : '';
        const { rows } = await sql(tx).query<{ key: DeviceKey }>(
          `select d.key from device d where ${asked}${quietDevices(rule, params)}`,
          params.values,
        );
        for (const { key } of rows) if (!found.has(key)) found.set(key, name);
      }
      return found;
    },

    async named(tx: Tx, names: QuietScope, sight: Scope) {
      const params = createParams();
      const ids = (list: readonly string[] | undefined) => `${params.add(list ?? [])}::text[]`;
      const { rows } = await sql(tx).query<{ what: string; id: string }>(
        `select 'devices' as what, d.id from device d where d.id = any (${ids(names.devices)}) and ${deviceInScope(sight, params)}
         union all select 'sites', s.id from site s where s.id = any (${ids(names.sites)})
           and (${orgInScope(sight, params, 's.org_id')} or exists (
             select from device d where d.site_id = s.id and ${deviceInScope(sight, params)}))
         union all select 'orgs', o.id from org o where o.id = any (${ids(names.orgs)}) and ${orgInScope(sight, params, 'o.id')}
         union all select 'modules', m.id from module m where m.id = any (${ids(names.modules)})
         union all select 'vendors', v.id from vendor v where v.id = any (${ids(names.vendors)})`,
        params.values,
      );
      const of = (what: string) => new Set(rows.filter((row) => row.what === what).map(({ id }) => id));
      return {
        devices: of('devices'),
        sites: of('sites'),
        orgs: of('orgs'),
        modules: of('modules'),
        vendors: of('vendors'),
        types: new Set<string>(),
      };
    },

    async device(tx: Tx, id: string, scope: Scope): Promise<DeviceKey | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<{ key: DeviceKey }>(
        `select d.key from device d where d.id = $1 and ${deviceInScope(scope, params)}`,
        params.values,
      );
      return rows[0]?.key;
    },
  };
}

async function grouped<T extends string | DeviceKey>(
  tx: Tx,
  wanted: boolean,
  text: string,
  params: readonly unknown[],
): Promise<Map<string, Set<T>>> {
  const groups = new Map<string, Set<T>>();
  if (!wanted) return groups;
  const { rows } = await sql(tx).query<{ id: string; member: T }>(text, [...params]);
  for (const { id, member } of rows) {
    const group = groups.get(id);
    if (group) group.add(member);
    else groups.set(id, new Set([member]));
  }
  return groups;
}

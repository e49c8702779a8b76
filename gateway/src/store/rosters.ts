import type { DeviceKey } from '../domain/device.ts';
import { COMMITTEES, DEPARTMENTS } from '../domain/duty-matrix.ts';
import type { DeviceFacts, ShiftRecord } from '../domain/duty-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { absences } from './absences.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope, orgInScope } from './scope.ts';

const SHIFT = `id, org_id as "orgId", module_id as module, user_id as "userId", days, on_days as "on", from_minute as "fromMinute",
  to_minute as "toMinute", valid_from::text as "validFrom", valid_to::text as "validTo", position`;
const FACTS = `select d.key, d.id, d.name, d.lifecycle, d.module, d.site_id as "siteId", s.name as "siteName",
  coalesce(d.org_id, s.org_id) as "orgId", d.maintenance_unit_id as "maintenanceUnitId"
  from device d left join site s on s.id = d.site_id`;

/** Who handles what: devices' parties, the module matrix and the duty rosters. */
export function createRosterStore() {
  return {
    async devices(tx: Tx, keys: readonly DeviceKey[]): Promise<DeviceFacts[]> {
      if (keys.length === 0) return [];
      return (await sql(tx).query<DeviceFacts>(`${FACTS} where d.key = any($1::int[])`, [keys])).rows;
    },

    async siteOrg(tx: Tx, siteId: string): Promise<string | null> {
      const { rows } = await sql(tx).query<{ orgId: string | null }>(
        'select org_id as "orgId" from site where id = $1',
        [siteId],
      );
      return rows[0]?.orgId ?? null;
    },

    async names(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
      const { rows } = await sql(tx).query<{ id: string; name: string }>(
        `select id, name from org where id = any($1::text[])
         union all select id, display_name from app_user where id = any($1::text[])`,
        [ids],
      );
      return new Map(rows.map(({ id, name }) => [id, name]));
    },

    async siteNames(tx: Tx, siteIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
      const { rows } = await sql(tx).query<{ id: string; name: string }>(
        'select id, name from site where id = any($1::text[])',
        [siteIds],
      );
      return new Map(rows.map(({ id, name }) => [id, name]));
    },

    async devicesById(tx: Tx, ids: readonly string[], scope: Scope): Promise<DeviceFacts[]> {
      if (ids.length === 0) return [];
      const params = createParams(ids);
      const where = `d.id = any($1::text[]) and ${deviceInScope(scope, params)}`;
      return (await sql(tx).query<DeviceFacts>(`${FACTS} where ${where}`, params.values)).rows;
    },

    async leads(tx: Tx, modules: readonly string[]): Promise<ReadonlyMap<string, string>> {
      if (modules.length === 0) return new Map();
      const { rows } = await sql(tx).query<{ module: string; org: string }>(
        `select module_id as module, org_id as org from module_org where duty = 'lead' and module_id = any($1::text[])`,
        [modules],
      );
      return new Map(rows.map((row) => [row.module, row.org]));
    },

    async siteHandlers(tx: Tx, pairs: readonly { siteId: string; module: string }[]) {
      if (pairs.length === 0) return [];
      // Named for the site, else the organisation of the matrix that is the site's own or the nearest one above it. 各居民区
      // and 各部门（单位） stand for every one of theirs below the area they hang on.
      const { rows } = await sql(tx).query<{ siteId: string; module: string; orgId: string }>(
        `with recursive wanted (site_id, module_id) as (select distinct * from unnest($1::text[], $2::text[])),
         up (site_id, org_id, distance) as (
           select s.id, s.org_id, 0 from site s where s.id = any($1::text[]) and s.org_id is not null
           union all
           select up.site_id, o.parent_id, up.distance + 1 from up join org o on o.id = up.org_id
           where o.parent_id is not null and up.distance < 20)
         select distinct on (w.site_id, w.module_id) w.site_id as "siteId", w.module_id as module, c.org_id as "orgId"
         from wanted w cross join lateral (
           select h.org_id, -1 as distance, 0 as byword from site_handler h
           where h.site_id = w.site_id and h.module_id = w.module_id
           union all
           select m.org_id, up.distance, 0 from up join module_org m on m.org_id = up.org_id
           where up.site_id = w.site_id and m.module_id = w.module_id
           union all
           select own.id, up.distance, 1 from up join org own on own.id = up.org_id
             join module_org m on m.module_id = w.module_id join org word on word.id = m.org_id
             join up area on area.site_id = w.site_id and area.org_id = word.parent_id and area.distance > up.distance
           where up.site_id = w.site_id and (
             ((word.id = '${COMMITTEES}' or word.id like '${COMMITTEES}-%') and own.kind = 'area' and coalesce(own.level, 5) = 5)
             or ((word.id = '${DEPARTMENTS}' or word.id like '${DEPARTMENTS}-%') and own.kind = 'department'))) c
         order by w.site_id, w.module_id, c.distance, c.byword`,
        [pairs.map((p) => p.siteId), pairs.map((p) => p.module)],
      );
      return rows;
    },

    async shifts(tx: Tx, orgIds: readonly string[]): Promise<ShiftRecord[]> {
      if (orgIds.length === 0) return [];
      const { rows } = await sql(tx).query<ShiftRecord>(
        `select ${SHIFT} from duty_roster where org_id = any($1::text[]) order by position, id`,
        [orgIds],
      );
      return rows;
    },

    ...absences,

    async responsible(tx: Tx, orgIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
      if (orgIds.length === 0) return new Map();
      const { rows } = await sql(tx).query<{ id: string; person: string }>(
        `select id, responsible->>'userId' as person from org
         where id = any($1::text[]) and responsible->>'userId' is not null`,
        [orgIds],
      );
      return new Map(rows.map((row) => [row.id, row.person]));
    },

    async orgPath(tx: Tx, orgId: string): Promise<string[]> {
      const { rows } = await sql(tx).query<{ id: string }>(
        `with recursive up (id, parent_id) as (
           select id, parent_id from org where id = $1
           union select o.id, o.parent_id from org o join up on o.id = up.parent_id) select id from up`,
        [orgId],
      );
      return rows.map((row) => row.id);
    },

    async listShifts(tx: Tx, scope: Scope, filter: { orgId?: string; module?: string } = {}): Promise<ShiftRecord[]> {
      const params = createParams(filter.orgId ?? null, filter.module ?? null);
      const { rows } = await sql(tx).query<ShiftRecord>(
        `select ${SHIFT} from duty_roster
         where ($1::text is null or org_id = $1) and ($2::text is null or module_id = $2)
           and ${orgInScope(scope, params, 'org_id')} order by org_id, position, id`,
        params.values,
      );
      return rows;
    },

    async peopleNamed(tx: Tx, scope: Scope, names: readonly string[]): Promise<{ id: string; name: string }[]> {
      const params = createParams(names);
      const { rows } = await sql(tx).query<{ id: string; name: string }>(
        `select u.id, n.name from app_user u join unnest($1::text[]) as n (name)
           on n.name = u.id or n.name = u.username or n.name = u.display_name
         where u.disabled_at is null and ${orgInScope(scope, params, 'u.org_id')}`,
        params.values,
      );
      return rows;
    },

    /** Locked until the transaction ends; undefined for unknown and foreign ids alike. */
    async getShift(tx: Tx, scope: Scope, id: string): Promise<ShiftRecord | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<ShiftRecord>(
        `select ${SHIFT} from duty_roster where id = $1 and ${orgInScope(scope, params, 'org_id')} for update`,
        params.values,
      );
      return rows[0];
    },

    /** Makes or replaces a shift. */
    async putShift(tx: Tx, shift: ShiftRecord): Promise<void> {
      await sql(tx).query(
        `insert into duty_roster (id, org_id, module_id, user_id, days, from_minute, to_minute, valid_from, valid_to, position, on_days)
         values ($1, $2, $3, $4, $5::smallint[], $6::int, $7::int, $8::date, $9::date, $10::int, $11)
         on conflict (id) do update set org_id = excluded.org_id, module_id = excluded.module_id, user_id = excluded.user_id,
           days = excluded.days, from_minute = excluded.from_minute, to_minute = excluded.to_minute,
           valid_from = excluded.valid_from, valid_to = excluded.valid_to, position = excluded.position,
           on_days = excluded.on_days`,
        [
          shift.id,
          shift.orgId,
          shift.module,
          shift.userId,
          shift.days,
          shift.fromMinute,
          shift.toMinute,
          shift.validFrom,
          shift.validTo,
          shift.position,
          shift.on ?? 'always',
        ],
      );
    },

    async removeShift(tx: Tx, id: string): Promise<boolean> {
      return (await sql(tx).query('delete from duty_roster where id = $1', [id])).rowCount === 1;
    },

    /** Names who handles a module at a site; null removes the exception. */
    async putSiteHandler(tx: Tx, siteId: string, module: string, orgId: string | null): Promise<void> {
      if (orgId === null)
        await sql(tx).query('delete from site_handler where site_id = $1 and module_id = $2', [siteId, module]);
      else
        await sql(tx).query(
          `insert into site_handler (site_id, module_id, org_id) values ($1, $2, $3)
           on conflict (site_id, module_id) do update set org_id = excluded.org_id`,
          [siteId, module, orgId],
        );
    },
  };
}

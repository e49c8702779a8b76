import type { TimeSums } from '../domain/availability.ts';
import type { DeviceKey } from '../domain/device.ts';
import { type DayRange, runningEnds } from '../domain/report-period.ts';
import type { AvailabilityBy, AvailabilityFilter, DayRun, GroupSums } from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { historyMark, readHistories } from './report-history.ts';
import { createParams, deviceInScope, type Params } from './scope.ts';
import { at } from './time.ts';

const CLASSES = ['maintenance', 'blind', 'good', 'flawed', 'stale', 'offline', 'unseen', 'suspended'] as const;
const DIMENSIONS = ['module', 'org_id', 'vendor_id', 'maintenance_unit_id', 'project', 'site_id'] as const;
const BY: Readonly<Record<AvailabilityBy, (typeof DIMENSIONS)[number]>> = {
  module: 'module',
  org: 'org_id',
  vendor: 'vendor_id',
  unit: 'maintenance_unit_id',
  project: 'project',
  site: 'site_id',
};
const FILTERS: Readonly<Record<keyof AvailabilityFilter, (typeof DIMENSIONS)[number]>> = {
  module: 'module',
  orgId: 'org_id',
  vendorId: 'vendor_id',
  maintenanceUnitId: 'maintenance_unit_id',
  project: 'project',
  siteId: 'site_id',
};
const ASSIGNMENT = ['module', 'org_id', 'vendor_id', 'maintenance_unit_id'] as const;
/** The label that names a device's project; an empty one names none. */
const PROJECT = "nullif(d.labels ->> 'project', '')";
/** Equal or both null, in a form that hashes; no id is empty. */
const same = (a: string, b: string, columns: readonly string[]) =>
  columns.map((name) => `coalesce(${a}.${name}, '') = coalesce(${b}.${name}, '')`).join(' and ');
/** A day (since 1970-01-01) as a date. */
const date = (placeholder: string) => `(date '1970-01-01' + ${placeholder}::int)`;
/** Exact below 2^53 ms, which is 100,000 devices for two years; a sum of bigint is numeric and takes longer. */
const signed = (name: string) => `sum((s.${name} * e.sign)::float8)::bigint`;
const sums = (row: string) => CLASSES.map((name) => `sum(${row}.${name})::bigint as ${name}`);

/** Availability by device and day, and its running sums by group. */
export function createAvailabilityStore() {
  return {
    histories: readHistories,
    historyMark,

    async runs(tx: Tx, days: DayRange): Promise<DayRun[]> {
      const { rows } = await sql(tx).query<DayRun>(
        `select day - date '1970-01-01' as day, through, mark from availability_run
         where day between ${date('$1')} and ${date('$2')} order by day`,
        [days.first, days.last],
      );
      return rows;
    },

    /** When the first device came; null = there is none. */
    async firstDeviceAt(tx: Tx): Promise<number | null> {
      const { rows } = await sql(tx).query<{ at: number | null }>('select min(created_at) as at from device');
      return rows[0]?.at ?? null;
    },

    /** Makes the groups of devices that are in none yet, as they are assigned now. */
    async ensureGroups(tx: Tx): Promise<void> {
      await sql(tx).query(
        `insert into availability_group (fine, module, org_id, vendor_id, maintenance_unit_id)
         select distinct false, d.module, d.org_id, d.vendor_id, d.maintenance_unit_id from device d
         on conflict do nothing`,
      );
      await sql(tx).query(
        `insert into availability_group (fine, coarse, module, org_id, vendor_id, maintenance_unit_id, project, site_id)
         select true, g.id, d.* from (
           select distinct d.module, d.org_id, d.vendor_id, d.maintenance_unit_id, ${PROJECT}, d.site_id from device d) d
         join availability_group g on not g.fine and ${same('g', 'd', ASSIGNMENT)}
         on conflict do nothing`,
      );
    },

    async saveDays(
      tx: Tx,
      day: number,
      rows: readonly { readonly device: DeviceKey; readonly sums: TimeSums }[],
    ): Promise<void> {
      if (rows.length === 0) return;
      // A device keeps the group it had when the day was first computed: a handover does not move the past.
      await sql(tx).query(
        `insert into availability_day as a (day, device, grp, ${CLASSES.join(', ')})
         select ${date('$1')}, n.device, g.id, ${CLASSES.map((name) => `n.${name}`).join(', ')}
         from unnest($2::int[], ${CLASSES.map((_, i) => `$${i + 3}::int[]`).join(', ')}) as n (device, ${CLASSES.join(', ')})
         join device d on d.key = n.device
         join availability_group g on g.fine and ${same('g', 'd', ASSIGNMENT)}
           and coalesce(g.project, '') = coalesce(${PROJECT}, '') and ${same('g', 'd', ['site_id'])}
         on conflict (day, device) do update set ${CLASSES.map((name) => `${name} = excluded.${name}`).join(', ')}`,
        [day, rows.map((row) => row.device), ...CLASSES.map((name) => rows.map((row) => Math.round(row.sums[name])))],
      );
    },

    async devicesOfDay(tx: Tx, day: number, devices: readonly DeviceKey[]): Promise<DeviceKey[]> {
      const { rows } = await sql(tx).query<{ device: DeviceKey }>(
        `select device from availability_day where day = ${date('$1')} and device = any ($2::int[])`,
        [day, devices],
      );
      return rows.map((row) => row.device);
    },

    /** Running sums of a day anew from its device rows and the day before; later days of the month must follow. */
    async sumDay(tx: Tx, day: number): Promise<void> {
      // A day that was never computed leaves no hole: the newest one before it in the month carries on.
      const before = `s.day = (select max(r.day) from availability_run r
        where r.day < ${date('$1')} and r.day >= date_trunc('month', ${date('$1')})::date)`;
      await sql(tx).query(`delete from availability_sum where day = ${date('$1')}`, [day]);
      await sql(tx).query(
        `insert into availability_sum (day, grp, devices, ${CLASSES.join(', ')})
         select ${date('$1')}, x.grp, sum(x.devices), ${CLASSES.map((name) => `sum(x.${name})`).join(', ')} from (
           select s.grp, s.devices, ${CLASSES.map((name) => `s.${name}`).join(', ')} from availability_sum s where ${before}
           union all
           select g.id, f.devices, ${CLASSES.map((name) => `f.${name}`).join(', ')} from (
             select a.grp, count(*) filter (where ${CLASSES.map((name) => `a.${name}`).join(' + ')} > 0) as devices, ${sums('a').join(', ')} from availability_day a
             where a.day = ${date('$1')} group by a.grp) f
           join availability_group own on own.id = f.grp
           cross join lateral (values (own.id), (own.coarse)) as g (id)
         ) x group by x.grp`,
        [day],
      );
    },

    async saveRun(tx: Tx, run: DayRun, now: number): Promise<void> {
      await sql(tx).query(
        `insert into availability_run (day, computed_at, through, mark) values (${date('$1')}, ${at('$2')}, ${at('$3')}, $4)
         on conflict (day) do update set computed_at = excluded.computed_at, through = excluded.through, mark = excluded.mark`,
        [run.day, now, run.through, run.mark],
      );
    },

    /** Sums of a period by one dimension, or one row (key null) of everything in reach. */
    async groupSums(
      tx: Tx,
      scope: Scope,
      days: DayRange,
      by: AvailabilityBy | null,
      filter: AvailabilityFilter,
    ): Promise<GroupSums[]> {
      const params = createParams();
      const fine = by === 'site' || by === 'project' || filter.siteId !== undefined || filter.project !== undefined;
      const where = [fine ? 'g.fine' : 'not g.fine', deviceInScope(scope, params, 'g'), ...conditions(filter, params)];
      const key = by === null ? 'null::text' : `g.${BY[by]}`;
      const { plus, minus } = runningEnds(days);
      const { rows } = await sql(tx).query<GroupSums>(
        `select ${key} as key, ${signed('devices')} as "deviceDays",
           ${CLASSES.map((name) => `${signed(name)} as ${name}`).join(', ')}
         from unnest(${params.add([...plus, ...minus])}::int[],
                     ${params.add([...plus.map(() => 1), ...minus.map(() => -1)])}::int[]) as e (day, sign)
         cross join lateral (select max(r.day) as day from availability_run r
           where r.day <= ${date('e.day')} and r.day >= date_trunc('month', ${date('e.day')})::date) r
         join availability_sum s on s.day = r.day
         join availability_group g on g.id = s.grp
         where ${where.join(' and ')} group by 1
         having ${signed('devices')} <> 0 order by 1 nulls last`,
        params.values,
      );
      return rows;
    },

    /** Sums of single months, oldest first; `month` is its first day. */
    async monthSums(tx: Tx, scope: Scope, ends: readonly number[], filter: AvailabilityFilter) {
      const params = createParams();
      const fine = filter.siteId !== undefined || filter.project !== undefined;
      const where = [fine ? 'g.fine' : 'not g.fine', deviceInScope(scope, params, 'g'), ...conditions(filter, params)];
      const { rows } = await sql(tx).query<GroupSums & { day: number }>(
        `select e.day, sum(s.devices)::bigint as "deviceDays", ${sums('s').join(', ')}
         from unnest(${params.add(ends)}::int[]) as e (day)
         cross join lateral (select max(r.day) as day from availability_run r
           where r.day <= ${date('e.day')} and r.day >= date_trunc('month', ${date('e.day')})::date) r
         join availability_sum s on s.day = r.day
         join availability_group g on g.id = s.grp
         where ${where.join(' and ')} group by 1 order by 1`,
        params.values,
      );
      return rows;
    },

    /** Sums of single days by one dimension, or of everything in reach; a day that was not counted is absent. */
    async daySums(tx: Tx, scope: Scope, days: DayRange, by: AvailabilityBy | null, filter: AvailabilityFilter) {
      const params = createParams();
      const fine = by === 'site' || by === 'project' || filter.siteId !== undefined || filter.project !== undefined;
      const where = [fine ? 'g.fine' : 'not g.fine', deviceInScope(scope, params, 'g'), ...conditions(filter, params)];
      const key = by === null ? 'null::text' : `g.${BY[by]}`;
      // Sums run within a month: what they grew by since the day before is the day.
      const ends = Array.from({ length: days.last - days.first + 1 }, (_, i) => days.first + i).flatMap((day) =>
        runningEnds({ first: day, last: day })
          .minus.map((end) => ({ of: day, day: end, sign: -1 }))
          .concat({ of: day, day, sign: 1 }),
      );
      const column = (name: 'of' | 'day' | 'sign') => `${params.add(ends.map((end) => end[name]))}::int[]`;
      const { rows } = await sql(tx).query<GroupSums & { day: number }>(
        `select e.of as day, ${key} as key, ${signed('devices')} as "deviceDays",
           ${CLASSES.map((name) => `${signed(name)} as ${name}`).join(', ')}
         from unnest(${column('of')}, ${column('day')}, ${column('sign')}) as e (of, day, sign)
         cross join lateral (select max(r.day) as day from availability_run r
           where r.day <= ${date('e.day')} and r.day >= date_trunc('month', ${date('e.day')})::date) r
         join availability_sum s on s.day = r.day
         join availability_group g on g.id = s.grp
         where ${where.join(' and ')} group by 1, 2
         having ${signed('devices')} <> 0 order by 1, 2 nulls last`,
        params.values,
      );
      return rows;
    },

    /** Device rows older than `before`; the running sums stay. */
    async pruneDays(tx: Tx, before: number): Promise<number> {
      const { rowCount } = await sql(tx).query(`delete from availability_day where day < ${date('$1')}`, [before]);
      return rowCount;
    },

    /** Takes or renews the right to do a piece of work until `until`. */
    async lease(tx: Tx, name: string, owner: string, now: number, until: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `insert into report_lease as l (name, owner, until) values ($1, $2, ${at('$4')})
         on conflict (name) do update set owner = excluded.owner, until = excluded.until
         where l.owner = excluded.owner or l.until <= ${at('$3')}`,
        [name, owner, now, until],
      );
      return rowCount > 0;
    },
  };
}

function conditions(filter: AvailabilityFilter, params: Params): string[] {
  return Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [`g.${FILTERS[name as keyof AvailabilityFilter]} = ${params.add(value)}`],
  );
}

import type { DeviceKey } from '../domain/device.ts';
import type { HotSpot, SpotKind } from '../domain/inspection-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope, orgInScope } from './scope.ts';
import { at } from './time.ts';

const MONTH_S = (365.25 / 12) * 86_400;

interface Query {
  readonly by: SpotKind;
  readonly from: number;
  readonly to: number;
  readonly module: string | null;
  readonly minTickets: number;
  readonly repeatMs: number;
  readonly id: string | null;
  readonly limit: number;
  readonly offset: number;
}

/** Points with more tickets than chance explains (工单高发点位). */
export function createSpotStore() {
  return {
    async hotSpots(tx: Tx, scope: Scope, query: Query): Promise<{ items: HotSpot[]; perDeviceMonth: number }> {
      const { by, from, to, module, minTickets, repeatMs, id, limit, offset } = query;
      const params = createParams(from, to, module, minTickets, repeatMs, id, limit, offset);
      const ofModule = (row: string) => `($3::text is null or ${row}.module = $3)`;
      const devices = `select d.key, d.id, d.site_id, d.org_id, d.module, coalesce(d.nickname, d.name) as name,
          greatest(extract(epoch from ${at('$2')} - greatest(${at('$1')}, d.created_at))::float8, 0) / ${MONTH_S} as months
        from device d where d.lifecycle in ('active', 'suspended') and ${ofModule('d')} and ${deviceInScope(scope, params)}`;
      const bySite = by === 'site';
      // A ticket at a place that names no device counts for the place, where its organisation is in reach.
      const loose = () => `select t.site_id as id, t.id as ticket, t.opened_at, t.module from tick t
        where t.site_id is not null and ${orgInScope(scope, params, 't.org_id')}
          ${scope.kind === 'orgs' && scope.moduleIds ? `and t.module = any (${params.add(scope.moduleIds)}::text[])` : ''}
          and not exists (select from ticket_device m where m.ticket_id = t.id)`;
      const hits = `select ${bySite ? 'distinct d.site_id' : 'd.id'} as id, t.id as ticket, t.opened_at, t.module
        from tick t join ticket_device m on m.ticket_id = t.id join dev d on d.key = m.device
        ${bySite ? `where d.site_id is not null union all ${loose()}` : ''}`;
      const points = bySite
        ? `select d.site_id as id, sum(d.months) as months, count(*)::int as devices from dev d where d.site_id is not null group by 1
           union all select distinct h.id, extract(epoch from ${at('$2')} - ${at('$1')})::float8 / ${MONTH_S}, 0 from hit h
           where not exists (select from dev d where d.site_id = h.id)`
        : 'select d.id, d.months, 1 as devices from dev d';
      const { rows } = await sql(tx).query<Omit<HotSpot, 'id'> & { id: string | null; mean: number | null }>(
        `with dev as materialized (${devices}),
         tick as materialized (select t.id, t.opened_at, t.site_id, t.org_id, t.module from ticket t
           where t.opened_at >= ${at('$1')} and t.opened_at < ${at('$2')} and not t.drill and t.kind <> 'inspection'
             and t.cause is distinct from 'selfRecovered' and t.stage not in ('falseAlarm', 'cancelled') and ${ofModule('t')}),
         hit as (select h.*, h.opened_at - lag(h.opened_at) over (partition by h.id order by h.opened_at) as gap from (${hits}) h),
         counted as (select h.id, count(*)::int as tickets, max(h.opened_at) as last_at,
             coalesce(bool_or(h.gap <= make_interval(secs => $5::float8 / 1000)), false) as repeated,
             case when min(h.module) = max(h.module) then min(h.module) end as module from hit h group by h.id),
         point as (${points}),
         mean as (select coalesce(sum(c.tickets) / nullif(sum(p.months), 0), 0)::float8 as mean
           from point p left join counted c on c.id = p.id),
         spot as (select c.*, p.months, p.devices, m.mean * p.months as expected
           from counted c join point p on p.id = c.id cross join mean m
           where c.tickets >= $4 and c.repeated and p.months > 0 and m.mean > 0 and ($6::text is null or c.id = $6)),
         ranked as (select s.*, (s.tickets - s.expected) / sqrt(s.expected) as z from spot s
           order by z desc, s.tickets desc, s.id limit $7 offset $8)
         select m.mean, r.id, '${by}:' || r.id as key, ${bySite ? 's.name' : 'd.name'} as name, r.module,
           ${bySite ? 's.org_id' : 'd.org_id'} as "orgId", ${bySite ? 's.id' : 'd.site_id'} as "siteId", r.devices, r.tickets,
           r.months as "deviceMonths", r.expected, r.tickets / r.months as "perDeviceMonth", r.z, r.last_at as "lastAt",
           (select k.id from ticket k where k.subject = 'hotSpot:${by}:' || r.id and k.fault = 'hotSpot'
              and k.stage not in ('closed', 'falseAlarm', 'cancelled') limit 1) as "ticketId"
         from mean m left join ranked r on true
         ${bySite ? 'left join site s on s.id = r.id' : 'left join dev d on d.id = r.id'}
         order by r.z desc, r.tickets desc, r.id`,
        params.values,
      );
      const items = rows.flatMap(({ mean: _, ...row }) => (row.id === null ? [] : [{ ...row, id: row.id }]));
      return { items, perDeviceMonth: rows[0]?.mean ?? 0 };
    },

    async spotDevices(tx: Tx, scope: Scope, by: SpotKind, id: string): Promise<DeviceKey[] | undefined> {
      const params = createParams(id);
      if (by === 'site') {
        const seen = await sql(tx).query(
          `select from site s where s.id = $1 and (${orgInScope(scope, params, 's.org_id')} or exists (
             select from device d where d.site_id = s.id and ${deviceInScope(scope, params)}))`,
          params.values,
        );
        return seen.rows.length > 0 ? [] : undefined;
      }
      const { rows } = await sql(tx).query<{ key: DeviceKey }>(
        `select d.key from device d where d.id = $1 and ${deviceInScope(scope, params)}`,
        params.values,
      );
      return rows.length > 0 ? rows.map((row) => row.key) : undefined;
    },
  };
}

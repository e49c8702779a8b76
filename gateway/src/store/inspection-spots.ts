import type { DeviceKey } from '../domain/device.ts';
import type { HotSpot, SpotKind } from '../domain/inspection-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope, orgInScope, type Params } from './scope.ts';
import { at, ms } from './time.ts';

const MONTH_MS = (365.25 / 12) * 86_400_000;
const HOUR_MS = 3_600_000;

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

const IN_SERVICE = "d.lifecycle in ('active', 'suspended')";
const GROUP = 'site_id, module, org_id, vendor_id, maintenance_unit_id';
const REPEAT = 'make_interval(secs => $5::float8 / 1000)';
const ofModule = (row: string) => `($3::text is null or ${row}.module = $3)`;
const hourOf = (time: string) => `date_bin('1 hour', ${time}, 'epoch')`;
/** Milliseconds of the period in which a device of that creation was there. */
const since = (created: string) => `greatest($2::float8 - greatest($1::float8, ${created}), 0)`;

/** Device-milliseconds in reach by site: from the sums, and of the two hours that the period cuts from the devices themselves. */
function exposure(scope: Scope, params: Params): string {
  const hour = ms('e.hour');
  const cut = (created: string) => `${created} in (${hourOf(at('$1'))}, ${hourOf(at('$2'))})`;
  const cutDevices = [at('$1'), at('$2')]
    .map((end) => `d.created_at >= ${hourOf(end)} and d.created_at < ${hourOf(end)} + interval '1 hour'`)
    .join(' or ');
  return `select e.site_id, e.devices, case when ${hour} + ${HOUR_MS} <= $1::float8 then e.devices * ($2::float8 - $1::float8)
        when ${hour} >= $2::float8 then 0 else e.devices * ($2::float8 - ${hour}) - e.offset_us / 1000.0::float8 end as ms
      from device_exposure e where not (${cut('e.hour')}) and ${ofModule('e')} and ${deviceInScope(scope, params, 'e')}
    union all select d.site_id, 1, ${since(ms('d.created_at'))} from device d
      where (${cutDevices}) and ${IN_SERVICE} and ${ofModule('d')} and ${deviceInScope(scope, params)}`;
}

/** A ticket counts for the place it was filed at, else for those of its devices; to whom sees not all, by the devices in reach. */
function siteHits(scope: Scope, params: Params): string {
  const ofDevices = (
    where: string,
  ) => `select distinct coalesce(t.site_id, d.site_id) as id, t.id as ticket, t.opened_at, t.module
    from tick t join ticket_device m on m.ticket_id = t.id join device d on d.key = m.device
    where ${where} and coalesce(t.site_id, d.site_id) is not null`;
  if (scope.kind === 'all') {
    return `select t.site_id as id, t.id as ticket, t.opened_at, t.module from tick t where t.site_id is not null
      union all ${ofDevices('t.site_id is null')}`;
  }
  // One that names no device counts where its organisation is in reach.
  const modules = scope.kind === 'orgs' && scope.moduleIds;
  return `${ofDevices(deviceInScope(scope, params))}
    union all select t.site_id, t.id, t.opened_at, t.module from tick t
    where t.site_id is not null and ${orgInScope(scope, params, 't.org_id')}
      ${modules ? `and t.module = any (${params.add(modules)}::text[])` : ''}
      and not exists (select from ticket_device m where m.ticket_id = t.id)`;
}

function deviceHits(scope: Scope, params: Params): string {
  return `select d.id, t.id as ticket, t.opened_at, t.module
    from tick t join ticket_device m on m.ticket_id = t.id join device d on d.key = m.device
    where ${IN_SERVICE} and ${ofModule('d')} and ${deviceInScope(scope, params)}`;
}

const SITE_POINTS = `held as materialized (select e.site_id as id, sum(e.ms) / ${MONTH_MS} as months, sum(e.devices)::int as devices
    from exposure e where e.site_id is not null group by 1 having sum(e.devices) > 0),
  point as materialized (select h.* from held h union all
    select c.id, ($2::float8 - $1::float8) / ${MONTH_MS}, 0 from counted c where c.id not in (select h.id from held h)),
  weight as (select p.months from point p)`;
const DEVICE_POINTS = `point as (select c.id, ${since(ms('d.created_at'))} / ${MONTH_MS} as months, 1 as devices
    from candidate c join device d on d.id = c.id),
  weight as (select sum(e.ms) / ${MONTH_MS} as months from exposure e)`;

/** Points with more tickets than chance explains (工单高发点位). */
export function createSpotStore() {
  return {
    async hotSpots(tx: Tx, scope: Scope, query: Query): Promise<{ items: HotSpot[]; perDeviceMonth: number }> {
      const { by, from, to, module, minTickets, repeatMs, id, limit, offset } = query;
      const params = createParams(from, to, module, minTickets, repeatMs, id, limit, offset);
      const ofModule = (row: string) => `($3::text is null or ${row}.module = $3)`;
      const bySite = by === 'site';
      const { rows } = await sql(tx).query<Omit<HotSpot, 'id'> & { id: string | null; mean: number | null }>(
        `with exposure as materialized (${exposure(scope, params)}),
         tick as not materialized (select t.id, t.opened_at, t.site_id, t.org_id, t.module from ticket t
           where t.opened_at >= ${at('$1')} and t.opened_at < ${at('$2')} and not t.drill and t.kind <> 'inspection'
             and t.cause is distinct from 'selfRecovered' and t.stage not in ('falseAlarm', 'cancelled') and ${ofModule('t')}),
         hit as materialized (${bySite ? siteHits(scope, params) : deviceHits(scope, params)}),
         counted as materialized (select h.id, count(*)::int as tickets, min(h.opened_at) as first_at, max(h.opened_at) as last_at,
             case when min(h.module collate "C") = max(h.module collate "C") then min(h.module collate "C") end as module
           from hit h group by h.id),
         -- Where the gaps are short on average one of them is short; only of the others each is looked at.
         candidate as materialized (select c.*, c.last_at - c.first_at <= (c.tickets - 1) * ${REPEAT} as repeated
           from counted c where c.tickets >= $4 and ($6::text is null or c.id = $6)),
         looked as (select g.id from (select h.id, h.opened_at - lag(h.opened_at) over (partition by h.id order by h.opened_at) as gap
             from hit h join candidate c on c.id = h.id where not c.repeated) g where g.gap <= ${REPEAT} group by g.id),
         ${bySite ? SITE_POINTS : DEVICE_POINTS},
         mean as (select coalesce((select sum(c.tickets) from counted c) / nullif((select sum(w.months) from weight w), 0), 0)::float8 as mean),
         spot as (select c.*, p.months, p.devices, m.mean * p.months as expected
           from candidate c join point p on p.id = c.id cross join mean m
           where (c.repeated or c.id in (select l.id from looked l)) and p.months > 0 and m.mean > 0),
         ranked as (select s.*, (s.tickets - s.expected) / sqrt(s.expected) as z from spot s
           order by z desc, s.tickets desc, s.id limit $7 offset $8)
         select m.mean, r.id, '${by}:' || r.id as key, ${bySite ? 's.name' : 'coalesce(d.nickname, d.name)'} as name, r.module collate "default" as module,
           ${bySite ? 's.org_id' : 'd.org_id'} as "orgId", ${bySite ? 's.id' : 'd.site_id'} as "siteId", r.devices, r.tickets,
           r.months as "deviceMonths", r.expected, r.tickets / r.months as "perDeviceMonth", r.z, r.last_at as "lastAt",
           (select k.id from ticket k where k.subject = 'hotSpot:${by}:' || r.id and k.fault = 'hotSpot'
              and k.stage not in ('closed', 'falseAlarm', 'cancelled') limit 1) as "ticketId"
         from mean m left join ranked r on true
         ${bySite ? 'left join site s on s.id = r.id' : 'left join device d on d.id = r.id'}
         order by r.z desc, r.tickets desc, r.id`,
        params.values,
      );
      const items = rows.flatMap(({ mean: _, ...row }) => (row.id === null ? [] : [{ ...row, id: row.id }]));
      return { items, perDeviceMonth: rows[0]?.mean ?? 0 };
    },

    /** Changes of exposure put together; whoever adds one meanwhile does not wait. */
    async settleExposure(tx: Tx): Promise<void> {
      await sql(tx).query(
        `with gone as (delete from device_exposure returning *)
         insert into device_exposure (${GROUP}, hour, offset_us, devices)
         select ${GROUP}, hour, sum(offset_us), sum(devices) from gone group by ${GROUP}, hour having sum(devices) <> 0 or sum(offset_us) <> 0`,
      );
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

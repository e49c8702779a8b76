import type { DailyContent, DailyItem } from '../domain/report-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at, ms } from './time.ts';

/** Lines kept of one section; a report nobody reads to its end need not hold a whole city. */
const MOST = 10_000;

type DailyRow = Omit<DailyItem, 'content'> & DailyContent;

const OWNER = `d.module, d.org_id as "orgId", d.vendor_id as "vendorId", d.maintenance_unit_id as "maintenanceUnitId"`;
const DEVICE = `d.id as "deviceId", coalesce(d.nickname, d.name) as name, s.name as "siteName", o.name as "orgName",
  u.name as "unitName"`;
const PLACES = `left join site s on s.id = d.site_id left join org o on o.id = d.org_id
  left join org u on u.id = d.maintenance_unit_id`;

export interface DailyMoments {
  readonly now: number;
  /** Offline since then or later is new. */
  readonly newSince: number;
  /** Offline since then or earlier is long. */
  readonly longBefore: number;
  readonly recovered: readonly [from: number, to: number];
}

/** What a daily report of now lists, straight from the tables. Only devices in service count. */
export async function readDailyItems(tx: Tx, moments: DailyMoments): Promise<DailyItem[]> {
  const items: DailyItem[] = [];
  const add = async (section: DailyItem['section'], text: string, params: readonly unknown[]) => {
    const { rows } = await sql(tx).query<DailyRow>(`${text} limit ${MOST}`, params);
    for (const { module, orgId, vendorId, maintenanceUnitId, handlerOrgId = null, ...content } of rows) {
      items.push({ section, module, orgId, vendorId, maintenanceUnitId, handlerOrgId, content });
    }
  };
  const devices = (state: string) =>
    `select ${OWNER}, ${DEVICE}, h.reason, ${ms('h.since')} as since
     from health h join device d on d.key = h.device and d.lifecycle = 'active' ${PLACES} where ${state}
     order by d.module nulls last, h.since, d.id`;
  await add('newOffline', devices(`h.state = 'offline' and h.since >= ${at('$1')}`), [moments.newSince]);
  await add('longOffline', devices(`h.state = 'offline' and h.since <= ${at('$1')}`), [moments.longBefore]);
  await add(
    'noStream',
    `select ${OWNER}, ${DEVICE}, a.code as reason, ${ms('a.since')} as since
     from (select device, min(code) as code, min(since) as since from alarm_state
           where state = 'active' and code in ('noFrames', 'noSignal') group by device) a
     join health h on h.device = a.device and h.state not in ('offline', 'unknown')
     join device d on d.key = a.device and d.lifecycle = 'active' ${PLACES}
     order by d.module nulls last, a.since, d.id`,
    [],
  );
  await add('stale', devices("h.state = 'stale'"), []);
  // The newest return of each, with the moment it had gone.
  await add(
    'recovered',
    `select ${OWNER}, ${DEVICE}, ${ms('gone.at')} as since, ${ms('r.at')} as until
     from (select distinct on (device) device, id, at from health_history
           where at >= ${at('$1')} and at < ${at('$2')} and was = 'offline' and state <> 'unknown'
           order by device, at desc, id desc) r
     join health h on h.device = r.device and h.state not in ('offline', 'unknown')
     join device d on d.key = r.device and d.lifecycle = 'active'
     left join lateral (select v.at from health_history v where v.device = r.device and v.state = 'offline'
       and v.at <= r.at order by v.at desc, v.id desc limit 1) gone on true
     ${PLACES} order by d.module nulls last, r.at, d.id`,
    moments.recovered,
  );
  await add(
    'overdueTickets',
    `select t.module, t.org_id as "orgId", t.handler_org_id as "handlerOrgId", v.vendor_id as "vendorId",
       v.maintenance_unit_id as "maintenanceUnitId", t.no as "ticketNo", t.fault, t.stage, ${ms('t.due_at')} as "dueAt",
       v.name, s.name as "siteName", o.name as "orgName", u.name as "unitName"
     from ticket t
     left join lateral (select d.vendor_id, d.maintenance_unit_id, coalesce(d.nickname, d.name) as name
       from ticket_device m join device d on d.key = m.device where m.ticket_id = t.id order by m.device limit 1) v on true
     left join site s on s.id = t.site_id left join org o on o.id = t.org_id left join org u on u.id = t.handler_org_id
     where t.due_at < ${at('$1')} and not t.drill and t.stage not in ('closed', 'falseAlarm', 'cancelled')
     order by t.module nulls last, t.due_at, t.id`,
    [moments.now],
  );
  await add(
    'totals',
    `select ${OWNER}, count(*)::int as total,
       count(*) filter (where d.lifecycle = 'active' and h.state in ('online', 'degraded', 'stale', 'flapping'))::int as online,
       count(*) filter (where d.lifecycle = 'active' and h.state = 'offline')::int as offline,
       count(*) filter (where d.lifecycle = 'active' and h.state in ('degraded', 'stale', 'flapping'))::int as degraded,
       count(*) filter (where d.lifecycle = 'active' and coalesce(h.state, 'unknown') = 'unknown')::int as "neverSeen",
       count(*) filter (where d.lifecycle = 'suspended')::int as suspended
     from device d left join health h on h.device = d.key
     where d.lifecycle in ('active', 'suspended')
     group by d.module, d.org_id, d.vendor_id, d.maintenance_unit_id
     order by d.module nulls last, 2, 3, 4`,
    [],
  );
  return items;
}

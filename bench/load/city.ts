import { type Database, sql } from '../../gateway/src/store/database.ts';

/** 2026-11-23 08:30 in Shanghai: the moment at which the city is looked at. */
export const CITY_NOW = Date.UTC(2026, 10, 23, 0, 30);

/** A city's worth: 200 residents' committees, 5 modules, 20 vendors, 40 maintenance units, 50 projects, 5,000 sites. */
export async function seedCity(db: Database, devices: number, tickets: number, days: number): Promise<void> {
  const now = `to_timestamp(${CITY_NOW} / 1000.0)`;
  await sql(db.autocommit).script(`
    insert into org (id, kind, level, name) select 'street' || n, 'area', 3, '街道' || n from generate_series(0, 9) n;
    insert into org (id, kind, level, name, parent_id)
      select 'hood' || n, 'area', 5, '居民区' || n, 'street' || n % 10 from generate_series(0, 199) n;
    insert into org (id, kind, name) select 'unit' || n, 'maintenance', '维保' || n from generate_series(0, 39) n;
    insert into module (id, name_zh, name_en) select 'm' || n, '模块' || n, 'module ' || n from generate_series(0, 4) n;
    insert into vendor (id, name) select 'v' || n, '厂商' || n from generate_series(0, 19) n;
    insert into site (id, name, org_id) select 's' || n, '点位' || n, 'hood' || n % 200 from generate_series(0, 4999) n;
    insert into device (id, type, name, module, org_id, vendor_id, site_id, maintenance_unit_id, labels, lifecycle, created_at)
      select 'd' || n, 'generic/camera', '设备' || n, 'm' || n % 5, 'hood' || n % 200, 'v' || n % 5 * 4 + n / 5 % 4,
        's' || n % 5000, 'unit' || n % 5 * 8 + n % 200 / 25, jsonb_build_object('project', 'p' || n % 50),
        case when n % 100 = 0 then 'suspended' else 'active' end, ${now} - make_interval(days => ${days})
      from generate_series(1, ${devices}) n;
    insert into device_seen (device, path, seen_at) select key, 'mqtt', ${now} from device;
    insert into health_history (device, at, was, state, reason)
      select key, ${now} - make_interval(days => ${days}), 'unknown', 'online', 'heard' from device where key % 200 > 0;
    -- Every device is away once in ten days, for an hour to a day.
    insert into health_history (device, at, was, state, reason)
      select device, at, was, state, reason from (
        select key as device, ${now} - make_interval(days => ${days} - day) + make_interval(mins => key % 1300) as at,
          'online' as was, 'offline' as state, 'silent' as reason, day, key
        from device, generate_series(0, ${days - 1}) day where (key + day) % 10 = 0 and key % 200 > 0
        union all
        select key, ${now} - make_interval(days => ${days} - day) + make_interval(mins => key % 1300 + 60 + key % 1300),
          'offline', 'online', 'heard', day, key
        from device, generate_series(0, ${days - 1}) day where (key + day) % 10 = 0 and key % 200 > 0
      ) x where at <= ${now} order by at;
    insert into health (device, state, reason, since)
      select distinct on (device) device, state, reason, at from health_history order by device, at desc, id desc;
    insert into ticket (id, no, kind, title, fault, priority, severity, stage, stage_since, subject, module, site_id, org_id,
        handler_org_id, opened_at, round_since, due_at, cause)
      select 'tk' || n, 'no' || n, 'deviceFault', '离线', 'offline', 'normal', 'major',
        case when n > ${tickets} then 'closed' else (array['dispatched', 'handling', 'verifying'])[n % 3 + 1] end,
        ${now} - make_interval(mins => n % 43200), 'device:' || n, 'm' || n % 5, 's' || n % 5000, 'hood' || n % 200,
        'unit' || n % 5 * 8 + n % 200 / 25, ${now} - make_interval(mins => n % 43200 + 300),
        ${now} - make_interval(mins => n % 43200 + 300), ${now} + make_interval(mins => n % 2000 - 500),
        case when n > ${tickets} then 'repaired' end
      from generate_series(1, ${tickets} * 2) n;
    insert into ticket_device (ticket_id, device)
      select 'tk' || n, key from generate_series(1, ${tickets} * 2) n join device on id = 'd' || (n % ${devices} + 1);
    insert into ticket_history (ticket_id, kind, from_stage, to_stage, by, at)
      select id, 'transition', s.f, s.t, 'system', opened_at from ticket,
        (values (null, 'discovered'), ('discovered', 'filed'), ('filed', 'dispatched'), ('dispatched', 'handling'), ('handling', 'verifying')) s (f, t);
  `);
  await seedAround(db);
  await sql(db.autocommit).script('vacuum analyze');
}

/** What hangs on those tickets: an incident each, some of groups, three notices a ticket, requests, parties, quiet times. */
export async function seedAround(db: Database): Promise<void> {
  const now = `to_timestamp(${CITY_NOW} / 1000.0)`;
  await sql(db.autocommit).script(`
    insert into incident (id, kind, key, device, fault, reason, severity, state, opened_at, resolved_at, path, last_at, notified)
      select 'i' || t.id, 'device', 'device:' || m.device, m.device, 'offline', 'silent', 'major',
        case when t.stage = 'closed' then 'resolved' else 'open' end, t.opened_at,
        case when t.stage = 'closed' then t.stage_since end, 'mqtt', t.opened_at, true
      from ticket t join ticket_device m on m.ticket_id = t.id on conflict do nothing;
    update ticket set incident_id = 'i' || id;
    insert into incident (id, kind, key, fault, reason, cause, severity, state, opened_at, path, last_at)
      select 'g' || n, 'group', 'site:s' || n, 'offline', 'sameCause', '点位', 'major', 'open', ${now} - make_interval(mins => n), 'mqtt', ${now}
      from generate_series(0, 499) n;
    insert into incident_member (incident, device, state, since)
      select 'g' || substr(site_id, 2), key, 'bad', ${now} from device where substr(site_id, 2)::int < 500;
    insert into notification_channel (id, name, kind, config) select 'c' || n, '群' || n, 'webhook', '{}' from generate_series(1, 3) n;
    insert into outbox (channel_id, key, subject, event, life_safety, notice, state, next_at, created_at, sent_at)
      select 'c' || n, t.id || ':' || n, 'ticket:' || t.id, 'firing', false,
        jsonb_build_object('key', t.id || ':' || n, 'subject', 'ticket:' || t.id, 'orgId', t.org_id, 'module', t.module, 'ticketId', t.id),
        case when substr(t.id, 3)::int % 100 = 0 then 'dead' else 'sent' end, t.opened_at, t.opened_at, t.opened_at
      from ticket t, generate_series(1, 3) n order by t.opened_at;
    insert into ticket_request (ticket_id, n, kind, stage, until, reason, by, at, state)
      select id, 1, case substr(id, 3)::int % 2 when 0 then 'extension' else 'suspension' end, 'handling', ${now}, 'r', 'u', ${now}, 'pending'
      from ticket where stage = 'handling' and substr(id, 3)::int % 20 < 2;
    insert into ticket_party (ticket_id, org_id, duty, added_by, added_at)
      select id, 'hood' || substr(id, 3)::int % 199, 'assist', 'u', ${now} from ticket where substr(id, 3)::int % 10 = 0;
    update ticket set supervise_count = 1, assignee_id = 'u' where substr(id, 3)::int % 50 = 0;
    insert into quiet_time (id, kind, name, reason, scope, starts_at, ends_at, state, created_by, created_at, settled)
      select 'q' || n, case n % 2 when 0 then 'maintenance' else 'silence' end, '检修' || n, 'r',
        jsonb_build_object('sites', jsonb_build_array('s' || n)), ${now} - make_interval(hours => n % 700),
        ${now} + make_interval(hours => n % 70 + 1), 'approved', 'u', ${now}, ${now} from generate_series(0, 1999) n;
    insert into quiet_place (quiet_id, module, org_id, vendor_id, devices)
      select distinct q.id, d.module, d.org_id, d.vendor_id, 1 from quiet_time q join device d on d.site_id = 's' || substr(q.id, 2);
  `);
}

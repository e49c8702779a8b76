import { type Database, sql } from '../../gateway/src/store/database.ts';
import { CITY_NOW } from './city.ts';

/** What else lists are read from: inspections, campaigns, quality, use, audit, events, refused messages, people, rosters, handovers. */
export async function seedLists(db: Database, devices: number): Promise<void> {
  const now = `to_timestamp(${CITY_NOW} / 1000.0)`;
  const today = "date '2026-11-23'";
  const statements = `
    update device set serial = 'SN-' || key, external_id = 'EX-' || id, nickname = case when key % 10 = 0 then '路口' || key end,
      national_code = case when key % 2 = 0 then '3101040000132' || lpad(key::text, 7, '0') end,
      connection = case when key % 2 = 0 then jsonb_build_object('protocol', 'rtsp', 'url',
        'rtsp://10.' || key / 65536 || '.' || key / 256 % 256 || '.' || key % 256 || ':554/main') end;
    insert into camera (device) select key from device on conflict do nothing;
    insert into app_user (id, username, display_name, role, org_id, password_hash, must_change_password)
      select 'u' || n, 'u' || n, '人员' || n, case n % 3 when 0 then 'maintainer' else 'viewer' end, 'hood' || n % 200, 'x', false from generate_series(0, 1999) n;
    insert into duty_roster (id, org_id, module_id, user_id, from_minute, to_minute)
      select 'ro' || n, 'street' || n % 10, 'm' || n % 5, 'u' || n % 2000, 0, 1440 from generate_series(0, 1999) n;
    insert into duty_absence (id, user_id, from_at, to_at, created_by, created_at)
      select 'ab' || n, 'u' || n % 2000, ${now} - make_interval(days => n % 60), ${now} + make_interval(days => n % 7 + 1), 'u', ${now} from generate_series(0, 1999) n;
    insert into inspection_task (id, org_id, day, modules, devices, created_at, due_at, submitted_at, submitted_by)
      select 'in' || n || '-' || d, 'hood' || n, ${today} - d, array['m1', 'm3'], 500, ${now} - make_interval(days => d),
        ${now} - make_interval(days => d) + interval '8 hours', case when n % 7 > 0 then ${now} - make_interval(days => d) end,
        case when n % 7 > 0 then 'u1' end from generate_series(0, 199) n, generate_series(0, 89) d;
    insert into inspection_item (task_id, n, kind, device_id, name, module, result)
      select t.id, n, 'offline', 'd' || substr(t.org_id, 5)::int + n * 200, '设备', 'm3', case when t.submitted_at is not null then 'normal' end
      from inspection_task t, generate_series(1, 10) n;
    insert into campaign (id, month, name, filter, due_at, started_at, started_by, unplaced)
      select 'ca' || n, (${today} - n * 31), '排摸' || n, '{}', ${now}, ${now}, 'u', 0 from generate_series(0, 11) n;
    insert into campaign_sheet (campaign_id, org_id, org_name) select c.id, 'hood' || n, '居民区' || n from campaign c, generate_series(0, 199) n;
    insert into campaign_item (campaign_id, n, org_id, device_id, name, type, module, site_id, result, wrong)
      select c.id, d.key, d.org_id, d.id, d.name, d.type, d.module, d.site_id,
        case when d.key % 50 = 0 then 'wrong' when d.key % 3 = 0 then 'confirmed' end, case when d.key % 50 = 0 then '位置' end
      from campaign c, device d where c.id in ('ca0', 'ca1', 'ca2') and d.module = 'm3';
    insert into device_day (day, device, expected, received, readings, duplicates, refused, unknown, skewed, judged, stuck, use_of, used, events, views, score)
      select ${today} - d, key, 1440, 1440 - key % 300, 5000, key % 7, key % 5, key % 3, key % 11, 4, key % 2, 100, key % 40, key % 9, key % 4, 100 - key % 70 - random()
      from device, generate_series(0, 13) d where lifecycle = 'active';
    insert into inspection_run (name, day, owner, until, through)
      select 'quality', ${today} - d, 'o', ${now} - make_interval(days => d - 1), ${now} - make_interval(days => d - 1) from generate_series(0, 13) d;
    insert into device_quarter (quarter, device, days, use_of, used, events, views, tickets, false_alarms)
      select q, key, 50, case key % 2 when 0 then 0 else 5000 end, case key % 2 when 0 then 0 else key % 700 end, key % 300, key % 9, key % 6, key % 4
      from device, (values (date '2026-07-01'), (date '2026-10-01')) v (q);
    insert into metric (name) values ('temperature'), ('humidity') on conflict do nothing;
    insert into device_event (device, code, time, received_at, severity, life_safety)
      select 1 + n % ${devices}, 'door', ${now} - make_interval(secs => n * 5), ${now} - make_interval(secs => n * 5), 'info', false from generate_series(1, 500000) n;
    insert into viewing (id, device, user_id, user_name, mode, purpose, started_at, last_seen_at, ended_at)
      select 'vw' || n, 1 + n % ${devices}, 'u' || n % 2000, '人员', 'live', '巡查', ${now} - make_interval(secs => n * 20), ${now} - make_interval(secs => n * 20), ${now}
      from generate_series(1, 200000) n;
    insert into quarantine (received_at, via, principal, device, topic, payload, code, detail)
      select ${now} - make_interval(secs => n * 20), 'mqtt', 'v' || n % 20, case when n % 4 > 0 then 1 + n % ${devices} end, 'cgw/v1/d' || n % ${devices} || '/telemetry',
        'x', (array['BAD_JSON', 'UNKNOWN_METRIC', 'OUT_OF_RANGE'])[n % 3 + 1], 'x' from generate_series(1, 200000) n;
    insert into audit (at, actor, actor_name, action, resource, resource_id, reason, before, after, seq, prev_hash, hash, digests)
      select ${now} - make_interval(secs => (500000 - n) * 10), 'u' || n % 2000, '人员' || n % 2000, (array['create', 'update', 'delete'])[n % 3 + 1],
        (array['devices', 'tickets', 'users', 'settings'])[n % 4 + 1], 'd' || n % ${devices}, null, '{"name": "旧"}', jsonb_build_object('name', '设备' || n),
        n, 'p' || n, 'h' || n, 'x' from generate_series(1, 500000) n;
    update audit_head set seq = 500000, hash = 'h500000';
    insert into handover (id, no, kind, state, from_org_id, to_org_id, on_date, created_at, created_by, created_name)
      select 'ho' || n, 'HO' || n, 'custody', (array['draft', 'handed', 'accepted'])[n % 3 + 1], 'hood' || n % 200, 'hood' || (n + 1) % 200, ${today}, ${now}, 'u', 'u' from generate_series(1, 5000) n;
    insert into handover_device (handover_id, device, position, snapshot) select 'ho' || n, 1 + (n * 20 - p) % ${devices}, p, '{}' from generate_series(1, 5000) n, generate_series(1, 3) p;
    insert into alarm_rule (id, scope, scope_id, device_type, code, org_id, reason, created_by, created_at, updated_by, updated_at)
      select 'ar' || n, 'site', 's' || n, 'generic/camera', 'c', 'hood' || n % 200, 'r', 'u', ${now}, 'u', ${now} from generate_series(0, 1999) n;
    insert into retirement_candidate (device, offline_since, flagged_at) select key, ${now}, ${now} from device where key % 500 = 1;
  `;
  // One by one: the time limit is one of a whole script.
  for (const statement of statements.split(';\n')) await sql(db.autocommit).script(statement);
  await sql(db.autocommit).script('vacuum analyze');
}

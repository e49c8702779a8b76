import { createSecrets } from '../../src/access/secrets.ts';
import { ROLES } from '../../src/domain/permission.ts';
import { type Database, sql } from '../../src/store/database.ts';
import { FLEET_KEY } from './fleet-devices.ts';
import { fillPapers } from './isolation-papers.ts';

/**
 * Two streets, two vendors, two maintenance units. Every actor but administrator and auditor sees the world of `own-…`
 * only. What it must not see is called `foreign…` and nothing else is, so the word in an answer is a leak.
 * `foreign-street-…` lies in the other street; `foreign-module-…` in the same neighbourhood, in a module of others.
 */
export interface ActorOfTest {
  /** Name of the session token, too. */
  readonly name: string;
  readonly role: (typeof ROLES)[number];
  /** Sees everything: there is nothing foreign but other people's own things. */
  readonly all: boolean;
}

export const ACTORS: readonly ActorOfTest[] = [
  ...ROLES.map((role) => ({ name: role, role, all: role === 'admin' || role === 'auditor' })),
  { name: 'vendor-key', role: 'vendor', all: false },
];

export const tokenOf = ({ name }: ActorOfTest) => (name === 'vendor-key' ? 'cgwk_isolation' : `isolation-${name}`);

const WORLD = `
  insert into org (id, parent_id, kind, level, name) values
    ('city', null, 'area', 1, '市'), ('own-street', 'city', 'area', 3, '甲街道'), ('foreign-street', 'city', 'area', 3, '乙街道'),
    ('own-hood', 'own-street', 'area', 5, '甲一居'), ('foreign-hood', 'foreign-street', 'area', 5, '乙一居');
  insert into org (id, parent_id, kind, name) values
    ('own-dept', 'own-street', 'department', '城运中心'), ('own-help', 'own-street', 'department', '管理办'),
    ('foreign-dept', 'foreign-street', 'department', '乙城运'),
    ('own-unit', 'own-street', 'maintenance', '甲维保'), ('foreign-unit', 'foreign-street', 'maintenance', '乙维保');
  insert into module (id, name_zh, name_en, position) values ('video', '视频监控', 'Video', 1), ('charging', '充电设施', 'Charging', 2);
  insert into module_org (module_id, org_id, duty) values
    ('video', 'own-dept', 'lead'), ('video', 'own-help', 'cooperate'), ('video', 'own-hood', 'cooperate');
  insert into vendor (id, name) values ('own-vendor', '甲厂'), ('foreign-vendor', '乙厂');
  insert into site (id, name, org_id) values ('own-site', '一号', 'own-hood'), ('foreign-site', '二号', 'foreign-hood');
  insert into device (id, type, name, module, org_id, site_id, vendor_id, maintenance_unit_id, lifecycle, serial, connection) values
    ('own-cam', 'generic/camera', '东门', 'video', 'own-hood', 'own-site', 'own-vendor', 'own-unit', 'active', 'own-1',
     '{"protocol":"rtsp","url":"rtsp://127.0.0.1:9/own"}'),
    ('foreign-street-cam', 'generic/camera', 'foreign', 'video', 'foreign-hood', 'foreign-site', 'foreign-vendor', 'foreign-unit',
     'active', 'foreign-1', '{"protocol":"rtsp","url":"rtsp://127.0.0.1:9/foreign"}'),
    ('foreign-module-cam', 'generic/camera', 'foreign', 'charging', 'own-hood', null, 'foreign-vendor', 'foreign-unit',
     'active', 'foreign-2', '{"protocol":"rtsp","url":"rtsp://127.0.0.1:9/foreign2"}');
  insert into alarm_rule (id, scope, scope_id, device_type, code, advice, modules, org_id, reason, created_by, created_at, updated_by, updated_at)
    select replace(d.id, '-cam', '-rule'), 'device', d.id, d.type, 'tamper', '{"zh":"到场查看","en":"go and look"}', array[d.module], d.org_id, d.name,
      'u', now(), 'u', now() from device d where d.id in ('own-cam', 'foreign-street-cam');
  update alarm_rule set id = 'foreign-rule' where id <> 'own-rule';
  insert into duty_roster (id, org_id, user_id) values ('own-shift', 'own-street', 'own-user'), ('foreign-shift', 'foreign-street', 'x');
  insert into quiet_time (id, kind, name, reason, scope, starts_at, ends_at, state, created_by, created_at, decided_by, decided_at, settled)
    select replace(d.id, 'cam', k.name), k.kind, d.name, d.name, jsonb_build_object('devices', jsonb_build_array(d.id)),
      now() + k.later, now() + k.later + interval '6 hours', k.state, 'u', now(), k.decided, case when k.decided is null then null else now() end, now()
    from device d cross join (values ('window', 'maintenance', 'proposed', null, interval '1 hour'),
      ('silence', 'silence', 'approved', 'u', interval '0'), ('security', 'security', 'approved', 'u', interval '40 days'),
      ('drill', 'drill', 'approved', 'u', interval '0')) as k (name, kind, state, decided, later) where d.id <> 'foreign-module-cam';
  update quiet_time set id = replace(id, 'foreign-street-', 'foreign-');
  insert into quiet_place (quiet_id, module, org_id, vendor_id, maintenance_unit_id, devices)
    select q.id, d.module, d.org_id, d.vendor_id, d.maintenance_unit_id, 1 from quiet_time q join device d on q.scope -> 'devices' ? d.id;
  insert into notification_channel (id, name, kind, config) values ('own-channel', '钩', 'webhook', '{"url":"http://127.0.0.1:9/"}'),
    ('spare-channel', '钩二', 'webhook', '{"url":"http://127.0.0.1:9/"}');
  insert into exchange_peer (id, name, base_url, auth, secret) values ('own-peer', '平台', 'http://127.0.0.1:9', 'hmac', 'unsealed'),
    ('spare-peer', '平台二', 'http://127.0.0.1:9', 'hmac', 'unsealed');
  insert into exchange_subscription (id, peer_id, data_set, purpose, state, requested_by, requested_at, next_at, interface_since)
    select id, 'own-peer', 'devices', '汇聚', 'pending', 'user:x', now(), now(), now() from unnest(array['own-subscription', 'spare-subscription']) id;
  insert into exchange_delivery (subscription_id, sequence, key, kind, state, objects, items, bytes, excerpt, made_at)
    values ('own-subscription', 1, 'own-subscription:1', 'full', 'delivered', '[]', 0, 2, '{}', now());
  insert into notification_rule (id, channel_id) values ('own-rule', 'own-channel');
  insert into quarantine (received_at, via, principal, device, topic, payload, code, detail)
    select now(), 'mqtt', case when d.id like 'own%' then 'vendor:own-vendor' else 'vendor:foreign-vendor' end, d.key,
      case when d.id like 'own%' then 'own/topic' else 'foreign/topic' end, '{}', 'MALFORMED_PAYLOAD', d.id from device d;
  insert into quarantine (received_at, via, principal, topic, payload, code, detail)
    values (now(), 'mqtt', 'vendor:foreign-vendor', 'foreign/unknown', '{}', 'UNKNOWN_DEVICE', 'foreign');
  insert into incident (id, kind, key, device, fault, reason, severity, state, opened_at, path, last_at)
    select replace(d.id, 'cam', 'incident'), 'device', d.id, d.key, 'offline', 'timeout', 'major', 'open', now(), 'rtsp', now() from device d;
  insert into incident (id, kind, key, fault, reason, severity, state, opened_at, path, last_at)
    values ('shared-group', 'group', 'rtsp', 'offline', 'timeout', 'major', 'open', now(), 'rtsp', now());
  insert into incident_member (incident, device, state, since) select 'shared-group', d.key, 'bad', now() from device d;
  insert into ticket (id, no, kind, title, fault, priority, severity, stage, stage_since, module, org_id, handler_org_id, opened_at, round_since)
    select replace(d.id, 'cam', 'ticket'), d.id || '-no', 'manual', d.name, 'offline', 'normal', 'major', 'dispatched', now(), d.module,
      d.org_id, d.maintenance_unit_id, now(), now() from device d;
  insert into ticket_device (ticket_id, device) select replace(d.id, 'cam', 'ticket'), d.key from device d;
  insert into ticket_history (ticket_id, kind, to_stage, by, at, note)
    select replace(d.id, 'cam', 'ticket'), 'transition', 'dispatched', 'system', now(), d.name from device d;
  insert into ticket_request (ticket_id, n, kind, stage, until, reason, by, at, state)
    select replace(d.id, 'cam', 'ticket'), 1, 'extension', 'dispatched', now() + interval '1 day', d.name, 'u', now(), 'pending' from device d;
  insert into viewing (id, device, user_id, user_name, mode, purpose, started_at, last_seen_at)
    select 'v-' || d.id, d.key, 'u', d.name, 'live', d.name || '调阅', now(), now() from device d;
  insert into camera_clip (id, device, user_id, user_name, purpose, seconds, state, masked, created_at, expires_at)
    select replace(d.id, 'cam', 'clip'), d.key, 'u', 'u', 'foreign', 5, 'failed', false, now(), now() + interval '1 day' from device d;
  insert into picture (id, device, taken_at, origin, purpose, sha256, bytes, width, height, kept_until, saved_at)
    select md5(d.id), d.key, now(), 'snapshot', 'check', repeat('ab', 32), 9, 9, 9, now() + interval '1 day', now() from device d;
  insert into inspection_task (id, org_id, day, modules, devices, created_at, due_at)
    select w || '-inspection', w || '-dept', '2026-11-22', '{video}', 1, now(), now() from unnest(array['own', 'foreign']) w;
  insert into inspection_item (task_id, n, kind, device_id, name, module)
    select w || '-inspection', 1, 'offline', w || '-cam', w, 'video' from unnest(array['own', 'foreign']) w;
  insert into campaign (id, month, name, filter, due_at, started_at, started_by, unplaced)
    select w || '-campaign', '2026-11-01', w, '{}', now() + interval '1 day', now(), 'u', 0 from unnest(array['own', 'foreign']) w;
  insert into campaign_sheet (campaign_id, org_id, org_name)
    values ('own-campaign', 'own-hood', '甲一居'), ('own-campaign', 'foreign-hood', 'foreign'), ('foreign-campaign', 'foreign-hood', 'foreign');
  insert into campaign_item (campaign_id, n, org_id, device_id, name, module)
    values ('own-campaign', 1, 'own-hood', 'own-cam', '东门', 'video'), ('own-campaign', 3, 'foreign-hood', 'foreign-street-cam', 'foreign', 'video'),
      ('own-campaign', 4, 'own-hood', 'foreign-module-cam', 'foreign', 'charging'), ('foreign-campaign', 1, 'foreign-hood', 'foreign-street-cam', 'foreign', 'video');
  insert into campaign_item (campaign_id, n, org_id, name, result) values ('own-campaign', 2, 'own-hood', '新桩', 'new');
  insert into device_day (day, device, received, readings, duplicates, refused, unknown, skewed, judged, stuck, use_of, used, events, views)
    select '2026-11-22', d.key, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 from device d;
  insert into inspection_run (name, day, owner, until, through) values ('quality', '2026-11-22', 'x', now(), now() + interval '1 year');
  insert into device_quarter (quarter, device, days, use_of, used, events, views, tickets, false_alarms)
    select date_trunc('quarter', now())::date, d.key, 1, 1, 0, 0, 0, 3, 3 from device d;
  insert into setting (name, value, updated_by) values ('totpForAdmins', 'false', 'test') on conflict (name) do update set value = 'false';
`;

/** Where each role stands; all of them reach the world of `own-…` and nothing else. */
interface Place {
  readonly org?: string;
  readonly scope?: string;
  readonly modules?: string;
  readonly vendor?: string;
}
const PLACE: Readonly<Record<string, Place>> = {
  dispatcher: { org: 'own-dept', scope: 'own-street', modules: 'video' },
  lead: { org: 'own-dept' },
  cooperating: { org: 'own-help' },
  committee: { org: 'own-hood' },
  maintainer: { org: 'own-unit' },
  vendor: { vendor: 'own-vendor' },
  viewer: { scope: 'own-street', modules: 'video' },
};

/** Fills an empty database; call it before the gateway starts. */
export async function fillWorld(db: Database): Promise<void> {
  const secrets = createSecrets(FLEET_KEY);
  await sql(db.autocommit).script(WORLD);
  const people: readonly (Place & { readonly name: string })[] = [
    ...ROLES.map((role) => ({ name: role, ...PLACE[role] })),
    { name: 'stranger', scope: 'foreign-street' },
  ];
  for (const { name, org, scope, modules, vendor } of people) {
    await sql(db.autocommit).query(
      `insert into app_user (id, username, display_name, role, org_id, scope_org_ids, module_ids, vendor_id, password_hash, must_change_password)
       values ($1, $1, $1, $2, $3, $4::text[], $5::text[], $6, 'none', false)`,
      [
        `own-user-${name}`,
        name === 'stranger' ? 'viewer' : name,
        org ?? null,
        scope ? [scope] : null,
        modules ? [modules] : null,
        vendor ?? null,
      ],
    );
    // A second session to be ended, and an API key.
    for (const [kind, token] of [
      ['s', `isolation-${name}`],
      ['t', `other-${name}`],
    ] as const) {
      await sql(db.autocommit).query(
        `insert into session (id, user_id, token_hash, created_at, last_seen_at, expires_at)
         values ($1, $2, decode($3, 'base64'), now(), now(), now() + interval '1 day')`,
        [`${kind}-${name}`, `own-user-${name}`, secrets.hash(token)],
      );
    }
    await sql(db.autocommit).query(
      `insert into api_key (id, user_id, name, key_hash, created_at) values ($1, $2, 'k', decode($3, 'base64'), now())`,
      [`k-${name}`, `own-user-${name}`, secrets.hash(`cgwk_${name}`)],
    );
  }
  await sql(db.autocommit).script(
    `insert into duty_absence (id, user_id, from_at, to_at, reason, created_by, created_at) values
      ('own-absence', 'own-user-lead', now(), now() + interval '9 days', '年休', 'u', now()),
      ('foreign-absence', 'own-user-stranger', now(), now() + interval '9 days', 'foreign', 'u', now())`,
  );
  for (const [id, vendor, key] of [
    ['own-vendor-key', 'own-vendor', 'cgwk_isolation'],
    ['spare-vendor-key', 'own-vendor', 'cgwk_spare'],
    ['foreign-vendor-key', 'foreign-vendor', 'cgwk_foreign'],
  ]) {
    await sql(db.autocommit).query(
      `insert into api_key (id, vendor_id, name, key_hash, created_at) values ($1, $2, $1, decode($3, 'base64'), now())`,
      [id, vendor, secrets.hash(key ?? '')],
    );
  }
  await sql(db.autocommit).query(`update exchange_peer set secret = $1 where id = 'own-peer'`, [
    secrets.seal('secret-of-own', 'exchange:own-peer'),
  ]);
  await fillPapers(db, secrets);
}

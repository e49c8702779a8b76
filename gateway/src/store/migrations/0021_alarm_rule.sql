-- Rules people made: overrides of what a device type says of its alarms and events, and rules of their own. null = as before.
create table alarm_rule (
  id              text primary key,
  scope           text not null check (scope in ('type', 'module', 'org', 'site', 'device')),
  -- Public id of the device, site, organisation or module, or the device type.
  scope_id        text not null,
  device_type     text not null,
  code            text not null,
  enabled         boolean,
  title           jsonb,
  when_text       text,
  clear_text      text,
  for_ms          bigint,
  severity        text check (severity in ('info', 'minor', 'major', 'critical')),
  advice          jsonb,
  life_safety     boolean not null default false,
  -- Two devices of one site: {own, other}.
  pair            jsonb,
  -- An administrator said why a rule about life and limb may differ from its type.
  safety_approved boolean not null default false,
  -- Modules its maker is bound to; null = every one.
  modules         text[],
  -- Whose it is: the organisation of the device or site, or the organisation itself; null = of the whole street.
  org_id          text references org (id),
  reason          text not null,
  created_by      text not null,
  created_at      timestamptz not null,
  updated_by      text not null,
  updated_at      timestamptz not null,
  unique (scope, scope_id, device_type, code)
);
create index alarm_rule_list on alarm_rule (created_at desc, id);

-- When a metric or event that some rule waits for or counts came, in observed time of the device's path.
create table alarm_watch (
  device  integer not null references device (key) on delete cascade,
  name    text not null,
  path    text not null,
  since   bigint not null,
  -- Of events: when the newest came.
  times   bigint[] not null default '{}',
  primary key (device, name)
) with (fillfactor = 80);

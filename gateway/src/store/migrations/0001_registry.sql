-- Organisations, modules, sites, vendors, maintenance units, devices and their credentials.
create table org (
  id          text primary key,
  parent_id   text references org (id),
  -- area = one of the five levels 市 区 街镇 网格 社区; department = 部门; maintenance = 维保单位
  kind        text not null check (kind in ('area', 'department', 'maintenance')),
  level       smallint check (level between 1 and 5),
  name        text not null,
  code        text,
  responsible jsonb,
  contact     jsonb,
  contract_from date,
  contract_to   date,
  created_at  timestamptz not null default now(),
  check ((kind = 'area') = (level is not null))
);
create index org_parent on org (parent_id);

create table module (
  id       text primary key,
  name_zh  text not null,
  name_en  text not null,
  position smallint not null default 0
);

-- Exactly one lead department a module (the partial unique index), any number of cooperating ones.
create table module_org (
  module_id text not null references module (id) on delete cascade,
  org_id    text not null references org (id),
  duty      text not null check (duty in ('lead', 'cooperate')),
  primary key (module_id, org_id)
);
create unique index module_one_lead on module_org (module_id) where duty = 'lead';

create table vendor (
  id         text primary key,
  name       text not null,
  contact    jsonb,
  -- MQTT topic filters this vendor's login may publish to, beside its own devices' topics.
  topics     text[] not null default '{}',
  created_at timestamptz not null default now()
);

create table site (
  id         text primary key,
  name       text not null,
  kind       text,
  org_id     text references org (id),
  location   jsonb,
  created_at timestamptz not null default now()
);

create table device (
  key                 integer generated always as identity primary key,
  id                  text not null unique,
  type                text not null,
  name                text not null,
  nickname            text,
  serial              text,
  external_id         text,
  module              text references module (id),
  vendor_id           text references vendor (id),
  org_id              text references org (id),
  site_id             text references site (id),
  national_code       text,
  location            jsonb,
  -- Without its password; the password stands encrypted in connection_secret.
  connection          jsonb,
  connection_secret   bytea,
  maintenance_unit_id text references org (id),
  parent_key          integer references device (key),
  installed_on        date,
  health_policy       jsonb,
  labels              jsonb not null default '{}',
  lifecycle           text not null check (lifecycle in ('pending', 'trial', 'active', 'suspended', 'retired', 'rejected')),
  lifecycle_reason    text,
  lifecycle_at        timestamptz not null default now(),
  zombie_count        bigint not null default 0,
  zombie_at           timestamptz,
  secret_hash         bytea,
  secret_rotated_at   timestamptz,
  revision            bigint not null default 1,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now()
);
create unique index device_national_code on device (national_code) where national_code is not null;
create unique index device_external_id on device (coalesce(vendor_id, ''), external_id) where external_id is not null;
-- A serial number names one living device of a vendor; retired and rejected ones may share it with their successor.
create unique index device_serial on device (coalesce(vendor_id, ''), serial)
  where serial is not null and lifecycle not in ('retired', 'rejected');
create index device_site on device (site_id);
create index device_org on device (org_id);
create index device_vendor on device (vendor_id);
create index device_type on device (type);
create index device_lifecycle on device (lifecycle);
create index device_parent on device (parent_key);
create index device_maintenance_unit on device (maintenance_unit_id) where maintenance_unit_id is not null;
-- Other processes follow changes by it.
create index device_updated on device (updated_at);

-- 换机, 下线 and every other turn in a device's life, for the timeline.
create table device_history (
  id         bigint generated always as identity primary key,
  device     integer not null references device (key),
  at         timestamptz not null default now(),
  by         text not null,
  what       text not null,
  reason     text,
  before     jsonb,
  after      jsonb
);
create index device_history_device on device_history (device, at desc);

create table setting (
  name       text primary key,
  value      jsonb not null,
  updated_at timestamptz not null default now(),
  updated_by text
);

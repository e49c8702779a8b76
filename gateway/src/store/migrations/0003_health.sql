-- Liveness, health, alarms and incidents. `observed` columns are milliseconds of the observed clock of their path.
create table observed_clock (
  path     text primary key,
  observed bigint not null,
  wall     timestamptz not null
);

-- When a path could not hear (our downtime, broker, database, clock step). to_at null = still so.
create table blind_interval (
  path    text not null,
  from_at timestamptz not null,
  to_at   timestamptz,
  reason  text not null,
  primary key (path, from_at)
);
create index blind_interval_from on blind_interval (from_at desc);

-- Newest evidence of each device, written coalesced. No index but the key and a low fill factor keep its updates on the
-- page. lag = fresh metrics whose newest value is older than `observed`: {metric: observed}.
create table device_seen (
  device           integer primary key references device (key) on delete cascade,
  seen_at          timestamptz,
  observed         bigint,
  path             text not null,
  session          text not null default 'none' check (session in ('none', 'up', 'lost', 'goodbye', 'unknown')),
  session_reason   text not null default '',
  session_at       timestamptz,
  session_observed bigint,
  lag              jsonb
) with (fillfactor = 60);

-- Three kinds of fact a device: link, probe, data:<metric>. turning = since when a change waits for its confirmation.
create table health_fact (
  device   integer not null references device (key) on delete cascade,
  name     text not null,
  state    text not null check (state in ('unknown', 'good', 'suspect', 'bad')),
  reason   text not null,
  evidence jsonb not null default '{}',
  since    timestamptz not null,
  path     text not null,
  deadline bigint,
  turning  bigint,
  primary key (device, name)
) with (fillfactor = 80);
create index health_fact_due on health_fact (path, deadline) where deadline is not null;

create table health (
  device  integer primary key references device (key) on delete cascade,
  state   text not null check (state in ('offline', 'flapping', 'stale', 'degraded', 'online', 'unknown')),
  reason  text not null,
  since   timestamptz not null,
  suspect boolean not null default false,
  flags   text[] not null default '{}'
) with (fillfactor = 80);
create index health_state on health (state, device);

create table health_history (
  id     bigint generated always as identity primary key,
  device integer not null references device (key) on delete cascade,
  at     timestamptz not null,
  was    text not null,
  state  text not null,
  reason text not null
);
create index health_history_device on health_history (device, at desc);

-- Alarms that are not at rest. deadline = when a pending one has held for long enough.
create table alarm_state (
  device    integer not null references device (key) on delete cascade,
  code      text not null,
  component text not null default '',
  state     text not null check (state in ('pending', 'active')),
  since     timestamptz not null,
  path      text not null,
  deadline  bigint,
  evidence  jsonb not null default '{}',
  primary key (device, code, component)
);

create table incident (
  id          text primary key,
  kind        text not null check (kind in ('device', 'group')),
  key         text not null,
  -- null for a group
  device      integer references device (key),
  fault       text not null,
  component   text not null default '',
  reason      text not null,
  cause       text,
  severity    text not null check (severity in ('info', 'minor', 'major', 'critical')),
  life_safety boolean not null default false,
  late        boolean not null default false,
  -- held = recorded, decided at decide_at; dismissed = over before anyone was told
  state       text not null check (state in ('held', 'open', 'resolved', 'dismissed')),
  opened_at   timestamptz not null,
  path        text not null,
  decide_at   bigint,
  resolved_at timestamptz,
  -- A decision `opened` went out, so `resolved` and `relapsed` must follow.
  notified    boolean not null default false,
  suppressed  text[] not null default '{}',
  advice      jsonb,
  evidence    jsonb not null default '[]',
  occurrences integer not null default 1,
  last_at     timestamptz not null,
  check ((kind = 'device') = (device is not null)),
  check ((state in ('resolved', 'dismissed')) = (resolved_at is not null)),
  check (state <> 'held' or decide_at is not null)
);
create unique index incident_open on incident (key, fault, component) where state in ('held', 'open');
create index incident_due on incident (path, decide_at) where state = 'held';
create index incident_device on incident (device, fault, component, last_at desc);
create index incident_opened on incident (opened_at desc, id);

create table incident_member (
  incident text not null references incident (id) on delete cascade,
  device   integer not null references device (key) on delete cascade,
  state    text not null check (state in ('bad', 'good')),
  since    timestamptz not null,
  primary key (incident, device)
);
create index incident_member_device on incident_member (device);

-- Readings, events, message identity, quarantine and the ledger of the ingest stage.
create table metric (
  key  integer generated always as identity primary key,
  name text not null unique
);

-- Narrow rows, daily partitions (made on demand by the time-series store, dropped by retention).
create table reading (
  time        timestamptz not null,
  received_at timestamptz not null,
  device      integer not null,
  metric      integer not null,
  num         double precision,
  bool        boolean,
  -- 1 = skew: stored at receive time because the device's clock is wild
  flags       smallint not null default 0,
  txt         text,
  primary key (device, metric, time),
  check (num_nonnulls(num, bool, txt) = 1)
) partition by range (time);

-- Which metrics a device has ever sent; `latest` probes exactly these.
create table device_metric (
  device     integer not null references device (key) on delete cascade,
  metric     integer not null references metric (key),
  unit       text,
  first_seen timestamptz not null default now(),
  primary key (device, metric)
);

create table device_event (
  id          bigint generated always as identity primary key,
  device      integer not null references device (key),
  code        text not null,
  component   text not null default '',
  time        timestamptz not null,
  received_at timestamptz not null,
  severity    text not null,
  life_safety boolean not null,
  data        jsonb,
  unique (device, code, component, time)
);
create index device_event_time on device_event (time desc);

-- Message identity (docs/decisions/003): a redelivered key gets its first time again. Kept 24 h.
create table message_key (
  device      integer not null,
  key         text not null,
  time        timestamptz not null,
  received_at timestamptz not null,
  primary key (device, key)
);
-- Rows arrive in this order, so the small index is as good as a tree and costs nothing at insert.
create index message_key_received on message_key using brin (received_at);

create table quarantine (
  id          bigint generated always as identity primary key,
  received_at timestamptz not null,
  via         text not null,
  principal   text not null,
  device      integer references device (key),
  topic       text not null,
  payload     bytea not null,
  code        text not null,
  detail      text not null,
  replayed_at timestamptz
);
create index quarantine_received on quarantine (received_at desc);
create index quarantine_device on quarantine (device, received_at desc) where device is not null;

-- Metrics a device sends that its type does not name: ignored, counted, listed.
create table unknown_metric (
  type      text not null,
  name      text not null,
  count     bigint not null,
  last_seen timestamptz not null,
  primary key (type, name)
);

-- What was acknowledged and refused without decoding (over rate, too large): counted a day, payload not kept.
create table ingest_rejection (
  day       date not null,
  principal text not null,
  code      text not null,
  count     bigint not null,
  last_at   timestamptz not null,
  primary key (day, principal, code)
);

-- Refused parts of messages that were stored otherwise: counted by device, code and path.
create table ingest_note (
  device  integer not null references device (key) on delete cascade,
  code    text not null,
  path    text not null,
  detail  text not null,
  count   bigint not null,
  last_at timestamptz not null,
  primary key (device, code, path)
);

-- The truth about every message after kill -9 (docs/decisions/001). One row per spool; spool sequence numbers count messages,
-- so `drained` = stored + duplicate + rejected + quarantined + lost at every commit (lost = numbers a damaged disk swallowed).
create table ingest_ledger (
  spool       text primary key,
  drained     bigint not null default 0,
  stored      bigint not null default 0,
  duplicate   bigint not null default 0,
  rejected    bigint not null default 0,
  quarantined bigint not null default 0,
  lost        bigint not null default 0,
  updated_at  timestamptz not null default now(),
  check (drained = stored + duplicate + rejected + quarantined + lost)
);

create table device_command (
  id         text primary key,
  device     integer not null references device (key) on delete cascade,
  name       text not null,
  params     jsonb,
  issued_by  text not null,
  issued_at  timestamptz not null default now(),
  sent_at    timestamptz,
  acked_at   timestamptz,
  ok         boolean,
  result     jsonb
);
create index device_command_device on device_command (device, issued_at desc);

-- Device types that were uploaded, in versions; and commands that come to an end.
create table uploaded_type (
  id             text primary key,
  -- Owner; null = the operations centre.
  vendor_id      text references vendor (id) on delete set null,
  -- Seen and used by every vendor, not only by its owner.
  shared         boolean not null default false,
  retired_at     timestamptz,
  retired_by     text,
  retired_reason text
);

create table device_type_version (
  type_id       text not null references uploaded_type (id),
  n             integer not null,
  state         text not null check (state in ('draft', 'submitted', 'approved', 'rejected', 'superseded')),
  author        text not null,
  -- As it was written, comments and all.
  source        text not null,
  checksum      text not null,
  -- What the checker counted.
  report        jsonb not null,
  -- The version whose text this one brought back.
  restored_from integer,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  submitted_at  timestamptz,
  decided_at    timestamptz,
  decided_by    text,
  reason        text,
  primary key (type_id, n)
);
-- One of each at a time: what is worked on, what waits, what is served.
create unique index device_type_version_current on device_type_version (type_id, state)
  where state in ('draft', 'submitted', 'approved');

alter table device_command
  add column state text not null default 'sent'
    check (state in ('sent', 'acknowledged', 'failed', 'timedOut', 'undeliverable')),
  -- The answer counts until then.
  add column deadline timestamptz,
  add column attempts integer not null default 0,
  add column retries_left integer not null default 0,
  add column retry_every_ms integer,
  add column next_at timestamptz,
  add column reason text,
  -- When its end was written to the audit table.
  add column closed_at timestamptz;
update device_command set attempts = 1, closed_at = issued_at, deadline = issued_at + interval '10 seconds',
  state = case when acked_at is null then 'timedOut' when ok then 'acknowledged' else 'failed' end;
create index device_command_open on device_command (next_at) where closed_at is null;

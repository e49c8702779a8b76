-- Times that differ from ordinary ones: maintenance windows, silences, 重保 and drills. They share who, where, from when to when.
create table quiet_time (
  id            text primary key,
  kind          text not null check (kind in ('maintenance', 'silence', 'security', 'drill')),
  name          text not null,
  reason        text not null,
  -- Lists of devices, sites, orgs (with all below), modules, vendors, types, faults, and labels: a device must be in each list there is.
  scope         jsonb not null,
  -- What its creator saw, as {orgIds, moduleIds}; nothing outside is touched. null = everything.
  reach         jsonb,
  -- The first occurrence where it repeats.
  starts_at     timestamptz not null,
  ends_at       timestamptz not null,
  -- Only of maintenance: null = once.
  repeats       jsonb,
  repeats_until timestamptz,
  -- A proposed or refused window keeps nothing quiet and excuses nothing.
  state         text not null check (state in ('proposed', 'approved', 'refused')),
  created_by    text not null,
  created_at    timestamptz not null,
  decided_by    text,
  decided_at    timestamptz,
  decision_note text,
  -- Ended before its time.
  ended_at      timestamptz,
  ended_by      text,
  -- What still stood at ends up to here has been dealt with; null = it is over and nothing is left to do.
  settled       timestamptz,
  warned_at     timestamptz,
  check (ends_at > starts_at),
  check ((repeats is null) = (repeats_until is null)),
  check (kind = 'maintenance' or (repeats is null and state = 'approved'))
);
create index quiet_time_list on quiet_time (kind, starts_at desc, id);
create index quiet_time_going on quiet_time (kind, starts_at) where settled is not null;
create index quiet_time_span on quiet_time (starts_at, coalesce(repeats_until, ends_at)) where kind = 'maintenance' and state = 'approved';

-- Whose devices it touches, as they were when it was made or decided: who reaches one of them may see it.
create table quiet_place (
  quiet_id            text not null references quiet_time (id) on delete cascade,
  module              text,
  org_id              text,
  vendor_id           text,
  maintenance_unit_id text,
  devices             integer not null,
  unique nulls not distinct (quiet_id, module, org_id, vendor_id, maintenance_unit_id)
);

-- Faults a drill made up, with their tickets.
create table drill_fault (
  drill_id  text not null references quiet_time (id) on delete cascade,
  device    integer not null references device (key) on delete cascade,
  fault     text not null,
  ticket_id text not null references ticket (id) on delete cascade,
  by        text not null,
  at        timestamptz not null,
  primary key (drill_id, device, fault)
);
create index drill_fault_ticket on drill_fault (ticket_id);

-- What a window or silence kept quiet is looked for when it is over.
create index incident_suppressed on incident using gin (suppressed) where state in ('held', 'open') and suppressed <> '{}';
create index device_labels on device using gin (labels jsonb_path_ops);

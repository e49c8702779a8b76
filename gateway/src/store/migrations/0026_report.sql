-- Availability by day, figures of ended tickets, and reports as they were made.

-- What devices are grouped by in figures, as they were assigned on the day. `fine` rows tell sites and projects apart,
-- the others do not, so that the usual tables read few rows. Named like the columns of device: one rule says who sees what.
create table availability_group (
  id                  integer generated always as identity primary key,
  fine                boolean not null,
  -- Of a fine group: the coarse one it is part of.
  coarse              integer references availability_group (id),
  module              text,
  org_id              text,
  vendor_id           text,
  maintenance_unit_id text,
  project             text,
  site_id             text,
  check (fine = (coarse is not null)),
  unique nulls not distinct (fine, module, org_id, vendor_id, maintenance_unit_id, project, site_id)
);

-- Milliseconds of one device on one day (of the gateway's zone) by how they count; see domain/availability.ts.
create table availability_day (
  day         date not null,
  device      integer not null references device (key) on delete cascade,
  -- Its fine group, fixed the first time the day is computed.
  grp         integer not null references availability_group (id),
  maintenance integer not null,
  blind       integer not null,
  good        integer not null,
  flawed      integer not null,
  stale       integer not null,
  offline     integer not null,
  unseen      integer not null,
  suspended   integer not null,
  primary key (day, device)
);

-- The same by group, as running sums since the first of the month: any period is a few of these rows a group.
create table availability_sum (
  day         date not null,
  grp         integer not null references availability_group (id),
  devices     bigint not null,
  maintenance bigint not null,
  blind       bigint not null,
  good        bigint not null,
  flawed      bigint not null,
  stale       bigint not null,
  offline     bigint not null,
  unseen      bigint not null,
  suspended   bigint not null,
  primary key (day, grp)
);

-- Days that were computed, up to when, and from what: another mark means something was added later.
create table availability_run (
  day         date primary key,
  computed_at timestamptz not null,
  through     timestamptz not null,
  mark        text not null
);

-- Work that one gateway does at a time.
create table report_lease (
  name  text primary key,
  owner text not null,
  until timestamptz not null
);

-- Durations of ended tickets, written once they end; they hold while `ended_at` is the ticket's stage_since.
create table ticket_figure (
  ticket_id   text primary key references ticket (id) on delete cascade,
  ended_at    timestamptz not null,
  elapsed_ms  bigint not null,
  working_ms  bigint not null,
  -- Opening to the last hand-over to 核查 before the end; null = there was none.
  repaired_ms bigint,
  -- Times it was re-opened, counting that it is itself the sequel of a closed one.
  reopened    integer not null
);
-- Whose devices a ticket was about when it got its first ones; what figures count it under.
create table ticket_owner (
  ticket_id           text primary key references ticket (id) on delete cascade,
  vendor_id           text,
  maintenance_unit_id text,
  project             text
);
insert into ticket_owner (ticket_id, vendor_id, maintenance_unit_id, project)
  select distinct on (m.ticket_id) m.ticket_id, d.vendor_id, d.maintenance_unit_id, nullif(d.labels ->> 'project', '')
  from ticket_device m join device d on d.key = m.device order by m.ticket_id, m.device;

create function ticket_is_owned() returns trigger language plpgsql as $$
begin
  insert into ticket_owner (ticket_id, vendor_id, maintenance_unit_id, project)
    select distinct on (n.ticket_id) n.ticket_id, d.vendor_id, d.maintenance_unit_id, nullif(d.labels ->> 'project', '')
    from added n join device d on d.key = n.device order by n.ticket_id, n.device
    on conflict do nothing;
  return null;
end $$;
create trigger ticket_device_owned after insert on ticket_device
  referencing new table as added for each statement execute function ticket_is_owned();

create index ticket_ended on ticket (stage_since) where stage in ('closed', 'falseAlarm', 'cancelled');
create index ticket_history_turn on ticket_history (ticket_id, to_stage, at);
create index ticket_reopen_of on ticket (reopen_of) where reopen_of is not null;

-- A report as it was made and sent; the key keeps two gateways from sending it twice.
create table report (
  kind    text not null check (kind in ('daily', 'biweekly', 'monthly')),
  -- First day of what it is about.
  period  date not null,
  last    date not null,
  made_at timestamptz not null,
  title   jsonb not null,
  text    jsonb not null,
  content jsonb not null,
  primary key (kind, period)
);

-- What a daily report lists, with whose it was then: a reader sees the lines within reach.
create table report_item (
  period              date not null,
  section             text not null,
  position            integer not null,
  module              text,
  org_id              text,
  vendor_id           text,
  maintenance_unit_id text,
  -- Of a ticket: who handles it.
  handler_org_id      text,
  content             jsonb not null,
  primary key (period, section, position)
);

-- Histories grow at their end only.
create index health_history_at on health_history using brin (at) with (pages_per_range = 16);
create index device_history_turn on device_history (device, at) where after ->> 'lifecycle' is not null;
create index health_since on health (since) where state in ('offline', 'online');

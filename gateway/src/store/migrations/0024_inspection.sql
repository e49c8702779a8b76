-- Inspections (巡检), the monthly count of chargers (排摸), what devices deliver and how much they are used.

-- One a department and day; the key keeps two gateways from making two.
create table inspection_task (
  id             text primary key,
  org_id         text not null references org (id),
  day            date not null,
  -- Modules of the department when it was made.
  modules        text[] not null,
  devices        integer not null,
  -- Findings that did not fit on the list.
  omitted        integer not null default 0,
  created_at     timestamptz not null,
  due_at         timestamptz not null,
  submitted_at   timestamptz,
  submitted_by   text,
  submitted_name text,
  note           text,
  unique (org_id, day),
  check ((submitted_at is null) = (submitted_by is null))
);
create index inspection_task_day on inspection_task (day desc, id);
create index inspection_task_open on inspection_task (due_at) where submitted_at is null;

-- What the health data said when the task was made, and what a person found.
create table inspection_item (
  task_id   text not null references inspection_task (id) on delete cascade,
  n         integer not null,
  kind      text not null check (kind in ('overdueTicket', 'offline', 'stale', 'neverSeen')),
  device_id text,
  ticket_id text,
  -- As it was called then.
  name      text not null,
  place     text,
  module    text,
  since     timestamptz,
  reason    text,
  result    text check (result in ('normal', 'abnormal')),
  note      text,
  photo     text,
  by        text,
  at        timestamptz,
  primary key (task_id, n)
);

create table campaign (
  id         text primary key,
  -- First day of its month.
  month      date not null,
  name       text not null,
  -- {modules, types}
  filter     jsonb not null,
  due_at     timestamptz not null,
  started_at timestamptz not null,
  started_by text not null,
  -- Devices of the filter that hang on no residents' committee.
  unplaced   integer not null,
  sealed_at  timestamptz,
  sealed_by  text,
  seal_note  text,
  unique (month, name)
);

-- What one residents' committee answers.
create table campaign_sheet (
  campaign_id      text not null references campaign (id) on delete cascade,
  org_id           text not null references org (id),
  -- As it was called when it began, like the names of the items.
  org_name         text not null,
  state            text not null default 'open' check (state in ('open', 'submitted', 'countersigned')),
  submitted_at     timestamptz,
  submitted_by     text,
  submitted_name   text,
  signed_at        timestamptz,
  signed_by        text,
  signed_name      text,
  returned_reason  text,
  primary key (campaign_id, org_id),
  check (signed_by is null or signed_by <> submitted_by)
);

create table campaign_item (
  campaign_id text not null references campaign (id) on delete cascade,
  n           integer not null,
  org_id      text not null,
  -- null = added by hand
  device_id   text,
  name        text not null,
  type        text,
  module      text,
  place       text,
  site_id     text,
  result      text check (result in ('confirmed', 'wrong', 'new', 'removed')),
  -- What is wrong.
  wrong       text,
  note        text,
  photo       text,
  -- WGS-84
  lat         float8,
  lon         float8,
  by          text,
  at          timestamptz,
  ticket_id   text,
  primary key (campaign_id, n),
  foreign key (campaign_id, org_id) references campaign_sheet (campaign_id, org_id) on delete cascade,
  check ((device_id is null) = (result is not distinct from 'new')),
  check ((result is not distinct from 'wrong') = (wrong is not null))
);
create index campaign_item_sheet on campaign_item (campaign_id, org_id, n);

-- A sealed month stays as it is, whoever writes.
create function campaign_is_sealed() returns trigger language plpgsql as $$
declare
  touched jsonb := coalesce(to_jsonb(old), to_jsonb(new));
begin
  if touched ->> 'sealed_at' is not null
     or exists (select from campaign c where c.id = touched ->> 'campaign_id' and c.sealed_at is not null) then
    raise exception 'this campaign is sealed' using errcode = 'integrity_constraint_violation';
  end if;
  return coalesce(new, old);
end $$;
create trigger campaign_sealed before update or delete on campaign for each row execute function campaign_is_sealed();
create trigger campaign_sheet_sealed before insert or update or delete on campaign_sheet
  for each row execute function campaign_is_sealed();
create trigger campaign_item_sealed before insert or update or delete on campaign_item
  for each row execute function campaign_is_sealed();

-- What devices sent that was not stored as it came, by the hour: duplicates, refused values, unknown metrics.
create table ingest_count (
  hour   timestamptz not null,
  device integer not null references device (key) on delete cascade,
  code   text not null,
  count  bigint not null,
  primary key (hour, device, code)
);

-- What one device delivered on one day (of the gateway's zone); see domain/data-quality.ts for the score.
create table device_day (
  day        date not null,
  device     integer not null references device (key) on delete cascade,
  -- Messages by its interval; null = it has none, so nothing can be missing.
  expected   integer,
  received   integer not null,
  readings   integer not null,
  duplicates integer not null,
  refused    integer not null,
  unknown    integer not null,
  skewed     integer not null,
  -- Metrics with enough values to judge, and of these the ones that never changed.
  judged     integer not null,
  stuck      integer not null,
  -- Readings that say whether it is in use, and of these the ones that say yes.
  use_of     integer not null,
  used       integer not null,
  events     integer not null,
  views      integer not null,
  -- 0 to 100; null = nothing to judge.
  score      float8,
  primary key (day, device)
);
create index device_day_score on device_day (day, score, device);

-- The same over a quarter, with its tickets.
create table device_quarter (
  quarter      date not null,
  device       integer not null references device (key) on delete cascade,
  days         integer not null,
  use_of       bigint not null,
  used         bigint not null,
  events       bigint not null,
  views        bigint not null,
  tickets      integer not null,
  false_alarms integer not null,
  primary key (quarter, device)
);

-- What became of a device that is little used or cries wolf.
create table device_use_decision (
  quarter date not null,
  device  integer not null references device (key) on delete cascade,
  action  text not null check (action in ('retire', 'move', 'keep')),
  reason  text not null,
  by      text not null,
  at      timestamptz not null,
  primary key (quarter, device)
);

-- Work of the stage that is done once: its name, the day it is about, who does it, up to when it is done.
create table inspection_run (
  name     text not null,
  day      date not null,
  owner    text not null,
  until    timestamptz not null,
  through  timestamptz,
  primary key (name, day)
);

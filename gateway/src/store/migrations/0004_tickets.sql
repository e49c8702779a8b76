-- Tickets, their log, duty rosters, and the outbox that carries notices to people.
create table ticket (
  id              text primary key,
  no              text not null unique,
  kind            text not null check (kind in ('deviceFault', 'event', 'inspection', 'manual')),
  title           text,
  fault           text not null,
  component       text not null default '',
  priority        text not null check (priority in ('normal', 'urgent', 'critical')),
  severity        text not null,
  life_safety     boolean not null default false,
  stage           text not null check (stage in ('discovered', 'filed', 'dispatched', 'handling', 'verifying', 'closed',
                    'returned', 'suspended', 'falseAlarm', 'cancelled')),
  stage_since     timestamptz not null,
  resume_stage    text,
  suspended_until timestamptz,
  -- What the one-open-ticket rule is about: device:<key> or group:<key>; null = free-standing.
  subject         text,
  module          text,
  site_id         text,
  org_id          text,
  handler_org_id  text,
  assignee_id     text,
  handled_by      text,
  cause           text,
  evidence        jsonb not null default '[]',
  incident_id     text,
  opened_at       timestamptz not null,
  round_since     timestamptz not null,
  accepted_at     timestamptz,
  firing          boolean not null default false,
  recovered_at    timestamptz,
  fire_count      integer not null default 1,
  reopen_of       text references ticket (id),
  drill           boolean not null default false,
  -- Cache of the deadline for lists and the sweep; reading a ticket computes it from the log.
  due_at          timestamptz,
  -- The deadline that was already announced as missed.
  overdue_marked  timestamptz,
  revision        integer not null default 1
);
create unique index ticket_one_open on ticket (subject, fault, component)
  where subject is not null and stage not in ('closed', 'falseAlarm', 'cancelled');
create index ticket_subject on ticket (subject, fault, component, opened_at desc) where subject is not null;
create index ticket_incident on ticket (incident_id) where incident_id is not null;
create index ticket_opened on ticket (opened_at desc, id desc);
create index ticket_open on ticket (stage, stage_since) where stage not in ('closed', 'falseAlarm', 'cancelled');
create index ticket_due on ticket (due_at) where due_at is not null;
create index ticket_assignee on ticket (assignee_id, opened_at desc) where assignee_id is not null;
create index ticket_org on ticket (org_id, opened_at desc);
create index ticket_handler_org on ticket (handler_org_id, opened_at desc);

create table ticket_device (
  ticket_id text not null references ticket (id) on delete cascade,
  device    integer not null references device (key),
  primary key (ticket_id, device)
);
create index ticket_device_device on ticket_device (device);

create table ticket_history (
  id         bigint generated always as identity primary key,
  ticket_id  text not null references ticket (id) on delete cascade,
  -- A transition changes the stage; a warning is the system's, a comment a person's.
  kind       text not null check (kind in ('transition', 'warning', 'comment')),
  from_stage text,
  to_stage   text not null,
  by         text not null,
  at         timestamptz not null,
  note       text,
  -- Key below ticket.note. in the message catalogues, and its values.
  code       text,
  vars       jsonb not null default '{}',
  cause      text
);
create index ticket_history_ticket on ticket_history (ticket_id, id);

-- Last number given out on a day (YYYYMMDD in the gateway's zone).
create table ticket_number (
  day  text primary key,
  last integer not null
);

-- Who handles a module's events at a site, where the module matrix alone does not say it.
create table site_handler (
  site_id   text not null references site (id) on delete cascade,
  module_id text not null references module (id) on delete cascade,
  org_id    text not null references org (id),
  primary key (site_id, module_id)
);

-- Shifts as they repeat: week days and local minutes; an end before its start lies on the next day.
create table duty_roster (
  id          text primary key,
  org_id      text not null references org (id) on delete cascade,
  -- null = every module
  module_id   text references module (id) on delete cascade,
  user_id     text not null,
  days        smallint[] not null default '{1,2,3,4,5,6,7}',
  from_minute smallint not null default 0 check (from_minute between 0 and 1439),
  to_minute   smallint not null default 1440 check (to_minute between 0 and 1440),
  valid_from  date,
  valid_to    date,
  position    smallint not null default 0,
  created_at  timestamptz not null default now()
);
create index duty_roster_org on duty_roster (org_id);

create table notification_channel (
  id         text primary key,
  name       text not null,
  -- Folder name under notify/.
  kind       text not null,
  config     jsonb not null,
  -- Sealed; never returned.
  secret     text,
  enabled    boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- What goes to which channel. A null list does not narrow; without a rule nothing is sent.
create table notification_rule (
  id           text primary key,
  channel_id   text not null references notification_channel (id) on delete cascade,
  enabled      boolean not null default true,
  faults       text[],
  min_severity text not null default 'info' check (min_severity in ('info', 'minor', 'major', 'critical')),
  -- Ticket stages whose entering is told as well (null = none); firing, resolved and overdue are always told.
  stages       text[],
  modules      text[],
  org_ids      text[],
  life_safety  boolean,
  created_at   timestamptz not null default now()
);
create index notification_rule_channel on notification_rule (channel_id);

create table outbox (
  id              bigint generated always as identity primary key,
  channel_id      text not null references notification_channel (id) on delete cascade,
  -- Idempotency key: the ticket or incident and the number of its transition.
  key             text not null,
  -- The ticket or incident; rows of one subject leave in order.
  subject         text not null,
  event           text not null check (event in ('firing', 'resolved', 'stage', 'overdue')),
  life_safety     boolean not null,
  notice          jsonb not null,
  state           text not null default 'pending' check (state in ('pending', 'sent', 'dead', 'skipped')),
  attempts        integer not null default 0,
  next_at         timestamptz not null,
  lease_until     timestamptz,
  lease_owner     text,
  detail          text,
  created_at      timestamptz not null,
  sent_at         timestamptz,
  -- For notices repeated until somebody acknowledges them.
  repeat_every_ms integer,
  repeated        integer not null default 0,
  acknowledged_at timestamptz,
  acknowledged_by text,
  unique (channel_id, key)
);
create index outbox_due on outbox (channel_id, life_safety, next_at, id) where state = 'pending';
create index outbox_subject on outbox (subject, channel_id, id);
create index outbox_waiting on outbox (subject, channel_id, id) where state = 'pending';
create index outbox_done on outbox (sent_at) where state in ('sent', 'skipped');
create index outbox_dead on outbox (id desc) where state = 'dead';

-- Working time, duty and escalation: the calendar, absences, what went up and what is looked at next.
create table calendar_day (
  day        date primary key,
  -- holiday: 法定节假日; workday: 调休上班
  kind       text not null check (kind in ('holiday', 'workday')),
  name       text,
  updated_by text not null,
  updated_at timestamptz not null
);

-- Week days whatever the calendar says (always), or what the calendar makes of them.
alter table duty_roster add column on_days text not null default 'always'
  check (on_days in ('always', 'workdays', 'restDays', 'holidays', 'makeUpDays'));

-- Somebody away from duty and who stands in.
create table duty_absence (
  id            text primary key,
  user_id       text not null references app_user (id) on delete cascade,
  from_at       timestamptz not null,
  -- not included
  to_at         timestamptz not null check (to_at > from_at),
  substitute_id text references app_user (id) on delete set null,
  reason        text,
  created_by    text not null,
  created_at    timestamptz not null,
  check (substitute_id <> user_id)
);
create index duty_absence_user on duty_absence (user_id, to_at);
create index duty_absence_to on duty_absence (to_at);

-- Each level once per round; the key is what keeps two watchdogs from telling twice.
create table ticket_escalation (
  ticket_id     text not null references ticket (id) on delete cascade,
  -- The stage and when its clock began, epoch milliseconds.
  round         text not null,
  level         smallint not null check (level between 1 and 3),
  reason        text not null,
  state         text not null check (state in ('done', 'pending', 'confirmed', 'declined')),
  org_ids       text[] not null,
  at            timestamptz not null,
  decided_by    text,
  decided_at    timestamptz,
  decision_note text,
  primary key (ticket_id, round, level)
);
create index ticket_escalation_pending on ticket_escalation (ticket_id) where state = 'pending';

-- When the watchdog looks at a ticket again; a ticket changed since then is looked at now.
create table ticket_watch (
  ticket_id text primary key references ticket (id) on delete cascade,
  revision  integer not null,
  -- null = when it changes
  next_at   timestamptz
);

-- What was last done with settings that many rows depend on.
create table duty_state (
  name  text primary key,
  value text not null
);

create index ticket_fault_round on ticket (round_since) where kind = 'deviceFault';

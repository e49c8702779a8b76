-- Figures of tickets by day, so that a long period is read from few rows. Everything here can be made again from the tickets.
create table ticket_sum (
  -- Of the gateway's zone.
  day            date not null,
  -- What is told apart; `all` = nothing.
  by             text not null,
  key            text,
  opened         integer not null,
  closed         integer not null,
  false_alarms   integer not null,
  cancelled      integer not null,
  self_recovered integer not null,
  reopened       integer not null,
  on_time        integer not null,
  -- Closed ones that did not recover by themselves; of these the measured ones, and milliseconds in sum.
  repaired       integer not null,
  measured       integer not null,
  elapsed_ms     bigint not null,
  working_ms     bigint not null,
  -- Those that were handed over to 核查, and milliseconds until then in sum.
  verified       integer not null,
  verify_ms      bigint not null,
  -- Milliseconds of each measured one: a median cannot be put together from parts.
  elapsed        bigint[],
  unique nulls not distinct (by, day, key)
);

-- Days that were summed, and from what: another mark means a ticket changed later.
create table ticket_sum_run (
  day  date primary key,
  mark text not null
);

-- Every ticket there ever was is counted by stage for the overview.
create index ticket_stage on ticket (stage) where not drill;

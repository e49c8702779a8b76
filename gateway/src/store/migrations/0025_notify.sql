-- Notices with limits, levels and repetition: who is told when, how fast, and what was said about each one.
alter table notification_rule
  -- 1 = told at once; 2 and above = told when nobody acknowledged, and of what was escalated.
  add column level    smallint not null default 1 check (level between 1 and 3),
  -- null = everything but stages, which have a list of their own.
  add column events   text[],
  -- {"when":"working"|"off"} or {"days":[1..7],"from":"08:00","to":"20:00"}; null = always.
  add column times    jsonb,
  add column language text check (language in ('zh-CN', 'en'));

-- The platform asked to be left alone until then; kept so that a restart does not go on knocking.
alter table notification_channel add column resting_until timestamptz;

alter table outbox
  add column rule_id   text,
  add column language  text not null default 'zh-CN',
  add column level     smallint not null default 1,
  -- Key of the message that carried it; several rows of one digest have the same.
  add column message   text,
  -- When its lack of an answer was told to the next level.
  add column raised_at timestamptz;
create index outbox_unanswered on outbox (subject, id)
  where life_safety and event = 'firing' and acknowledged_at is null and state <> 'skipped';

-- Messages handed to a platform lately, one row each: what its limit is counted from, also after a restart.
create table notification_pace (
  id         bigint generated always as identity primary key,
  channel_id text not null references notification_channel (id) on delete cascade,
  sent_at    timestamptz not null
);
create index notification_pace_channel on notification_pace (channel_id, sent_at);

-- Every notice there was, also those no rule wanted: the answer to "why was nobody told".
create table notice_trace (
  key         text primary key,
  subject     text not null,
  ticket_id   text,
  incident_id text,
  event       text not null,
  life_safety boolean not null,
  notice      jsonb not null,
  at          timestamptz not null,
  -- How many channels it was meant for.
  channels    integer not null
);
create index notice_trace_ticket on notice_trace (ticket_id, at) where ticket_id is not null;
create index notice_trace_incident on notice_trace (incident_id, at) where incident_id is not null;
create index notice_trace_at on notice_trace (at);

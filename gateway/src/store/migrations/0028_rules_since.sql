-- Since when a rule and a channel are what they are: what began before was not told by them, and about life and limb they
-- tell it late.
alter table notification_rule add column active_since timestamptz not null default now();
update notification_rule set active_since = created_at;
alter table notification_channel add column active_since timestamptz not null default now();
update notification_channel set active_since = created_at;
-- Alarms about life and limb as they were raised, looked through whenever a rule or channel is new.
create index notice_trace_life_safety on notice_trace (at) where life_safety and event = 'firing';

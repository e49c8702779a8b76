-- What the monitor learned of a device's own rhythm. gaps = the last 200, one byte each, on a logarithmic scale.
create table learned_deadline (
  device        integer primary key references device (key) on delete cascade,
  gaps          bytea not null,
  -- All gaps ever taken in; the oldest of the kept ones stands at samples mod 200 once there are 200.
  samples       bigint not null,
  -- Milliseconds; null = too little is known yet, the declared deadline counts.
  offline_after bigint,
  median        bigint,
  p99           bigint,
  -- Where the day began that a deadline may not more than double in.
  base          bigint,
  base_at       timestamptz
) with (fillfactor = 60);

-- 疑似退役: offline for so long that a person is asked. postponed_until = a person said it stays.
create table retirement_candidate (
  device          integer primary key references device (key) on delete cascade,
  offline_since   timestamptz not null,
  flagged_at      timestamptz not null,
  postponed_until timestamptz,
  decided_by      text,
  reason          text
);

-- The one ticket that asks who powers a retired device that still sends.
create table stray_ticket (
  device    integer primary key references device (key) on delete cascade,
  ticket_id text not null,
  filed_at  timestamptz not null
);
create index device_zombie on device (zombie_at) where zombie_at is not null;

-- How large everything is and was, so that a disk is known to fill before it is full (docs/decisions/045).

-- An hour a row for five weeks, then a day a row. `area`: class:<name>, disk:<node>, database, messages, readings.
create table capacity_sample (
  area  text not null,
  at    timestamptz not null,
  bytes bigint,
  -- Rows, or of `messages` and `readings` how many there ever were.
  rows  bigint,
  primary key (area, at)
);
create index capacity_sample_at on capacity_sample using brin (at);

-- What each process last measured of its disk, and of the database; the level people were told of stands here.
create table disk_state (
  node           text not null,
  area           text not null check (area in ('data', 'database')),
  used_bytes     bigint not null,
  -- Null = the size is known and the room is not: the database runs on a machine of its own.
  total_bytes    bigint,
  level          text not null check (level in ('ok', 'warning', 'serious', 'full')),
  since          timestamptz not null,
  measured_at    timestamptz not null,
  growth_per_day double precision,
  full_in_days   double precision,
  primary key (node, area)
);

-- When each retention last ran, so that processes take turns.
create table purge_run (
  name    text primary key,
  at      timestamptz not null,
  removed bigint not null default 0,
  error   text
);

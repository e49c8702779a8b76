-- Readings summed up by hour and by day, kept longer than the readings (docs/decisions/041). On TimescaleDB the two are
-- continuous aggregates of the same names and columns.
create table reading_hourly (
  device    integer not null,
  metric    integer not null,
  hour      timestamptz not null,
  n         bigint not null,
  -- Readings that are numbers or booleans; a boolean counts as 0 or 1.
  numbers   bigint not null,
  sum       double precision,
  min       double precision,
  max       double precision,
  last_time timestamptz not null,
  last_num  double precision,
  last_bool boolean,
  last_txt  text,
  primary key (device, metric, hour)
);
-- Rows arrive by the hour, so a small index is enough for the retention that goes the same way.
create index reading_hourly_hour on reading_hourly using brin (hour);

create table reading_daily (
  device    integer not null,
  metric    integer not null,
  -- A day begins at reading_rollup.day_start.
  day       timestamptz not null,
  n         bigint not null,
  numbers   bigint not null,
  sum       double precision,
  min       double precision,
  max       double precision,
  last_time timestamptz not null,
  last_num  double precision,
  last_bool boolean,
  last_txt  text,
  primary key (device, metric, day)
);
create index reading_daily_day on reading_daily using brin (day);

-- Hours of a device that changed after they had been summed up. Rows are only added and taken away, never looked up by
-- a writer: two batches of the same hour do not wait for each other, and none hides behind the mark of another.
create table reading_dirty (
  id     bigint generated always as identity primary key,
  device integer not null,
  hour   timestamptz not null
);
create index reading_dirty_device on reading_dirty (device, hour);

-- How far summing up and retention have come, one row; 1970 = not begun.
create table reading_rollup (
  only_one      boolean primary key default true check (only_one),
  -- Milliseconds after midnight UTC at which the days of reading_daily begin; null until a gateway says its zone.
  day_start     integer,
  -- Who writes a reading before this marks its hour.
  open_from     timestamptz not null default 'epoch',
  -- Hours (days) before this are summed up, but for those in reading_dirty.
  hourly_until  timestamptz not null default 'epoch',
  daily_until   timestamptz not null default 'epoch',
  -- Sums of hours before this stay as they are: not all readings they were made of are kept any more.
  frozen_before timestamptz not null default 'epoch',
  -- Days of readings before this are dropped.
  raw_from      timestamptz not null default 'epoch',
  -- The hypertable is there, and days still wait in the partitions it replaces.
  converting    boolean not null default false
);
insert into reading_rollup default values;

-- Up to where the readings (hours, days) of a metric have been deleted one by one, because others are kept longer.
create table reading_expired (
  level  text not null check (level in ('raw', 'hourly', 'daily')),
  metric integer not null references metric (key),
  until  timestamptz not null,
  primary key (level, metric)
);

-- For writers: where open hours begin. The lock is shared and held to the end of the transaction, so that whoever moves
-- the beginning has waited for every batch that did not know. Two statements, because the second must see what the first waited for.
create function reading_open_from() returns timestamptz language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(7411201609);
  return (select open_from from reading_rollup);
end $$;

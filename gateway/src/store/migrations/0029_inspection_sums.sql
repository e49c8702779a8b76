-- Sums that lists of inspections are read from. All of it can be made again from the devices and their days.

-- How many devices stand where and since when, as changes that add up: adding a row waits for nobody. Named like the columns of device.
create table device_exposure (
  site_id             text,
  module              text,
  org_id              text,
  vendor_id           text,
  maintenance_unit_id text,
  -- Of the creation, and microseconds since then in sum.
  hour                timestamptz not null,
  offset_us           bigint not null,
  devices             integer not null
);

create function device_exposure_of(d device, sign integer, out site_id text, out module text, out org_id text, out vendor_id text,
    out maintenance_unit_id text, out hour timestamptz, out offset_us bigint, out devices integer)
  language sql immutable as $$
  select d.site_id, d.module, d.org_id, d.vendor_id, d.maintenance_unit_id, date_bin('1 hour', d.created_at, 'epoch'),
    sign * (extract(epoch from d.created_at - date_bin('1 hour', d.created_at, 'epoch')) * 1000000)::bigint, sign
$$;

create function device_exposure_added() returns trigger language plpgsql as $$
begin
  insert into device_exposure
    select e.site_id, e.module, e.org_id, e.vendor_id, e.maintenance_unit_id, e.hour, sum(e.offset_us), sum(e.devices)
    from added d cross join lateral device_exposure_of(d::device, 1) e where d.lifecycle in ('active', 'suspended') group by 1, 2, 3, 4, 5, 6;
  return null;
end $$;
create function device_exposure_changed() returns trigger language plpgsql as $$
begin
  insert into device_exposure
    select e.site_id, e.module, e.org_id, e.vendor_id, e.maintenance_unit_id, e.hour, sum(e.offset_us), sum(e.devices)
    from (select d::device as d, 1 as sign from added d union all select d::device, -1 from gone d) x
    cross join lateral device_exposure_of(x.d, x.sign) e where (x.d).lifecycle in ('active', 'suspended') group by 1, 2, 3, 4, 5, 6
    having sum(e.devices) <> 0 or sum(e.offset_us) <> 0;
  return null;
end $$;
create function device_exposure_removed() returns trigger language plpgsql as $$
begin
  insert into device_exposure
    select e.site_id, e.module, e.org_id, e.vendor_id, e.maintenance_unit_id, e.hour, sum(e.offset_us), sum(e.devices)
    from gone d cross join lateral device_exposure_of(d::device, -1) e where d.lifecycle in ('active', 'suspended') group by 1, 2, 3, 4, 5, 6;
  return null;
end $$;
create trigger device_exposed after insert on device referencing new table as added for each statement execute function device_exposure_added();
create trigger device_exposed_elsewhere after update on device referencing new table as added old table as gone
  for each statement execute function device_exposure_changed();
create trigger device_exposed_no_more after delete on device referencing old table as gone for each statement execute function device_exposure_removed();

insert into device_exposure
  select e.site_id, e.module, e.org_id, e.vendor_id, e.maintenance_unit_id, e.hour, sum(e.offset_us), sum(e.devices)
  from device d cross join lateral device_exposure_of(d, 1) e where d.lifecycle in ('active', 'suspended') group by 1, 2, 3, 4, 5, 6;
create index device_created on device (created_at);

-- Messages that were not expected because of approved maintenance.
alter table device_day add column excused integer not null default 0;

-- Days of devices, added up by what they are told apart by, as they were assigned when the day was last counted.
create table device_day_sum (
  day                 date not null,
  vendor_id           text,
  module              text,
  type                text not null,
  org_id              text,
  maintenance_unit_id text,
  devices             integer not null,
  -- Those that could be judged, and their scores in sum.
  judgeable           integer not null,
  score               float8 not null,
  expected            bigint,
  excused             bigint not null,
  received            bigint not null,
  readings            bigint not null,
  duplicates          bigint not null,
  refused             bigint not null,
  unknown             bigint not null,
  skewed              bigint not null,
  judged              bigint not null,
  stuck               bigint not null
);
create index device_day_sum_day on device_day_sum (day);
insert into device_day_sum
  select q.day, d.vendor_id, d.module, d.type, d.org_id, d.maintenance_unit_id, count(*), count(q.score), coalesce(sum(q.score), 0), sum(q.expected),
    0, sum(q.received), sum(q.readings), sum(q.duplicates), sum(q.refused), sum(q.unknown), sum(q.skewed), sum(q.judged), sum(q.stuck)
  from device_day q join device d on d.key = q.device group by 1, 2, 3, 4, 5, 6;

-- It can be looked at, as a camera can.
alter table device_quarter add column watched boolean not null default false;
update device_quarter q set watched = true from device d where d.key = q.device and d.connection is not null;
-- What a quarter says of single devices stands in the order in which it is read.
create index device_quarter_low_use on device_quarter
    (quarter, (coalesce(used::float8 / nullif(use_of, 0), 0)), (views + events), device)
  where use_of > 0 and used::float8 / nullif(use_of, 0) < 0.05 or use_of = 0 and watched and views < 3;
create index device_quarter_false_alarm on device_quarter (quarter, (false_alarms::float8 / tickets) desc, false_alarms desc, device)
  where tickets >= 3 and false_alarms > 0 and false_alarms * 2 >= tickets;

-- 一机一档 of cameras, what they say of themselves, and the national codes of a street.
create table camera (
  device         integer primary key references device (key) on delete cascade,
  -- The camera's own fields; those every device has stand in device.
  archive        jsonb not null default '{}',
  -- Fields that were filled from what the camera says of itself and that no person has touched since.
  prefilled      text[] not null default '{}',
  -- Since when this box is to show its first frame: registration or 换机.
  round_since    timestamptz,
  first_frame_at timestamptz,
  in_use_at      timestamptz,
  facts          jsonb,
  answered_by    text,
  facts_at       timestamptz,
  facts_error    text,
  -- Readings that wait for their confirmation, and confirmed faults, by code.
  watch          jsonb not null default '{}',
  updated_at     timestamptz not null default now()
);
create index camera_without_frame on camera (device) where first_frame_at is null;
create index device_latitude on device (((location ->> 'lat')::float8)) where location is not null;

-- The three digits of a street do not fit digits 7-8 of a national code: which eight digits a street uses is assigned
-- by the district. 00 = the district has assigned none.
create table street_code (
  -- Digits 1-9 of the 12-digit statistical division code.
  street   text primary key check (street ~ '^[0-9]{9}$'),
  name     text not null,
  region8  text not null check (region8 ~ '^[0-9]{8}$'),
  -- Where it is, coarsely: a point further than radius_m from the middle is worth a warning.
  lat      float8,
  lon      float8,
  radius_m float8,
  check (num_nonnulls(lat, lon, radius_m) in (0, 3))
);
insert into street_code (street, name, region8, lat, lon, radius_m) values
  ('310115014', '浦兴路街道', '31011500', null, null, null),
  ('310115015', '东明路街道', '31011500', 31.14, 121.51, 4000),
  ('310115016', '花木街道', '31011500', null, null, null);

-- The last serial handed out under digits 1-14; a row is locked while the next one is looked for.
create table national_code_serial (
  prefix text primary key check (prefix ~ '^[0-9]{14}$'),
  last   integer not null
);

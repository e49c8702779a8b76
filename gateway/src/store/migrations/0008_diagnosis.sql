-- How a camera looks when it is well, one row an hour of the day and one (-1) of its latest looks at any hour.
-- Maps are 64 × 36 edges and 16 × 12 block means.
create table diagnosis_reference (
  device     int not null references device (key) on delete cascade,
  hour       smallint not null check (hour between -1 and 23),
  samples    int not null,
  learned_at timestamptz not null,
  usual      jsonb not null,
  edge_map   bytea not null,
  block_map  bytea not null,
  -- Id of the newest good picture; the picture itself may have been removed since.
  picture    text,
  primary key (device, hour)
);

-- The newest look at each camera.
create table diagnosis_look (
  device   int primary key references device (key) on delete cascade,
  at       timestamptz not null,
  findings jsonb not null,
  numbers  jsonb not null,
  picture  text,
  -- Small grey copy, only of a picture that stood still: the next look must find it unchanged.
  still    bytea
);

-- What is suspected or confirmed; no row = not there.
create table diagnosis_state (
  device     int not null references device (key) on delete cascade,
  code       text not null,
  state      text not null check (state in ('suspected', 'confirmed')),
  since      timestamptz not null,
  bad        int not null,
  good       int not null,
  counted_at timestamptz not null,
  numbers    jsonb not null,
  threshold  float8,
  picture    text,
  reference  text,
  primary key (device, code)
);

-- Turns of the states above; the newest hundred of each camera are kept.
create table diagnosis_history (
  id        bigint generated always as identity primary key,
  device    int not null references device (key) on delete cascade,
  at        timestamptz not null,
  code      text not null,
  turn      text not null,
  numbers   jsonb not null,
  picture   text,
  reference text
);
create index diagnosis_history_device on diagnosis_history (device, id desc);

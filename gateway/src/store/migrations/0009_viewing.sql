-- 调阅登记, privacy masks, and clips taken from cameras.
create table viewing (
  id           text primary key,
  device       integer not null references device (key),
  -- Without reference: the proof outlives the account.
  user_id      text not null,
  user_name    text not null,
  address      text,
  mode         text not null check (mode in ('live', 'onDemand', 'masked', 'clip', 'snapshot')),
  purpose      text not null check (length(purpose) >= 2),
  started_at   timestamptz not null,
  last_seen_at timestamptz not null,
  ended_at     timestamptz,
  end_reason   text,
  bytes        bigint not null default 0
);
create index viewing_device on viewing (device, started_at desc, id desc);
create index viewing_user on viewing (user_id, started_at desc, id desc);
create index viewing_started on viewing (started_at desc, id desc);
create index viewing_open on viewing (last_seen_at) where ended_at is null;

create table camera_mask (
  device     integer primary key references device (key),
  -- Rectangles and polygons in parts of the picture; see domain/privacy-mask.ts.
  areas      jsonb not null,
  revision   integer not null,
  updated_at timestamptz not null,
  updated_by text not null
);

create table camera_clip (
  id         text primary key,
  device     integer not null references device (key),
  user_id    text not null,
  user_name  text not null,
  purpose    text not null,
  seconds    integer not null,
  state      text not null check (state in ('recording', 'ready', 'failed', 'expired')),
  reason     text,
  masked     boolean not null,
  bytes      bigint,
  -- Hex, of the file as it was handed out.
  sha256     text,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index camera_clip_device on camera_clip (device, created_at desc, id desc);
create index camera_clip_expires on camera_clip (expires_at) where state in ('recording', 'ready');

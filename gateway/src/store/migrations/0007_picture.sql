-- Pictures of cameras; the bytes lie in files named by id, below the data directory.
create table picture (
  -- Compared by bytes, so that ranges of ids are ranges of folders.
  id         text collate "C" primary key check (id ~ '^[0-9a-f]{32}$'),
  device     integer not null references device (key) on delete cascade,
  taken_at   timestamptz not null,
  origin     text not null check (origin in ('snapshot', 'keyFrame')),
  purpose    text not null check (purpose in ('check', 'reference', 'evidence', 'snapshot')),
  sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes      integer not null check (bytes > 0),
  width      integer not null check (width > 0),
  height     integer not null check (height > 0),
  pinned     boolean not null default false,
  kept_until timestamptz not null,
  saved_at   timestamptz not null
);
create index picture_device on picture (device, taken_at desc, id desc);
create index picture_check on picture (device, taken_at desc) where purpose = 'check' and not pinned;
create index picture_kept_until on picture (kept_until) where not pinned;

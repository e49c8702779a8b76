-- What processes of one gateway must agree on; the first to come writes it down.
create table cluster_fact (
  name  text primary key,
  value text not null
);

-- Who may judge. The epoch grows with every change of hands; whoever holds an older one may write nothing.
create table leadership (
  role  text primary key,
  epoch bigint not null,
  node  text not null,
  since timestamptz not null default now()
);

-- What the leader says of itself, for those who answer for it; apart from its row, which its transactions share.
create table leadership_status (
  role    text primary key references leadership (role),
  epoch   bigint not null,
  status  jsonb not null,
  said_at timestamptz not null default now()
);

-- What one process heard of devices and the leader has not made its own yet.
create table evidence (
  id      bigint generated always as identity primary key,
  source  text not null,
  written timestamptz not null default now(),
  body    text not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
-- Short-lived: packing it would cost more than its bytes.
alter table evidence alter column body set storage external;

-- How far each process that hears a path has told what it heard.
create table evidence_source (
  source    text not null,
  path      text not null,
  -- Process that tells now; another one after a restart on the same data directory.
  node      text not null,
  -- Everything heard before this is in `evidence` or was there.
  heard_to  timestamptz not null,
  -- Why it cannot hear; null = it hears.
  deaf      text,
  -- Messages it keeps on its disk; null = it keeps nothing that outlives it.
  undrained bigint,
  told_at   timestamptz not null default now(),
  primary key (source, path)
);

-- The processes that share this database: who is alive, what it does, where it is reached, what it still has to drain.
create table node (
  id                  text primary key,
  -- Changes with every start, so that two processes with one identity find out about each other.
  session             text not null,
  roles               text[] not null,
  url                 text,
  started_at          timestamptz not null,
  seen_at             timestamptz not null,
  -- Set by a proper end; a process that was killed is away instead.
  left_at             timestamptz,
  undrained           bigint not null default 0 check (undrained >= 0),
  oldest_undrained_at timestamptz
);

-- Every backup that was begun, by clock or by a person, and what became of it.
create table backup_run (
  id         text primary key,
  trigger    text not null check (trigger in ('daily', 'manual')),
  started_by text not null,
  started_at timestamptz not null,
  ended_at   timestamptz,
  state      text not null check (state in ('running', 'done', 'failed')),
  -- Name in the folder of the backups; null once it was removed to make room, or never made.
  file       text,
  bytes      bigint,
  row_count  bigint,
  tables     jsonb,
  files      integer,
  -- When the finished file was read back whole.
  checked_at timestamptz,
  error      text
);
create index backup_run_newest on backup_run (started_at desc, id desc);
create index backup_run_good on backup_run (started_at desc) where state = 'done';
create unique index backup_run_one on backup_run (state) where state = 'running';

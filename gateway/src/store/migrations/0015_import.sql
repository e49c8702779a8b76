-- 批量导入: files that a caller fetches afterwards, and imports that run on their own.

-- `sealed` is AES-256-GCM; null once it was taken. The token itself is nowhere, only its HMAC.
create table import_file (
  token_hash   text primary key,
  owner        text not null,
  kind         text not null check (kind in ('credentials', 'errors')),
  name         text not null,
  content_type text not null,
  sealed       text,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  taken_at     timestamptz
);
create index import_file_expiry on import_file (expires_at);

-- `result` is sealed: it names the files above. A job that is neither done nor heard of for a while was interrupted,
-- and then nothing of it was written: `done` is set in the transaction of the devices themselves.
create table import_job (
  id          text primary key,
  owner       text not null,
  state       text not null check (state in ('waiting', 'running', 'done', 'failed')),
  phase       text not null,
  done        integer not null default 0,
  total       integer not null default 0,
  result      text,
  created_at  timestamptz not null,
  beat_at     timestamptz not null,
  finished_at timestamptz
);
create index import_job_created on import_job (created_at);

-- People, sessions, API keys, idempotent requests and the audit table.
create table app_user (
  id                   text primary key,
  username             text not null,
  display_name         text not null,
  role                 text not null,
  org_id               text references org (id),
  -- Organisations whose subtrees this user sees; null = everything.
  scope_org_ids        text[],
  vendor_id            text references vendor (id),
  phone                text,
  email                text,
  password_hash        text not null,
  must_change_password boolean not null default true,
  password_changed_at  timestamptz not null default now(),
  disabled_at          timestamptz,
  created_at           timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  check ((role = 'vendor') = (vendor_id is not null))
);
create unique index app_user_username on app_user (lower(username));

create table password_history (
  id      bigint generated always as identity primary key,
  user_id text not null references app_user (id) on delete cascade,
  hash    text not null,
  at      timestamptz not null default now()
);
create index password_history_user on password_history (user_id, id desc);

create table session (
  id           text primary key,
  user_id      text not null references app_user (id) on delete cascade,
  token_hash   bytea not null unique,
  created_at   timestamptz not null,
  last_seen_at timestamptz not null,
  -- Absolute end; the idle end follows from last_seen_at.
  expires_at   timestamptz not null,
  revoked_at   timestamptz,
  address      text,
  agent        text
);
create index session_of_user on session (user_id, created_at desc);
create index session_expires on session (expires_at);

-- A vendor's key is also the password of its MQTT login.
create table api_key (
  id           text primary key,
  user_id      text references app_user (id) on delete cascade,
  vendor_id    text references vendor (id) on delete cascade,
  name         text not null,
  key_hash     bytea not null unique,
  created_at   timestamptz not null,
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  check (num_nonnulls(user_id, vendor_id) = 1)
);
create index api_key_user on api_key (user_id) where user_id is not null;
create index api_key_vendor on api_key (vendor_id) where vendor_id is not null;

-- One row a write request with an Idempotency-Key. slot = hash of caller, route and key; the answer holds no secret.
create table idempotent_request (
  slot         text primary key,
  fingerprint  text not null,
  lease_until  timestamptz not null,
  keep_until   timestamptz not null,
  -- null while the first request is still running
  status       smallint,
  content_type text,
  body         text
);
create index idempotent_request_keep on idempotent_request (keep_until);

-- Append-only: written in the transaction of the change it proves.
create table audit (
  id          bigint generated always as identity primary key,
  at          timestamptz not null,
  actor       text not null,
  actor_name  text not null,
  address     text,
  action      text not null,
  resource    text not null,
  resource_id text,
  reason      text,
  before      jsonb,
  after       jsonb
);
create index audit_at on audit (at desc);
create index audit_resource on audit (resource, resource_id, id desc);
create index audit_actor on audit (actor, id desc);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit table is append-only';
end $$;
create trigger audit_append_only before update or delete on audit
  for each row execute function audit_is_append_only();

-- Every organisation under the given ones, themselves included.
create function org_subtree(roots text[]) returns setof text language sql stable as $$
  with recursive tree (id) as (
    select id from org where id = any (roots)
    union
    select o.id from org o join tree t on o.parent_id = t.id
  )
  select id from tree
$$;

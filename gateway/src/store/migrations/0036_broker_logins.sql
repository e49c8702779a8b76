-- A login that an external broker has to learn: the secret, sealed, from the moment it is issued until the broker confirmed it.
create table broker_login_pending (
  username    text primary key,
  sealed      text not null,
  -- HMAC of the same secret, to know it from one issued later.
  secret_hash bytea not null,
  -- The vendor's key it is the password of.
  key_id      text,
  issued_at   timestamptz not null
);

-- What the broker confirmed. It keeps hashes of its own, so a login it loses can only be given a new secret.
create table broker_login (
  username     text primary key,
  secret_hash  bytea not null,
  key_id       text,
  confirmed_at timestamptz not null
);

-- How an external broker learns who may connect, and when that was last seen at work.
create table broker_manager (
  kind    text primary key check (kind in ('dynsec', 'http')),
  seen_at timestamptz not null
);

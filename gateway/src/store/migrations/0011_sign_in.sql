-- How people sign in beside the password: one-time codes, identities held elsewhere, and where those live.
alter table session add column via text not null default 'password';

-- One-time codes (RFC 6238) of a user. Good from confirmed_at on; until then the enrolment may be begun anew.
create table second_factor (
  user_id      text primary key references app_user (id) on delete cascade,
  -- AES-256-GCM, context user:<id>:totp
  secret       text not null,
  created_at   timestamptz not null,
  confirmed_at timestamptz,
  -- Time step (30 s since 1970) of the last code used; a code is good once.
  last_step    bigint not null default 0
);
create table recovery_code (
  user_id   text not null references second_factor (user_id) on delete cascade,
  code_hash bytea not null,
  used_at   timestamptz,
  primary key (user_id, code_hash)
);

-- Who a user is to a provider of single sign-on. Without a row nobody gets in by it.
create table identity (
  id           bigint generated always as identity primary key,
  user_id      text not null references app_user (id) on delete cascade,
  provider     text not null check (provider in ('oidc', 'wecom')),
  -- Issuer and the provider's own id of the person; null until the first sign-in of who the claim names.
  issuer       text,
  subject      text,
  -- What the provider must say of the person at the first sign-in.
  claim        text,
  value        text,
  linked_at    timestamptz,
  last_used_at timestamptz,
  check ((issuer is null) = (subject is null)),
  check ((claim is null) = (value is null)),
  check (subject is not null or claim is not null)
);
create index identity_user on identity (user_id);
create unique index identity_subject on identity (provider, issuer, subject) where subject is not null;
create unique index identity_claim on identity (provider, claim, value) where subject is null;

-- Providers an administrator set up; the secret is sealed with context sign-in:<name>.
create table sign_in_provider (
  name       text primary key,
  config     jsonb not null,
  secret     text not null,
  updated_at timestamptz not null,
  updated_by text not null
);

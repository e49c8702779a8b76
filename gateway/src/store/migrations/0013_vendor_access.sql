-- A vendor's account: its state, the papers its access stands on, and what it may use.
alter table vendor
  add column state              text not null default 'active'
    check (state in ('invited', 'applied', 'active', 'suspended', 'ended', 'rejected')),
  add column state_reason       text,
  add column state_at           timestamptz not null default now(),
  -- 统一社会信用代码
  add column credit_code        text,
  add column purpose            text,
  add column module_ids         text[] not null default '{}',
  -- {no, from, to}; days are YYYY-MM-DD, the last one included
  add column contract           jsonb,
  -- 保密协议 {signedOn, expiresOn, file: {name, sha256, bytes, mediaType, at} | null}
  add column agreement          jsonb,
  -- false for vendors from before agreements were recorded
  add column agreement_required boolean not null default false,
  -- what differs from the defaults in the settings
  add column quotas             jsonb not null default '{}';
create unique index vendor_credit_code on vendor (credit_code) where credit_code is not null;
create index vendor_state on vendor (state) where state <> 'active';

alter table api_key
  add column description       text,
  -- null = everything its owner may
  add column scopes            text[],
  -- CIDR blocks it may be used from; null = anywhere
  add column addresses         text[],
  add column last_used_address text,
  -- the key that took its place by rotation
  add column replaced_by       text;

-- One-time invitations; the token stands here as a hash only.
create table vendor_invitation (
  id         text primary key,
  vendor_id  text not null references vendor (id) on delete cascade,
  token_hash bytea not null unique,
  email      text,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at    timestamptz,
  revoked_at timestamptz
);
create index vendor_invitation_vendor on vendor_invitation (vendor_id, created_at desc);

-- What a vendor used on a calendar day (CGW_TZ); written every few seconds by adding to what stands here.
create table vendor_usage (
  vendor_id text not null references vendor (id) on delete cascade,
  day       date not null,
  messages  bigint not null default 0,
  refused   bigint not null default 0,
  requests  bigint not null default 0,
  primary key (vendor_id, day)
);

-- Warnings given before a contract or an agreement ends (days_before 30, 7, 1) and at its end (0): once each.
create table vendor_warning (
  vendor_id   text not null references vendor (id) on delete cascade,
  what        text not null check (what in ('contract', 'agreement')),
  ends_on     date not null,
  days_before int not null,
  at          timestamptz not null,
  primary key (vendor_id, what, ends_on, days_before)
);

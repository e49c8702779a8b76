-- Hand-over to upper platforms (数据交换): who takes what, what each one has, and what was said.
create table exchange_peer (
  id         text primary key,
  name       text not null,
  base_url   text not null,
  auth       text not null check (auth in ('hmac', 'bearer')),
  -- Sealed.
  secret     text not null,
  enabled    boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Published data sets as an administrator changed them; one that is missing is as shipped.
create table exchange_data_set (
  id         text primary key,
  -- 无条件共享, 有条件共享, 不予共享
  sharing    text not null check (sharing in ('unconditional', 'conditional', 'none')),
  period_ms  bigint not null check (period_ms >= 10000),
  updated_at timestamptz not null default now()
);

create table exchange_subscription (
  id             text primary key,
  peer_id        text not null references exchange_peer (id) on delete cascade,
  data_set       text not null,
  -- null = the whole street, every module
  org_id         text,
  modules        text[],
  purpose        text not null,
  state          text not null check (state in ('pending', 'active', 'paused', 'refused')),
  requested_by   text not null,
  requested_at   timestamptz not null,
  decided_by     text,
  decided_at     timestamptz,
  decision_note  text,
  -- Number of the last message made.
  sequence       bigint not null default 0,
  -- Most items a message may have now; null = as many as ever.
  batch_limit    integer,
  -- When all there was had arrived.
  complete_at    timestamptz,
  last_ok_at     timestamptz,
  latency_ms     integer,
  failures       integer not null default 0,
  -- Messages refused for what is in them since the last one that was taken.
  refusals       integer not null default 0,
  last_error     text,
  next_at        timestamptz not null,
  backlog        integer not null default 0,
  interface      text not null default 'normal' check (interface in ('normal', 'failing', 'overdue')),
  interface_since timestamptz not null,
  -- Since when the alarm that was told holds.
  alarmed_since  timestamptz,
  owner          text,
  leased_until   timestamptz
);
create index exchange_subscription_peer on exchange_subscription (peer_id);
create index exchange_subscription_due on exchange_subscription (next_at) where state = 'active';

-- One message each, the payload log. The body is there until it has arrived.
create table exchange_delivery (
  id              bigint generated always as identity primary key,
  subscription_id text not null references exchange_subscription (id) on delete cascade,
  sequence        bigint not null,
  key             text not null,
  kind            text not null check (kind in ('full', 'changes', 'unchanged')),
  state           text not null check (state in ('sending', 'delivered', 'refused')),
  -- [[object, hash or null when it was taken away], …]
  objects         jsonb not null,
  items           integer not null,
  bytes           integer not null,
  body            text,
  excerpt         text not null,
  tries           integer not null default 0,
  status          integer,
  detail          text,
  latency_ms      integer,
  made_at         timestamptz not null,
  done_at         timestamptz
);
create index exchange_delivery_log on exchange_delivery (subscription_id, id desc);
create index exchange_delivery_made on exchange_delivery (made_at);
create unique index exchange_delivery_sending on exchange_delivery (subscription_id) where state = 'sending';

-- What a subscriber has, as far as it said so: what differs from it is what is to be sent.
create table exchange_sent (
  subscription_id text not null references exchange_subscription (id) on delete cascade,
  object          text not null,
  -- null = it never had it; empty = to be sent again whatever it is
  hash            text,
  sent_at         timestamptz,
  -- It refused this one, and when.
  refused_hash    text,
  refused_at      timestamptz,
  primary key (subscription_id, object)
);

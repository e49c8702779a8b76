-- The audit table becomes a hash chain. Rows that stand already are linked by the gateway at its next start, which
-- alone has the functions and the key.
alter table audit
  add column seq       bigint,
  add column prev_hash text,
  add column hash      text,
  -- Eight hex digits a field: says which one was changed, proves nothing.
  add column digests   text;
create unique index audit_seq on audit (seq);
alter table audit add constraint audit_is_linked
  check (seq is not null and prev_hash is not null and hash is not null and digests is not null) not valid;

-- The newest link, signed with a key that is not in the database. Its lock is the last one a transaction takes.
create table audit_head (
  one       boolean primary key default true check (one),
  seq       bigint not null,
  hash      text not null,
  signature text not null
);
insert into audit_head (seq, hash, signature) values (0, repeat('0', 64), '');

-- What stands in the anchor files of a data directory, so that a file that vanishes is missed.
create table audit_anchor (
  series    text primary key,
  place     text not null,
  first_n   bigint not null,
  n         bigint not null,
  line_hash text not null,
  at        timestamptz not null,
  signature text not null
);

-- A row without a place in the chain may get one, once; what audit_purge names may go; nothing else changes.
create or replace function audit_is_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.seq is null and new.seq is not null
       and to_jsonb(new) - array['seq', 'prev_hash', 'hash', 'digests']
         = to_jsonb(old) - array['seq', 'prev_hash', 'hash', 'digests'] then
      return new;
    end if;
  elsif old.seq <= nullif(current_setting('cgw.audit_purge', true), '')::bigint then
    return old;
  end if;
  raise exception 'the audit table is append-only';
end $$;

create function audit_is_not_truncated() returns trigger language plpgsql as $$
begin
  raise exception 'the audit table is append-only';
end $$;
create trigger audit_not_truncated before truncate on audit
  for each statement execute function audit_is_not_truncated();

-- Removes the oldest rows up to a place that a purge record further up the chain names; answers how many.
create function audit_purge(through bigint, at_most integer) returns integer language plpgsql as $$
declare
  removed integer;
begin
  if not exists (
    select 1 from audit
    where resource = 'audit' and action = 'purge' and seq > through and (after->>'throughSeq')::bigint >= through
  ) then
    raise exception 'no purge record covers audit record %', through;
  end if;
  perform set_config('cgw.audit_purge', through::text, true);
  delete from audit where seq in (select seq from audit where seq <= through order by seq limit at_most);
  get diagnostics removed = row_count;
  perform set_config('cgw.audit_purge', '', true);
  return removed;
end $$;

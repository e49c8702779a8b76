-- Work on a ticket: requests (延期, 挂起), parties (协办, 关注), attachments, 督办, merging.
alter table ticket
  -- User id, or `system`.
  add column opened_by       text not null default 'system',
  add column fault_type      text,
  -- 处置建议 of the device type, by language.
  add column advice          jsonb,
  add column merged_into     text references ticket (id),
  -- Incidents under a merged ticket that still last; empty while the ticket has only its own.
  add column open_incidents  jsonb not null default '[]',
  add column return_count    integer not null default 0,
  add column supervise_count integer not null default 0;
update ticket t set opened_by = h.by
  from (select distinct on (ticket_id) ticket_id, by from ticket_history order by ticket_id, id) h where h.ticket_id = t.id;
update ticket t set return_count = h.n
  from (select ticket_id, count(*)::int as n from ticket_history where kind = 'transition' and to_stage = 'returned'
        group by ticket_id) h where h.ticket_id = t.id;
create index ticket_open_incidents on ticket using gin (open_incidents) where open_incidents <> '[]';
create index ticket_opened_by on ticket (opened_by, opened_at desc) where opened_by <> 'system';
create index ticket_module on ticket (module, opened_at desc, id desc);
create index ticket_cause on ticket (cause, opened_at desc, id desc) where cause is not null;
create index ticket_fault_type on ticket (fault_type, opened_at desc, id desc) where fault_type is not null;
create index ticket_supervised on ticket (opened_at desc, id desc) where supervise_count > 0;
create index ticket_returned on ticket (opened_at desc, id desc) where return_count > 0;
create index ticket_drill on ticket (opened_at desc, id desc) where drill;
create index ticket_merged on ticket (merged_into) where merged_into is not null;

-- What a line of the log is about is named by the code that writes it.
alter table ticket_history drop constraint ticket_history_kind_check;
alter table ticket_history add constraint ticket_history_kind_check check (kind <> '');

create table ticket_request (
  ticket_id     text not null references ticket (id) on delete cascade,
  n             integer not null,
  kind          text not null check (kind in ('extension', 'suspension')),
  -- The stage it was asked in.
  stage         text not null,
  until         timestamptz not null,
  reason        text not null,
  by            text not null,
  at            timestamptz not null,
  state         text not null check (state in ('pending', 'approved', 'refused')),
  decided_by    text,
  decided_at    timestamptz,
  decision_note text,
  primary key (ticket_id, n)
);
create unique index ticket_request_pending on ticket_request (ticket_id, kind) where state = 'pending';

create table ticket_party (
  ticket_id       text not null references ticket (id) on delete cascade,
  org_id          text not null references org (id),
  duty            text not null check (duty in ('assist', 'related')),
  added_by        text not null,
  added_at        timestamptz not null,
  -- Until when it has to answer; null = it is only told.
  respond_by      timestamptz,
  acknowledged_by text,
  acknowledged_at timestamptz,
  note            text,
  primary key (ticket_id, org_id)
);
create index ticket_party_org on ticket_party (org_id, ticket_id);

-- Files lie in the data directory under their SHA-256.
create table ticket_attachment (
  ticket_id  text not null references ticket (id) on delete cascade,
  n          integer not null,
  sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes      integer not null,
  media_type text not null,
  name       text not null,
  phase      text not null check (phase in ('before', 'after', 'other')),
  note       text,
  by         text not null,
  at         timestamptz not null,
  taken_at   timestamptz,
  -- WGS-84
  lat        float8,
  lon        float8,
  -- Who said when and where: the file itself or the person.
  taken_from text check (taken_from in ('file', 'person')),
  place_from text check (place_from in ('file', 'person')),
  -- Metres from the device, else from its site.
  distance   float8,
  primary key (ticket_id, n)
);
create index ticket_attachment_sha256 on ticket_attachment (sha256);

-- 设备登记与验收: what identifies a device, its trial and acceptance, 重复建设核查 and 移交单.

-- Six octets, lower case, with colons. A camera's archive may hold one of its own.
alter table device add column mac text check (mac ~ '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$');
create index device_mac on device (mac) where mac is not null;
create index device_serial_any on device (lower(serial)) where serial is not null;

create function mac_key(mac text) returns text language sql immutable parallel safe as $$
  select lower(regexp_replace(mac, '[^0-9A-Fa-f]', '', 'g'))
$$;
create index camera_mac on camera (mac_key(archive ->> 'mac')) where archive ->> 'mac' is not null;

-- `host:port` with the protocol's own port where none is written; null = no connection, or none that can be read.
create function connection_endpoint(connection jsonb) returns text language sql immutable parallel safe as $$
  select case connection ->> 'protocol'
    when 'onvif' then lower(btrim(connection ->> 'host', '[]')) || ':'
      || coalesce(connection ->> 'port', case when connection ->> 'tls' = 'true' then '443' else '80' end)
    when 'rtsp' then (
      select lower(btrim(m[2], '[]')) || ':' || coalesce(m[3], case lower(m[1]) when 'rtsps' then '322' else '554' end)
      from regexp_match(connection ->> 'url',
        '^(rtsps?)://(?:[^/@]*@)?(\[[^]]+\]|[^]/:?#[]+)(?::0*([0-9]+))?(?:[/?#]|$)', 'i') as m)
  end
$$;
-- Index functions are run without a search path, so this one names the other with its schema.
-- An RTSP address without login, default port, capital letters, fragment and last slash; null for everything else.
create function connection_stream(connection jsonb) returns text language sql immutable parallel safe as $$
  select case when connection ->> 'protocol' = 'rtsp' then (
    select lower(m[1]) || '://' || public.connection_endpoint(connection) || lower(regexp_replace(coalesce(m[2], ''), '/+$', ''))
    from regexp_match(connection ->> 'url', '^(rtsps?)://[^/?#]*([/?][^#]*)?', 'i') as m)
  end
$$;
create index device_endpoint on device (connection_endpoint(connection)) where connection is not null;
create index device_stream on device (connection_stream(connection)) where connection is not null;

-- GeoJSON polygon in WGS-84 that the places of the organisation's devices should lie in.
alter table org add column boundary jsonb;

-- Returned to its vendor: waits until the vendor submits it again; from then on its trial counts anew.
create table device_registration (
  device          integer primary key references device (key) on delete cascade,
  returned_at     timestamptz,
  returned_by     text,
  returned_reason text,
  resubmitted_at  timestamptz
);

-- Numbers of printed papers, counted by series and day.
create table paper_number (
  series text not null,
  day    text not null,
  last   integer not null,
  primary key (series, day)
);

create function papers_stay() returns trigger language plpgsql as $$
begin
  raise exception '% is kept as it was written', tg_table_name;
end $$;

-- 验收报告: what was seen of a device when it was taken into service.
create table acceptance_report (
  id      text primary key,
  device  integer not null references device (key),
  no      text not null unique,
  -- met = the gateway saw everything; overridden = an administrator took it all the same.
  result  text not null check (result in ('met', 'overridden')),
  at      timestamptz not null,
  by      text not null,
  by_name text not null,
  reason  text not null,
  report  jsonb not null
);
create index acceptance_report_device on acceptance_report (device, at desc);
create trigger acceptance_report_stays before update or delete on acceptance_report
  for each row execute function papers_stay();

-- 比对审核单: what stood around a proposed camera when it was asked.
create table construction_review (
  id      text primary key,
  no      text not null unique,
  at      timestamptz not null,
  by      text not null,
  by_name text not null,
  -- Organisation of who asked; null = none.
  org_id  text,
  review  jsonb not null
);
create index construction_review_at on construction_review (at desc, id desc);
create trigger construction_review_stays before update or delete on construction_review
  for each row execute function papers_stay();

-- 移交单.
create table handover (
  id              text primary key,
  no              text not null unique,
  kind            text not null check (kind in ('custody', 'maintenance')),
  state           text not null check (state in ('draft', 'handed', 'accepted', 'refused', 'withdrawn')),
  from_org_id     text not null references org (id),
  to_org_id       text not null references org (id),
  on_date         date not null,
  note            text,
  created_at      timestamptz not null,
  created_by      text not null,
  created_name    text not null,
  handed_at       timestamptz,
  handed_by       text,
  handed_name     text,
  decided_at      timestamptz,
  decided_by      text,
  decided_name    text,
  decision_reason text,
  -- Decided by an administrator who is not of the receiving organisation.
  on_behalf       boolean not null default false,
  check (from_org_id <> to_org_id)
);
create index handover_created on handover (created_at desc, id desc);
create index handover_from on handover (from_org_id);
create index handover_to on handover (to_org_id);

create table handover_device (
  handover_id text not null references handover (id) on delete cascade,
  device      integer not null references device (key),
  position    integer not null,
  -- The device as it was when the list was written: id, name, type, serial, address, state.
  snapshot    jsonb not null,
  primary key (handover_id, device)
);
create index handover_device_device on handover_device (device);

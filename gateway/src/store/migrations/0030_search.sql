-- Searching by any part of a name, number or address, without an extension that not every database has: pairs of neighbouring
-- characters are indexed, and what has all pairs of a word is looked at.

create function search_pairs(t text) returns text[] language sql immutable parallel safe as $$
  select string_to_array(regexp_replace(t, '(..)', E'\\1\x01', 'g') || E'\x01' || regexp_replace(substr(t, 2), '(..)', E'\\1\x01', 'g'), E'\x01')
$$;

alter table device add column search text not null generated always as (lower(id || E'\n' || name || E'\n' || coalesce(nickname, '') || E'\n'
  || coalesce(serial, '') || E'\n' || coalesce(external_id, '') || E'\n' || coalesce(national_code, '') || E'\n' || coalesce(mac, '') || E'\n'
  || coalesce(location ->> 'address', '') || E'\n' || coalesce(connection ->> 'host', '') || E'\n' || coalesce(connection ->> 'url', ''))) stored;
create index device_search on device using gin (search_pairs(search));
alter table camera add column search text not null
  generated always as (lower(coalesce(archive ->> 'ipv4', '') || E'\n' || coalesce(archive ->> 'poleNo', ''))) stored;
create index camera_search on camera using gin (search_pairs(search));

-- Orders of the list of devices.
drop index device_created;
create index device_created on device (created_at, key);
create index device_name on device (name, key);
create index device_id_order on device (id, key);
-- The few that have a flag.
create index health_flags on health using gin (flags) where flags <> '{}';

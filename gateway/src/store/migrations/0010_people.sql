-- What an installation changed in the table role × resource × action; a pair without a row has what ships.
create table role_right (
  role       text not null,
  resource   text not null,
  -- All actions the role has on the resource; empty = none, although some ship.
  actions    text[] not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (role, resource)
);

-- Modules this user is narrowed to; null = what follows from role and organisation.
alter table app_user add column module_ids text[];

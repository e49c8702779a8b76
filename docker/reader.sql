-- The login the dashboards read with. Once, after the gateway's first start, and again after an update that adds to it:
--   psql -v password="$(cat docker/secrets/reader_password)" -f docker/reader.sql
-- Columns by name: passwords, secrets, addresses of devices and what people wrote are not among them.
select not exists (select from pg_roles where rolname = 'cgw_reader') as absent \gset
\if :absent
  create role cgw_reader login noinherit connection limit 10;
\endif
alter role cgw_reader password :'password';
alter role cgw_reader set default_transaction_read_only = on;
alter role cgw_reader set statement_timeout = '15s';
revoke all on all tables in schema public from cgw_reader;
grant usage on schema public to cgw_reader;

grant select (key, id, name, type, module, org_id, site_id, vendor_id, maintenance_unit_id, lifecycle) on device to cgw_reader;
grant select on health, health_history, blind_interval to cgw_reader;
grant select (id, name, kind, level, parent_id) on org to cgw_reader;
grant select on module, availability_sum, availability_group, ticket_figure to cgw_reader;
grant select (id, no, kind, fault, priority, severity, stage, due_at, opened_at, module, org_id, handler_org_id, drill) on ticket to cgw_reader;
grant select (id, ticket_id, from_stage, to_stage, at) on ticket_history to cgw_reader;
grant select (id, received_at, device, code, replayed_at) on quarantine to cgw_reader;
grant select (device, code, state, since) on diagnosis_state to cgw_reader;

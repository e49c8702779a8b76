-- Notices may also say that something went to somebody higher, or carry a report.
alter table outbox drop constraint outbox_event_check;
alter table outbox add constraint outbox_event_check
  check (event in ('firing', 'resolved', 'stage', 'overdue', 'escalated', 'report'));

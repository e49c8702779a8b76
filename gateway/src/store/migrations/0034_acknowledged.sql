-- Somebody knows of an incident and sees to it until then; still open after that, it is told once more.
create table incident_acknowledgement (
  incident_id text primary key references incident (id) on delete cascade,
  at          timestamptz not null,
  by          text not null,
  by_name     text not null,
  note        text,
  until       timestamptz not null check (until > at),
  -- When it was told again because nobody had mended it.
  told_at     timestamptz
);
create index incident_acknowledgement_due on incident_acknowledgement (until) where told_at is null;

-- What a second person decided on a 比对审核单: build new, use what stands there, or neither.
create table construction_decision (
  review_id text primary key references construction_review (id),
  at        timestamptz not null,
  by        text not null,
  by_name   text not null,
  decision  text not null check (decision in ('build', 'reuse', 'refuse')),
  opinion   text not null
);
create trigger construction_decision_stays before update or delete on construction_decision
  for each row execute function papers_stay();

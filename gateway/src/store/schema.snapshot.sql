-- What all migrations together make. Generated: npx node gateway/src/store/schema-dump.ts --write

create table acceptance_report (
  id text not null,
  device integer not null,
  no text not null,
  result text not null,
  at timestamp with time zone not null,
  by text not null,
  by_name text not null,
  reason text not null,
  report jsonb not null,
  constraint acceptance_report_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint acceptance_report_no_key UNIQUE (no),
  constraint acceptance_report_pkey PRIMARY KEY (id),
  constraint acceptance_report_result_check CHECK ((result = ANY (ARRAY['met'::text, 'overridden'::text])))
);
CREATE INDEX acceptance_report_device ON public.acceptance_report USING btree (device, at DESC);
CREATE TRIGGER acceptance_report_stays BEFORE DELETE OR UPDATE ON public.acceptance_report FOR EACH ROW EXECUTE FUNCTION papers_stay();

create table alarm_rule (
  id text not null,
  scope text not null,
  scope_id text not null,
  device_type text not null,
  code text not null,
  enabled boolean,
  title jsonb,
  when_text text,
  clear_text text,
  for_ms bigint,
  severity text,
  advice jsonb,
  life_safety boolean not null default false,
  pair jsonb,
  safety_approved boolean not null default false,
  modules text[],
  org_id text,
  reason text not null,
  created_by text not null,
  created_at timestamp with time zone not null,
  updated_by text not null,
  updated_at timestamp with time zone not null,
  constraint alarm_rule_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint alarm_rule_pkey PRIMARY KEY (id),
  constraint alarm_rule_scope_check CHECK ((scope = ANY (ARRAY['type'::text, 'module'::text, 'org'::text, 'site'::text, 'device'::text]))),
  constraint alarm_rule_scope_scope_id_device_type_code_key UNIQUE (scope, scope_id, device_type, code),
  constraint alarm_rule_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'minor'::text, 'major'::text, 'critical'::text])))
);
CREATE INDEX alarm_rule_list ON public.alarm_rule USING btree (created_at DESC, id);

create table alarm_state (
  device integer not null,
  code text not null,
  component text not null default ''::text,
  state text not null,
  since timestamp with time zone not null,
  path text not null,
  deadline bigint,
  evidence jsonb not null default '{}'::jsonb,
  constraint alarm_state_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint alarm_state_pkey PRIMARY KEY (device, code, component),
  constraint alarm_state_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text])))
);

create table alarm_watch (
  device integer not null,
  name text not null,
  path text not null,
  since bigint not null,
  times bigint[] not null default '{}'::bigint[],
  constraint alarm_watch_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint alarm_watch_pkey PRIMARY KEY (device, name)
);

create table api_key (
  id text not null,
  user_id text,
  vendor_id text,
  name text not null,
  key_hash bytea not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  description text,
  scopes text[],
  addresses text[],
  last_used_address text,
  replaced_by text,
  constraint api_key_check CHECK ((num_nonnulls(user_id, vendor_id) = 1)),
  constraint api_key_key_hash_key UNIQUE (key_hash),
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE,
  constraint api_key_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES vendor(id) ON DELETE CASCADE
);
CREATE INDEX api_key_user ON public.api_key USING btree (user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX api_key_vendor ON public.api_key USING btree (vendor_id) WHERE (vendor_id IS NOT NULL);

create table app_user (
  id text not null,
  username text not null,
  display_name text not null,
  role text not null,
  org_id text,
  scope_org_ids text[],
  vendor_id text,
  phone text,
  email text,
  password_hash text not null,
  must_change_password boolean not null default true,
  password_changed_at timestamp with time zone not null default now(),
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  module_ids text[],
  constraint app_user_check CHECK (((role = 'vendor'::text) = (vendor_id IS NOT NULL))),
  constraint app_user_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint app_user_pkey PRIMARY KEY (id),
  constraint app_user_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES vendor(id)
);
CREATE UNIQUE INDEX app_user_username ON public.app_user USING btree (lower(username));

create table audit (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  actor text not null,
  actor_name text not null,
  address text,
  action text not null,
  resource text not null,
  resource_id text,
  reason text,
  before jsonb,
  after jsonb,
  seq bigint,
  prev_hash text,
  hash text,
  digests text,
  constraint audit_is_linked CHECK (((seq IS NOT NULL) AND (prev_hash IS NOT NULL) AND (hash IS NOT NULL) AND (digests IS NOT NULL))) NOT VALID,
  constraint audit_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_actor ON public.audit USING btree (actor, id DESC);
CREATE INDEX audit_at ON public.audit USING btree (at DESC);
CREATE INDEX audit_resource ON public.audit USING btree (resource, resource_id, id DESC);
CREATE UNIQUE INDEX audit_seq ON public.audit USING btree (seq);
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_not_truncated BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_not_truncated();

create table audit_anchor (
  series text not null,
  place text not null,
  first_n bigint not null,
  n bigint not null,
  line_hash text not null,
  at timestamp with time zone not null,
  signature text not null,
  constraint audit_anchor_pkey PRIMARY KEY (series)
);

create table audit_head (
  one boolean not null default true,
  seq bigint not null,
  hash text not null,
  signature text not null,
  constraint audit_head_one_check CHECK (one),
  constraint audit_head_pkey PRIMARY KEY (one)
);

create table availability_day (
  day date not null,
  device integer not null,
  grp integer not null,
  maintenance integer not null,
  blind integer not null,
  good integer not null,
  flawed integer not null,
  stale integer not null,
  offline integer not null,
  unseen integer not null,
  suspended integer not null,
  constraint availability_day_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint availability_day_grp_fkey FOREIGN KEY (grp) REFERENCES availability_group(id),
  constraint availability_day_pkey PRIMARY KEY (day, device)
);

create table availability_group (
  id integer not null generated always as identity,
  fine boolean not null,
  coarse integer,
  module text,
  org_id text,
  vendor_id text,
  maintenance_unit_id text,
  project text,
  site_id text,
  constraint availability_group_check CHECK ((fine = (coarse IS NOT NULL))),
  constraint availability_group_coarse_fkey FOREIGN KEY (coarse) REFERENCES availability_group(id),
  constraint availability_group_fine_module_org_id_vendor_id_maintenance_key UNIQUE NULLS NOT DISTINCT (fine, module, org_id, vendor_id, maintenance_unit_id, project, site_id),
  constraint availability_group_pkey PRIMARY KEY (id)
);

create table availability_run (
  day date not null,
  computed_at timestamp with time zone not null,
  through timestamp with time zone not null,
  mark text not null,
  constraint availability_run_pkey PRIMARY KEY (day)
);

create table availability_sum (
  day date not null,
  grp integer not null,
  devices bigint not null,
  maintenance bigint not null,
  blind bigint not null,
  good bigint not null,
  flawed bigint not null,
  stale bigint not null,
  offline bigint not null,
  unseen bigint not null,
  suspended bigint not null,
  constraint availability_sum_grp_fkey FOREIGN KEY (grp) REFERENCES availability_group(id),
  constraint availability_sum_pkey PRIMARY KEY (day, grp)
);

create table backup_run (
  id text not null,
  trigger text not null,
  started_by text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  state text not null,
  file text,
  bytes bigint,
  row_count bigint,
  tables jsonb,
  files integer,
  checked_at timestamp with time zone,
  error text,
  constraint backup_run_pkey PRIMARY KEY (id),
  constraint backup_run_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text]))),
  constraint backup_run_trigger_check CHECK ((trigger = ANY (ARRAY['daily'::text, 'manual'::text])))
);
CREATE INDEX backup_run_good ON public.backup_run USING btree (started_at DESC) WHERE (state = 'done'::text);
CREATE INDEX backup_run_newest ON public.backup_run USING btree (started_at DESC, id DESC);
CREATE UNIQUE INDEX backup_run_one ON public.backup_run USING btree (state) WHERE (state = 'running'::text);

create table blind_interval (
  path text not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  reason text not null,
  constraint blind_interval_pkey PRIMARY KEY (path, from_at)
);
CREATE INDEX blind_interval_from ON public.blind_interval USING btree (from_at DESC);

create table broker_login (
  username text not null,
  secret_hash bytea not null,
  key_id text,
  confirmed_at timestamp with time zone not null,
  constraint broker_login_pkey PRIMARY KEY (username)
);

create table broker_login_pending (
  username text not null,
  sealed text not null,
  secret_hash bytea not null,
  key_id text,
  issued_at timestamp with time zone not null,
  constraint broker_login_pending_pkey PRIMARY KEY (username)
);

create table broker_manager (
  kind text not null,
  seen_at timestamp with time zone not null,
  constraint broker_manager_kind_check CHECK ((kind = ANY (ARRAY['dynsec'::text, 'http'::text]))),
  constraint broker_manager_pkey PRIMARY KEY (kind)
);

create table calendar_day (
  day date not null,
  kind text not null,
  name text,
  updated_by text not null,
  updated_at timestamp with time zone not null,
  constraint calendar_day_kind_check CHECK ((kind = ANY (ARRAY['holiday'::text, 'workday'::text]))),
  constraint calendar_day_pkey PRIMARY KEY (day)
);

create table camera (
  device integer not null,
  archive jsonb not null default '{}'::jsonb,
  prefilled text[] not null default '{}'::text[],
  round_since timestamp with time zone,
  first_frame_at timestamp with time zone,
  in_use_at timestamp with time zone,
  facts jsonb,
  answered_by text,
  facts_at timestamp with time zone,
  facts_error text,
  watch jsonb not null default '{}'::jsonb,
  updated_at timestamp with time zone not null default now(),
  search text not null generated always as (lower(((COALESCE((archive ->> 'ipv4'::text), ''::text) || '
'::text) || COALESCE((archive ->> 'poleNo'::text), ''::text)))) stored,
  constraint camera_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint camera_pkey PRIMARY KEY (device)
);
CREATE INDEX camera_mac ON public.camera USING btree (mac_key((archive ->> 'mac'::text))) WHERE ((archive ->> 'mac'::text) IS NOT NULL);
CREATE INDEX camera_search ON public.camera USING gin (search_pairs(search));
CREATE INDEX camera_without_frame ON public.camera USING btree (device) WHERE (first_frame_at IS NULL);

create table camera_clip (
  id text not null,
  device integer not null,
  user_id text not null,
  user_name text not null,
  purpose text not null,
  seconds integer not null,
  state text not null,
  reason text,
  masked boolean not null,
  bytes bigint,
  sha256 text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint camera_clip_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint camera_clip_pkey PRIMARY KEY (id),
  constraint camera_clip_state_check CHECK ((state = ANY (ARRAY['recording'::text, 'ready'::text, 'failed'::text, 'expired'::text])))
);
CREATE INDEX camera_clip_device ON public.camera_clip USING btree (device, created_at DESC, id DESC);
CREATE INDEX camera_clip_expires ON public.camera_clip USING btree (expires_at) WHERE (state = ANY (ARRAY['recording'::text, 'ready'::text]));

create table camera_mask (
  device integer not null,
  areas jsonb not null,
  revision integer not null,
  updated_at timestamp with time zone not null,
  updated_by text not null,
  constraint camera_mask_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint camera_mask_pkey PRIMARY KEY (device)
);

create table campaign (
  id text not null,
  month date not null,
  name text not null,
  filter jsonb not null,
  due_at timestamp with time zone not null,
  started_at timestamp with time zone not null,
  started_by text not null,
  unplaced integer not null,
  sealed_at timestamp with time zone,
  sealed_by text,
  seal_note text,
  constraint campaign_month_name_key UNIQUE (month, name),
  constraint campaign_pkey PRIMARY KEY (id)
);
CREATE TRIGGER campaign_sealed BEFORE DELETE OR UPDATE ON public.campaign FOR EACH ROW EXECUTE FUNCTION campaign_is_sealed();

create table campaign_item (
  campaign_id text not null,
  n integer not null,
  org_id text not null,
  device_id text,
  name text not null,
  type text,
  module text,
  place text,
  site_id text,
  result text,
  wrong text,
  note text,
  photo text,
  lat double precision,
  lon double precision,
  by text,
  at timestamp with time zone,
  ticket_id text,
  constraint campaign_item_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaign(id) ON DELETE CASCADE,
  constraint campaign_item_campaign_id_org_id_fkey FOREIGN KEY (campaign_id, org_id) REFERENCES campaign_sheet(campaign_id, org_id) ON DELETE CASCADE,
  constraint campaign_item_check CHECK (((device_id IS NULL) = (NOT (result IS DISTINCT FROM 'new'::text)))),
  constraint campaign_item_check1 CHECK (((NOT (result IS DISTINCT FROM 'wrong'::text)) = (wrong IS NOT NULL))),
  constraint campaign_item_pkey PRIMARY KEY (campaign_id, n),
  constraint campaign_item_result_check CHECK ((result = ANY (ARRAY['confirmed'::text, 'wrong'::text, 'new'::text, 'removed'::text])))
);
CREATE INDEX campaign_item_sheet ON public.campaign_item USING btree (campaign_id, org_id, n);
CREATE TRIGGER campaign_item_sealed BEFORE INSERT OR DELETE OR UPDATE ON public.campaign_item FOR EACH ROW EXECUTE FUNCTION campaign_is_sealed();

create table campaign_sheet (
  campaign_id text not null,
  org_id text not null,
  org_name text not null,
  state text not null default 'open'::text,
  submitted_at timestamp with time zone,
  submitted_by text,
  submitted_name text,
  signed_at timestamp with time zone,
  signed_by text,
  signed_name text,
  returned_reason text,
  constraint campaign_sheet_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaign(id) ON DELETE CASCADE,
  constraint campaign_sheet_check CHECK (((signed_by IS NULL) OR (signed_by <> submitted_by))),
  constraint campaign_sheet_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint campaign_sheet_pkey PRIMARY KEY (campaign_id, org_id),
  constraint campaign_sheet_state_check CHECK ((state = ANY (ARRAY['open'::text, 'submitted'::text, 'countersigned'::text])))
);
CREATE TRIGGER campaign_sheet_sealed BEFORE INSERT OR DELETE OR UPDATE ON public.campaign_sheet FOR EACH ROW EXECUTE FUNCTION campaign_is_sealed();

create table capacity_sample (
  area text not null,
  at timestamp with time zone not null,
  bytes bigint,
  rows bigint,
  constraint capacity_sample_pkey PRIMARY KEY (area, at)
);
CREATE INDEX capacity_sample_at ON public.capacity_sample USING brin (at);

create table cluster_fact (
  name text not null,
  value text not null,
  constraint cluster_fact_pkey PRIMARY KEY (name)
);

create table construction_decision (
  review_id text not null,
  at timestamp with time zone not null,
  by text not null,
  by_name text not null,
  decision text not null,
  opinion text not null,
  constraint construction_decision_decision_check CHECK ((decision = ANY (ARRAY['build'::text, 'reuse'::text, 'refuse'::text]))),
  constraint construction_decision_pkey PRIMARY KEY (review_id),
  constraint construction_decision_review_id_fkey FOREIGN KEY (review_id) REFERENCES construction_review(id)
);
CREATE TRIGGER construction_decision_stays BEFORE DELETE OR UPDATE ON public.construction_decision FOR EACH ROW EXECUTE FUNCTION papers_stay();

create table construction_review (
  id text not null,
  no text not null,
  at timestamp with time zone not null,
  by text not null,
  by_name text not null,
  org_id text,
  review jsonb not null,
  constraint construction_review_no_key UNIQUE (no),
  constraint construction_review_pkey PRIMARY KEY (id)
);
CREATE INDEX construction_review_at ON public.construction_review USING btree (at DESC, id DESC);
CREATE TRIGGER construction_review_stays BEFORE DELETE OR UPDATE ON public.construction_review FOR EACH ROW EXECUTE FUNCTION papers_stay();

create table device (
  key integer not null generated always as identity,
  id text not null,
  type text not null,
  name text not null,
  nickname text,
  serial text,
  external_id text,
  module text,
  vendor_id text,
  org_id text,
  site_id text,
  national_code text,
  location jsonb,
  connection jsonb,
  connection_secret bytea,
  maintenance_unit_id text,
  parent_key integer,
  installed_on date,
  health_policy jsonb,
  labels jsonb not null default '{}'::jsonb,
  lifecycle text not null,
  lifecycle_reason text,
  lifecycle_at timestamp with time zone not null default now(),
  zombie_count bigint not null default 0,
  zombie_at timestamp with time zone,
  secret_hash bytea,
  secret_rotated_at timestamp with time zone,
  revision bigint not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  mac text,
  search text not null generated always as (lower(((((((((((((((((((id || '
'::text) || name) || '
'::text) || COALESCE(nickname, ''::text)) || '
'::text) || COALESCE(serial, ''::text)) || '
'::text) || COALESCE(external_id, ''::text)) || '
'::text) || COALESCE(national_code, ''::text)) || '
'::text) || COALESCE(mac, ''::text)) || '
'::text) || COALESCE((location ->> 'address'::text), ''::text)) || '
'::text) || COALESCE((connection ->> 'host'::text), ''::text)) || '
'::text) || COALESCE((connection ->> 'url'::text), ''::text)))) stored,
  constraint device_id_key UNIQUE (id),
  constraint device_lifecycle_check CHECK ((lifecycle = ANY (ARRAY['pending'::text, 'trial'::text, 'active'::text, 'suspended'::text, 'retired'::text, 'rejected'::text]))),
  constraint device_mac_check CHECK ((mac ~ '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$'::text)),
  constraint device_maintenance_unit_id_fkey FOREIGN KEY (maintenance_unit_id) REFERENCES org(id),
  constraint device_module_fkey FOREIGN KEY (module) REFERENCES module(id),
  constraint device_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint device_parent_key_fkey FOREIGN KEY (parent_key) REFERENCES device(key),
  constraint device_pkey PRIMARY KEY (key),
  constraint device_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id),
  constraint device_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES vendor(id)
);
CREATE INDEX device_created ON public.device USING btree (created_at, key);
CREATE INDEX device_endpoint ON public.device USING btree (connection_endpoint(connection)) WHERE (connection IS NOT NULL);
CREATE UNIQUE INDEX device_external_id ON public.device USING btree (COALESCE(vendor_id, ''::text), external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX device_id_order ON public.device USING btree (id, key);
CREATE INDEX device_labels ON public.device USING gin (labels jsonb_path_ops);
CREATE INDEX device_latitude ON public.device USING btree ((((location ->> 'lat'::text))::double precision)) WHERE (location IS NOT NULL);
CREATE INDEX device_lifecycle ON public.device USING btree (lifecycle);
CREATE INDEX device_mac ON public.device USING btree (mac) WHERE (mac IS NOT NULL);
CREATE INDEX device_maintenance_unit ON public.device USING btree (maintenance_unit_id) WHERE (maintenance_unit_id IS NOT NULL);
CREATE INDEX device_name ON public.device USING btree (name, key);
CREATE UNIQUE INDEX device_national_code ON public.device USING btree (national_code) WHERE (national_code IS NOT NULL);
CREATE INDEX device_org ON public.device USING btree (org_id);
CREATE INDEX device_parent ON public.device USING btree (parent_key);
CREATE INDEX device_power_feed ON public.device USING btree (((labels ->> 'powerFeed'::text)), site_id) WHERE (labels ? 'powerFeed'::text);
CREATE INDEX device_search ON public.device USING gin (search_pairs(search));
CREATE UNIQUE INDEX device_serial ON public.device USING btree (COALESCE(vendor_id, ''::text), serial) WHERE ((serial IS NOT NULL) AND (lifecycle <> ALL (ARRAY['retired'::text, 'rejected'::text])));
CREATE INDEX device_serial_any ON public.device USING btree (lower(serial)) WHERE (serial IS NOT NULL);
CREATE INDEX device_site ON public.device USING btree (site_id);
CREATE INDEX device_stream ON public.device USING btree (connection_stream(connection)) WHERE (connection IS NOT NULL);
CREATE INDEX device_type ON public.device USING btree (type);
CREATE INDEX device_updated ON public.device USING btree (updated_at);
CREATE INDEX device_uplink ON public.device USING btree (((labels ->> 'uplink'::text))) WHERE (labels ? 'uplink'::text);
CREATE INDEX device_vendor ON public.device USING btree (vendor_id);
CREATE INDEX device_zombie ON public.device USING btree (zombie_at) WHERE (zombie_at IS NOT NULL);
CREATE TRIGGER device_exposed AFTER INSERT ON public.device REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION device_exposure_added();
CREATE TRIGGER device_exposed_elsewhere AFTER UPDATE ON public.device REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION device_exposure_changed();
CREATE TRIGGER device_exposed_no_more AFTER DELETE ON public.device REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION device_exposure_removed();

create table device_command (
  id text not null,
  device integer not null,
  name text not null,
  params jsonb,
  issued_by text not null,
  issued_at timestamp with time zone not null default now(),
  sent_at timestamp with time zone,
  acked_at timestamp with time zone,
  ok boolean,
  result jsonb,
  state text not null default 'sent'::text,
  deadline timestamp with time zone,
  attempts integer not null default 0,
  retries_left integer not null default 0,
  retry_every_ms integer,
  next_at timestamp with time zone,
  reason text,
  closed_at timestamp with time zone,
  constraint device_command_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint device_command_pkey PRIMARY KEY (id),
  constraint device_command_state_check CHECK ((state = ANY (ARRAY['sent'::text, 'acknowledged'::text, 'failed'::text, 'timedOut'::text, 'undeliverable'::text])))
);
CREATE INDEX device_command_device ON public.device_command USING btree (device, issued_at DESC);
CREATE INDEX device_command_open ON public.device_command USING btree (next_at) WHERE (closed_at IS NULL);

create table device_day (
  day date not null,
  device integer not null,
  expected integer,
  received integer not null,
  readings integer not null,
  duplicates integer not null,
  refused integer not null,
  unknown integer not null,
  skewed integer not null,
  judged integer not null,
  stuck integer not null,
  use_of integer not null,
  used integer not null,
  events integer not null,
  views integer not null,
  score double precision,
  excused integer not null default 0,
  constraint device_day_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint device_day_pkey PRIMARY KEY (day, device)
);
CREATE INDEX device_day_score ON public.device_day USING btree (day, score, device);

create table device_day_sum (
  day date not null,
  vendor_id text,
  module text,
  type text not null,
  org_id text,
  maintenance_unit_id text,
  devices integer not null,
  judgeable integer not null,
  score double precision not null,
  expected bigint,
  excused bigint not null,
  received bigint not null,
  readings bigint not null,
  duplicates bigint not null,
  refused bigint not null,
  unknown bigint not null,
  skewed bigint not null,
  judged bigint not null,
  stuck bigint not null
);
CREATE INDEX device_day_sum_day ON public.device_day_sum USING btree (day);

create table device_event (
  id bigint not null generated always as identity,
  device integer not null,
  code text not null,
  component text not null default ''::text,
  time timestamp with time zone not null,
  received_at timestamp with time zone not null,
  severity text not null,
  life_safety boolean not null,
  data jsonb,
  constraint device_event_device_code_component_time_key UNIQUE (device, code, component, "time"),
  constraint device_event_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint device_event_pkey PRIMARY KEY (id)
);
CREATE INDEX device_event_time ON public.device_event USING btree ("time" DESC);

create table device_exposure (
  site_id text,
  module text,
  org_id text,
  vendor_id text,
  maintenance_unit_id text,
  hour timestamp with time zone not null,
  offset_us bigint not null,
  devices integer not null
);

create table device_history (
  id bigint not null generated always as identity,
  device integer not null,
  at timestamp with time zone not null default now(),
  by text not null,
  what text not null,
  reason text,
  before jsonb,
  after jsonb,
  constraint device_history_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint device_history_pkey PRIMARY KEY (id)
);
CREATE INDEX device_history_device ON public.device_history USING btree (device, at DESC);
CREATE INDEX device_history_turn ON public.device_history USING btree (device, at) WHERE ((after ->> 'lifecycle'::text) IS NOT NULL);

create table device_metric (
  device integer not null,
  metric integer not null,
  unit text,
  first_seen timestamp with time zone not null default now(),
  constraint device_metric_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint device_metric_metric_fkey FOREIGN KEY (metric) REFERENCES metric(key),
  constraint device_metric_pkey PRIMARY KEY (device, metric)
);

create table device_quarter (
  quarter date not null,
  device integer not null,
  days integer not null,
  use_of bigint not null,
  used bigint not null,
  events bigint not null,
  views bigint not null,
  tickets integer not null,
  false_alarms integer not null,
  watched boolean not null default false,
  constraint device_quarter_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint device_quarter_pkey PRIMARY KEY (quarter, device)
);
CREATE INDEX device_quarter_false_alarm ON public.device_quarter USING btree (quarter, (((false_alarms)::double precision / (tickets)::double precision)) DESC, false_alarms DESC, device) WHERE ((tickets >= 3) AND (false_alarms > 0) AND ((false_alarms * 2) >= tickets));
CREATE INDEX device_quarter_low_use ON public.device_quarter USING btree (quarter, COALESCE(((used)::double precision / (NULLIF(use_of, 0))::double precision), (0)::double precision), ((views + events)), device) WHERE (((use_of > 0) AND (((used)::double precision / (NULLIF(use_of, 0))::double precision) < (0.05)::double precision)) OR ((use_of = 0) AND watched AND (views < 3)));

create table device_registration (
  device integer not null,
  returned_at timestamp with time zone,
  returned_by text,
  returned_reason text,
  resubmitted_at timestamp with time zone,
  constraint device_registration_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint device_registration_pkey PRIMARY KEY (device)
);

create table device_seen (
  device integer not null,
  seen_at timestamp with time zone,
  observed bigint,
  path text not null,
  session text not null default 'none'::text,
  session_reason text not null default ''::text,
  session_at timestamp with time zone,
  session_observed bigint,
  lag jsonb,
  constraint device_seen_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint device_seen_pkey PRIMARY KEY (device),
  constraint device_seen_session_check CHECK ((session = ANY (ARRAY['none'::text, 'up'::text, 'lost'::text, 'goodbye'::text, 'unknown'::text])))
);

create table device_type_version (
  type_id text not null,
  n integer not null,
  state text not null,
  author text not null,
  source text not null,
  checksum text not null,
  report jsonb not null,
  restored_from integer,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  submitted_at timestamp with time zone,
  decided_at timestamp with time zone,
  decided_by text,
  reason text,
  constraint device_type_version_pkey PRIMARY KEY (type_id, n),
  constraint device_type_version_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'approved'::text, 'rejected'::text, 'superseded'::text]))),
  constraint device_type_version_type_id_fkey FOREIGN KEY (type_id) REFERENCES uploaded_type(id)
);
CREATE UNIQUE INDEX device_type_version_current ON public.device_type_version USING btree (type_id, state) WHERE (state = ANY (ARRAY['draft'::text, 'submitted'::text, 'approved'::text]));

create table device_use_decision (
  quarter date not null,
  device integer not null,
  action text not null,
  reason text not null,
  by text not null,
  at timestamp with time zone not null,
  constraint device_use_decision_action_check CHECK ((action = ANY (ARRAY['retire'::text, 'move'::text, 'keep'::text]))),
  constraint device_use_decision_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint device_use_decision_pkey PRIMARY KEY (quarter, device)
);

create table diagnosis_history (
  id bigint not null generated always as identity,
  device integer not null,
  at timestamp with time zone not null,
  code text not null,
  turn text not null,
  numbers jsonb not null,
  picture text,
  reference text,
  constraint diagnosis_history_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint diagnosis_history_pkey PRIMARY KEY (id)
);
CREATE INDEX diagnosis_history_device ON public.diagnosis_history USING btree (device, id DESC);

create table diagnosis_look (
  device integer not null,
  at timestamp with time zone not null,
  findings jsonb not null,
  numbers jsonb not null,
  picture text,
  still bytea,
  constraint diagnosis_look_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint diagnosis_look_pkey PRIMARY KEY (device)
);

create table diagnosis_reference (
  device integer not null,
  hour smallint not null,
  samples integer not null,
  learned_at timestamp with time zone not null,
  usual jsonb not null,
  edge_map bytea not null,
  block_map bytea not null,
  picture text,
  constraint diagnosis_reference_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint diagnosis_reference_hour_check CHECK (((hour >= '-1'::integer) AND (hour <= 23))),
  constraint diagnosis_reference_pkey PRIMARY KEY (device, hour)
);

create table diagnosis_state (
  device integer not null,
  code text not null,
  state text not null,
  since timestamp with time zone not null,
  bad integer not null,
  good integer not null,
  counted_at timestamp with time zone not null,
  numbers jsonb not null,
  threshold double precision,
  picture text,
  reference text,
  constraint diagnosis_state_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint diagnosis_state_pkey PRIMARY KEY (device, code),
  constraint diagnosis_state_state_check CHECK ((state = ANY (ARRAY['suspected'::text, 'confirmed'::text])))
);

create table disk_state (
  node text not null,
  area text not null,
  used_bytes bigint not null,
  total_bytes bigint,
  level text not null,
  since timestamp with time zone not null,
  measured_at timestamp with time zone not null,
  growth_per_day double precision,
  full_in_days double precision,
  constraint disk_state_area_check CHECK ((area = ANY (ARRAY['data'::text, 'database'::text]))),
  constraint disk_state_level_check CHECK ((level = ANY (ARRAY['ok'::text, 'warning'::text, 'serious'::text, 'full'::text]))),
  constraint disk_state_pkey PRIMARY KEY (node, area)
);

create table drill_fault (
  drill_id text not null,
  device integer not null,
  fault text not null,
  ticket_id text not null,
  by text not null,
  at timestamp with time zone not null,
  constraint drill_fault_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint drill_fault_drill_id_fkey FOREIGN KEY (drill_id) REFERENCES quiet_time(id) ON DELETE CASCADE,
  constraint drill_fault_pkey PRIMARY KEY (drill_id, device, fault),
  constraint drill_fault_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);
CREATE INDEX drill_fault_ticket ON public.drill_fault USING btree (ticket_id);

create table duty_absence (
  id text not null,
  user_id text not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  substitute_id text,
  reason text,
  created_by text not null,
  created_at timestamp with time zone not null,
  constraint duty_absence_check CHECK ((to_at > from_at)),
  constraint duty_absence_check1 CHECK ((substitute_id <> user_id)),
  constraint duty_absence_pkey PRIMARY KEY (id),
  constraint duty_absence_substitute_id_fkey FOREIGN KEY (substitute_id) REFERENCES app_user(id) ON DELETE SET NULL,
  constraint duty_absence_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);
CREATE INDEX duty_absence_to ON public.duty_absence USING btree (to_at);
CREATE INDEX duty_absence_user ON public.duty_absence USING btree (user_id, to_at);

create table duty_roster (
  id text not null,
  org_id text not null,
  module_id text,
  user_id text not null,
  days smallint[] not null default '{1,2,3,4,5,6,7}'::smallint[],
  from_minute smallint not null default 0,
  to_minute smallint not null default 1440,
  valid_from date,
  valid_to date,
  position smallint not null default 0,
  created_at timestamp with time zone not null default now(),
  on_days text not null default 'always'::text,
  constraint duty_roster_from_minute_check CHECK (((from_minute >= 0) AND (from_minute <= 1439))),
  constraint duty_roster_module_id_fkey FOREIGN KEY (module_id) REFERENCES module(id) ON DELETE CASCADE,
  constraint duty_roster_on_days_check CHECK ((on_days = ANY (ARRAY['always'::text, 'workdays'::text, 'restDays'::text, 'holidays'::text, 'makeUpDays'::text]))),
  constraint duty_roster_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id) ON DELETE CASCADE,
  constraint duty_roster_pkey PRIMARY KEY (id),
  constraint duty_roster_to_minute_check CHECK (((to_minute >= 0) AND (to_minute <= 1440)))
);
CREATE INDEX duty_roster_org ON public.duty_roster USING btree (org_id);

create table duty_state (
  name text not null,
  value text not null,
  constraint duty_state_pkey PRIMARY KEY (name)
);

create table evidence (
  id bigint not null generated always as identity,
  source text not null,
  written timestamp with time zone not null default now(),
  body text not null,
  constraint evidence_pkey PRIMARY KEY (id)
);

create table evidence_source (
  source text not null,
  path text not null,
  node text not null,
  heard_to timestamp with time zone not null,
  deaf text,
  undrained bigint,
  told_at timestamp with time zone not null default now(),
  constraint evidence_source_pkey PRIMARY KEY (source, path)
);

create table exchange_data_set (
  id text not null,
  sharing text not null,
  period_ms bigint not null,
  updated_at timestamp with time zone not null default now(),
  constraint exchange_data_set_period_ms_check CHECK ((period_ms >= 10000)),
  constraint exchange_data_set_pkey PRIMARY KEY (id),
  constraint exchange_data_set_sharing_check CHECK ((sharing = ANY (ARRAY['unconditional'::text, 'conditional'::text, 'none'::text])))
);

create table exchange_delivery (
  id bigint not null generated always as identity,
  subscription_id text not null,
  sequence bigint not null,
  key text not null,
  kind text not null,
  state text not null,
  objects jsonb not null,
  items integer not null,
  bytes integer not null,
  body text,
  excerpt text not null,
  tries integer not null default 0,
  status integer,
  detail text,
  latency_ms integer,
  made_at timestamp with time zone not null,
  done_at timestamp with time zone,
  constraint exchange_delivery_kind_check CHECK ((kind = ANY (ARRAY['full'::text, 'changes'::text, 'unchanged'::text]))),
  constraint exchange_delivery_pkey PRIMARY KEY (id),
  constraint exchange_delivery_state_check CHECK ((state = ANY (ARRAY['sending'::text, 'delivered'::text, 'refused'::text]))),
  constraint exchange_delivery_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES exchange_subscription(id) ON DELETE CASCADE
);
CREATE INDEX exchange_delivery_log ON public.exchange_delivery USING btree (subscription_id, id DESC);
CREATE INDEX exchange_delivery_made ON public.exchange_delivery USING btree (made_at);
CREATE UNIQUE INDEX exchange_delivery_sending ON public.exchange_delivery USING btree (subscription_id) WHERE (state = 'sending'::text);

create table exchange_peer (
  id text not null,
  name text not null,
  base_url text not null,
  auth text not null,
  secret text not null,
  enabled boolean not null default true,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint exchange_peer_auth_check CHECK ((auth = ANY (ARRAY['hmac'::text, 'bearer'::text]))),
  constraint exchange_peer_pkey PRIMARY KEY (id)
);

create table exchange_sent (
  subscription_id text not null,
  object text not null,
  hash text,
  sent_at timestamp with time zone,
  refused_hash text,
  refused_at timestamp with time zone,
  constraint exchange_sent_pkey PRIMARY KEY (subscription_id, object),
  constraint exchange_sent_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES exchange_subscription(id) ON DELETE CASCADE
);

create table exchange_subscription (
  id text not null,
  peer_id text not null,
  data_set text not null,
  org_id text,
  modules text[],
  purpose text not null,
  state text not null,
  requested_by text not null,
  requested_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  decision_note text,
  sequence bigint not null default 0,
  batch_limit integer,
  complete_at timestamp with time zone,
  last_ok_at timestamp with time zone,
  latency_ms integer,
  failures integer not null default 0,
  refusals integer not null default 0,
  last_error text,
  next_at timestamp with time zone not null,
  backlog integer not null default 0,
  interface text not null default 'normal'::text,
  interface_since timestamp with time zone not null,
  alarmed_since timestamp with time zone,
  owner text,
  leased_until timestamp with time zone,
  constraint exchange_subscription_interface_check CHECK ((interface = ANY (ARRAY['normal'::text, 'failing'::text, 'overdue'::text]))),
  constraint exchange_subscription_peer_id_fkey FOREIGN KEY (peer_id) REFERENCES exchange_peer(id) ON DELETE CASCADE,
  constraint exchange_subscription_pkey PRIMARY KEY (id),
  constraint exchange_subscription_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text, 'paused'::text, 'refused'::text])))
);
CREATE INDEX exchange_subscription_due ON public.exchange_subscription USING btree (next_at) WHERE (state = 'active'::text);
CREATE INDEX exchange_subscription_peer ON public.exchange_subscription USING btree (peer_id);

create table handover (
  id text not null,
  no text not null,
  kind text not null,
  state text not null,
  from_org_id text not null,
  to_org_id text not null,
  on_date date not null,
  note text,
  created_at timestamp with time zone not null,
  created_by text not null,
  created_name text not null,
  handed_at timestamp with time zone,
  handed_by text,
  handed_name text,
  decided_at timestamp with time zone,
  decided_by text,
  decided_name text,
  decision_reason text,
  on_behalf boolean not null default false,
  constraint handover_check CHECK ((from_org_id <> to_org_id)),
  constraint handover_from_org_id_fkey FOREIGN KEY (from_org_id) REFERENCES org(id),
  constraint handover_kind_check CHECK ((kind = ANY (ARRAY['custody'::text, 'maintenance'::text]))),
  constraint handover_no_key UNIQUE (no),
  constraint handover_pkey PRIMARY KEY (id),
  constraint handover_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'handed'::text, 'accepted'::text, 'refused'::text, 'withdrawn'::text]))),
  constraint handover_to_org_id_fkey FOREIGN KEY (to_org_id) REFERENCES org(id)
);
CREATE INDEX handover_created ON public.handover USING btree (created_at DESC, id DESC);
CREATE INDEX handover_from ON public.handover USING btree (from_org_id);
CREATE INDEX handover_to ON public.handover USING btree (to_org_id);

create table handover_device (
  handover_id text not null,
  device integer not null,
  position integer not null,
  snapshot jsonb not null,
  constraint handover_device_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint handover_device_handover_id_fkey FOREIGN KEY (handover_id) REFERENCES handover(id) ON DELETE CASCADE,
  constraint handover_device_pkey PRIMARY KEY (handover_id, device)
);
CREATE INDEX handover_device_device ON public.handover_device USING btree (device);

create table health (
  device integer not null,
  state text not null,
  reason text not null,
  since timestamp with time zone not null,
  suspect boolean not null default false,
  flags text[] not null default '{}'::text[],
  constraint health_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint health_pkey PRIMARY KEY (device),
  constraint health_state_check CHECK ((state = ANY (ARRAY['offline'::text, 'flapping'::text, 'stale'::text, 'degraded'::text, 'online'::text, 'unknown'::text])))
);
CREATE INDEX health_flags ON public.health USING gin (flags) WHERE (flags <> '{}'::text[]);
CREATE INDEX health_since ON public.health USING btree (since) WHERE (state = ANY (ARRAY['offline'::text, 'online'::text]));
CREATE INDEX health_state ON public.health USING btree (state, device);
CREATE INDEX health_suspect ON public.health USING btree (device) WHERE suspect;

create table health_fact (
  device integer not null,
  name text not null,
  state text not null,
  reason text not null,
  evidence jsonb not null default '{}'::jsonb,
  since timestamp with time zone not null,
  path text not null,
  deadline bigint,
  turning bigint,
  constraint health_fact_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint health_fact_pkey PRIMARY KEY (device, name),
  constraint health_fact_state_check CHECK ((state = ANY (ARRAY['unknown'::text, 'good'::text, 'suspect'::text, 'bad'::text])))
);
CREATE INDEX health_fact_due ON public.health_fact USING btree (path, deadline) WHERE (deadline IS NOT NULL);

create table health_history (
  id bigint not null generated always as identity,
  device integer not null,
  at timestamp with time zone not null,
  was text not null,
  state text not null,
  reason text not null,
  constraint health_history_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint health_history_pkey PRIMARY KEY (id)
);
CREATE INDEX health_history_at ON public.health_history USING brin (at) WITH (pages_per_range='16');
CREATE INDEX health_history_device ON public.health_history USING btree (device, at DESC);

create table idempotent_request (
  slot text not null,
  fingerprint text not null,
  lease_until timestamp with time zone not null,
  keep_until timestamp with time zone not null,
  status smallint,
  content_type text,
  body text,
  constraint idempotent_request_pkey PRIMARY KEY (slot)
);
CREATE INDEX idempotent_request_keep ON public.idempotent_request USING btree (keep_until);

create table identity (
  id bigint not null generated always as identity,
  user_id text not null,
  provider text not null,
  issuer text,
  subject text,
  claim text,
  value text,
  linked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint identity_check CHECK (((issuer IS NULL) = (subject IS NULL))),
  constraint identity_check1 CHECK (((claim IS NULL) = (value IS NULL))),
  constraint identity_check2 CHECK (((subject IS NOT NULL) OR (claim IS NOT NULL))),
  constraint identity_pkey PRIMARY KEY (id),
  constraint identity_provider_check CHECK ((provider = ANY (ARRAY['oidc'::text, 'wecom'::text]))),
  constraint identity_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX identity_claim ON public.identity USING btree (provider, claim, value) WHERE (subject IS NULL);
CREATE UNIQUE INDEX identity_subject ON public.identity USING btree (provider, issuer, subject) WHERE (subject IS NOT NULL);
CREATE INDEX identity_user ON public.identity USING btree (user_id);

create table import_file (
  token_hash text not null,
  owner text not null,
  kind text not null,
  name text not null,
  content_type text not null,
  sealed text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  taken_at timestamp with time zone,
  constraint import_file_kind_check CHECK ((kind = ANY (ARRAY['credentials'::text, 'errors'::text]))),
  constraint import_file_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX import_file_expiry ON public.import_file USING btree (expires_at);

create table import_job (
  id text not null,
  owner text not null,
  state text not null,
  phase text not null,
  done integer not null default 0,
  total integer not null default 0,
  result text,
  created_at timestamp with time zone not null,
  beat_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint import_job_pkey PRIMARY KEY (id),
  constraint import_job_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX import_job_created ON public.import_job USING btree (created_at);

create table incident (
  id text not null,
  kind text not null,
  key text not null,
  device integer,
  fault text not null,
  component text not null default ''::text,
  reason text not null,
  cause text,
  severity text not null,
  life_safety boolean not null default false,
  late boolean not null default false,
  state text not null,
  opened_at timestamp with time zone not null,
  path text not null,
  decide_at bigint,
  resolved_at timestamp with time zone,
  notified boolean not null default false,
  suppressed text[] not null default '{}'::text[],
  advice jsonb,
  evidence jsonb not null default '[]'::jsonb,
  occurrences integer not null default 1,
  last_at timestamp with time zone not null,
  constraint incident_check CHECK (((kind = 'device'::text) = (device IS NOT NULL))),
  constraint incident_check1 CHECK (((state = ANY (ARRAY['resolved'::text, 'dismissed'::text])) = (resolved_at IS NOT NULL))),
  constraint incident_check2 CHECK (((state <> 'held'::text) OR (decide_at IS NOT NULL))),
  constraint incident_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint incident_kind_check CHECK ((kind = ANY (ARRAY['device'::text, 'group'::text]))),
  constraint incident_pkey PRIMARY KEY (id),
  constraint incident_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'minor'::text, 'major'::text, 'critical'::text]))),
  constraint incident_state_check CHECK ((state = ANY (ARRAY['held'::text, 'open'::text, 'resolved'::text, 'dismissed'::text])))
);
CREATE INDEX incident_device ON public.incident USING btree (device, fault, component, last_at DESC);
CREATE INDEX incident_due ON public.incident USING btree (path, decide_at) WHERE (state = 'held'::text);
CREATE INDEX incident_group ON public.incident USING btree (state, resolved_at) WHERE (kind = 'group'::text);
CREATE UNIQUE INDEX incident_open ON public.incident USING btree (key, fault, component) WHERE (state = ANY (ARRAY['held'::text, 'open'::text]));
CREATE INDEX incident_opened ON public.incident USING btree (opened_at DESC, id);
CREATE INDEX incident_silent ON public.incident USING btree (opened_at) WHERE ((kind = 'device'::text) AND (fault = 'offline'::text) AND (state = ANY (ARRAY['held'::text, 'open'::text])));
CREATE INDEX incident_suppressed ON public.incident USING gin (suppressed) WHERE ((state = ANY (ARRAY['held'::text, 'open'::text])) AND (suppressed <> '{}'::text[]));

create table incident_acknowledgement (
  incident_id text not null,
  at timestamp with time zone not null,
  by text not null,
  by_name text not null,
  note text,
  until timestamp with time zone not null,
  told_at timestamp with time zone,
  constraint incident_acknowledgement_check CHECK ((until > at)),
  constraint incident_acknowledgement_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id) ON DELETE CASCADE,
  constraint incident_acknowledgement_pkey PRIMARY KEY (incident_id)
);
CREATE INDEX incident_acknowledgement_due ON public.incident_acknowledgement USING btree (until) WHERE (told_at IS NULL);

create table incident_member (
  incident text not null,
  device integer not null,
  state text not null,
  since timestamp with time zone not null,
  constraint incident_member_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint incident_member_incident_fkey FOREIGN KEY (incident) REFERENCES incident(id) ON DELETE CASCADE,
  constraint incident_member_pkey PRIMARY KEY (incident, device),
  constraint incident_member_state_check CHECK ((state = ANY (ARRAY['bad'::text, 'good'::text])))
);
CREATE INDEX incident_member_device ON public.incident_member USING btree (device);

create table ingest_count (
  hour timestamp with time zone not null,
  device integer not null,
  code text not null,
  count bigint not null,
  constraint ingest_count_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint ingest_count_pkey PRIMARY KEY (hour, device, code)
);

create table ingest_ledger (
  spool text not null,
  drained bigint not null default 0,
  stored bigint not null default 0,
  duplicate bigint not null default 0,
  rejected bigint not null default 0,
  quarantined bigint not null default 0,
  lost bigint not null default 0,
  updated_at timestamp with time zone not null default now(),
  constraint ingest_ledger_check CHECK ((drained = ((((stored + duplicate) + rejected) + quarantined) + lost))),
  constraint ingest_ledger_pkey PRIMARY KEY (spool)
);

create table ingest_note (
  device integer not null,
  code text not null,
  path text not null,
  detail text not null,
  count bigint not null,
  last_at timestamp with time zone not null,
  constraint ingest_note_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint ingest_note_pkey PRIMARY KEY (device, code, path)
);

create table ingest_rejection (
  day date not null,
  principal text not null,
  code text not null,
  count bigint not null,
  last_at timestamp with time zone not null,
  constraint ingest_rejection_pkey PRIMARY KEY (day, principal, code)
);

create table inspection_item (
  task_id text not null,
  n integer not null,
  kind text not null,
  device_id text,
  ticket_id text,
  name text not null,
  place text,
  module text,
  since timestamp with time zone,
  reason text,
  result text,
  note text,
  photo text,
  by text,
  at timestamp with time zone,
  constraint inspection_item_kind_check CHECK ((kind = ANY (ARRAY['overdueTicket'::text, 'offline'::text, 'stale'::text, 'neverSeen'::text]))),
  constraint inspection_item_pkey PRIMARY KEY (task_id, n),
  constraint inspection_item_result_check CHECK ((result = ANY (ARRAY['normal'::text, 'abnormal'::text]))),
  constraint inspection_item_task_id_fkey FOREIGN KEY (task_id) REFERENCES inspection_task(id) ON DELETE CASCADE
);

create table inspection_run (
  name text not null,
  day date not null,
  owner text not null,
  until timestamp with time zone not null,
  through timestamp with time zone,
  constraint inspection_run_pkey PRIMARY KEY (name, day)
);

create table inspection_task (
  id text not null,
  org_id text not null,
  day date not null,
  modules text[] not null,
  devices integer not null,
  omitted integer not null default 0,
  created_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  submitted_at timestamp with time zone,
  submitted_by text,
  submitted_name text,
  note text,
  constraint inspection_task_check CHECK (((submitted_at IS NULL) = (submitted_by IS NULL))),
  constraint inspection_task_org_id_day_key UNIQUE (org_id, day),
  constraint inspection_task_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint inspection_task_pkey PRIMARY KEY (id)
);
CREATE INDEX inspection_task_day ON public.inspection_task USING btree (day DESC, id);
CREATE INDEX inspection_task_open ON public.inspection_task USING btree (due_at) WHERE (submitted_at IS NULL);

create table leadership (
  role text not null,
  epoch bigint not null,
  node text not null,
  since timestamp with time zone not null default now(),
  constraint leadership_pkey PRIMARY KEY (role)
);

create table leadership_status (
  role text not null,
  epoch bigint not null,
  status jsonb not null,
  said_at timestamp with time zone not null default now(),
  constraint leadership_status_pkey PRIMARY KEY (role),
  constraint leadership_status_role_fkey FOREIGN KEY (role) REFERENCES leadership(role)
);

create table learned_deadline (
  device integer not null,
  gaps bytea not null,
  samples bigint not null,
  offline_after bigint,
  median bigint,
  p99 bigint,
  base bigint,
  base_at timestamp with time zone,
  constraint learned_deadline_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint learned_deadline_pkey PRIMARY KEY (device)
);

create table message_key (
  device integer not null,
  key text not null,
  time timestamp with time zone not null,
  received_at timestamp with time zone not null,
  constraint message_key_pkey PRIMARY KEY (device, key)
);
CREATE INDEX message_key_received ON public.message_key USING brin (received_at);

create table metric (
  key integer not null generated always as identity,
  name text not null,
  constraint metric_name_key UNIQUE (name),
  constraint metric_pkey PRIMARY KEY (key)
);

create table module (
  id text not null,
  name_zh text not null,
  name_en text not null,
  position smallint not null default 0,
  constraint module_pkey PRIMARY KEY (id)
);

create table module_org (
  module_id text not null,
  org_id text not null,
  duty text not null,
  constraint module_org_duty_check CHECK ((duty = ANY (ARRAY['lead'::text, 'cooperate'::text]))),
  constraint module_org_module_id_fkey FOREIGN KEY (module_id) REFERENCES module(id) ON DELETE CASCADE,
  constraint module_org_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint module_org_pkey PRIMARY KEY (module_id, org_id)
);
CREATE UNIQUE INDEX module_one_lead ON public.module_org USING btree (module_id) WHERE (duty = 'lead'::text);

create table national_code_serial (
  prefix text not null,
  last integer not null,
  constraint national_code_serial_pkey PRIMARY KEY (prefix),
  constraint national_code_serial_prefix_check CHECK ((prefix ~ '^[0-9]{14}$'::text))
);

create table node (
  id text not null,
  session text not null,
  roles text[] not null,
  url text,
  started_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  left_at timestamp with time zone,
  undrained bigint not null default 0,
  oldest_undrained_at timestamp with time zone,
  constraint node_pkey PRIMARY KEY (id),
  constraint node_undrained_check CHECK ((undrained >= 0))
);

create table notice_trace (
  key text not null,
  subject text not null,
  ticket_id text,
  incident_id text,
  event text not null,
  life_safety boolean not null,
  notice jsonb not null,
  at timestamp with time zone not null,
  channels integer not null,
  constraint notice_trace_pkey PRIMARY KEY (key)
);
CREATE INDEX notice_trace_at ON public.notice_trace USING btree (at);
CREATE INDEX notice_trace_incident ON public.notice_trace USING btree (incident_id, at) WHERE (incident_id IS NOT NULL);
CREATE INDEX notice_trace_life_safety ON public.notice_trace USING btree (at) WHERE (life_safety AND (event = 'firing'::text));
CREATE INDEX notice_trace_ticket ON public.notice_trace USING btree (ticket_id, at) WHERE (ticket_id IS NOT NULL);

create table notification_channel (
  id text not null,
  name text not null,
  kind text not null,
  config jsonb not null,
  secret text,
  enabled boolean not null default true,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  resting_until timestamp with time zone,
  active_since timestamp with time zone not null default now(),
  constraint notification_channel_pkey PRIMARY KEY (id)
);

create table notification_pace (
  id bigint not null generated always as identity,
  channel_id text not null,
  sent_at timestamp with time zone not null,
  constraint notification_pace_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES notification_channel(id) ON DELETE CASCADE,
  constraint notification_pace_pkey PRIMARY KEY (id)
);
CREATE INDEX notification_pace_channel ON public.notification_pace USING btree (channel_id, sent_at);

create table notification_rule (
  id text not null,
  channel_id text not null,
  enabled boolean not null default true,
  faults text[],
  min_severity text not null default 'info'::text,
  stages text[],
  modules text[],
  org_ids text[],
  life_safety boolean,
  created_at timestamp with time zone not null default now(),
  level smallint not null default 1,
  events text[],
  times jsonb,
  language text,
  active_since timestamp with time zone not null default now(),
  constraint notification_rule_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES notification_channel(id) ON DELETE CASCADE,
  constraint notification_rule_language_check CHECK ((language = ANY (ARRAY['zh-CN'::text, 'en'::text]))),
  constraint notification_rule_level_check CHECK (((level >= 1) AND (level <= 3))),
  constraint notification_rule_min_severity_check CHECK ((min_severity = ANY (ARRAY['info'::text, 'minor'::text, 'major'::text, 'critical'::text]))),
  constraint notification_rule_pkey PRIMARY KEY (id)
);
CREATE INDEX notification_rule_channel ON public.notification_rule USING btree (channel_id);

create table observed_clock (
  path text not null,
  observed bigint not null,
  wall timestamp with time zone not null,
  constraint observed_clock_pkey PRIMARY KEY (path)
);

create table org (
  id text not null,
  parent_id text,
  kind text not null,
  level smallint,
  name text not null,
  code text,
  responsible jsonb,
  contact jsonb,
  contract_from date,
  contract_to date,
  created_at timestamp with time zone not null default now(),
  boundary jsonb,
  constraint org_check CHECK (((kind = 'area'::text) = (level IS NOT NULL))),
  constraint org_kind_check CHECK ((kind = ANY (ARRAY['area'::text, 'department'::text, 'maintenance'::text]))),
  constraint org_level_check CHECK (((level >= 1) AND (level <= 5))),
  constraint org_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES org(id),
  constraint org_pkey PRIMARY KEY (id)
);
CREATE INDEX org_parent ON public.org USING btree (parent_id);

create table outbox (
  id bigint not null generated always as identity,
  channel_id text not null,
  key text not null,
  subject text not null,
  event text not null,
  life_safety boolean not null,
  notice jsonb not null,
  state text not null default 'pending'::text,
  attempts integer not null default 0,
  next_at timestamp with time zone not null,
  lease_until timestamp with time zone,
  lease_owner text,
  detail text,
  created_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  repeat_every_ms integer,
  repeated integer not null default 0,
  acknowledged_at timestamp with time zone,
  acknowledged_by text,
  rule_id text,
  language text not null default 'zh-CN'::text,
  level smallint not null default 1,
  message text,
  raised_at timestamp with time zone,
  constraint outbox_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES notification_channel(id) ON DELETE CASCADE,
  constraint outbox_channel_id_key_key UNIQUE (channel_id, key),
  constraint outbox_event_check CHECK ((event = ANY (ARRAY['firing'::text, 'resolved'::text, 'stage'::text, 'overdue'::text, 'escalated'::text, 'report'::text]))),
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'dead'::text, 'skipped'::text])))
);
CREATE INDEX outbox_dead ON public.outbox USING btree (id DESC) WHERE (state = 'dead'::text);
CREATE INDEX outbox_done ON public.outbox USING btree (sent_at) WHERE (state = ANY (ARRAY['sent'::text, 'skipped'::text]));
CREATE INDEX outbox_due ON public.outbox USING btree (channel_id, life_safety, next_at, id) WHERE (state = 'pending'::text);
CREATE INDEX outbox_subject ON public.outbox USING btree (subject, channel_id, id);
CREATE INDEX outbox_unanswered ON public.outbox USING btree (subject, id) WHERE (life_safety AND (event = 'firing'::text) AND (acknowledged_at IS NULL) AND (state <> 'skipped'::text));
CREATE INDEX outbox_waiting ON public.outbox USING btree (subject, channel_id, id) WHERE (state = 'pending'::text);

create table paper_number (
  series text not null,
  day text not null,
  last integer not null,
  constraint paper_number_pkey PRIMARY KEY (series, day)
);

create table password_history (
  id bigint not null generated always as identity,
  user_id text not null,
  hash text not null,
  at timestamp with time zone not null default now(),
  constraint password_history_pkey PRIMARY KEY (id),
  constraint password_history_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);
CREATE INDEX password_history_user ON public.password_history USING btree (user_id, id DESC);

create table picture (
  id text not null,
  device integer not null,
  taken_at timestamp with time zone not null,
  origin text not null,
  purpose text not null,
  sha256 text not null,
  bytes integer not null,
  width integer not null,
  height integer not null,
  pinned boolean not null default false,
  kept_until timestamp with time zone not null,
  saved_at timestamp with time zone not null,
  constraint picture_bytes_check CHECK ((bytes > 0)),
  constraint picture_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint picture_height_check CHECK ((height > 0)),
  constraint picture_id_check CHECK ((id ~ '^[0-9a-f]{32}$'::text)),
  constraint picture_origin_check CHECK ((origin = ANY (ARRAY['snapshot'::text, 'keyFrame'::text]))),
  constraint picture_pkey PRIMARY KEY (id),
  constraint picture_purpose_check CHECK ((purpose = ANY (ARRAY['check'::text, 'reference'::text, 'evidence'::text, 'snapshot'::text]))),
  constraint picture_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint picture_width_check CHECK ((width > 0))
);
CREATE INDEX picture_check ON public.picture USING btree (device, taken_at DESC) WHERE ((purpose = 'check'::text) AND (NOT pinned));
CREATE INDEX picture_device ON public.picture USING btree (device, taken_at DESC, id DESC);
CREATE INDEX picture_kept_until ON public.picture USING btree (kept_until) WHERE (NOT pinned);

create table purge_run (
  name text not null,
  at timestamp with time zone not null,
  removed bigint not null default 0,
  error text,
  constraint purge_run_pkey PRIMARY KEY (name)
);

create table quarantine (
  id bigint not null generated always as identity,
  received_at timestamp with time zone not null,
  via text not null,
  principal text not null,
  device integer,
  topic text not null,
  payload bytea not null,
  code text not null,
  detail text not null,
  replayed_at timestamp with time zone,
  constraint quarantine_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint quarantine_pkey PRIMARY KEY (id)
);
CREATE INDEX quarantine_device ON public.quarantine USING btree (device, received_at DESC) WHERE (device IS NOT NULL);
CREATE INDEX quarantine_received ON public.quarantine USING btree (received_at DESC);

create table quiet_place (
  quiet_id text not null,
  module text,
  org_id text,
  vendor_id text,
  maintenance_unit_id text,
  devices integer not null,
  constraint quiet_place_quiet_id_fkey FOREIGN KEY (quiet_id) REFERENCES quiet_time(id) ON DELETE CASCADE,
  constraint quiet_place_quiet_id_module_org_id_vendor_id_maintenance_un_key UNIQUE NULLS NOT DISTINCT (quiet_id, module, org_id, vendor_id, maintenance_unit_id)
);

create table quiet_time (
  id text not null,
  kind text not null,
  name text not null,
  reason text not null,
  scope jsonb not null,
  reach jsonb,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  repeats jsonb,
  repeats_until timestamp with time zone,
  state text not null,
  created_by text not null,
  created_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  decision_note text,
  ended_at timestamp with time zone,
  ended_by text,
  settled timestamp with time zone,
  warned_at timestamp with time zone,
  constraint quiet_time_check CHECK ((ends_at > starts_at)),
  constraint quiet_time_check1 CHECK (((repeats IS NULL) = (repeats_until IS NULL))),
  constraint quiet_time_check2 CHECK (((kind = 'maintenance'::text) OR ((repeats IS NULL) AND (state = 'approved'::text)))),
  constraint quiet_time_kind_check CHECK ((kind = ANY (ARRAY['maintenance'::text, 'silence'::text, 'security'::text, 'drill'::text]))),
  constraint quiet_time_pkey PRIMARY KEY (id),
  constraint quiet_time_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'refused'::text])))
);
CREATE INDEX quiet_time_going ON public.quiet_time USING btree (kind, starts_at) WHERE (settled IS NOT NULL);
CREATE INDEX quiet_time_list ON public.quiet_time USING btree (kind, starts_at DESC, id);
CREATE INDEX quiet_time_span ON public.quiet_time USING btree (starts_at, COALESCE(repeats_until, ends_at)) WHERE ((kind = 'maintenance'::text) AND (state = 'approved'::text));

create table reading (
  time timestamp with time zone not null,
  received_at timestamp with time zone not null,
  device integer not null,
  metric integer not null,
  num double precision,
  bool boolean,
  flags smallint not null default 0,
  txt text,
  constraint reading_check CHECK ((num_nonnulls(num, bool, txt) = 1)),
  constraint reading_pkey PRIMARY KEY (device, metric, "time")
) partition by RANGE ("time");

create table reading_daily (
  device integer not null,
  metric integer not null,
  day timestamp with time zone not null,
  n bigint not null,
  numbers bigint not null,
  sum double precision,
  min double precision,
  max double precision,
  last_time timestamp with time zone not null,
  last_num double precision,
  last_bool boolean,
  last_txt text,
  constraint reading_daily_pkey PRIMARY KEY (device, metric, day)
);
CREATE INDEX reading_daily_day ON public.reading_daily USING brin (day);

create table reading_dirty (
  id bigint not null generated always as identity,
  device integer not null,
  hour timestamp with time zone not null,
  constraint reading_dirty_pkey PRIMARY KEY (id)
);
CREATE INDEX reading_dirty_device ON public.reading_dirty USING btree (device, hour);

create table reading_expired (
  level text not null,
  metric integer not null,
  until timestamp with time zone not null,
  constraint reading_expired_level_check CHECK ((level = ANY (ARRAY['raw'::text, 'hourly'::text, 'daily'::text]))),
  constraint reading_expired_metric_fkey FOREIGN KEY (metric) REFERENCES metric(key),
  constraint reading_expired_pkey PRIMARY KEY (level, metric)
);

create table reading_hourly (
  device integer not null,
  metric integer not null,
  hour timestamp with time zone not null,
  n bigint not null,
  numbers bigint not null,
  sum double precision,
  min double precision,
  max double precision,
  last_time timestamp with time zone not null,
  last_num double precision,
  last_bool boolean,
  last_txt text,
  constraint reading_hourly_pkey PRIMARY KEY (device, metric, hour)
);
CREATE INDEX reading_hourly_hour ON public.reading_hourly USING brin (hour);

create table reading_rollup (
  only_one boolean not null default true,
  day_start integer,
  open_from timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  hourly_until timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  daily_until timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  frozen_before timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  raw_from timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  converting boolean not null default false,
  constraint reading_rollup_only_one_check CHECK (only_one),
  constraint reading_rollup_pkey PRIMARY KEY (only_one)
);

create table recovery_code (
  user_id text not null,
  code_hash bytea not null,
  used_at timestamp with time zone,
  constraint recovery_code_pkey PRIMARY KEY (user_id, code_hash),
  constraint recovery_code_user_id_fkey FOREIGN KEY (user_id) REFERENCES second_factor(user_id) ON DELETE CASCADE
);

create table report (
  kind text not null,
  period date not null,
  last date not null,
  made_at timestamp with time zone not null,
  title jsonb not null,
  text jsonb not null,
  content jsonb not null,
  constraint report_kind_check CHECK ((kind = ANY (ARRAY['daily'::text, 'biweekly'::text, 'monthly'::text]))),
  constraint report_pkey PRIMARY KEY (kind, period)
);

create table report_item (
  period date not null,
  section text not null,
  position integer not null,
  module text,
  org_id text,
  vendor_id text,
  maintenance_unit_id text,
  handler_org_id text,
  content jsonb not null,
  constraint report_item_pkey PRIMARY KEY (period, section, "position")
);

create table report_lease (
  name text not null,
  owner text not null,
  until timestamp with time zone not null,
  constraint report_lease_pkey PRIMARY KEY (name)
);

create table retirement_candidate (
  device integer not null,
  offline_since timestamp with time zone not null,
  flagged_at timestamp with time zone not null,
  postponed_until timestamp with time zone,
  decided_by text,
  reason text,
  constraint retirement_candidate_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint retirement_candidate_pkey PRIMARY KEY (device)
);

create table role_right (
  role text not null,
  resource text not null,
  actions text[] not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint role_right_pkey PRIMARY KEY (role, resource)
);

create table schema_migration (
  version integer not null,
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migration_pkey PRIMARY KEY (version)
);

create table second_factor (
  user_id text not null,
  secret text not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  last_step bigint not null default 0,
  constraint second_factor_pkey PRIMARY KEY (user_id),
  constraint second_factor_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);

create table session (
  id text not null,
  user_id text not null,
  token_hash bytea not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  address text,
  agent text,
  via text not null default 'password'::text,
  constraint session_pkey PRIMARY KEY (id),
  constraint session_token_hash_key UNIQUE (token_hash),
  constraint session_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);
CREATE INDEX session_expires ON public.session USING btree (expires_at);
CREATE INDEX session_of_user ON public.session USING btree (user_id, created_at DESC);

create table setting (
  name text not null,
  value jsonb not null,
  updated_at timestamp with time zone not null default now(),
  updated_by text,
  constraint setting_pkey PRIMARY KEY (name)
);

create table sign_in_provider (
  name text not null,
  config jsonb not null,
  secret text not null,
  updated_at timestamp with time zone not null,
  updated_by text not null,
  constraint sign_in_provider_pkey PRIMARY KEY (name)
);

create table site (
  id text not null,
  name text not null,
  kind text,
  org_id text,
  location jsonb,
  created_at timestamp with time zone not null default now(),
  constraint site_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint site_pkey PRIMARY KEY (id)
);

create table site_handler (
  site_id text not null,
  module_id text not null,
  org_id text not null,
  constraint site_handler_module_id_fkey FOREIGN KEY (module_id) REFERENCES module(id) ON DELETE CASCADE,
  constraint site_handler_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint site_handler_pkey PRIMARY KEY (site_id, module_id),
  constraint site_handler_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id) ON DELETE CASCADE
);

create table stray_ticket (
  device integer not null,
  ticket_id text not null,
  filed_at timestamp with time zone not null,
  constraint stray_ticket_device_fkey FOREIGN KEY (device) REFERENCES device(key) ON DELETE CASCADE,
  constraint stray_ticket_pkey PRIMARY KEY (device)
);

create table street_code (
  street text not null,
  name text not null,
  region8 text not null,
  lat double precision,
  lon double precision,
  radius_m double precision,
  constraint street_code_check CHECK ((num_nonnulls(lat, lon, radius_m) = ANY (ARRAY[0, 3]))),
  constraint street_code_pkey PRIMARY KEY (street),
  constraint street_code_region8_check CHECK ((region8 ~ '^[0-9]{8}$'::text)),
  constraint street_code_street_check CHECK ((street ~ '^[0-9]{9}$'::text))
);

create table ticket (
  id text not null,
  no text not null,
  kind text not null,
  title text,
  fault text not null,
  component text not null default ''::text,
  priority text not null,
  severity text not null,
  life_safety boolean not null default false,
  stage text not null,
  stage_since timestamp with time zone not null,
  resume_stage text,
  suspended_until timestamp with time zone,
  subject text,
  module text,
  site_id text,
  org_id text,
  handler_org_id text,
  assignee_id text,
  handled_by text,
  cause text,
  evidence jsonb not null default '[]'::jsonb,
  incident_id text,
  opened_at timestamp with time zone not null,
  round_since timestamp with time zone not null,
  accepted_at timestamp with time zone,
  firing boolean not null default false,
  recovered_at timestamp with time zone,
  fire_count integer not null default 1,
  reopen_of text,
  drill boolean not null default false,
  due_at timestamp with time zone,
  overdue_marked timestamp with time zone,
  revision integer not null default 1,
  opened_by text not null default 'system'::text,
  fault_type text,
  advice jsonb,
  merged_into text,
  open_incidents jsonb not null default '[]'::jsonb,
  return_count integer not null default 0,
  supervise_count integer not null default 0,
  constraint ticket_kind_check CHECK ((kind = ANY (ARRAY['deviceFault'::text, 'event'::text, 'inspection'::text, 'manual'::text]))),
  constraint ticket_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES ticket(id),
  constraint ticket_no_key UNIQUE (no),
  constraint ticket_pkey PRIMARY KEY (id),
  constraint ticket_priority_check CHECK ((priority = ANY (ARRAY['normal'::text, 'urgent'::text, 'critical'::text]))),
  constraint ticket_reopen_of_fkey FOREIGN KEY (reopen_of) REFERENCES ticket(id),
  constraint ticket_stage_check CHECK ((stage = ANY (ARRAY['discovered'::text, 'filed'::text, 'dispatched'::text, 'handling'::text, 'verifying'::text, 'closed'::text, 'returned'::text, 'suspended'::text, 'falseAlarm'::text, 'cancelled'::text])))
);
CREATE INDEX ticket_assignee ON public.ticket USING btree (assignee_id, opened_at DESC) WHERE (assignee_id IS NOT NULL);
CREATE INDEX ticket_cause ON public.ticket USING btree (cause, opened_at DESC, id DESC) WHERE (cause IS NOT NULL);
CREATE INDEX ticket_drill ON public.ticket USING btree (opened_at DESC, id DESC) WHERE drill;
CREATE INDEX ticket_due ON public.ticket USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX ticket_ended ON public.ticket USING btree (stage_since) WHERE (stage = ANY (ARRAY['closed'::text, 'falseAlarm'::text, 'cancelled'::text]));
CREATE INDEX ticket_fault_round ON public.ticket USING btree (round_since) WHERE (kind = 'deviceFault'::text);
CREATE INDEX ticket_fault_type ON public.ticket USING btree (fault_type, opened_at DESC, id DESC) WHERE (fault_type IS NOT NULL);
CREATE INDEX ticket_handler_org ON public.ticket USING btree (handler_org_id, opened_at DESC);
CREATE INDEX ticket_incident ON public.ticket USING btree (incident_id) WHERE (incident_id IS NOT NULL);
CREATE INDEX ticket_merged ON public.ticket USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX ticket_module ON public.ticket USING btree (module, opened_at DESC, id DESC);
CREATE UNIQUE INDEX ticket_one_open ON public.ticket USING btree (subject, fault, component) WHERE ((subject IS NOT NULL) AND (stage <> ALL (ARRAY['closed'::text, 'falseAlarm'::text, 'cancelled'::text])));
CREATE INDEX ticket_open ON public.ticket USING btree (stage, stage_since) WHERE (stage <> ALL (ARRAY['closed'::text, 'falseAlarm'::text, 'cancelled'::text]));
CREATE INDEX ticket_open_incidents ON public.ticket USING gin (open_incidents) WHERE (open_incidents <> '[]'::jsonb);
CREATE INDEX ticket_opened ON public.ticket USING btree (opened_at DESC, id DESC);
CREATE INDEX ticket_opened_by ON public.ticket USING btree (opened_by, opened_at DESC) WHERE (opened_by <> 'system'::text);
CREATE INDEX ticket_org ON public.ticket USING btree (org_id, opened_at DESC);
CREATE INDEX ticket_reopen_of ON public.ticket USING btree (reopen_of) WHERE (reopen_of IS NOT NULL);
CREATE INDEX ticket_returned ON public.ticket USING btree (opened_at DESC, id DESC) WHERE (return_count > 0);
CREATE INDEX ticket_stage ON public.ticket USING btree (stage) WHERE (NOT drill);
CREATE INDEX ticket_subject ON public.ticket USING btree (subject, fault, component, opened_at DESC) WHERE (subject IS NOT NULL);
CREATE INDEX ticket_supervised ON public.ticket USING btree (opened_at DESC, id DESC) WHERE (supervise_count > 0);

create table ticket_attachment (
  ticket_id text not null,
  n integer not null,
  sha256 text not null,
  bytes integer not null,
  media_type text not null,
  name text not null,
  phase text not null,
  note text,
  by text not null,
  at timestamp with time zone not null,
  taken_at timestamp with time zone,
  lat double precision,
  lon double precision,
  taken_from text,
  place_from text,
  distance double precision,
  constraint ticket_attachment_phase_check CHECK ((phase = ANY (ARRAY['before'::text, 'after'::text, 'other'::text]))),
  constraint ticket_attachment_pkey PRIMARY KEY (ticket_id, n),
  constraint ticket_attachment_place_from_check CHECK ((place_from = ANY (ARRAY['file'::text, 'person'::text]))),
  constraint ticket_attachment_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint ticket_attachment_taken_from_check CHECK ((taken_from = ANY (ARRAY['file'::text, 'person'::text]))),
  constraint ticket_attachment_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);
CREATE INDEX ticket_attachment_sha256 ON public.ticket_attachment USING btree (sha256);

create table ticket_device (
  ticket_id text not null,
  device integer not null,
  constraint ticket_device_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint ticket_device_pkey PRIMARY KEY (ticket_id, device),
  constraint ticket_device_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);
CREATE INDEX ticket_device_device ON public.ticket_device USING btree (device);
CREATE TRIGGER ticket_device_owned AFTER INSERT ON public.ticket_device REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ticket_is_owned();

create table ticket_escalation (
  ticket_id text not null,
  round text not null,
  level smallint not null,
  reason text not null,
  state text not null,
  org_ids text[] not null,
  at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  decision_note text,
  constraint ticket_escalation_level_check CHECK (((level >= 1) AND (level <= 3))),
  constraint ticket_escalation_pkey PRIMARY KEY (ticket_id, round, level),
  constraint ticket_escalation_state_check CHECK ((state = ANY (ARRAY['done'::text, 'pending'::text, 'confirmed'::text, 'declined'::text]))),
  constraint ticket_escalation_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);
CREATE INDEX ticket_escalation_pending ON public.ticket_escalation USING btree (ticket_id) WHERE (state = 'pending'::text);

create table ticket_figure (
  ticket_id text not null,
  ended_at timestamp with time zone not null,
  elapsed_ms bigint not null,
  working_ms bigint not null,
  repaired_ms bigint,
  reopened integer not null,
  constraint ticket_figure_pkey PRIMARY KEY (ticket_id),
  constraint ticket_figure_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);

create table ticket_history (
  id bigint not null generated always as identity,
  ticket_id text not null,
  kind text not null,
  from_stage text,
  to_stage text not null,
  by text not null,
  at timestamp with time zone not null,
  note text,
  code text,
  vars jsonb not null default '{}'::jsonb,
  cause text,
  constraint ticket_history_kind_check CHECK ((kind <> ''::text)),
  constraint ticket_history_pkey PRIMARY KEY (id),
  constraint ticket_history_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);
CREATE INDEX ticket_history_ticket ON public.ticket_history USING btree (ticket_id, id);
CREATE INDEX ticket_history_turn ON public.ticket_history USING btree (ticket_id, to_stage, at);

create table ticket_number (
  day text not null,
  last integer not null,
  constraint ticket_number_pkey PRIMARY KEY (day)
);

create table ticket_owner (
  ticket_id text not null,
  vendor_id text,
  maintenance_unit_id text,
  project text,
  constraint ticket_owner_pkey PRIMARY KEY (ticket_id),
  constraint ticket_owner_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);

create table ticket_party (
  ticket_id text not null,
  org_id text not null,
  duty text not null,
  added_by text not null,
  added_at timestamp with time zone not null,
  respond_by timestamp with time zone,
  acknowledged_by text,
  acknowledged_at timestamp with time zone,
  note text,
  constraint ticket_party_duty_check CHECK ((duty = ANY (ARRAY['assist'::text, 'related'::text]))),
  constraint ticket_party_org_id_fkey FOREIGN KEY (org_id) REFERENCES org(id),
  constraint ticket_party_pkey PRIMARY KEY (ticket_id, org_id),
  constraint ticket_party_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);
CREATE INDEX ticket_party_org ON public.ticket_party USING btree (org_id, ticket_id);

create table ticket_request (
  ticket_id text not null,
  n integer not null,
  kind text not null,
  stage text not null,
  until timestamp with time zone not null,
  reason text not null,
  by text not null,
  at timestamp with time zone not null,
  state text not null,
  decided_by text,
  decided_at timestamp with time zone,
  decision_note text,
  constraint ticket_request_kind_check CHECK ((kind = ANY (ARRAY['extension'::text, 'suspension'::text]))),
  constraint ticket_request_pkey PRIMARY KEY (ticket_id, n),
  constraint ticket_request_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'refused'::text]))),
  constraint ticket_request_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ticket_request_pending ON public.ticket_request USING btree (ticket_id, kind) WHERE (state = 'pending'::text);

create table ticket_sum (
  day date not null,
  by text not null,
  key text,
  opened integer not null,
  closed integer not null,
  false_alarms integer not null,
  cancelled integer not null,
  self_recovered integer not null,
  reopened integer not null,
  on_time integer not null,
  repaired integer not null,
  measured integer not null,
  elapsed_ms bigint not null,
  working_ms bigint not null,
  verified integer not null,
  verify_ms bigint not null,
  elapsed bigint[],
  constraint ticket_sum_by_day_key_key UNIQUE NULLS NOT DISTINCT (by, day, key)
);

create table ticket_sum_run (
  day date not null,
  mark text not null,
  constraint ticket_sum_run_pkey PRIMARY KEY (day)
);

create table ticket_watch (
  ticket_id text not null,
  revision integer not null,
  next_at timestamp with time zone,
  constraint ticket_watch_pkey PRIMARY KEY (ticket_id),
  constraint ticket_watch_ticket_id_fkey FOREIGN KEY (ticket_id) REFERENCES ticket(id) ON DELETE CASCADE
);

create table unknown_metric (
  type text not null,
  name text not null,
  count bigint not null,
  last_seen timestamp with time zone not null,
  constraint unknown_metric_pkey PRIMARY KEY (type, name)
);

create table uploaded_type (
  id text not null,
  vendor_id text,
  shared boolean not null default false,
  retired_at timestamp with time zone,
  retired_by text,
  retired_reason text,
  constraint uploaded_type_pkey PRIMARY KEY (id),
  constraint uploaded_type_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES vendor(id) ON DELETE SET NULL
);

create table vendor (
  id text not null,
  name text not null,
  contact jsonb,
  topics text[] not null default '{}'::text[],
  created_at timestamp with time zone not null default now(),
  state text not null default 'active'::text,
  state_reason text,
  state_at timestamp with time zone not null default now(),
  credit_code text,
  purpose text,
  module_ids text[] not null default '{}'::text[],
  contract jsonb,
  agreement jsonb,
  agreement_required boolean not null default false,
  quotas jsonb not null default '{}'::jsonb,
  constraint vendor_pkey PRIMARY KEY (id),
  constraint vendor_state_check CHECK ((state = ANY (ARRAY['invited'::text, 'applied'::text, 'active'::text, 'suspended'::text, 'ended'::text, 'rejected'::text])))
);
CREATE UNIQUE INDEX vendor_credit_code ON public.vendor USING btree (credit_code) WHERE (credit_code IS NOT NULL);
CREATE INDEX vendor_state ON public.vendor USING btree (state) WHERE (state <> 'active'::text);

create table vendor_invitation (
  id text not null,
  vendor_id text not null,
  token_hash bytea not null,
  email text,
  created_by text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint vendor_invitation_pkey PRIMARY KEY (id),
  constraint vendor_invitation_token_hash_key UNIQUE (token_hash),
  constraint vendor_invitation_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES vendor(id) ON DELETE CASCADE
);
CREATE INDEX vendor_invitation_vendor ON public.vendor_invitation USING btree (vendor_id, created_at DESC);

create table vendor_usage (
  vendor_id text not null,
  day date not null,
  messages bigint not null default 0,
  refused bigint not null default 0,
  requests bigint not null default 0,
  constraint vendor_usage_pkey PRIMARY KEY (vendor_id, day),
  constraint vendor_usage_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES vendor(id) ON DELETE CASCADE
);

create table vendor_warning (
  vendor_id text not null,
  what text not null,
  ends_on date not null,
  days_before integer not null,
  at timestamp with time zone not null,
  constraint vendor_warning_pkey PRIMARY KEY (vendor_id, what, ends_on, days_before),
  constraint vendor_warning_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES vendor(id) ON DELETE CASCADE,
  constraint vendor_warning_what_check CHECK ((what = ANY (ARRAY['contract'::text, 'agreement'::text])))
);

create table viewing (
  id text not null,
  device integer not null,
  user_id text not null,
  user_name text not null,
  address text,
  mode text not null,
  purpose text not null,
  started_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  end_reason text,
  bytes bigint not null default 0,
  constraint viewing_device_fkey FOREIGN KEY (device) REFERENCES device(key),
  constraint viewing_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'onDemand'::text, 'masked'::text, 'clip'::text, 'snapshot'::text]))),
  constraint viewing_pkey PRIMARY KEY (id),
  constraint viewing_purpose_check CHECK ((length(purpose) >= 2))
);
CREATE INDEX viewing_device ON public.viewing USING btree (device, started_at DESC, id DESC);
CREATE INDEX viewing_open ON public.viewing USING btree (last_seen_at) WHERE (ended_at IS NULL);
CREATE INDEX viewing_started ON public.viewing USING btree (started_at DESC, id DESC);
CREATE INDEX viewing_user ON public.viewing USING btree (user_id, started_at DESC, id DESC);

CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.audit_is_not_truncated()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit table is append-only';
end $function$;

CREATE OR REPLACE FUNCTION public.audit_purge(through bigint, at_most integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.campaign_is_sealed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  touched jsonb := coalesce(to_jsonb(old), to_jsonb(new));
begin
  if touched ->> 'sealed_at' is not null
     or exists (select from campaign c where c.id = touched ->> 'campaign_id' and c.sealed_at is not null) then
    raise exception 'this campaign is sealed' using errcode = 'integrity_constraint_violation';
  end if;
  return coalesce(new, old);
end $function$;

CREATE OR REPLACE FUNCTION public.connection_endpoint(connection jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case connection ->> 'protocol'
    when 'onvif' then lower(btrim(connection ->> 'host', '[]')) || ':'
      || coalesce(connection ->> 'port', case when connection ->> 'tls' = 'true' then '443' else '80' end)
    when 'rtsp' then (
      select lower(btrim(m[2], '[]')) || ':' || coalesce(m[3], case lower(m[1]) when 'rtsps' then '322' else '554' end)
      from regexp_match(connection ->> 'url',
        '^(rtsps?)://(?:[^/@]*@)?(\[[^]]+\]|[^]/:?#[]+)(?::0*([0-9]+))?(?:[/?#]|$)', 'i') as m)
  end
$function$;

CREATE OR REPLACE FUNCTION public.connection_stream(connection jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when connection ->> 'protocol' = 'rtsp' then (
    select lower(m[1]) || '://' || public.connection_endpoint(connection) || lower(regexp_replace(coalesce(m[2], ''), '/+$', ''))
    from regexp_match(connection ->> 'url', '^(rtsps?)://[^/?#]*([/?][^#]*)?', 'i') as m)
  end
$function$;

CREATE OR REPLACE FUNCTION public.device_exposure_added()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into device_exposure
    select e.site_id, e.module, e.org_id, e.vendor_id, e.maintenance_unit_id, e.hour, sum(e.offset_us), sum(e.devices)
    from added d cross join lateral device_exposure_of(d::device, 1) e where d.lifecycle in ('active', 'suspended') group by 1, 2, 3, 4, 5, 6;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.device_exposure_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into device_exposure
    select e.site_id, e.module, e.org_id, e.vendor_id, e.maintenance_unit_id, e.hour, sum(e.offset_us), sum(e.devices)
    from (select d::device as d, 1 as sign from added d union all select d::device, -1 from gone d) x
    cross join lateral device_exposure_of(x.d, x.sign) e where (x.d).lifecycle in ('active', 'suspended') group by 1, 2, 3, 4, 5, 6
    having sum(e.devices) <> 0 or sum(e.offset_us) <> 0;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.device_exposure_of(d device, sign integer, OUT site_id text, OUT module text, OUT org_id text, OUT vendor_id text, OUT maintenance_unit_id text, OUT hour timestamp with time zone, OUT offset_us bigint, OUT devices integer)
 RETURNS record
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select d.site_id, d.module, d.org_id, d.vendor_id, d.maintenance_unit_id, date_bin('1 hour', d.created_at, 'epoch'),
    sign * (extract(epoch from d.created_at - date_bin('1 hour', d.created_at, 'epoch')) * 1000000)::bigint, sign
$function$;

CREATE OR REPLACE FUNCTION public.device_exposure_removed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into device_exposure
    select e.site_id, e.module, e.org_id, e.vendor_id, e.maintenance_unit_id, e.hour, sum(e.offset_us), sum(e.devices)
    from gone d cross join lateral device_exposure_of(d::device, -1) e where d.lifecycle in ('active', 'suspended') group by 1, 2, 3, 4, 5, 6;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.mac_key(mac text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select lower(regexp_replace(mac, '[^0-9A-Fa-f]', '', 'g'))
$function$;

CREATE OR REPLACE FUNCTION public.org_subtree(roots text[])
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
AS $function$
  with recursive tree (id) as (
    select id from org where id = any (roots)
    union
    select o.id from org o join tree t on o.parent_id = t.id
  )
  select id from tree
$function$;

CREATE OR REPLACE FUNCTION public.papers_stay()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is kept as it was written', tg_table_name;
end $function$;

CREATE OR REPLACE FUNCTION public.reading_open_from()
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock_shared(7411201609);
  return (select open_from from reading_rollup);
end $function$;

CREATE OR REPLACE FUNCTION public.search_pairs(t text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select string_to_array(regexp_replace(t, '(..)', E'\\1\x01', 'g') || E'\x01' || regexp_replace(substr(t, 2), '(..)', E'\\1\x01', 'g'), E'\x01')
$function$;

CREATE OR REPLACE FUNCTION public.ticket_is_owned()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into ticket_owner (ticket_id, vendor_id, maintenance_unit_id, project)
    select distinct on (n.ticket_id) n.ticket_id, d.vendor_id, d.maintenance_unit_id, nullif(d.labels ->> 'project', '')
    from added n join device d on d.key = n.device order by n.ticket_id, n.device
    on conflict do nothing;
  return null;
end $function$;

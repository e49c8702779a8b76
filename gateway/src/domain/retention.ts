import type { SettingValues } from './settings.ts';

/** Settings that say how long, or how much of, something is kept. */
export type KeepSetting = {
  [K in keyof SettingValues]: SettingValues[K] extends number ? K : never;
}[keyof SettingValues];

/** How what grows is held. */
export type Keeping =
  /** As many days, rows or files as a setting says. */
  | { readonly how: 'setting'; readonly setting: KeepSetting; readonly unit: 'days' | 'rows' | 'files' }
  /** As many days as the program says; less than one is a fraction. */
  | { readonly how: 'days'; readonly days: number }
  /** As much as the program says, whatever its age. */
  | { readonly how: 'amount' }
  /** For good: it is work, proof or a register. It is counted into the forecast. */
  | { readonly how: 'kept' };

export interface RetentionClass {
  readonly name: string;
  /** Tables of the database; a name that ends in `*` stands for every table that begins so. */
  readonly tables: readonly string[];
  /** Folders of the data directory. */
  readonly folders?: readonly string[];
  readonly keep: Keeping;
}

/** Everything that grows with time. A table that is neither here nor in {@link STATE_TABLES} fails a test. */
export const RETENTION = [
  {
    name: 'readings',
    tables: ['reading', 'reading_2*'],
    keep: { how: 'setting', setting: 'rawDays', unit: 'days' },
  },
  { name: 'hourly', tables: ['reading_hourly'], keep: { how: 'setting', setting: 'hourlyDays', unit: 'days' } },
  { name: 'daily', tables: ['reading_daily'], keep: { how: 'setting', setting: 'dailyDays', unit: 'days' } },
  { name: 'events', tables: ['device_event'], keep: { how: 'setting', setting: 'eventDays', unit: 'days' } },
  {
    name: 'health',
    tables: ['health_history', 'blind_interval'],
    keep: { how: 'setting', setting: 'historyDays', unit: 'days' },
  },
  { name: 'commands', tables: ['device_command'], keep: { how: 'setting', setting: 'historyDays', unit: 'days' } },
  { name: 'lifecycle', tables: ['device_history', 'device_registration'], keep: { how: 'kept' } },
  { name: 'pictureTurns', tables: ['diagnosis_history'], keep: { how: 'amount' } },
  {
    name: 'incidents',
    tables: ['incident', 'incident_member', 'incident_acknowledgement', 'drill_fault'],
    keep: { how: 'kept' },
  },
  {
    name: 'tickets',
    tables: ['ticket', 'ticket_*', 'stray_ticket'],
    folders: ['attachments'],
    keep: { how: 'kept' },
  },
  {
    name: 'audit',
    tables: ['audit'],
    folders: ['audit'],
    keep: { how: 'setting', setting: 'auditDays', unit: 'days' },
  },
  {
    name: 'viewings',
    tables: ['viewing', 'camera_clip'],
    keep: { how: 'setting', setting: 'auditDays', unit: 'days' },
  },
  { name: 'clips', tables: [], folders: ['clips'], keep: { how: 'days', days: 1 } },
  { name: 'pictures', tables: ['picture'], folders: ['pictures'], keep: { how: 'days', days: 180 } },
  { name: 'quarantine', tables: ['quarantine'], keep: { how: 'setting', setting: 'quarantineRows', unit: 'rows' } },
  { name: 'messageKeys', tables: ['message_key'], keep: { how: 'days', days: 1 } },
  { name: 'refusals', tables: ['ingest_rejection', 'ingest_note', 'unknown_metric'], keep: { how: 'days', days: 400 } },
  { name: 'dataQuality', tables: ['ingest_count', 'device_day', 'device_day_sum'], keep: { how: 'days', days: 200 } },
  { name: 'outbox', tables: ['outbox', 'notice_trace', 'notification_pace'], keep: { how: 'days', days: 30 } },
  { name: 'exchange', tables: ['exchange_delivery'], keep: { how: 'days', days: 30 } },
  { name: 'sessions', tables: ['session'], keep: { how: 'days', days: 30 } },
  { name: 'idempotency', tables: ['idempotent_request'], keep: { how: 'days', days: 1 } },
  { name: 'imports', tables: ['import_file', 'import_job'], keep: { how: 'days', days: 7 } },
  { name: 'backups', tables: [], folders: ['backups'], keep: { how: 'setting', setting: 'backupKeep', unit: 'files' } },
  { name: 'backupRuns', tables: ['backup_run'], keep: { how: 'setting', setting: 'auditDays', unit: 'days' } },
  { name: 'availability', tables: ['availability_day'], keep: { how: 'days', days: 400 } },
  {
    name: 'figures',
    tables: ['availability_sum', 'availability_run', 'availability_group', 'device_quarter', 'device_use_decision'],
    keep: { how: 'kept' },
  },
  { name: 'reports', tables: ['report', 'report_item'], keep: { how: 'kept' } },
  {
    name: 'inspections',
    tables: ['inspection_task', 'inspection_item', 'inspection_run', 'campaign', 'campaign_*'],
    keep: { how: 'kept' },
  },
  {
    name: 'papers',
    tables: ['acceptance_report', 'handover', 'handover_device', 'construction_*', 'quiet_time', 'quiet_place'],
    folders: ['vendor-files'],
    keep: { how: 'kept' },
  },
  { name: 'vendorUsage', tables: ['vendor_usage'], keep: { how: 'days', days: 400 } },
  { name: 'passwords', tables: ['password_history'], keep: { how: 'amount' } },
  { name: 'capacity', tables: ['capacity_sample'], keep: { how: 'days', days: 1_100 } },
] as const satisfies readonly RetentionClass[];

export type RetentionName = (typeof RETENTION)[number]['name'];

/** Tables with a row a thing (device, person, setting, running job): as large as what they describe, at any age. */
export const STATE_TABLES: readonly string[] = [
  ...['alarm_rule', 'alarm_state', 'alarm_watch', 'api_key', 'app_user', 'audit_anchor', 'audit_head', 'calendar_day'],
  ...['camera', 'camera_mask', 'device', 'device_exposure', 'device_metric', 'device_seen', 'device_type_version'],
  ...['diagnosis_look', 'diagnosis_reference', 'diagnosis_state', 'disk_state', 'duty_absence', 'duty_roster'],
  ...['duty_state', 'exchange_data_set', 'exchange_peer', 'exchange_sent', 'exchange_subscription', 'health'],
  ...['health_fact', 'identity', 'ingest_ledger', 'learned_deadline', 'metric', 'module', 'module_org'],
  ...['national_code_serial', 'notification_channel', 'notification_rule', 'observed_clock', 'org', 'paper_number'],
  ...['purge_run', 'recovery_code', 'report_lease', 'retirement_candidate', 'role_right', 'schema_migration'],
  ...['second_factor', 'setting', 'sign_in_provider', 'site', 'site_handler', 'street_code', 'uploaded_type', 'vendor'],
  ...['vendor_invitation', 'vendor_warning', 'node', 'reading_rollup', 'reading_dirty', 'reading_expired'],
  ...['cluster_fact', 'leadership', 'leadership_status', 'evidence', 'evidence_source'],
  ...['broker_login', 'broker_login_pending', 'broker_manager'],
];

/** The class a table belongs to; undefined = a state table, or one nobody has thought about. */
export function classOf(table: string): RetentionName | undefined {
  const named = (pattern: string) =>
    pattern.endsWith('*') ? table.startsWith(pattern.slice(0, -1)) : table === pattern;
  const classes: readonly (RetentionClass & { readonly name: RetentionName })[] = RETENTION;
  return (classes.find(({ tables }) => tables.includes(table)) ?? classes.find(({ tables }) => tables.some(named)))
    ?.name;
}

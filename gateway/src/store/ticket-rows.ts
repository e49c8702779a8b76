import type { Severity } from '../domain/reading.ts';
import type { TicketEvidence, TicketKind, TicketPriority, TicketRecord, TicketStage } from '../domain/ticket.ts';
import type { StoredTicket } from '../domain/ticket-rows.ts';
import { storableJson } from './storable.ts';

/** A row of `ticket` with its devices, as {@link TICKET_COLUMNS} selects it. */
export interface TicketRow {
  id: string;
  no: string;
  kind: TicketKind;
  title: string | null;
  fault: string;
  component: string;
  priority: TicketPriority;
  severity: Severity;
  life_safety: boolean;
  stage: TicketStage;
  stage_since: number;
  resume_stage: TicketStage | null;
  suspended_until: number | null;
  subject: string | null;
  module: string | null;
  site_id: string | null;
  org_id: string | null;
  handler_org_id: string | null;
  assignee_id: string | null;
  handled_by: string | null;
  cause: string | null;
  evidence: TicketEvidence[];
  incident_id: string | null;
  opened_at: number;
  round_since: number;
  accepted_at: number | null;
  firing: boolean;
  recovered_at: number | null;
  fire_count: number;
  reopen_of: string | null;
  drill: boolean;
  due_at: number | null;
  opened_by: string;
  fault_type: string | null;
  advice: Record<string, string> | null;
  merged_into: string | null;
  open_incidents: string[];
  return_count: number;
  supervise_count: number;
  revision: number;
  device_count: number;
  device_ids: string[];
  devices: number[];
}

const members = (limit: string) =>
  `(select count(*)::int from ticket_device m where m.ticket_id = t.id) as device_count,
  array(select d.id from ticket_device m join device d on d.key = m.device where m.ticket_id = t.id order by d.id${limit}) as device_ids,
  array(select m.device from ticket_device m join device d on d.key = m.device where m.ticket_id = t.id order by d.id${limit}) as devices`;

/** For a query whose `from` names the ticket `t`. */
export const TICKET_COLUMNS = `t.*, ${members('')}`;

/** The same for lists: of a group only the first devices, and how many there are. */
export const DEVICES_LISTED = 20;
export const LIST_COLUMNS = `t.*, ${members(` limit ${DEVICES_LISTED}`)}`;

export function fromRow(row: TicketRow): StoredTicket {
  const ticket: TicketRecord = {
    id: row.id,
    no: row.no,
    kind: row.kind,
    title: row.title,
    fault: row.fault,
    component: row.component === '' ? null : row.component,
    priority: row.priority,
    severity: row.severity,
    lifeSafety: row.life_safety,
    stage: row.stage,
    stageSince: row.stage_since,
    resumeStage: row.resume_stage,
    suspendedUntil: row.suspended_until,
    subject: row.subject,
    module: row.module,
    siteId: row.site_id,
    orgId: row.org_id,
    handlerOrgId: row.handler_org_id,
    assigneeId: row.assignee_id,
    handledBy: row.handled_by,
    cause: row.cause,
    evidence: row.evidence,
    incidentId: row.incident_id,
    openedAt: row.opened_at,
    roundSince: row.round_since,
    acceptedAt: row.accepted_at,
    firing: row.firing,
    recoveredAt: row.recovered_at,
    fireCount: row.fire_count,
    reopenOf: row.reopen_of,
    drill: row.drill,
    dueAt: row.due_at,
    openedBy: row.opened_by,
    faultType: row.fault_type,
    advice: row.advice,
    mergedInto: row.merged_into,
    openIncidents: row.open_incidents,
    returnCount: row.return_count,
    superviseCount: row.supervise_count,
    revision: row.revision,
  };
  return { ticket, deviceIds: row.device_ids, devices: row.devices, deviceCount: row.device_count };
}

type Kind = 'text' | 'time' | 'jsonb' | 'boolean' | 'integer';

/** Column ← field of {@link TicketRecord}, with how it travels in the JSON parameter. */
const FIELDS: Readonly<Record<string, readonly [keyof TicketRecord, Kind]>> = {
  id: ['id', 'text'],
  no: ['no', 'text'],
  kind: ['kind', 'text'],
  title: ['title', 'text'],
  fault: ['fault', 'text'],
  component: ['component', 'text'],
  priority: ['priority', 'text'],
  severity: ['severity', 'text'],
  life_safety: ['lifeSafety', 'boolean'],
  stage: ['stage', 'text'],
  stage_since: ['stageSince', 'time'],
  resume_stage: ['resumeStage', 'text'],
  suspended_until: ['suspendedUntil', 'time'],
  subject: ['subject', 'text'],
  module: ['module', 'text'],
  site_id: ['siteId', 'text'],
  org_id: ['orgId', 'text'],
  handler_org_id: ['handlerOrgId', 'text'],
  assignee_id: ['assigneeId', 'text'],
  handled_by: ['handledBy', 'text'],
  cause: ['cause', 'text'],
  evidence: ['evidence', 'jsonb'],
  incident_id: ['incidentId', 'text'],
  opened_at: ['openedAt', 'time'],
  round_since: ['roundSince', 'time'],
  accepted_at: ['acceptedAt', 'time'],
  firing: ['firing', 'boolean'],
  recovered_at: ['recoveredAt', 'time'],
  fire_count: ['fireCount', 'integer'],
  reopen_of: ['reopenOf', 'text'],
  drill: ['drill', 'boolean'],
  due_at: ['dueAt', 'time'],
  opened_by: ['openedBy', 'text'],
  fault_type: ['faultType', 'text'],
  advice: ['advice', 'jsonb'],
  merged_into: ['mergedInto', 'text'],
  open_incidents: ['openIncidents', 'jsonb'],
  return_count: ['returnCount', 'integer'],
  supervise_count: ['superviseCount', 'integer'],
  revision: ['revision', 'integer'],
};

const NAMES = Object.keys(FIELDS);
const IMMUTABLE = new Set([
  'id',
  'no',
  'kind',
  'subject',
  'fault',
  'component',
  'opened_at',
  'reopen_of',
  'drill',
  'opened_by',
]);

/** `jsonb_to_recordset($1::jsonb) as r (…)`: all rows of a statement in one parameter, whatever their number. */
export const RECORDSET = `jsonb_to_recordset($1::jsonb) as r (${NAMES.map(
  (name) => `${name} ${FIELDS[name]?.[1] === 'time' ? 'float8' : FIELDS[name]?.[1]}`,
).join(', ')}, expected integer)`;

export const INSERT_COLUMNS = NAMES.join(', ');
export const INSERT_VALUES = NAMES.map(fromRecordset).join(', ');
export const UPDATE_SET = NAMES.filter((name) => !IMMUTABLE.has(name))
  .map((name) => `${name} = ${fromRecordset(name)}`)
  .join(', ');

function fromRecordset(name: string): string {
  return FIELDS[name]?.[1] === 'time' ? `to_timestamp(r.${name} / 1000.0)` : `r.${name}`;
}

/** One row of the recordset; `expected` is the revision an update must find. */
export function toRow(ticket: TicketRecord, expected: number | null = null): Record<string, unknown> {
  const row: Record<string, unknown> = { expected };
  for (const [name, [field]] of Object.entries(FIELDS)) row[name] = ticket[field];
  row.component = ticket.component ?? '';
  return row;
}

/** JSON for a jsonb parameter. PostgreSQL holds neither NUL nor lone surrogates; both pass JSON.parse. */
export function jsonParam(value: unknown): string {
  return storableJson(value) ?? 'null';
}

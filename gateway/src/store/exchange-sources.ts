import type { DataSetId } from '../domain/exchange.ts';
import type { Params } from './scope.ts';

export interface ExchangeScope {
  readonly dataSet: DataSetId;
  readonly orgId: string | null;
  readonly modules: readonly string[] | null;
}

const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const PLACE = `case when jsonb_typeof(d.location -> 'lat') = 'number' and jsonb_typeof(d.location -> 'lon') = 'number'
  then jsonb_build_object('lat', d.location -> 'lat', 'lon', d.location -> 'lon') end`;
const IN_SERVICE = `d.lifecycle in ('active', 'suspended')`;
/** What is over for longer is news to nobody. */
const RECENT = `now() - interval '400 days'`;

interface Source {
  readonly id: string;
  readonly org: string;
  readonly module: string;
  readonly from: string;
  readonly where: string;
  readonly data: string;
  /** What is no longer in it is taken away from a subscriber; otherwise it is only not spoken of any more. */
  readonly retracts: boolean;
}

const SOURCES: Readonly<Record<DataSetId, Source>> = {
  devices: {
    ...{ id: 'd.id', org: 'd.org_id', module: 'd.module', where: IN_SERVICE, retracts: true },
    from: `device d left join org o on o.id = d.org_id left join site s on s.id = d.site_id
      left join vendor v on v.id = d.vendor_id left join org u on u.id = d.maintenance_unit_id`,
    data: `jsonb_build_object('id', d.id, 'name', d.name, 'type', d.type, 'nationalCode', d.national_code,
      'serial', d.serial, 'organisationId', d.org_id, 'organisation', o.name, 'module', d.module, 'site', s.name,
      'vendor', v.name, 'maintenanceUnit', u.name, 'location', ${PLACE}, 'installedOn', d.installed_on,
      'lifecycle', d.lifecycle)`,
  },
  cameras: {
    ...{ id: 'd.id', org: 'd.org_id', module: 'd.module', retracts: true },
    from: `camera c join device d on d.key = c.device left join org o on o.id = d.org_id left join site s on s.id = d.site_id`,
    where: `${IN_SERVICE} and d.national_code is not null`,
    data: `jsonb_build_object('nationalCode', d.national_code, 'id', d.id, 'name', d.name,
      'manufacturer', c.archive -> 'manufacturer', 'model', c.archive -> 'model', 'organisationId', d.org_id,
      'organisation', o.name, 'module', d.module, 'site', s.name, 'location', ${PLACE},
      'cameraType', c.archive -> 'cameraType', 'positionType', c.archive -> 'positionType',
      'direction', c.archive -> 'direction', 'pointClass', c.archive -> 'pointClass', 'lifecycle', d.lifecycle)`,
  },
  states: {
    ...{ id: 'd.id', org: 'd.org_id', module: 'd.module', where: IN_SERVICE, retracts: true },
    from: 'health h join device d on d.key = h.device',
    data: `jsonb_build_object('id', d.id, 'nationalCode', d.national_code, 'state', h.state, 'reason', h.reason,
      'since', ${time('h.since')})`,
  },
  tickets: {
    ...{ id: 't.id', org: 't.org_id', module: 't.module', retracts: false },
    from: `ticket t left join org o on o.id = t.org_id left join org u on u.id = t.handler_org_id`,
    where: `not t.drill and t.stage_since > ${RECENT}`,
    data: `jsonb_build_object('id', t.id, 'no', t.no, 'kind', t.kind, 'fault', t.fault, 'priority', t.priority,
      'severity', t.severity, 'lifeSafety', t.life_safety, 'stage', t.stage, 'stageSince', ${time('t.stage_since')},
      'organisationId', t.org_id, 'organisation', o.name, 'module', t.module, 'handlerOrganisation', u.name,
      'cause', t.cause, 'devices', coalesce((select jsonb_agg(x.id order by x.id) from (select d.id from ticket_device td
        join device d on d.key = td.device where td.ticket_id = t.id order by d.id limit 20) x), '[]'::jsonb),
      'openedAt', ${time('t.opened_at')}, 'dueAt', ${time('t.due_at')})`,
  },
  incidents: {
    ...{ id: 'i.id', org: 'd.org_id', module: 'd.module', retracts: false },
    // A group stands where its first device does.
    from: `incident i left join lateral (select device from incident_member m where m.incident = i.id order by device limit 1) first on true
      left join device d on d.key = coalesce(i.device, first.device) left join org o on o.id = d.org_id`,
    where: `i.state in ('open', 'resolved') and (i.life_safety or i.severity = 'critical') and i.last_at > ${RECENT}`,
    data: `jsonb_build_object('id', i.id, 'kind', i.kind, 'fault', i.fault, 'cause', i.cause, 'severity', i.severity,
      'lifeSafety', i.life_safety, 'state', i.state, 'openedAt', ${time('i.opened_at')},
      'resolvedAt', ${time('i.resolved_at')}, 'organisationId', d.org_id, 'organisation', o.name, 'module', d.module,
      'deviceId', case when i.kind = 'device' then d.id end, 'deviceName', case when i.kind = 'device' then d.name end,
      'nationalCode', case when i.kind = 'device' then d.national_code end, 'location', ${PLACE},
      'deviceCount', greatest(1, (select count(*)::int from incident_member m where m.incident = i.id)))`,
  },
};

export const retracts = (dataSet: DataSetId) => SOURCES[dataSet].retracts;

/** Objects after `after` in the order of their ids, within the scope: columns object, data. */
export function sourceOf(scope: ExchangeScope, params: Params, after: string, limit: number): string {
  const source = SOURCES[scope.dataSet];
  const conditions = [source.where, `${source.id} > ${params.add(after)}::text`];
  if (scope.orgId !== null)
    conditions.push(`${source.org} in (select org_subtree(array[${params.add(scope.orgId)}::text]))`);
  if (scope.modules !== null) conditions.push(`${source.module} = any (${params.add(scope.modules)}::text[])`);
  return `select ${source.id} as object, ${source.data} as data from ${source.from}
    where ${conditions.join(' and ')} order by ${source.id} limit ${params.add(limit)}`;
}

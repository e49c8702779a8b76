import type { IncidentQuery } from '../domain/incident-query.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { pageOf, rangeCondition } from './reads-page.ts';
import { createParams, deviceInScope, type Params } from './scope.ts';
import { totalOf } from './totals.ts';

interface Row {
  readonly id: string;
  readonly kind: 'device' | 'group';
  readonly key: string;
  readonly fault: string;
  readonly component: string | null;
  readonly reason: string;
  readonly cause: string | null;
  readonly severity: 'info' | 'minor' | 'major' | 'critical';
  readonly lifeSafety: boolean;
  readonly state: 'held' | 'open' | 'resolved' | 'dismissed';
  readonly openedAt: number;
  readonly resolvedAt: number | null;
  readonly suppressed: readonly string[];
  readonly evidence: readonly unknown[];
  readonly members: readonly {
    readonly deviceId: string;
    readonly name: string;
    readonly orgId: string | null;
    readonly state: string;
    readonly since: number;
  }[];
  readonly acknowledged: {
    readonly at: number;
    readonly by: string;
    readonly byName: string;
    readonly note: string | null;
    readonly until: number;
  } | null;
  readonly ticket: { readonly id: string; readonly no: string; readonly stage: string } | null;
}

/** How long what is over stays among what is going on, so that nobody overlooks it. */
const LINGERS = "interval '5 minutes'";

/**
 * A device's incident has one member, the device itself; a group lists those of its devices that the reader may see: one
 * switch can hang the cameras of two organisations. `found` are the incidents of the answer: what else is asked of an
 * incident is asked of these alone.
 */
const select = (scope: Scope, params: Params, found: string) => `with found as materialized (${found}),
  i as materialized (select f.*, ${shared(scope, params)} as shared from found f)
  select i.id, i.kind, case when i.shared then split_part(i.key, ':', 1) else i.key end as key, i.fault,
    nullif(i.component, '') as component, i.reason, case when i.shared then null else i.cause end as cause,
    i.severity, i.life_safety as "lifeSafety", i.state, i.opened_at as "openedAt", i.resolved_at as "resolvedAt", i.suppressed,
    case when i.shared then '[]' else i.evidence end as evidence,
    case when i.kind = 'device'
      then jsonb_build_array(jsonb_build_object('deviceId', d.id, 'name', d.name, 'orgId', d.org_id, 'state',
        case when i.resolved_at is null then 'bad' else 'good' end,
        'since', (extract(epoch from coalesce(i.resolved_at, i.opened_at)) * 1000)::float8))
      else coalesce((select jsonb_agg(jsonb_build_object('deviceId', md.id, 'name', md.name, 'orgId', md.org_id, 'state', m.state,
        'since', (extract(epoch from m.since) * 1000)::float8) order by md.id)
        from incident_member m join device md on md.key = m.device where m.incident = i.id and ${deviceInScope(scope, params, 'md')}), '[]') end as members,
    case when not i.shared then (select jsonb_build_object('id', t.id, 'no', t.no, 'stage', t.stage) from ticket t
      where t.incident_id = i.id order by t.opened_at desc limit 1) end as ticket,
    (select jsonb_build_object('at', (extract(epoch from a.at) * 1000)::float8, 'by', a.by, 'byName', a.by_name,
        'note', a.note, 'until', (extract(epoch from a.until) * 1000)::float8)
      from incident_acknowledgement a where a.incident_id = i.id) as acknowledged
  from i left join device d on d.key = i.device order by i.opened_at desc, i.id desc`;

/** Incidents as people see them; those still held are nobody's business yet. */
export function createIncidentReads() {
  return {
    async incidents(tx: Tx, scope: Scope, query: IncidentQuery) {
      const limit = query.limit ?? 50;
      const params = createParams();
      const parts = [visible(scope, params)];
      if (query.state === 'current')
        parts.push(`(i.state = 'open' or (i.state = 'resolved' and i.resolved_at > now() - ${LINGERS}))`);
      else if (query.state !== undefined) parts.push(`i.state = ${params.add(query.state)}`);
      for (const field of ['severity', 'fault', 'kind'] as const)
        if (query[field] !== undefined) parts.push(`i.${field} = ${params.add(query[field])}`);
      if (query.suppressed !== undefined)
        parts.push(`(i.suppressed <> '{}') = ${params.add(query.suppressed)}::boolean`);
      if (query.deviceId !== undefined) {
        const device = `(select fd.key from device fd where fd.id = ${params.add(query.deviceId)} and ${deviceInScope(scope, params, 'fd')})`;
        parts.push(
          `(i.device = ${device} or i.id in (select m.incident from incident_member m where m.device = ${device}))`,
        );
      }
      const condition = parts.join(' and ');
      const total = await totalOf(tx, `from incident i where ${condition}`, params.values);
      const place = { ...(query.cursor === undefined ? {} : { cursor: query.cursor }) };
      const beyond = rangeCondition(place, 'i.opened_at', ['i.id', 'string'], params);
      const { rows } = await sql(tx).query<Row>(
        select(
          scope,
          params,
          `select i.* from incident i where ${condition} and ${beyond}
           order by i.opened_at desc, i.id desc limit ${params.add(limit + 1)}`,
        ),
        params.values,
      );
      return { ...pageOf(rows, limit, (row) => [row.openedAt, row.id]), total };
    },

    async incident(tx: Tx, scope: Scope, id: string): Promise<Row | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<Row>(
        select(scope, params, `select i.* from incident i where i.id = $1 and ${visible(scope, params)}`),
        params.values,
      );
      return rows[0];
    },
  };
}

/** A group with members the reader may not see: its cause and its figures tell of those too. */
function shared(scope: Scope, params: Params): string {
  if (scope.kind === 'all') return 'false';
  return `(f.kind = 'group' and exists (select 1 from incident_member om join device od on od.key = om.device
    where om.incident = f.id and not coalesce(${deviceInScope(scope, params, 'od')}, false)))`;
}

function visible(scope: Scope, params: Params): string {
  const told = "i.state <> 'held'";
  if (scope.kind === 'all') return told;
  const mine = (device: string) =>
    `select ${device}.key from device ${device} where ${deviceInScope(scope, params, device)}`;
  return `${told} and (i.device in (${mine('vd')}) or i.id in (
    select sm.incident from incident_member sm where sm.device in (${mine('sd')})))`;
}

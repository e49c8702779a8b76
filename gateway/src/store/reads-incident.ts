import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { pageOf, rangeCondition } from './reads-page.ts';
import { cappedCount, createParams, deviceInScope, exactTotal, type Params } from './scope.ts';

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
  readonly members: readonly { readonly deviceId: string; readonly state: string; readonly since: number }[];
}

/**
 * A device's incident has one member, the device itself; a group lists those of its devices that the reader may see: one
 * switch can hang the cameras of two organisations.
 */
const select = (
  scope: Scope,
  params: Params,
) => `select i.id, i.kind, i.key, i.fault, nullif(i.component, '') as component, i.reason, i.cause, i.severity,
    i.life_safety as "lifeSafety", i.state, i.opened_at as "openedAt", i.resolved_at as "resolvedAt", i.suppressed, i.evidence,
    case when i.kind = 'device'
      then jsonb_build_array(jsonb_build_object('deviceId', d.id, 'state',
        case when i.resolved_at is null then 'bad' else 'good' end,
        'since', (extract(epoch from coalesce(i.resolved_at, i.opened_at)) * 1000)::float8))
      else coalesce((select jsonb_agg(jsonb_build_object('deviceId', md.id, 'state', m.state,
        'since', (extract(epoch from m.since) * 1000)::float8) order by md.id)
        from incident_member m join device md on md.key = m.device where m.incident = i.id and ${deviceInScope(scope, params, 'md')}), '[]') end as members
  from incident i left join device d on d.key = i.device`;

/** Incidents as people see them; those still held are nobody's business yet. */
export function createIncidentReads() {
  return {
    async incidents(
      tx: Tx,
      scope: Scope,
      query: { state?: 'open' | 'resolved'; deviceId?: string; limit?: number; cursor?: string },
    ) {
      const limit = query.limit ?? 50;
      const params = createParams();
      const parts = [visible(scope, params)];
      if (query.state !== undefined) parts.push(`i.state = ${params.add(query.state)}`);
      if (query.deviceId !== undefined) parts.push(`d.id = ${params.add(query.deviceId)}`);
      const condition = parts.join(' and ');
      const counted = await sql(tx).query<{ n: number }>(
        cappedCount(`from incident i left join device d on d.key = i.device where ${condition}`),
        [...params.values],
      );
      const place = { ...(query.cursor === undefined ? {} : { cursor: query.cursor }) };
      const beyond = rangeCondition(place, 'i.opened_at', ['i.id', 'string'], params);
      const { rows } = await sql(tx).query<Row>(
        `${select(scope, params)} where ${condition} and ${beyond} order by i.opened_at desc, i.id desc limit ${params.add(limit + 1)}`,
        params.values,
      );
      return { ...pageOf(rows, limit, (row) => [row.openedAt, row.id]), total: exactTotal(counted.rows[0]?.n) };
    },

    async incident(tx: Tx, scope: Scope, id: string): Promise<Row | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<Row>(
        `${select(scope, params)} where i.id = $1 and ${visible(scope, params)}`,
        params.values,
      );
      return rows[0];
    },
  };
}

function visible(scope: Scope, params: Params): string {
  const told = "i.state <> 'held'";
  if (scope.kind === 'all') return told;
  return `${told} and ((i.device is not null and ${deviceInScope(scope, params)}) or exists (
    select 1 from incident_member sm join device sd on sd.key = sm.device
    where sm.incident = i.id and ${deviceInScope(scope, params, 'sd')}))`;
}

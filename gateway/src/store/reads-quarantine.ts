import type {
  QuarantinedRow,
  QuarantineFilter,
  QuarantineQuery,
  QuarantineReason,
  ReplayChoice,
} from '../domain/quarantine-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { pageOf, rangeCondition } from './reads-page.ts';
import { createParams, deviceInScope, type Params } from './scope.ts';
import { at } from './time.ts';

const COLUMNS = `q.id::text as id, q.received_at as "receivedAt", q.via, q.principal, q.topic, q.payload, q.code, q.detail,
  d.id as "deviceId", d.type as "deviceType", q.replayed_at as "replayedAt"`;

/** Statements on quarantined messages for those who look at them and feed them in again. */
export function createQuarantineReads() {
  return {
    async quarantine(tx: Tx, scope: Scope, query: QuarantineQuery) {
      const limit = query.limit ?? 100;
      const params = createParams();
      const condition = `${visible(scope, params)} and ${filterOf(query, params)} and ${rangeCondition(query, 'q.received_at', ['q.id', 'number'], params)}`;
      const { rows } = await sql(tx).query<QuarantinedRow>(
        `select ${COLUMNS} from quarantine q left join device d on d.key = q.device where ${condition}
         order by q.received_at desc, q.id desc limit ${params.add(limit + 1)}`,
        params.values,
      );
      return pageOf(rows, limit, (row) => [row.receivedAt, Number(row.id)]);
    },

    /** Why messages were refused, the most frequent first. */
    async quarantineReasons(tx: Tx, scope: Scope, filter: QuarantineFilter): Promise<QuarantineReason[]> {
      const params = createParams();
      const { rows } = await sql(tx).query<QuarantineReason>(
        `select q.code, count(*)::int as count, (count(*) filter (where q.replayed_at is null))::int as waiting,
           count(distinct q.device)::int as devices, max(q.received_at) as "newestAt"
         from quarantine q left join device d on d.key = q.device
         where ${visible(scope, params)} and ${filterOf(filter, params)}
         group by q.code order by count(*) desc, q.code`,
        params.values,
      );
      return rows;
    },

    /** Oldest first, without payloads. */
    async replayable(
      tx: Tx,
      scope: Scope,
      which: ReplayChoice,
      limit: number,
    ): Promise<{ id: string; bytes: number }[]> {
      const params = createParams();
      const chosen =
        'ids' in which
          ? `q.id = any(${params.add(which.ids.filter((id) => /^\d{1,18}$/.test(id)))}::bigint[])`
          : filterOf(which.filter, params);
      const { rows } = await sql(tx).query<{ id: string; bytes: number }>(
        `select q.id::text as id, octet_length(q.payload) as bytes from quarantine q left join device d on d.key = q.device
         where q.replayed_at is null and ${chosen} and ${visible(scope, params)}
         order by q.received_at, q.id limit ${params.add(limit)}`,
        params.values,
      );
      return rows;
    },

    /** Marks rows as replayed; answers those that were not, oldest first. */
    async claimForReplay(tx: Tx, ids: readonly string[], when: number): Promise<QuarantinedRow[]> {
      const { rows } = await sql(tx).query<QuarantinedRow>(
        `with claimed as (
           update quarantine set replayed_at = ${at('$2')} where id = any($1::bigint[]) and replayed_at is null returning *
         )
         select ${COLUMNS} from claimed q left join device d on d.key = q.device order by q.received_at, q.id`,
        [ids, when],
      );
      return rows;
    },

    async giveBack(tx: Tx, ids: readonly string[]): Promise<void> {
      await sql(tx).query('update quarantine set replayed_at = null where id = any($1::bigint[])', [ids]);
    },
  };
}

/** A message of no known device is seen by those who see everything and by the vendor whose login brought it. */
function visible(scope: Scope, params: Params): string {
  if (scope.kind === 'all') return 'true';
  const own = `(q.device is not null and ${deviceInScope(scope, params)})`;
  return scope.kind === 'vendor' ? `(${own} or q.principal = ${params.add(`vendor:${scope.vendorId}`)})` : own;
}

function filterOf(filter: QuarantineFilter, params: Params): string {
  const parts = ['true'];
  if (filter.code !== undefined) parts.push(`q.code = ${params.add(filter.code)}`);
  if (filter.deviceId !== undefined) parts.push(`d.id = ${params.add(filter.deviceId)}`);
  if (filter.topic !== undefined) parts.push(`q.topic = ${params.add(filter.topic)}`);
  if (filter.unattributed) parts.push('q.device is null');
  return parts.join(' and ');
}

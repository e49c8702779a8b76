import type { TimedPage } from '../domain/page.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import type { Viewing, ViewingQuery, ViewingStart, ViewingUsage } from '../domain/viewing.ts';
import { sql } from './database.ts';
import { pageOf, rangeCondition } from './reads-page.ts';
import { createParams, deviceInScope } from './scope.ts';
import { at, ms } from './time.ts';

/** 调阅登记: who looked at which camera. Rows are never removed here. */
export function createViewingStore() {
  return {
    async insert(tx: Tx, viewing: ViewingStart): Promise<void> {
      await sql(tx).query(
        `insert into viewing (id, device, user_id, user_name, address, mode, purpose, started_at, last_seen_at)
         values ($1, $2, $3, $4, $5, $6, $7, ${at('$8')}, ${at('$8')})`,
        [
          viewing.id,
          viewing.device,
          viewing.userId,
          viewing.userName,
          viewing.address,
          viewing.mode,
          viewing.purpose,
          viewing.startedAt,
        ],
      );
    },

    /** Several at once: how long they certainly lasted and what left; an ended one is not moved any more. */
    async touch(tx: Tx, rows: readonly { id: string; at: number; bytes: number }[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `update viewing v set last_seen_at = greatest(v.last_seen_at, ${at('n.seen')}), bytes = greatest(v.bytes, n.bytes)
         from unnest($1::text[], $2::float8[], $3::bigint[]) as n (id, seen, bytes)
         where v.id = n.id and v.ended_at is null`,
        [rows.map((r) => r.id), rows.map((r) => r.at), rows.map((r) => r.bytes)],
      );
    },

    async end(tx: Tx, id: string, end: { at: number; bytes: number; reason: string }): Promise<void> {
      await sql(tx).query(
        `update viewing set ended_at = ${at('$2')}, last_seen_at = ${at('$2')}, bytes = greatest(bytes, $3),
           end_reason = $4 where id = $1 and ended_at is null`,
        [id, end.at, end.bytes, end.reason],
      );
    },

    /** Ends what nobody has vouched for since `before`, at the time it was last seen. */
    async endAbandoned(tx: Tx, before: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `update viewing set ended_at = last_seen_at, end_reason = 'interrupted'
         where ended_at is null and last_seen_at < ${at('$1')}`,
        [before],
      );
      return rowCount;
    },

    /** Newest first. */
    async list(tx: Tx, scope: Scope, query: ViewingQuery): Promise<TimedPage<Viewing>> {
      const limit = query.limit ?? 100;
      const params = createParams();
      const parts = [deviceInScope(scope, params), rangeCondition(query, 'v.started_at', ['v.id', 'string'], params)];
      if (query.userId !== undefined) parts.push(`v.user_id = ${params.add(query.userId)}`);
      if (query.deviceId !== undefined) parts.push(`d.id = ${params.add(query.deviceId)}`);
      const { rows } = await sql(tx).query<Viewing>(
        `select v.id, d.id as "deviceId", coalesce(d.nickname, d.name) as "deviceName", v.user_id as "userId",
           v.user_name as "userName", v.address, v.mode, v.purpose, v.started_at as "startedAt",
           v.last_seen_at as "lastSeenAt", v.ended_at as "endedAt", v.end_reason as "endReason", v.bytes::float8 as bytes
         from viewing v join device d on d.key = v.device
         where ${parts.join(' and ')}
         order by v.started_at desc, v.id desc limit ${params.add(limit + 1)}`,
        params.values,
      );
      return pageOf(rows, limit, (row) => [row.startedAt, row.id]);
    },

    /** Looks at each camera that began in [from, to). */
    async usage(tx: Tx, scope: Scope, range: { from: number; to: number }): Promise<ViewingUsage[]> {
      const params = createParams(range.from, range.to);
      const { rows } = await sql(tx).query<ViewingUsage>(
        `select d.id as "deviceId", count(*)::int as count,
           coalesce(sum(${ms('coalesce(v.ended_at, v.last_seen_at)')} - ${ms('v.started_at')}), 0)::float8 / 1000 as seconds
         from viewing v join device d on d.key = v.device
         where v.started_at >= ${at('$1')} and v.started_at < ${at('$2')} and ${deviceInScope(scope, params)}
         group by d.id order by count desc, d.id`,
        params.values,
      );
      return rows;
    },
  };
}

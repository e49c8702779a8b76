import type { DeviceKey } from '../domain/device.ts';
import type { Page } from '../domain/page.ts';
import type { QuietKind, QuietState, QuietTime } from '../domain/quiet-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { newestFirst } from './newest-first.ts';
import { createQuietPlaceStore } from './quiet-places.ts';
import { createQuietedStore } from './quieted.ts';
import { createParams, deviceInScope, type Params } from './scope.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

const ROW = `q.id, q.kind, q.name, q.reason, q.scope, q.reach, q.starts_at as "startsAt", q.ends_at as "endsAt", q.repeats,
  q.repeats_until as "repeatsUntil", q.state, q.created_by as "createdBy",
  (select u.display_name from app_user u where u.id = q.created_by) as "createdByName", q.created_at as "createdAt",
  q.decided_by as "decidedBy", q.decided_at as "decidedAt", q.decision_note as "decisionNote", q.ended_at as "endedAt",
  q.ended_by as "endedBy", q.warned_at as "warnedAt", q.settled`;
/** When it may last at the longest; a repeating one may begin its last occurrence at the very end and lasts a day at most. */
const LAST = `coalesce(q.ended_at, q.repeats_until + (q.ends_at - q.starts_at), q.ends_at)`;

interface Query {
  readonly limit?: number;
  readonly cursor?: string;
  readonly going?: boolean;
  readonly state?: QuietState;
  readonly now: number;
}

/** Maintenance windows, silences, 重保 and drills. */
export function createQuietStore() {
  return {
    ...createQuietPlaceStore(),
    ...createQuietedStore(),

    async insert(tx: Tx, row: QuietTime): Promise<void> {
      await sql(tx).query(
        `insert into quiet_time (id, kind, name, reason, scope, reach, starts_at, ends_at, repeats, repeats_until, state,
           created_by, created_at, decided_by, decided_at, settled)
         values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, ${at('$7')}, ${at('$8')}, $9::jsonb, ${at('$10')}, $11, $12,
           ${at('$13')}, $14, ${at('$15')}, ${at('$16')})`,
        [
          row.id,
          row.kind,
          row.name,
          row.reason,
          toJson(row.scope),
          row.reach && toJson(row.reach),
          row.startsAt,
          row.endsAt,
          row.repeats && toJson(row.repeats),
          row.repeatsUntil,
          row.state,
          row.createdBy,
          row.createdAt,
          row.decidedBy,
          row.decidedAt,
          row.settled,
        ],
      );
    },

    async update(tx: Tx, row: QuietTime): Promise<void> {
      await sql(tx).query(
        `update quiet_time set state = $2, decided_by = $3, decided_at = ${at('$4')}, decision_note = $5,
           ended_at = ${at('$6')}, ended_by = $7, settled = ${at('$8')} where id = $1`,
        [row.id, row.state, row.decidedBy, row.decidedAt, row.decisionNote, row.endedAt, row.endedBy, row.settled],
      );
    },

    async warned(tx: Tx, id: string, now: number): Promise<void> {
      await sql(tx).query(`update quiet_time set warned_at = ${at('$2')} where id = $1`, [id, now]);
    },

    async get(tx: Tx, kind: QuietKind, id: string, scope: Scope, userId: string, lock: boolean) {
      const params = createParams(kind, id);
      const { rows } = await sql(tx).query<QuietTime>(
        `select ${ROW} from quiet_time q where q.kind = $1 and q.id = $2 and ${visible(scope, userId, params)}
         ${lock ? 'for update of q' : ''}`,
        params.values,
      );
      return rows[0];
    },

    async list(tx: Tx, kind: QuietKind, query: Query, scope: Scope, userId: string): Promise<Page<QuietTime>> {
      const { limit = 50 } = query;
      const params = createParams(kind);
      const conditions = ['q.kind = $1', visible(scope, userId, params)];
      if (query.state) conditions.push(`q.state = ${params.add(query.state)}`);
      if (query.going) conditions.push(`q.state <> 'refused' and ${LAST} > ${at(params.add(query.now))}`);
      return newestFirst<QuietTime>(
        tx,
        'from quiet_time q',
        ROW,
        'q.starts_at',
        conditions.join(' and '),
        { limit, cursor: query.cursor },
        params,
      );
    },

    async within(
      tx: Tx,
      kinds: readonly QuietKind[],
      { from, to }: { readonly from: number; readonly to: number },
      scope: Scope,
      userId: string,
      limit: number,
    ): Promise<QuietTime[]> {
      const params = createParams(kinds, from, to, limit);
      const { rows } = await sql(tx).query<QuietTime>(
        `select ${ROW} from quiet_time q where q.kind = any ($1::text[]) and q.state <> 'refused'
           and q.starts_at < ${at('$3')} and ${LAST} > ${at('$2')} and ${visible(scope, userId, params)}
         order by q.starts_at, q.id limit $4`,
        params.values,
      );
      return rows;
    },

    async going(tx: Tx, limit: number): Promise<QuietTime[]> {
      const { rows } = await sql(tx).query<QuietTime>(
        `select ${ROW} from quiet_time q where q.settled is not null and q.state <> 'refused'
         order by q.created_at desc, q.id limit $1`,
        [limit],
      );
      return rows;
    },

    async mark(tx: Tx): Promise<string> {
      const { rows } = await sql(tx).query<{ mark: string }>(
        `select count(*) || ':' || coalesce(sum(hashtextextended(concat_ws('/', q.id, q.state, q.ended_at, q.settled), 0)), 0)
           as mark from quiet_time q where q.settled is not null and q.state <> 'refused'`,
      );
      return rows[0]?.mark ?? '';
    },

    async claim(tx: Tx, id: string): Promise<QuietTime | undefined> {
      const { rows } = await sql(tx).query<QuietTime>(
        `select ${ROW} from quiet_time q where q.id = $1 and q.settled is not null for update of q skip locked`,
        [id],
      );
      return rows[0];
    },

    async addDrillFaults(
      tx: Tx,
      drillId: string,
      rows: readonly { device: DeviceKey; fault: string; ticketId: string; by: string; at: number }[],
    ): Promise<void> {
      await sql(tx).query(
        `insert into drill_fault (drill_id, device, fault, ticket_id, by, at)
         select $1, n.device, n.fault, n.ticket, n.by, to_timestamp(n.at / 1000)
         from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::float8[]) as n (device, fault, ticket, by, at)
         on conflict (drill_id, device, fault) do update set ticket_id = excluded.ticket_id, by = excluded.by, at = excluded.at`,
        [
          drillId,
          rows.map((row) => row.device),
          rows.map((row) => row.fault),
          rows.map((row) => row.ticketId),
          rows.map((row) => row.by),
          rows.map((row) => row.at),
        ],
      );
    },

    async drillFaults(tx: Tx, drillId: string) {
      const { rows } = await sql(tx).query<{
        deviceId: string;
        fault: string;
        ticketId: string;
        by: string;
        at: number;
      }>(
        `select d.id as "deviceId", f.fault, f.ticket_id as "ticketId", f.by, f.at from drill_fault f
         join device d on d.key = f.device where f.drill_id = $1 order by f.at, d.id, f.fault`,
        [drillId],
      );
      return rows;
    },
  };
}

/** Who made it sees it, and who reaches one of its devices. */
function visible(scope: Scope, userId: string, params: Params): string {
  if (scope.kind === 'all') return 'true';
  return `(q.created_by = ${params.add(userId)} or exists (
    select from quiet_place p where p.quiet_id = q.id and ${deviceInScope(scope, params, 'p')}))`;
}

import type {
  LeasedRow,
  LeaseQuery,
  NewOutboxRow,
  OutboxFilter,
  OutboxResult,
  OutboxRow,
  QueueDepth,
  RuleRecord,
} from '../domain/notification-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, orgInScope } from './scope.ts';
import { jsonParam } from './ticket-rows.ts';

export const RULE_COLUMNS = `r.id, r.channel_id as "channelId", r.enabled, r.faults, r.min_severity as "minSeverity", r.stages,
  r.modules, r.org_ids as "orgIds", r.life_safety as "lifeSafety", r.level, r.events, r.times, r.language`;

export const OUTBOX_COLUMNS = `o.id, o.channel_id as "channelId", o.key, o.event, o.state, o.life_safety as "lifeSafety", o.attempts,
  o.detail, o.notice, o.created_at as "createdAt", o.next_at as "nextAt", o.sent_at as "sentAt", o.level, o.repeated, o.message,
  o.acknowledged_at as "acknowledgedAt", o.acknowledged_by as "acknowledgedBy"`;

const at = (n: number) => `to_timestamp($${n}::float8 / 1000.0)`;

/** A firing about life and limb waits for nothing; everything else for the earlier rows of its subject. `$3` is now. */
const DUE = `o.state = 'pending' and o.next_at <= ${at(3)} and (o.lease_until is null or o.lease_until <= ${at(3)})
  and ((o.life_safety and o.event = 'firing') or o.id = (
    select p.id from outbox p where p.subject = o.subject and p.channel_id = o.channel_id and p.state = 'pending'
    order by p.id limit 1))`;

interface ToldChannel {
  readonly subject: string;
  readonly channelId: string;
  readonly ruleId: string | null;
  readonly language: 'zh-CN' | 'en';
  readonly level: number;
}

/** The outbox: rows are leased by time, so a sender that died frees its rows without anybody's help. */
export function createOutboxStore() {
  return {
    async activeRules(tx: Tx): Promise<RuleRecord[]> {
      const { rows } = await sql(tx).query<RuleRecord>(
        `select ${RULE_COLUMNS} from notification_rule r join notification_channel c on c.id = r.channel_id
         where r.enabled and c.enabled order by r.id`,
      );
      return rows;
    },

    async channelsTold(tx: Tx, subjects: readonly string[]) {
      const { rows } = await sql(tx).query<ToldChannel>(
        `select distinct on (subject, channel_id) subject, channel_id as "channelId", rule_id as "ruleId", language, level
         from outbox where subject = any($1::text[]) and event = 'firing' order by subject, channel_id, id desc`,
        [subjects],
      );
      return rows;
    },

    async orgPaths(tx: Tx, orgIds: readonly string[]) {
      const { rows } = await sql(tx).query<{ id: string; path: string[] }>(
        `with recursive up (id, at) as (
           select o, o from unnest($1::text[]) o
           union select up.id, o.parent_id from up join org o on o.id = up.at where o.parent_id is not null)
         select id, array_agg(at) as path from up group by id`,
        [orgIds],
      );
      return new Map(rows.map(({ id, path }) => [id, path]));
    },

    async insert(tx: Tx, added: readonly NewOutboxRow[], now: number): Promise<void> {
      // Ids follow the order given: rows of one subject leave in the order of their ids.
      await sql(tx).query(
        `insert into outbox (channel_id, key, subject, event, life_safety, notice, next_at, created_at, repeat_every_ms,
                rule_id, language, level)
         select a."channelId", a.notice->>'key', a.notice->>'subject', a.notice->>'event',
                (a.notice->>'lifeSafety')::boolean, a.notice, ${at(2)}, ${at(2)}, a."repeatEvery", a."ruleId", a.language,
                a.level
         from rows from (jsonb_to_recordset($1::jsonb) as ("channelId" text, notice jsonb, "ruleId" text, language text,
                level smallint, "repeatEvery" int)) with ordinality
              as a ("channelId", notice, "ruleId", language, level, "repeatEvery", n)
         order by a.n on conflict (channel_id, key) do nothing`,
        [jsonParam(added), now],
      );
    },

    async dueChannels(tx: Tx, now: number) {
      const { rows } = await sql(tx).query<{ channelId: string; lifeSafety: boolean }>(
        `select c.id as "channelId", q.life_safety as "lifeSafety"
         from notification_channel c cross join (values (true), (false)) as q (life_safety)
         where c.enabled and exists (
           select 1 from outbox o where o.channel_id = c.id and o.life_safety = q.life_safety and o.state = 'pending'
             and o.next_at <= ${at(1)} and (o.lease_until is null or o.lease_until <= ${at(1)}))
         order by q.life_safety desc, c.id`,
        [now],
      );
      return rows;
    },

    async waiting(tx: Tx, q: { channelId: string; lifeSafety: boolean; now: number; limit: number }): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>(
        `select count(*)::int as n from (select 1 from outbox o
           where o.channel_id = $1 and o.life_safety = $2 and ${DUE} limit $4::int) as due`,
        [q.channelId, q.lifeSafety, q.now, q.limit],
      );
      return rows[0]?.n ?? 0;
    },

    async lease(tx: Tx, q: LeaseQuery): Promise<LeasedRow[]> {
      const { rows } = await sql(tx).query<LeasedRow>(
        `with due as materialized (
           select o.id from outbox o
           where o.channel_id = $1 and o.life_safety = $2 and ${DUE}
           order by o.next_at, o.id limit $6::int for update of o skip locked)
         update outbox o set lease_until = ${at(4)}, lease_owner = $5, attempts = o.attempts + 1
         from due where o.id = due.id
         returning o.id, o.key, o.event, o.life_safety as "lifeSafety", o.notice, o.attempts, o.language, o.level, o.repeated,
           o.created_at as "createdAt",
           (o.event <> 'resolved' or coalesce((
             select f.state = 'sent' or f.repeated > 0 and f.sent_at is not null from outbox f
             where f.subject = o.subject and f.channel_id = o.channel_id and f.event = 'firing' and f.id < o.id
             order by f.id desc limit 1), false)) as wanted`,
        [q.channelId, q.lifeSafety, q.now, q.until, q.owner, q.limit],
      );
      return rows.sort((a, b) => a.id - b.id);
    },

    async finish(tx: Tx, results: readonly OutboxResult[], owner: string, now: number): Promise<void> {
      if (results.length === 0) return;
      await sql(tx).query(
        `update outbox o set state = case r.state when 'retry' then 'pending' else r.state end,
           detail = r.detail, lease_until = null, lease_owner = null,
           next_at = coalesce(to_timestamp(r."nextAt" / 1000.0), o.next_at),
           sent_at = case when r.state in ('sent', 'skipped') then ${at(3)} else o.sent_at end,
           message = coalesce(r.message, o.message),
           attempts = o.attempts - case when r.uncounted then 1 else 0 end
         from jsonb_to_recordset($1::jsonb) as r (id bigint, state text, detail text, "nextAt" float8, message text,
              uncounted boolean)
         where o.id = r.id and o.state = 'pending' and (o.lease_owner = $2 or r.state = 'sent')`,
        [jsonParam(results), owner, now],
      );
    },

    async list(tx: Tx, filter: OutboxFilter, scope: Scope): Promise<OutboxRow[]> {
      const params = createParams(filter.state ?? null, filter.channelId ?? null, filter.before ?? null, filter.limit);
      const modules =
        scope.kind === 'orgs' && scope.moduleIds
          ? `o.notice->>'module' = any (${params.add(scope.moduleIds)}::text[])`
          : 'true';
      const { rows } = await sql(tx).query<OutboxRow>(
        `select ${OUTBOX_COLUMNS}
         from outbox o where ($1::text is null or o.state = $1) and ($2::text is null or o.channel_id = $2)
           and ($3::bigint is null or o.id < $3::bigint) and ${orgInScope(scope, params, "o.notice->>'orgId'")} and ${modules}
         order by o.id desc limit $4::int`,
        params.values,
      );
      return rows;
    },

    async resend(tx: Tx, ids: readonly number[], now: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `with again as (
           select id, subject, channel_id from outbox where id = any($1::bigint[]) and state = 'dead'),
         skipped as (
           update outbox o set state = 'pending', attempts = 0, next_at = ${at(2)}, sent_at = null
           from again a where o.subject = a.subject and o.channel_id = a.channel_id and o.id > a.id and o.state = 'skipped')
         update outbox o set state = 'pending', attempts = 0, next_at = ${at(2)} from again a where o.id = a.id`,
        [ids, now],
      );
      return rowCount;
    },

    async depth(tx: Tx): Promise<QueueDepth[]> {
      const { rows } = await sql(tx).query<QueueDepth>(
        `select q.life_safety as "lifeSafety",
           (select count(*)::int from outbox where state = 'pending' and life_safety = q.life_safety) as pending,
           (select count(*)::int from outbox where state = 'dead' and life_safety = q.life_safety) as dead,
           (select min(created_at) from outbox where state = 'pending' and life_safety = q.life_safety) as oldest
         from (values (true), (false)) as q (life_safety)`,
      );
      return rows;
    },

    async prune(tx: Tx, before: number, limit: number): Promise<number> {
      // A firing stays until its resolved was told: the pair is matched by these rows.
      const { rowCount } = await sql(tx).query(
        `delete from outbox where id in (
           select o.id from outbox o where o.state in ('sent', 'skipped') and o.sent_at < ${at(1)}
             and (o.event <> 'firing' or exists (
               select 1 from outbox r where r.subject = o.subject and r.channel_id = o.channel_id and r.id > o.id
                 and r.event = 'resolved' and r.state in ('sent', 'skipped')))
           order by o.sent_at limit $2::int)`,
        [before, limit],
      );
      return rowCount;
    },
  };
}

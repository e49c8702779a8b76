import type { InspectionAnswer, InspectionItem, InspectionState, InspectionTask } from '../domain/inspection-rows.ts';
import type { Page } from '../domain/page.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, decodeCursor, encodeCursor, orgInScope, type Params } from './scope.ts';
import { at } from './time.ts';
import { totalOf } from './totals.ts';

const EPOCH = "date '1970-01-01'";
const date = (placeholder: string) => `(${EPOCH} + ${placeholder}::int)`;
const ENDED = "('closed', 'falseAlarm', 'cancelled')";
/** Lines of one list: more than a person goes through in a day. */
const MOST_ITEMS = 300;

const stateAt = (
  now: string,
) => `case when t.submitted_at >= t.due_at then 'late' when t.submitted_at is not null then 'submitted'
  when ${at(now)} >= t.due_at then 'overdue' else 'open' end`;
const rowOf = (
  now: string,
) => `t.id, t.org_id as "orgId", o.name as "orgName", t.day - ${EPOCH} as day, t.modules, t.devices,
  t.omitted, c.items, c.answered, c.abnormal, t.created_at as "createdAt", t.due_at as "dueAt",
  t.submitted_at as "submittedAt", t.submitted_by as "submittedBy", t.submitted_name as "submittedName", t.note,
  ${stateAt(now)} as state`;
const COUNTS = `cross join lateral (select count(*)::int as items, count(i.result)::int as answered,
  count(*) filter (where i.result = 'abnormal')::int as abnormal from inspection_item i where i.task_id = t.id) c`;

/** Daily inspections of departments. */
export function createInspectionTaskStore() {
  return {
    /** One task for every department that has none of the day, with what the health data says; answers how many were made. */
    async makeTasks(
      tx: Tx,
      {
        day,
        now,
        dueAt,
        duties,
      }: { readonly day: number; readonly now: number; readonly dueAt: number; readonly duties: readonly string[] },
    ): Promise<number> {
      // Placeholders stand for many parties and do no work themselves: 各居民区 is every committee below their area.
      const made = await sql(tx).query<{ id: string }>(
        `insert into inspection_task (id, org_id, day, modules, devices, created_at, due_at)
         select 'xj_' || replace(gen_random_uuid()::text, '-', ''), o.id, ${date('$1')}, o.modules, n.devices, ${at('$2')}, ${at('$3')}
         from (select o.id, coalesce(o.parent_id, o.id) as root, array_agg(distinct m.module_id order by m.module_id) as modules
               from module_org m join org o on o.id = m.org_id and o.kind = 'department'
               where m.duty = any ($4::text[]) and o.id !~ '^(all-departments|residents-committees)(-|$)'
               group by o.id
               union all
               select c.id, c.id, array_agg(distinct m.module_id order by m.module_id)
               from module_org m join org p on p.id = m.org_id and p.id ~ '^residents-committees(-|$)'
               join org c on c.kind = 'area' and c.level = 5 and c.id in (select org_subtree(array[p.parent_id]))
               where m.duty = any ($4::text[]) group by c.id) o
         cross join lateral (select count(*)::int as devices from device d where d.lifecycle = 'active'
           and d.module = any (o.modules) and d.org_id in (select org_subtree(array[o.root]))) n
         where n.devices > 0
         on conflict (org_id, day) do nothing returning id`,
        [day, now, dueAt, duties],
      );
      const ids = made.rows.map((row) => row.id);
      if (ids.length > 0) await fill(tx, ids, now);
      return ids.length;
    },

    async listTasks(
      tx: Tx,
      scope: Scope,
      query: {
        readonly now: number;
        readonly limit: number;
        readonly cursor?: string;
        readonly day?: number;
        readonly orgId?: string;
        readonly state?: InspectionState;
      },
    ): Promise<Page<InspectionTask>> {
      const params = createParams(query.now);
      const conditions = [visible(scope, params)];
      if (query.day !== undefined) conditions.push(`t.day = ${date(params.add(query.day))}`);
      if (query.orgId !== undefined) conditions.push(`t.org_id = ${params.add(query.orgId)}`);
      if (query.state !== undefined) conditions.push(`${stateAt('$1')} = ${params.add(query.state)}`);
      const from = `from inspection_task t where ${conditions.join(' and ')} and $1::float8 is not null`;
      const total = await totalOf(tx, from, params.values);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
      if (after?.length === 2)
        conditions.push(`(t.day, t.id) < (${date(params.add(after[0]))}, ${params.add(after[1])}::text)`);
      const { rows } = await sql(tx).query<InspectionTask>(
        `select ${rowOf('$1')} from (select * from inspection_task t where ${conditions.join(' and ')}
           order by t.day desc, t.id desc limit ${params.add(query.limit + 1)}) t
         join org o on o.id = t.org_id ${COUNTS} order by t.day desc, t.id desc`,
        params.values,
      );
      const items = rows.slice(0, query.limit);
      const last = rows.length > query.limit ? items.at(-1) : undefined;
      return {
        items,
        nextCursor: last ? encodeCursor([last.day, last.id]) : null,
        total,
      };
    },

    async task(tx: Tx, scope: Scope, id: string, now: number, lock: boolean): Promise<InspectionTask | undefined> {
      const params = createParams(now, id);
      const { rows } = await sql(tx).query<InspectionTask>(
        `select ${rowOf('$1')} from inspection_task t join org o on o.id = t.org_id ${COUNTS}
         where t.id = $2 and ${visible(scope, params)} ${lock ? 'for update of t' : ''}`,
        params.values,
      );
      return rows[0];
    },

    async taskItems(tx: Tx, scope: Scope, id: string): Promise<InspectionItem[]> {
      const params = createParams(id);
      const ofModules =
        scope.kind === 'orgs' && scope.moduleIds ? `and i.module = any (${params.add(scope.moduleIds)}::text[])` : '';
      const { rows } = await sql(tx).query<InspectionItem>(
        `select i.n, i.kind, i.device_id as "deviceId", i.ticket_id as "ticketId", i.name, i.place, i.module, i.since, i.reason,
           i.result, i.note, i.photo, i.by, i.at
         from inspection_item i where i.task_id = $1 ${ofModules} order by i.n`,
        params.values,
      );
      return rows;
    },

    async answerTask(
      tx: Tx,
      id: string,
      answers: readonly InspectionAnswer[],
      by: string,
      now: number,
    ): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>(
        `update inspection_item i set result = a.result, note = a.note, photo = a.photo, by = $2, at = ${at('$3')}
         from unnest($4::int[], $5::text[], $6::text[], $7::text[]) as a (n, result, note, photo)
         where i.task_id = $1 and i.n = a.n returning i.n`,
        [
          id,
          by,
          now,
          answers.map((answer) => answer.n),
          answers.map((answer) => answer.result),
          answers.map((answer) => answer.note ?? null),
          answers.map((answer) => answer.photo ?? null),
        ],
      );
      return rows.length;
    },

    /** What was not answered one by one gets this result. */
    async answerRest(tx: Tx, id: string, result: string, by: string, now: number): Promise<void> {
      await sql(tx).query(
        `update inspection_item set result = $2, by = $3, at = ${at('$4')} where task_id = $1 and result is null`,
        [id, result, by, now],
      );
    },

    async submitTask(
      tx: Tx,
      id: string,
      who: { readonly id: string; readonly name: string },
      note: string | null,
      now: number,
    ): Promise<void> {
      await sql(tx).query(
        `update inspection_task set submitted_at = ${at('$4')}, submitted_by = $2, submitted_name = $3, note = $5 where id = $1`,
        [id, who.id, who.name, now, note],
      );
    },

    /** Inspections of a day that nobody has submitted. */
    async missed(tx: Tx, day: number): Promise<{ orgId: string; orgName: string; modules: string[]; dueAt: number }[]> {
      const { rows } = await sql(tx).query<{ orgId: string; orgName: string; modules: string[]; dueAt: number }>(
        `select t.org_id as "orgId", o.name as "orgName", t.modules, t.due_at as "dueAt" from inspection_task t join org o on o.id = t.org_id
         where t.day = ${date('$1')} and t.submitted_at is null order by o.name, o.id`,
        [day],
      );
      return rows;
    },
  };
}

/** Overdue tickets first, then what is silent, the longest first. */
async function fill(tx: Tx, tasks: readonly string[], now: number): Promise<void> {
  const device = (kind: string, rank: number, since: string, where: string) => `
    select t.id as task, ${rank} as rank, '${kind}' as kind, d.id as device_id, null::text as ticket_id,
      coalesce(d.nickname, d.name) as name, d.site_id, d.org_id, d.module, ${since} as since, h.reason
    from t join device d on d.lifecycle = 'active' and d.module = any (t.modules) and d.org_id in (select org_subtree(array[t.root]))
    left join health h on h.device = d.key where ${where}`;
  await sql(tx).query(
    `with t as (select t.id, t.modules, coalesce(o.parent_id, o.id) as root from inspection_task t join org o on o.id = t.org_id
       where t.id = any ($1::text[])),
     found as (
       select t.id as task, 1 as rank, 'overdueTicket' as kind, null::text as device_id, k.id as ticket_id, k.no as name,
         k.site_id, k.org_id, k.module, k.due_at as since, k.fault as reason
       from t join ticket k on k.module = any (t.modules) and k.org_id in (select org_subtree(array[t.root]))
       where k.due_at < ${at('$2')} and not k.drill and k.stage not in ${ENDED}
       union all ${device('offline', 2, 'h.since', "h.state = 'offline'")}
       union all ${device('stale', 3, 'h.since', "h.state = 'stale'")}
       union all ${device('neverSeen', 4, 'd.created_at', "coalesce(h.state, 'unknown') = 'unknown'")}),
     numbered as (select f.*, (row_number() over (partition by task order by rank, since nulls last, coalesce(device_id, ticket_id)))::int as n
       from found f),
     kept as (insert into inspection_item (task_id, n, kind, device_id, ticket_id, name, place, module, since, reason)
       select f.task, f.n, f.kind, f.device_id, f.ticket_id, f.name, coalesce(s.name, o.name), f.module, f.since, f.reason
       from numbered f left join site s on s.id = f.site_id left join org o on o.id = f.org_id where f.n <= ${MOST_ITEMS})
     update inspection_task t set omitted = x.n - ${MOST_ITEMS}
     from (select task, max(n) as n from numbered group by task) x where t.id = x.task and x.n > ${MOST_ITEMS}`,
    [tasks, now],
  );
}

/** Who reaches the department, and one of the modules it inspects. */
function visible(scope: Scope, params: Params): string {
  const place = orgInScope(scope, params, 't.org_id');
  return scope.kind === 'orgs' && scope.moduleIds
    ? `(${place} and t.modules && ${params.add(scope.moduleIds)}::text[])`
    : place;
}

import type {
  AvailabilityFilter,
  TicketFigure,
  TicketFiguresBy,
  TicketRange,
  TicketSums,
  UnmeasuredTicket,
} from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { DIMENSIONS, ENDED, FIGURE, flags, OWNER, SUMS, ticketDaySums } from './report-ticket-sums.ts';
import { createParams, type Params } from './scope.ts';
import { at, ms } from './time.ts';

const FILTERS: Readonly<Record<keyof AvailabilityFilter, string>> = {
  module: 't.module',
  orgId: 't.org_id',
  vendorId: 'v.vendor_id',
  maintenanceUnitId: 'v.maintenance_unit_id',
  project: 'v.project',
  siteId: 't.site_id',
};
const date = (placeholder: string) => `(date '1970-01-01' + ${placeholder}::int)`;
/** Of the parts: what the day sums and the raw rows have in common, put together. */
const AS_READ = `coalesce(sum(p.opened), 0)::int as opened, coalesce(sum(p.closed), 0)::int as closed,
  coalesce(sum(p.false_alarms), 0)::int as "falseAlarms", coalesce(sum(p.cancelled), 0)::int as cancelled,
  coalesce(sum(p.self_recovered), 0)::int as "selfRecovered", coalesce(sum(p.reopened), 0)::int as reopened,
  coalesce(sum(p.on_time), 0)::int as "onTime", coalesce(sum(p.repaired), 0)::int as repaired,
  (sum(p.elapsed_ms) / nullif(sum(p.measured), 0))::float8 as "elapsedMs",
  (sum(p.working_ms) / nullif(sum(p.measured), 0))::float8 as "workingMs",
  (sum(p.verify_ms) / nullif(sum(p.verified), 0))::float8 as "toVerifyMs",
  coalesce(sum(p.open), 0)::int as open, coalesce(sum(p.overdue), 0)::int as overdue`;

/** Figures of tickets. */
export function createTicketFigureStore() {
  return {
    ...ticketDaySums,

    async unmeasured(tx: Tx, endedSince: number, limit: number): Promise<UnmeasuredTicket[]> {
      const { rows } = await sql(tx).query<UnmeasuredTicket>(
        `select t.id, t.opened_at as "openedAt", t.stage_since as "endedAt",
           (select max(h.at) from ticket_history h where h.ticket_id = t.id and h.to_stage = 'verifying'
              and h.from_stage is distinct from h.to_stage and h.at <= t.stage_since) as "verifyingAt",
           (select count(*)::int from ticket_history h where h.ticket_id = t.id and h.to_stage <> 'closed'
              and h.from_stage = 'closed') + (t.reopen_of is not null)::int as reopened
         from ticket t where t.stage in ${ENDED} and t.stage_since >= ${at('$1')}
           and not exists (select from ticket_figure f where f.ticket_id = t.id and f.ended_at = t.stage_since)
         order by t.stage_since limit $2`,
        [endedSince, limit],
      );
      return rows;
    },

    async saveFigures(tx: Tx, figures: readonly TicketFigure[]): Promise<void> {
      if (figures.length === 0) return;
      // The end is taken from the ticket itself, to the microsecond; one that moved on meanwhile is measured later.
      await sql(tx).query(
        `insert into ticket_figure (ticket_id, ended_at, elapsed_ms, working_ms, repaired_ms, reopened)
         select t.id, t.stage_since, n.elapsed, n.working, n.repaired, n.reopened
         from unnest($1::text[], $2::float8[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[])
           as n (id, ended, elapsed, working, repaired, reopened)
         join ticket t on t.id = n.id and abs(${ms('t.stage_since')} - n.ended) < 1
         on conflict (ticket_id) do update set ended_at = excluded.ended_at, elapsed_ms = excluded.elapsed_ms,
           working_ms = excluded.working_ms, repaired_ms = excluded.repaired_ms, reopened = excluded.reopened`,
        [
          figures.map((figure) => figure.id),
          figures.map((figure) => figure.endedAt),
          figures.map((figure) => Math.round(figure.elapsedMs)),
          figures.map((figure) => Math.round(figure.workingMs)),
          figures.map((figure) => (figure.repairedMs === null ? null : Math.round(figure.repairedMs))),
          figures.map((figure) => figure.reopened),
        ],
      );
    },

    async ticketSums(
      tx: Tx,
      { scope }: { readonly scope: Scope },
      range: TicketRange,
      by: TicketFiguresBy | null,
      filter: AvailabilityFilter,
    ): Promise<{ total: TicketSums | undefined; rows: TicketSums[] }> {
      const params = createParams();
      const spans = range.raw.map(({ from, to }) => [at(params.add(from)), at(params.add(to))] as const);
      const within = (column: string) =>
        spans.length === 0
          ? 'false'
          : `(${spans.map(([from, to]) => `${column} >= ${from} and ${column} < ${to}`).join(' or ')})`;
      const owned = by === 'vendor' || by === 'unit' || by === 'project' || needsDevice(filter);
      const key = by === null ? 'null::text' : DIMENSIONS[by];
      const seen = [ticketInScope(scope, params), ...conditions(filter, params)].join(' and ');
      const raw = `select ${key} as key, ${flags(within)} from ticket t ${FIGURE} ${owned ? OWNER : ''}
         where not t.drill and ${seen} and (${within('t.opened_at')} or (t.stage in ${ENDED} and ${within('t.stage_since')}))`;
      // Those still open are many and only counted: apart from the others they cost a third.
      const open = `select ${key} as key, count(*) as open, count(*) filter (where t.due_at < ${at(params.add(range.now))}) as overdue
         from ticket t ${owned ? OWNER : ''} where not t.drill and t.stage not in ${ENDED} and ${seen} group by 1`;
      const summed =
        range.summed &&
        `from ticket_sum s where s.by = ${params.add(by ?? 'all')}
           and s.day between ${date(params.add(range.summed.first))} and ${date(params.add(range.summed.last))}`;
      const names = Object.keys(SUMS);
      const [grouping, whole, grouped] =
        by === null
          ? ['null::text as key', 'true', 'grouping sets (())']
          : ['p.key', 'grouping(p.key) = 1', 'grouping sets ((p.key), ())'];
      const { rows } = await sql(tx).query<TicketSums & { whole: boolean }>(
        `with raw as materialized (${raw}),
         part as (
           select x.key, ${names.map((name) => `${SUMS[name]} as ${name}`).join(', ')}, 0 as open, 0 as overdue
           from raw x group by x.key
           union all select o.key, ${names.map(() => '0').join(', ')}, o.open, o.overdue from (${open}) o
           ${summed ? `union all select s.key, ${names.map((name) => `s.${name}`).join(', ')}, 0, 0 ${summed}` : ''}),
         spent as (
           select x.key, x.elapsed_ms as ms from raw x where x.repaired and x.elapsed_ms is not null
           ${summed ? `union all select s.key, unnest(s.elapsed) ${summed} and s.elapsed is not null` : ''}),
         median as (
           select ${grouping}, ${whole} as whole, percentile_cont(0.5) within group (order by p.ms) as ms
           from spent p group by ${grouped})
         select r.*, m.ms as "medianMs"
         from (select ${grouping}, ${whole} as whole, ${AS_READ} from part p group by ${grouped}) r
         left join median m on m.whole = r.whole and coalesce(m.key, '') = coalesce(r.key, '')
         order by r.key nulls last`,
        params.values,
      );
      const sums = rows.map(({ whole: _, ...row }) => row);
      return { total: sums.find((_, i) => rows[i]?.whole), rows: sums.filter((_, i) => !rows[i]?.whole) };
    },

    async openByStage(tx: Tx, scope: Scope): Promise<Readonly<Record<string, number>>> {
      const params = createParams();
      const { rows } = await sql(tx).query<{ stage: string; n: number }>(
        `select t.stage, count(*)::int as n from ticket t
         where t.stage not in ${ENDED} and not t.drill and ${ticketInScope(scope, params)} group by t.stage`,
        params.values,
      );
      return Object.fromEntries(rows.map(({ stage, n }) => [stage, n]));
    },
  };
}

/** Which tickets count for whom: those of the place, those handled there, those of a module led there; a vendor's devices'. */
export function ticketInScope(scope: Scope, params: Params, ticket = 't'): string {
  if (scope.kind === 'all') return 'true';
  if (scope.kind === 'vendor') {
    return `exists (select from ticket_device m join device d on d.key = m.device
      where m.ticket_id = ${ticket}.id and d.vendor_id = ${params.add(scope.vendorId)})`;
  }
  const roots = params.add(scope.orgIds);
  const tree = `array(select org_subtree(${roots}::text[]))`;
  const led = `array(select m.module_id from module_org m where m.duty = 'lead' and m.org_id = any (${roots}::text[]))`;
  const place = `(${ticket}.org_id = any (${tree}) or ${ticket}.handler_org_id = any (${tree}) or ${ticket}.module = any (${led}))`;
  return scope.moduleIds ? `(${place} and ${ticket}.module = any (${params.add(scope.moduleIds)}::text[]))` : place;
}

function needsDevice(filter: AvailabilityFilter): boolean {
  return (['vendorId', 'maintenanceUnitId', 'project'] as const).some((name) => filter[name] !== undefined);
}

function conditions(filter: AvailabilityFilter, params: Params): string[] {
  return Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [`${FILTERS[name as keyof AvailabilityFilter]} = ${params.add(value)}`],
  );
}

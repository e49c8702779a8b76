import type {
  AvailabilityFilter,
  TicketFigure,
  TicketFiguresBy,
  TicketSums,
  UnmeasuredTicket,
} from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, type Params } from './scope.ts';
import { at, ms } from './time.ts';

const ENDED = "('closed', 'falseAlarm', 'cancelled')";
/** What a ticket is counted under; vendor, unit and project are those of its first device when it was filed. */
const BY: Readonly<Record<TicketFiguresBy, string>> = {
  module: 't.module',
  org: 't.org_id',
  vendor: 'v.vendor_id',
  unit: 'v.maintenance_unit_id',
  project: 'v.project',
  site: 't.site_id',
  kind: 't.kind',
  fault: 't.fault',
  priority: 't.priority',
};
const FILTERS: Readonly<Record<keyof AvailabilityFilter, string>> = {
  module: 't.module',
  orgId: 't.org_id',
  vendorId: 'v.vendor_id',
  maintenanceUnitId: 'v.maintenance_unit_id',
  project: 'v.project',
  siteId: 't.site_id',
};
const OWNER = 'left join ticket_owner v on v.ticket_id = t.id';

/** Figures of tickets. */
export function createTicketFigureStore() {
  return {
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
      range: { readonly from: number; readonly to: number; readonly now: number },
      by: TicketFiguresBy | null,
      filter: AvailabilityFilter,
    ): Promise<{ total: TicketSums | undefined; rows: TicketSums[] }> {
      const params = createParams();
      const within = (column: string) =>
        `(${column} >= ${at(params.add(range.from))} and ${column} < ${at(params.add(range.to))})`;
      const ended = `(t.stage in ${ENDED} and ${within('t.stage_since')})`;
      const repaired = "x.closed and x.cause is distinct from 'selfRecovered'";
      const { rows } = await sql(tx).query<TicketSums & { whole: boolean }>(
        `select ${by === null ? 'null::text as key, true as whole' : 'x.key, grouping(x.key) = 1 as whole'}, count(*) filter (where x.opened)::int as opened,
           count(*) filter (where x.closed)::int as closed,
           count(*) filter (where x.ended and x.stage = 'falseAlarm')::int as "falseAlarms",
           count(*) filter (where x.ended and x.stage = 'cancelled')::int as cancelled,
           count(*) filter (where x.closed and x.cause = 'selfRecovered')::int as "selfRecovered",
           count(*) filter (where x.closed and x.reopened > 0)::int as reopened,
           count(*) filter (where x.closed and x.overdue_marked is null)::int as "onTime",
           count(*) filter (where ${repaired})::int as repaired,
           avg(x.elapsed_ms) filter (where ${repaired})::float8 as "elapsedMs",
           percentile_cont(0.5) within group (order by x.elapsed_ms) filter (where ${repaired}) as "medianMs",
           avg(x.working_ms) filter (where ${repaired})::float8 as "workingMs",
           avg(x.repaired_ms) filter (where ${repaired})::float8 as "toVerifyMs",
           count(*) filter (where x.open)::int as open,
           count(*) filter (where x.open and x.due_at < ${at(params.add(range.now))})::int as overdue
         from (
           select ${by === null ? 'null::text' : BY[by]} as key, t.stage, t.cause, t.due_at, t.overdue_marked,
             ${within('t.opened_at')} as opened, ${ended} as ended, ${ended} and t.stage = 'closed' as closed,
             t.stage not in ${ENDED} as open, f.elapsed_ms, f.working_ms, f.repaired_ms, f.reopened
           from ticket t
           left join ticket_figure f on f.ticket_id = t.id and f.ended_at = t.stage_since
           ${by === 'vendor' || by === 'unit' || by === 'project' || needsDevice(filter) ? OWNER : ''}
           where not t.drill and ${[ticketInScope(scope, params), ...conditions(filter, params)].join(' and ')}
             and (${within('t.opened_at')} or ${ended} or t.stage not in ${ENDED})
         ) x group by grouping sets (${by === null ? '()' : '(x.key), ()'}) order by 1 nulls last`,
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

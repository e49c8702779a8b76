import type { DayRange } from '../domain/report-period.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

export const ENDED = "('closed', 'falseAlarm', 'cancelled')";
/** What a ticket is counted under; vendor, unit and project are those of its first device when it was filed. */
export const DIMENSIONS = {
  module: 't.module',
  org: 't.org_id',
  vendor: 'v.vendor_id',
  unit: 'v.maintenance_unit_id',
  project: 'v.project',
  site: 't.site_id',
  kind: 't.kind',
  fault: 't.fault',
  priority: 't.priority',
} as const;
export const FIGURE = 'left join ticket_figure f on f.ticket_id = t.id and f.ended_at = t.stage_since';
export const OWNER = 'left join ticket_owner v on v.ticket_id = t.id';

/** What is summed, of rows with the columns of {@link flags}; the same for a day and for what is read raw. */
export const SUMS: Readonly<Record<string, string>> = {
  opened: 'count(*) filter (where x.opened)',
  closed: 'count(*) filter (where x.closed)',
  false_alarms: "count(*) filter (where x.ended and x.stage = 'falseAlarm')",
  cancelled: "count(*) filter (where x.ended and x.stage = 'cancelled')",
  self_recovered: 'count(*) filter (where x.closed and not x.repaired)',
  reopened: 'count(*) filter (where x.closed and x.reopened > 0)',
  on_time: 'count(*) filter (where x.closed and x.on_time)',
  repaired: 'count(*) filter (where x.repaired)',
  measured: 'count(x.elapsed_ms) filter (where x.repaired)',
  elapsed_ms: 'coalesce(sum(x.elapsed_ms) filter (where x.repaired), 0)::bigint',
  working_ms: 'coalesce(sum(x.working_ms) filter (where x.repaired), 0)::bigint',
  verified: 'count(x.repaired_ms) filter (where x.repaired)',
  verify_ms: 'coalesce(sum(x.repaired_ms) filter (where x.repaired), 0)::bigint',
};

/** Columns of a ticket that {@link SUMS} reads; `within` says whether a time counts. */
export const flags = (within: (column: string) => string) => {
  const ended = `(t.stage in ${ENDED} and ${within('t.stage_since')})`;
  return `t.stage, ${within('t.opened_at')} as opened, ${ended} as ended, (${ended} and t.stage = 'closed') as closed,
    (${ended} and t.stage = 'closed' and t.cause is distinct from 'selfRecovered') as repaired,
    t.overdue_marked is null as on_time, f.elapsed_ms, f.working_ms, f.repaired_ms, f.reopened`;
};

const date = (placeholder: string) => `(date '1970-01-01' + ${placeholder}::int)`;
const names = Object.keys(SUMS).join(', ');

/** Sums of tickets by day. */
export const ticketDaySums = {
  /** When the first ticket was opened; null = there is none. */
  async firstTicketAt(tx: Tx): Promise<number | null> {
    const { rows } = await sql(tx).query<{ at: number | null }>('select min(opened_at) as at from ticket');
    return rows[0]?.at ?? null;
  },

  /** Days of a range that were summed, with their marks, in order. */
  async ticketDays(tx: Tx, days: DayRange): Promise<{ day: number; mark: string }[]> {
    const { rows } = await sql(tx).query<{ day: number; mark: string }>(
      `select day - date '1970-01-01' as day, mark from ticket_sum_run where day between ${date('$1')} and ${date('$2')} order by day`,
      [days.first, days.last],
    );
    return rows;
  },

  /** Changes whenever a ticket that was opened or ended in the period did, or was measured. */
  async ticketMark(tx: Tx, from: number, to: number): Promise<string> {
    const { rows } = await sql(tx).query<{ mark: string }>(
      `select concat_ws('/',
         (select concat_ws(':', count(*), sum(t.revision)) from ticket t
            where t.opened_at >= ${at('$1')} and t.opened_at < ${at('$2')}),
         (select concat_ws(':', count(*), sum(t.revision), count(f.ticket_id)) from ticket t ${FIGURE}
            where t.stage in ${ENDED} and t.stage_since >= ${at('$1')} and t.stage_since < ${at('$2')})) as mark`,
      [from, to],
    );
    return rows[0]?.mark ?? '';
  },

  /** Sums a day, `[from, to)`, anew. Not by site: a site has no more than a ticket or two a day, so nothing would be saved. */
  async sumTicketDay(tx: Tx, day: { day: number; from: number; to: number; mark: string }): Promise<void> {
    await sql(tx).query(`delete from ticket_sum where day = ${date('$1')}`, [day.day]);
    const within = (column: string) => `(${column} >= ${at('$2')} and ${column} < ${at('$3')})`;
    const keys = Object.entries(DIMENSIONS)
      .filter(([by]) => by !== 'site')
      .map(([by, column]) => `('${by}', ${column})`);
    await sql(tx).query(
      `insert into ticket_sum (day, by, key, ${names}, elapsed)
       select ${date('$1')}, x.by, x.key, ${Object.values(SUMS).join(', ')},
         array_agg(x.elapsed_ms) filter (where x.repaired and x.elapsed_ms is not null)
       from (select k.by, k.key, ${flags(within)} from ticket t ${FIGURE} ${OWNER}
             cross join lateral (values ('all', null), ${keys.join(', ')}) as k (by, key)
             where not t.drill and (${within('t.opened_at')} or (t.stage in ${ENDED} and ${within('t.stage_since')}))) x
       group by x.by, x.key`,
      [day.day, day.from, day.to],
    );
    await sql(tx).query(
      `insert into ticket_sum_run (day, mark) values (${date('$1')}, $2) on conflict (day) do update set mark = excluded.mark`,
      [day.day, day.mark],
    );
  },

  async pruneTicketDays(tx: Tx, before: number): Promise<void> {
    await sql(tx).query(`delete from ticket_sum where day < ${date('$1')}`, [before]);
    await sql(tx).query(`delete from ticket_sum_run where day < ${date('$1')}`, [before]);
  },
};

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createManualClock } from '../clock.ts';
import type { DayRange } from '../domain/report-period.ts';
import { createReportCalendar } from '../domain/report-period.ts';
import type { TicketFiguresBy, TicketRange } from '../domain/report-rows.ts';
import { sql } from '../store/database.ts';
import { createReportStore } from '../store/reports.ts';
import { createTicketRollup } from './ticket-rollup.ts';

const HOUR = 3_600_000;
const calendar = createReportCalendar('Asia/Shanghai');
/** 2026-11-23, 08:30 in Shanghai. */
const NOW = Date.UTC(2026, 10, 23, 0, 30);
const TODAY = calendar.dayOf(NOW);
const BY: readonly (TicketFiguresBy | null)[] = [
  ...([null, 'module', 'org', 'vendor', 'unit', 'project', 'kind', 'fault', 'priority'] as const),
];
const ALL = { kind: 'all' } as const;

describe.each(ENGINES)('tickets summed by day on %s', (engine) => {
  let database: TestDatabase;
  const store = createReportStore();
  const clock = createManualClock(NOW);
  const run = (text: string) => sql(database.db.autocommit).script(text);
  let sum: () => Promise<void>;

  // What belongs to nobody, drills, unmeasured and re-opened ones and every stage occur, near midnight too.
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    sum = createTicketRollup({ store, transactor: database.db, calendar, clock, owner: 'one' });
    await run(`
      insert into vendor (id, name) values ('v0', '甲'), ('v1', '乙');
      insert into device (id, type, name, vendor_id, maintenance_unit_id, labels, lifecycle)
        select 'd' || n, 't', 'n', case when n < 2 then 'v' || n end, null, jsonb_build_object('project', 'p' || n % 2), 'active'
        from generate_series(0, 3) n;
      insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, cause, module, org_id, site_id, opened_at,
          round_since, drill, overdue_marked, due_at)
        select 't' || n, 'n' || n, case when n % 3 = 0 then 'event' else 'deviceFault' end, 'f' || n % 4, 'normal', 'major',
          (array['closed', 'closed', 'closed', 'falseAlarm', 'cancelled', 'handling'])[n % 6 + 1], opened + n * interval '53 minutes',
          case when n % 6 < 3 then (array['battery', 'selfRecovered', null])[n % 5 % 3 + 1] end,
          case when n % 7 > 0 then 'm' || n % 2 end, 'o' || n % 5, case when n % 2 = 0 then 's' || n % 9 end, opened, opened,
          n % 11 = 0, case when n % 4 = 0 then opened end, case when n % 6 = 5 then opened + n * interval '5 hours' end
        from (select n, to_timestamp(${NOW / 1000}) - n * interval '271 minutes' as opened from generate_series(1, 240) n) x;
      insert into ticket_device (ticket_id, device) select t.id, d.key from ticket t join device d
        on d.id = 'd' || substr(t.id, 2)::int % 6 or d.id = 'd' || substr(t.id, 2)::int % 4 where t.kind <> 'event';
      insert into ticket_figure (ticket_id, ended_at, elapsed_ms, working_ms, repaired_ms, reopened)
        select id, stage_since, extract(epoch from stage_since - opened_at) * 1000, substr(id, 2)::int * 7000,
          case when substr(id, 2)::int % 4 > 0 then substr(id, 2)::int * 900 end, substr(id, 2)::int % 3
        from ticket where stage in ('closed', 'falseAlarm', 'cancelled') and substr(id, 2)::int % 13 > 0;
    `);
  });
  afterAll(() => database.close());

  const spanOf = ({ first, last }: DayRange) => ({ from: calendar.start(first), to: calendar.start(last + 1) });
  const read = (range: Omit<TicketRange, 'now'>, by: TicketFiguresBy | null) =>
    store.ticketSums(database.db.autocommit, { scope: ALL }, { ...range, now: NOW }, by, {});

  /** Of every summed day there is: the figures from the sums beside the count of the tickets themselves. */
  async function compare(): Promise<void> {
    const days = await store.ticketDays(database.db.autocommit, { first: 0, last: TODAY });
    const [first, last] = [days[0]?.day ?? 0, days.at(-1)?.day ?? 0];
    for (const by of BY) {
      for (const part of [
        { first, last },
        { first: first + 3, last: last - 4 },
        { first: last, last },
      ]) {
        const after = spanOf({ first: part.last + 1, last: TODAY });
        const summed = await read({ summed: part, raw: [after] }, by);
        const counted = await read({ summed: null, raw: [{ from: spanOf(part).from, to: after.to }] }, by);
        const rounded = ({ elapsedMs, workingMs, toVerifyMs, ...rest }: (typeof counted.rows)[number]) => ({
          ...rest,
          means: [elapsedMs, workingMs, toVerifyMs].map((mean) => mean && Math.round(mean)),
        });
        // A key of which nothing was ever counted may have a row of zeros on one side only.
        const some = ({ opened, closed, falseAlarms, cancelled, open }: (typeof counted.rows)[number]) =>
          opened + closed + falseAlarms + cancelled + open > 0;
        expect(summed.rows.filter(some).map(rounded), `by ${by}`).toEqual(counted.rows.filter(some).map(rounded));
        expect(summed.total && rounded(summed.total), `by ${by}`).toEqual(counted.total && rounded(counted.total));
      }
    }
  }

  it('tells what a count of the tickets tells, by everything they are counted under', async () => {
    await sum();
    const days = await store.ticketDays(database.db.autocommit, { first: 0, last: TODAY });
    expect(days.at(-1)?.day).toBe(TODAY - 3);
    expect(days.length).toBeGreaterThan(40);
    await compare();
  });

  it('follows a ticket that changed later, was measured later or moved to another module', async () => {
    await run(`
      update ticket set module = 'm9', revision = revision + 1 where id = 't100';
      update ticket set stage = 'cancelled', revision = revision + 1 where id = 't30';
      update ticket set stage = 'handling', stage_since = now(), revision = revision + 1 where id = 't60';
      insert into ticket_figure (ticket_id, ended_at, elapsed_ms, working_ms, repaired_ms, reopened)
        select id, stage_since, 1000, 1000, null, 0 from ticket where id = 't156'`);
    await expect(compare()).rejects.toThrow();
    clock.advance(HOUR);
    await sum();
    await compare();
  });

  it('sums the day that is over by then, and says so to one of two gateways only', async () => {
    clock.advance(24 * HOUR);
    const other = createTicketRollup({ store, transactor: database.db, calendar, clock, owner: 'two' });
    await Promise.all([sum(), other()]);
    const days = await store.ticketDays(database.db.autocommit, { first: TODAY - 5, last: TODAY + 1 });
    expect(days.map(({ day }) => day)).toEqual([TODAY - 5, TODAY - 4, TODAY - 3, TODAY - 2]);
    await compare();
  });
});

/**
 * 100,000 devices with 30 days of history and 20,000 open tickets (and as many closed in those days) on a private PostgreSQL: what a day's figures cost to make,
 * and how long each list and report page takes to read, p95. `--devices N`, `--tickets N`, `--days N` for a smaller run.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createManualClock } from '../gateway/src/clock.ts';
import type { Actor } from '../gateway/src/domain/actor.ts';
import { createWorkingTime, DEFAULT_WORKING_HOURS } from '../gateway/src/domain/working-time.ts';
import { createLogger } from '../gateway/src/log.ts';
import { createReports } from '../gateway/src/reports/reports.ts';
import { createAuditStore } from '../gateway/src/store/audit.ts';
import { type Database, sql } from '../gateway/src/store/database.ts';
import { createDeviceStore } from '../gateway/src/store/devices.ts';
import { migrate } from '../gateway/src/store/migrate.ts';
import { openPostgres } from '../gateway/src/store/postgres.ts';
import { createReadStore } from '../gateway/src/store/reads.ts';
import { createReportStore } from '../gateway/src/store/reports.ts';
import { createTicketStore } from '../gateway/src/store/tickets.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';

const LIMIT_MS = 200;
/** 2026-11-23 08:30 in Shanghai. */
const NOW = Date.UTC(2026, 10, 23, 0, 30);
const ROUNDS = 40;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '100000' },
      tickets: { type: 'string', default: '20000' },
      days: { type: 'string', default: '30' },
    },
  });
  const cluster = await startPostgres({ settings: { shared_buffers: '512MB', work_mem: '16MB' } });
  try {
    const db = openPostgres(cluster.url, { log: createLogger('error') });
    await migrate(db);
    await seed(db, Number(values.devices), Number(values.tickets), Number(values.days));
    await measure(db);
    await db.close();
  } finally {
    await cluster.remove();
  }
}

/** A city's worth: 200 residents' committees, 5 modules, 20 vendors, 40 maintenance units, 50 projects, 5,000 sites. */
async function seed(db: Database, devices: number, tickets: number, days: number): Promise<void> {
  const now = `to_timestamp(${NOW} / 1000.0)`;
  await sql(db.autocommit).script(`
    insert into org (id, kind, level, name) select 'street' || n, 'area', 3, '街道' || n from generate_series(0, 9) n;
    insert into org (id, kind, level, name, parent_id)
      select 'hood' || n, 'area', 5, '居民区' || n, 'street' || n % 10 from generate_series(0, 199) n;
    insert into org (id, kind, name) select 'unit' || n, 'maintenance', '维保' || n from generate_series(0, 39) n;
    insert into module (id, name_zh, name_en) select 'm' || n, '模块' || n, 'module ' || n from generate_series(0, 4) n;
    insert into vendor (id, name) select 'v' || n, '厂商' || n from generate_series(0, 19) n;
    insert into site (id, name, org_id) select 's' || n, '点位' || n, 'hood' || n % 200 from generate_series(0, 4999) n;
    insert into device (id, type, name, module, org_id, vendor_id, site_id, maintenance_unit_id, labels, lifecycle, created_at)
      select 'd' || n, 'generic/camera', '设备' || n, 'm' || n % 5, 'hood' || n % 200, 'v' || n % 5 * 4 + n / 5 % 4,
        's' || n % 5000, 'unit' || n % 5 * 8 + n % 200 / 25, jsonb_build_object('project', 'p' || n % 50),
        case when n % 100 = 0 then 'suspended' else 'active' end, ${now} - make_interval(days => ${days})
      from generate_series(1, ${devices}) n;
    insert into device_seen (device, path, seen_at) select key, 'mqtt', ${now} from device;
    insert into health_history (device, at, was, state, reason)
      select key, ${now} - make_interval(days => ${days}), 'unknown', 'online', 'heard' from device where key % 200 > 0;
    -- Every device is away once in ten days, for an hour to a day.
    insert into health_history (device, at, was, state, reason)
      select device, at, was, state, reason from (
        select key as device, ${now} - make_interval(days => ${days} - day) + make_interval(mins => key % 1300) as at,
          'online' as was, 'offline' as state, 'silent' as reason, day, key
        from device, generate_series(0, ${days - 1}) day where (key + day) % 10 = 0 and key % 200 > 0
        union all
        select key, ${now} - make_interval(days => ${days} - day) + make_interval(mins => key % 1300 + 60 + key % 1300),
          'offline', 'online', 'heard', day, key
        from device, generate_series(0, ${days - 1}) day where (key + day) % 10 = 0 and key % 200 > 0
      ) x where at <= ${now} order by at;
    insert into health (device, state, reason, since)
      select distinct on (device) device, state, reason, at from health_history order by device, at desc, id desc;
    insert into ticket (id, no, kind, title, fault, priority, severity, stage, stage_since, subject, module, site_id, org_id,
        handler_org_id, opened_at, round_since, due_at, cause)
      select 'tk' || n, 'no' || n, 'deviceFault', '离线', 'offline', 'normal', 'major',
        case when n > ${tickets} then 'closed' else (array['dispatched', 'handling', 'verifying'])[n % 3 + 1] end,
        ${now} - make_interval(mins => n % 43200), 'device:' || n, 'm' || n % 5, 's' || n % 5000, 'hood' || n % 200,
        'unit' || n % 5 * 8 + n % 200 / 25, ${now} - make_interval(mins => n % 43200 + 300),
        ${now} - make_interval(mins => n % 43200 + 300), ${now} + make_interval(mins => n % 2000 - 500),
        case when n > ${tickets} then 'repaired' end
      from generate_series(1, ${tickets} * 2) n;
    insert into ticket_device (ticket_id, device)
      select 'tk' || n, key from generate_series(1, ${tickets} * 2) n join device on id = 'd' || (n % ${devices} + 1);
    insert into ticket_history (ticket_id, kind, from_stage, to_stage, by, at)
      select id, 'transition', s.f, s.t, 'system', opened_at from ticket,
        (values (null, 'discovered'), ('discovered', 'filed'), ('filed', 'dispatched'), ('dispatched', 'handling'), ('handling', 'verifying')) s (f, t);
  `);
  await sql(db.autocommit).script('vacuum analyze');
}

const actor = (scope: Actor['scope']): Actor => ({
  kind: 'user',
  id: 'u',
  name: 'u',
  role: 'admin',
  rights: 'all',
  scope,
  address: null,
});

async function measure(db: Database): Promise<void> {
  const clock = createManualClock(NOW);
  let told = 0;
  const reports = createReports({
    store: createReportStore(),
    transactor: db,
    audit: createAuditStore(),
    outbox: {
      add: async (_tx, notices) => {
        told += notices.length;
      },
    },
    working: () => createWorkingTime(DEFAULT_WORKING_HOURS),
    timeZone: 'Asia/Shanghai',
    clock,
    log: createLogger('silent'),
    settings: () => ({ dailyAt: '08:30', biweeklyFrom: 'off', monthlyDay: 0 }),
  });
  report('all days, today and the daily report made', await timed(() => reports.tick()), 'ms');
  if (told !== 1) throw new Error(`${told} reports were sent`);
  await sql(db.autocommit).script('vacuum analyze');
  clock.advance(3_600_000);
  report('today counted again', await timed(() => reports.tick()), 'ms');
  await sql(db.autocommit).script('vacuum analyze');

  const all = actor({ kind: 'all' });
  const street = actor({ kind: 'orgs', orgIds: ['street3'] });
  const vendor = actor({ kind: 'vendor', vendorId: 'v7' });
  const month = { from: '2026-10-25', to: '2026-11-23' };
  const tx = db.autocommit;
  const devices = createDeviceStore();
  const tickets = createTicketStore();
  const reads = createReadStore();
  const pages: Record<string, () => Promise<unknown>> = {
    'reports/daily': () => reports.daily(all, {}, 'zh-CN'),
    'reports/daily of a street': () => reports.daily(street, {}, 'zh-CN'),
    'reports/daily/items': () => reports.dailySection(street, { section: 'newOffline' }),
    'reports/availability/devices': () => reports.deviceAvailability(all, 'd77', {}, 'zh-CN'),
    'reports/availability/trend': () => reports.trend(all, { months: 12, filter: {} }, 'zh-CN'),
    'reports/ranking by vendor': () => reports.ranking(all, { ...month, by: 'vendor' }, 'zh-CN'),
    'reports/ranking by org': () => reports.ranking(all, { ...month, by: 'org' }, 'zh-CN'),
    'reports/periodic monthly': () => reports.periodic(all, { kind: 'monthly', period: '2026-11' }, 'zh-CN'),
    overview: () => reads.overview(tx, all.scope),
    devices: () => devices.list(tx, { limit: 50 }, all.scope),
    'devices of a street': () => devices.list(tx, { limit: 50 }, street.scope),
    tickets: () => ticketPage(tickets, tx, all),
    'tickets of a street': () => ticketPage(tickets, tx, street),
    'tickets of a vendor': () => ticketPage(tickets, tx, vendor),
  };
  for (const by of ['module', 'org', 'vendor', 'unit', 'project', 'site'] as const) {
    pages[`reports/availability by ${by}`] = () => reports.availability(all, { ...month, by, filter: {} }, 'zh-CN');
    pages[`reports/tickets by ${by}`] = () => reports.tickets(all, { ...month, by, filter: {} }, 'zh-CN');
  }
  pages['reports/availability of a street'] = () =>
    reports.availability(street, { ...month, by: 'site', filter: {} }, 'zh-CN');
  pages['reports/availability of a vendor'] = () =>
    reports.availability(vendor, { ...month, by: 'site', filter: {} }, 'zh-CN');
  pages['reports/tickets of a vendor'] = () => reports.tickets(vendor, { ...month, by: 'org', filter: {} }, 'zh-CN');
  for (const [name, page] of Object.entries(pages)) {
    await page();
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) times.push(await timed(page));
    times.sort((a, b) => a - b);
    report(`${name}, p95`, times[Math.floor(ROUNDS * 0.95)] ?? 0, 'ms', LIMIT_MS);
  }
}

async function ticketPage(store: ReturnType<typeof createTicketStore>, tx: Database['autocommit'], who: Actor) {
  const reader = { scope: who.scope, userId: who.id };
  const found = await store.list(tx, reader, {}, { limit: 50, after: null, now: NOW });
  await store.history(
    tx,
    found.map(({ ticket }) => ticket.id),
  );
  await store.count(tx, reader, {}, NOW, 10_000);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function report(metric: string, value: number, unit: string, baseline?: number): void {
  const rounded = Math.round(value * 10) / 10;
  const line = { bench: 'reports', metric, value: rounded, unit };
  console.log(
    JSON.stringify(
      baseline === undefined ? line : { ...line, baseline, ratio: Math.round((value / baseline) * 1000) / 1000 },
    ),
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run(process.argv.slice(2));

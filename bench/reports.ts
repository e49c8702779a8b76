/**
 * 100,000 devices with 30 days of history and 20,000 open tickets (and as many closed in those days) on a private PostgreSQL: what a day's figures cost to make,
 * and how long each list and report page takes to read, p95. `--devices N`, `--tickets N`, `--days N` for a smaller run;
 * `--database URL` reads the pages of one that was filled before, `--only TEXT` those whose name contains it.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createManualClock, type ManualClock } from '../gateway/src/clock.ts';
import type { Actor } from '../gateway/src/domain/actor.ts';
import { createWorkingTime, DEFAULT_WORKING_HOURS } from '../gateway/src/domain/working-time.ts';
import { createLogger } from '../gateway/src/log.ts';
import { createReports } from '../gateway/src/reports/reports.ts';
import { createAuditStore } from '../gateway/src/store/audit.ts';
import { type Database, sql } from '../gateway/src/store/database.ts';
import { migrate } from '../gateway/src/store/migrate.ts';
import { openPostgres } from '../gateway/src/store/postgres.ts';
import { createReportStore } from '../gateway/src/store/reports.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';
import { CITY_NOW, seedCity } from './load/city.ts';
import { listPages, reportPages } from './load/pages.ts';
import { serverOf, serverProcessorMs } from './load/processor.ts';

const LIMIT_MS = 200;
const NOW = CITY_NOW;
const ROUNDS = 20;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '100000' },
      tickets: { type: 'string', default: '20000' },
      days: { type: 'string', default: '30' },
      database: { type: 'string' },
      only: { type: 'string' },
    },
  });
  if (values.database !== undefined) {
    const db = openPostgres(values.database, { log: createLogger('error') });
    await measure(db, values.only);
    await db.close();
    return;
  }
  const cluster = await startPostgres({ settings: { shared_buffers: '512MB', work_mem: '16MB' } });
  try {
    const db = openPostgres(cluster.url, { log: createLogger('error') });
    await migrate(db);
    await seedCity(db, Number(values.devices), Number(values.tickets), Number(values.days));
    await makeFigures(db);
    await measure(db, values.only);
    await db.close();
  } finally {
    await cluster.remove();
  }
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

const createStage = (db: Database, clock: ManualClock, told: () => void) =>
  createReports({
    store: createReportStore(),
    transactor: db,
    audit: createAuditStore(),
    outbox: { add: async () => told() },
    working: () => createWorkingTime(DEFAULT_WORKING_HOURS),
    timeZone: 'Asia/Shanghai',
    clock,
    log: createLogger('silent'),
    settings: () => ({ dailyAt: '08:30', biweeklyFrom: 'off', monthlyDay: 0 }),
  });

async function makeFigures(db: Database): Promise<void> {
  const clock = createManualClock(NOW);
  let told = 0;
  const reports = createStage(db, clock, () => told++);
  report('all days, today and the daily report made', await timed(() => reports.tick()), 'ms');
  if (told !== 1) throw new Error(`${told} reports were sent`);
  await sql(db.autocommit).script('vacuum analyze');
  clock.advance(3_600_000);
  report('today counted again', await timed(() => reports.tick()), 'ms');
  await sql(db.autocommit).script('vacuum analyze');
}

async function measure(db: Database, only: string | undefined): Promise<void> {
  const reports = createStage(db, createManualClock(NOW + 3_600_000), () => undefined);
  const readers = {
    all: actor({ kind: 'all' }),
    street: actor({ kind: 'orgs', orgIds: ['street3'] }),
    vendor: actor({ kind: 'vendor', vendorId: 'v7' }),
  };
  const server = await serverOf(db);
  const pages = [...listPages(db, readers, NOW), ...reportPages(reports, readers)];
  for (const [name, page] of pages) {
    if (only !== undefined && !name.includes(only)) continue;
    await page();
    // Others use the machine too: of three rounds the quietest counts.
    const rounds: number[][] = [];
    const [own, before] = [process.cpuUsage(), serverProcessorMs(server)];
    for (let round = 0; round < 3; round++) {
      const times: number[] = [];
      for (let i = 0; i < ROUNDS; i++) times.push(await timed(page));
      rounds.push(times.sort((a, b) => a - b));
    }
    const { user, system } = process.cpuUsage(own);
    const spent = (user + system) / 1_000 + serverProcessorMs(server) - before;
    const best = (q: number) => Math.min(...rounds.map((times) => times[Math.floor(ROUNDS * q)] ?? Number.NaN));
    report(`${name}, processor time of both sides`, spent / (3 * ROUNDS), 'ms', LIMIT_MS);
    report(`${name}, p50`, best(0.5), 'ms');
    report(`${name}, p95`, best(0.95), 'ms', LIMIT_MS);
  }
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

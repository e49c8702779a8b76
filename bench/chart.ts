// A chart of one metric over 30 days, as the API reads it: raw readings page by page to their end, and in hours and in days
// (from the sums where there are any). `--readings N` in the whole table.
import { parseArgs } from 'node:util';
import { createManualClock } from '../gateway/src/clock.ts';
import { createLogger } from '../gateway/src/log.ts';
import { sql } from '../gateway/src/store/database.ts';
import { migrate } from '../gateway/src/store/migrate.ts';
import { openPostgres } from '../gateway/src/store/postgres.ts';
import { createSqlTimeSeries } from '../gateway/src/timeseries/sql.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';
import { createPrinter } from './load/measure.ts';

const { values } = parseArgs({ options: { readings: { type: 'string', default: '4000000' } } });
const DAY_MS = 86_400_000;
const DAYS = 30;
const EVERY_MS = 60_000;
const METRICS = 5;
const CALLS = 60;
const WANTED_MS = 100;
const NOW = Date.UTC(2026, 10, 24);
const perSeries = (DAYS * DAY_MS) / EVERY_MS;
const devices = Math.max(1, Math.round(Number(values.readings) / perSeries / METRICS));
const total = devices * METRICS * perSeries;
const print = createPrinter('chart');

const cluster = await startPostgres({ settings: { shared_buffers: '512MB', max_wal_size: '8GB' } });
const log = createLogger('error');
const db = openPostgres(cluster.url, { log, statementTimeoutMs: 600_000 });
try {
  await migrate(db);
  const { rows } = await sql(db.autocommit).query<{ key: number }>(
    `insert into device (id, type, name, lifecycle) select 'd' || n, 'generic/ebike-charger', 'd', 'active'
     from generate_series(1, $1::int) n returning key`,
    [devices],
  );
  const series = createSqlTimeSeries({ db, clock: createManualClock(NOW), log });
  const names = Array.from({ length: METRICS }, (_, n) => `m${n}`);
  for (let day = 0; day < DAYS; day++) {
    const time = NOW - (DAYS - day) * DAY_MS;
    await series.prepare(
      rows.flatMap(({ key }) => names.map((metric) => ({ device: key, metric, time, receivedAt: time, value: 1 }))),
    );
  }
  await sql(db.autocommit).script(`
    insert into reading (time, received_at, device, metric, num)
      select t, t, d.key, m.key, 20 + 5 * sin(extract(epoch from t) / 3600) + m.key
      from generate_series(to_timestamp(${(NOW - DAYS * DAY_MS) / 1_000}), to_timestamp(${(NOW - 1) / 1_000}), interval '${EVERY_MS} milliseconds') t,
        device d, metric m order by t, d.key, m.key`);
  await sql(db.autocommit).script('vacuum analyze reading');

  let next = 0;
  const measure = async (name: string, bucketMs: number | null) => {
    const times: number[] = [];
    let points = 0;
    for (let call = 0; call < CALLS; call++) {
      const device = rows[next++ % rows.length]?.key ?? 0;
      const started = performance.now();
      let cursor: string | null = null;
      points = 0;
      do {
        const found = await series.query({
          device,
          metrics: ['m2'],
          from: NOW - DAYS * DAY_MS,
          to: NOW,
          limit: 10_000,
          ...(bucketMs === null ? {} : { bucket: { ms: bucketMs, agg: 'avg' as const } }),
          ...(cursor === null ? {} : { cursor }),
        });
        points += found.series.reduce((sum, one) => sum + one.points.length, 0);
        cursor = found.nextCursor;
      } while (cursor !== null);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    print(
      `30 days, ${name}: ${points} points of ${total} readings, p95`,
      times[Math.floor(CALLS * 0.95)] ?? 0,
      'ms',
      WANTED_MS,
    );
  };
  await measure('every reading', null);
  await measure('hours from readings', 3_600_000);
  await measure('days from readings', DAY_MS);
  if (series.rollUp) {
    // False = something is left.
    while (!(await series.rollUp({ budgetMs: 5_000 })));
    await measure('hours from sums', 3_600_000);
    await measure('days from sums', DAY_MS);
  }
} finally {
  await db.close();
  await cluster.remove();
}

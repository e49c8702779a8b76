import { createSystemClock } from '../gateway/src/clock.ts';
import type { Reading } from '../gateway/src/domain/reading.ts';
import { createLogger } from '../gateway/src/log.ts';
import { sql } from '../gateway/src/store/database.ts';
import { migrate } from '../gateway/src/store/migrate.ts';
import { openPostgres } from '../gateway/src/store/postgres.ts';
import { createSqlTimeSeries } from '../gateway/src/timeseries/sql.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';

/**
 * Readings a second into PostgreSQL (fsync on) against a bare text COPY into a table with the same unique key,
 * interleaved: `npx node bench/timeseries.ts`.
 */
const ROWS = 200_000;
const ROUNDS = 3;
const METRICS = ['a', 'b', 'c', 'd', 'e'];
const BARE = `create table bare (time timestamptz not null, received_at timestamptz not null, device int not null,
  metric int not null, num float8, primary key (device, metric, time))`;

const log = createLogger('warn');
const cluster = await startPostgres({ fsync: true, settings: { shared_buffers: '512MB', max_wal_size: '4GB' } });
const db = openPostgres(cluster.url, { log });
await migrate(db);
await sql(db.autocommit).script(BARE);
const series = createSqlTimeSeries({ db, clock: createSystemClock() });

let time = Date.UTC(2026, 10, 23, 1);
function makeBatch(rows: number): Reading[] {
  const batch: Reading[] = [];
  for (let n = 0; n < rows / METRICS.length; n++) {
    time += 0.037;
    for (const metric of METRICS) {
      batch.push({ device: 1 + (n % 1000), metric, time, receivedAt: time + 3, value: Math.round(time * 97) % 1000 });
    }
  }
  return batch;
}

async function measure(rows: number, write: (batch: Reading[]) => Promise<unknown>): Promise<number> {
  const batches = Array.from({ length: ROWS / rows }, () => makeBatch(rows));
  const start = performance.now();
  for (const batch of batches) await write(batch);
  return ROWS / ((performance.now() - start) / 1000);
}

const copyBare = (batch: Reading[]) => {
  let text = '';
  for (const { time: at, receivedAt, device, metric, value } of batch) {
    text += `${new Date(at).toISOString()}\t${new Date(receivedAt).toISOString()}\t${device}\t${METRICS.indexOf(metric)}\t${value}\n`;
  }
  return db.transaction((tx) => sql(tx).copyIn?.('copy bare from stdin', text) ?? Promise.resolve());
};
const store = async (batch: Reading[]) => {
  await series.prepare(batch);
  await db.transaction((tx) => series.write(tx, batch));
};
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

for (const rows of [1_000, 5_000]) {
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // ISO dates carry milliseconds only, so the bare table starts empty to keep its keys unique.
    await sql(db.autocommit).script('truncate bare');
    bare.push(await measure(rows, copyBare));
    ours.push(await measure(rows, store));
  }
  const value = Math.round(median(ours));
  const baseline = Math.round(median(bare));
  const result = { bench: 'timeseries', metric: `rows in batches of ${rows}`, value, unit: 'rows/s', baseline };
  process.stdout.write(`${JSON.stringify({ ...result, ratio: Number((value / baseline).toFixed(2)) })}\n`);
}
await db.close();
await cluster.remove();

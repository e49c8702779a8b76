// Whole ingest path against a bare pipeline in the same run: QoS 1 publishers in another process, 200-byte payloads with
// five metrics, a real PostgreSQL with fsync on. Rate = messages ÷ time until the last one is committed (ours: and the
// spool is empty). The processor time of a message hardly changes with what else the machine does.
import { startPostgres } from '../gateway/test/support/postgres.ts';
import { createPrinter, type Measured, measure, median, type Target } from './load/measure.ts';
import { startBare, startOurs } from './load/pipelines.ts';
import type { PublisherOptions } from './load/publisher.ts';
import { logins } from './load/street.ts';

const DEVICES = 500;
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 150_000);
const WINDOW = 4;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const QUIET_RATE = 1_000;
const WARM_UP_S = 5;
const QUIET_S = 15;

const cluster = await startPostgres({ fsync: true, settings: { shared_buffers: '512MB', max_wal_size: '8GB' } });
const load = { logins: logins(DEVICES), messages: MESSAGES, window: WINDOW };
const print = createPrinter('ingest');
type Start = (name: string) => Promise<Target>;
const ours: Start = (name) => startOurs(cluster, name, DEVICES);
const bare: Start = (name) => startBare(cluster, name, DEVICES);

async function run(start: Start, name: string, over: Partial<PublisherOptions> = {}): Promise<Measured> {
  const target = await start(name);
  try {
    // A few seconds in which caches fill and code is compiled belong to neither side.
    await measure(target, { ...load, ...over, messages: MESSAGES / 5 });
    return await measure(target, { ...load, ...over, start: 1 });
  } finally {
    await target.stop();
  }
}

/** Latency under a light load, after a few seconds in which caches fill and code is compiled. */
async function runQuiet(start: Start, name: string): Promise<Measured> {
  const target = await start(name);
  try {
    await measure(target, { ...load, rate: QUIET_RATE, messages: QUIET_RATE * WARM_UP_S });
    return await measure(target, { ...load, rate: QUIET_RATE, messages: QUIET_RATE * QUIET_S, start: 1 });
  } finally {
    await target.stop();
  }
}

const runs: Record<'bare' | 'ours' | 'withIds', Measured[]> = { bare: [], ours: [], withIds: [] };
for (let round = 0; round < ROUNDS; round++) {
  runs.bare.push(await run(bare, `bare_${round}`));
  runs.ours.push(await run(ours, `ours_${round}`));
  runs.withIds.push(await run(ours, `ids_${round}`, { msgIds: true }));
}
const of = (which: keyof typeof runs, pick: (run: Measured) => number) => median(runs[which].map(pick));
const compare = (metric: string, unit: string, pick: (run: Measured) => number) =>
  print(metric, of('ours', pick), unit, of('bare', pick));
compare('messages stored', 'msg/s', (one) => one.rate);
print(
  'messages with msgId stored',
  of('withIds', (one) => one.rate),
  'msg/s',
  of('bare', (one) => one.rate),
);
compare('processor time a message, process', 'µs', (one) => one.gatewayUs);
compare('processor time a message, PostgreSQL', 'µs', (one) => one.databaseUs);
compare('PUBACK p50 at saturation', 'ms', (one) => one.p50Ms);
compare('PUBACK p99 at saturation', 'ms', (one) => one.p99Ms);
compare('event-loop delay p99 at saturation', 'ms', (one) => one.inside.loopP99Ms);
if (!process.argv.includes('--saturated')) {
  const quietOurs = await runQuiet(ours, 'ours_quiet');
  const quietBare = await runQuiet(bare, 'bare_quiet');
  print(`PUBACK p99 at ${QUIET_RATE} msg/s`, quietOurs.p99Ms, 'ms', quietBare.p99Ms);
}
await cluster.remove();

// One and two ingest processes beside a monitor, and one process with all roles: the same Mosquitto, the same PostgreSQL (fsync on), all
// processes as they are run. Rate = messages ÷ time until the last one is committed. What two ingest processes give depends on the cores
// they find: publishers, broker and database take theirs first.
import { availableParallelism } from 'node:os';
import { Client } from 'pg';
import { startMosquitto } from '../adapters/mqtt/test-support/mosquitto.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';
import { type GatewayProcess, startGatewayProcess } from './load/gateway.ts';
import { createPrinter, type Measured, measure, median, type Target } from './load/measure.ts';
import { freshDatabase } from './load/pipelines.ts';
import { serverProcessorMs } from './load/processor.ts';
import { logins } from './load/street.ts';

const DEVICES = 200;
const WINDOW = 10;
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 20_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 2);
const ROLES = {
  all: ['ingest,monitor,api,video'],
  one: ['ingest', 'monitor'],
  two: ['ingest', 'ingest', 'monitor'],
} as const;
type Which = keyof typeof ROLES;

const cluster = await startPostgres({ fsync: true, settings: { shared_buffers: '512MB', max_wal_size: '8GB' } });
const print = createPrinter('processes');

/** The processes of one gateway as one target: their processor time is one sum. */
async function start(which: Which, name: string): Promise<Target> {
  const { url } = await freshDatabase(cluster, name, DEVICES);
  // Saving at each change makes the broker the slowest of all (`npm run bench broker`): it would be measured alone.
  const broker = await startMosquitto({ saves: 'eachHalfMinute' });
  const members: GatewayProcess[] = [];
  for (const roles of ROLES[which]) {
    const env = { CGW_ROLES: roles, CGW_MQTT_URL: broker.url, CGW_NODE_URL: 'http://127.0.0.1:1' };
    members.push(await startGatewayProcess({ databaseUrl: url, env }));
  }
  const db = new Client({ connectionString: url });
  await db.connect();
  return {
    mqtt: broker.port,
    mark: async () => void (await Promise.all(members.map((member) => member.mark()))),
    async tell() {
      const [first, ...others] = await Promise.all(members.map((member) => member.tell()));
      if (!first) throw new Error('no process');
      return { ...first, cpuMs: others.reduce((sum, { cpuMs }) => sum + cpuMs, first.cpuMs) };
    },
    committed: async () =>
      Number((await db.query('select coalesce(sum(stored), 0) as n from ingest_ledger')).rows[0].n),
    databaseMs: () => serverProcessorMs(cluster.pid() ?? 0),
    async stop() {
      await db.end();
      await Promise.all(members.map((member) => member.stop()));
      await broker.stop();
    },
  };
}

async function run(which: Which, round: number): Promise<Measured> {
  const target = await start(which, `${which}_${round}`);
  const load = { logins: logins(DEVICES), window: WINDOW };
  try {
    // Caches that fill and code that is compiled belong to no side.
    await measure(target, { ...load, messages: MESSAGES / 5 });
    return await measure(target, { ...load, messages: MESSAGES, start: 1 });
  } finally {
    await target.stop();
  }
}

const runs: Record<Which, Measured[]> = { all: [], one: [], two: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  for (const which of ['all', 'one', 'two'] as const) runs[which].push(await run(which, round));
}
const of = (which: Which, pick: (run: Measured) => number) => median(runs[which].map(pick));
const rate = (which: Which) => of(which, (one) => one.rate);
print('cores', availableParallelism(), 'cores');
print('one process with all roles', rate('all'), 'msg/s');
print('one ingest process beside all roles in one', rate('one'), 'msg/s', rate('all'));
print('two ingest processes beside all roles in one', rate('two'), 'msg/s', rate('all'));
print('two ingest processes beside one', rate('two'), 'msg/s', rate('one'));
const cost = (which: Which) => of(which, (one) => one.gatewayUs);
print('processor time a message of one ingest process and the monitor', cost('one'), 'µs', cost('all'));
print('processor time a message of two and the monitor', cost('two'), 'µs', cost('one'));
await cluster.remove();

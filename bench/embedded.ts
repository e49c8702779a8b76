// The embedded default under load: QoS 1 publishers in another process until the last message is committed in PGlite;
// then a light load for the time an acknowledgement takes.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '../gateway/src/clock.ts';
import { createLogger } from '../gateway/src/log.ts';
import { openPglite } from '../gateway/src/store/pglite.ts';
import { startGatewayProcess } from './load/gateway.ts';
import { createPrinter, type Measured, measure, median, type Target } from './load/measure.ts';
import { logins, seedDevices } from './load/street.ts';

const DEVICES = 500;
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 100_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const WINDOW = 4;
const QUIET_RATE = 1_000;
const QUIET_S = 10;
const WANTED = 12_000;
const print = createPrinter('embedded');

const dataDir = await mkdtemp(join(tmpdir(), 'cgw-bench-'));
const db = await openPglite(join(dataDir, 'database'), { log: createLogger('error'), clock: createSystemClock() });
await seedDevices(db, DEVICES);
await db.close();
const gateway = await startGatewayProcess({ databaseUrl: null, dataDir });
const target: Target = {
  mqtt: gateway.mqtt,
  mark: gateway.mark,
  tell: gateway.tell,
  committed: () => gateway.metric('cgw_ingest_messages_total{bucket="stored"}'),
  databaseMs: () => 0,
  stop: gateway.stop,
};
try {
  const load = { logins: logins(DEVICES), window: WINDOW };
  await measure(target, { ...load, messages: MESSAGES / 5, start: 1 });
  const runs: Measured[] = [];
  for (let n = 0; n < ROUNDS; n++) runs.push(await measure(target, { ...load, messages: MESSAGES, start: 2 + n }));
  const of = (pick: (run: Measured) => number) => median(runs.map(pick));
  print(
    'messages stored, beside what is wanted',
    of((run) => run.rate),
    'msg/s',
    WANTED,
  );
  print(
    'processor time a message, database included',
    of((run) => run.gatewayUs),
    'µs',
  );
  print(
    'event-loop delay p99 at saturation',
    of((run) => run.inside.loopP99Ms),
    'ms',
  );
  print(
    'PUBACK p99 at saturation',
    of((run) => run.p99Ms),
    'ms',
  );
  const quiet = await measure(target, { ...load, rate: QUIET_RATE, messages: QUIET_RATE * QUIET_S, start: 90 });
  print(`PUBACK p99 at ${QUIET_RATE} msg/s`, quiet.p99Ms, 'ms');
  print(`event-loop delay p99 at ${QUIET_RATE} msg/s`, quiet.inside.loopP99Ms, 'ms');
} finally {
  await gateway.stop();
}

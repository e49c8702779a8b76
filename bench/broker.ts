// A broker elsewhere against the embedded one in the same run: QoS 1 publishers in another process, the same spool with fsync behind
// both. Rate = messages ÷ time until the last one is durable in the spool.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AdapterContext } from '../adapters/adapter.ts';
import {
  createExternalBroker,
  createMqttBroker,
  mqttAdapter,
  mqttExternalAdapter,
  parseConfig,
} from '../adapters/index.ts';
import { type Saves, startMosquitto } from '../adapters/mqtt/test-support/mosquitto.ts';
import { createSystemClock } from '../gateway/src/clock.ts';
import { createLogger } from '../gateway/src/log.ts';
import { createSpool } from '../gateway/src/spool/spool.ts';
import { createPrinter, median } from './load/measure.ts';

const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 60_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const DEVICES = 50;
const WINDOW = 50;
const print = createPrinter('broker');
const logins = Array.from({ length: DEVICES }, (_, index) => ({ id: `d${index}`, password: 'secret' }));

/** Messages a second from the first PUBLISH to the last durable one. */
async function run(where: 'embedded' | Saves): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-broker-'));
  const log = createLogger('error');
  const clock = createSystemClock();
  const spool = createSpool({ log, clock, dir, capacityBytes: 1024 ** 3 });
  await spool.open();
  let durable = 0;
  const context: AdapterContext = {
    log,
    clock,
    authenticate: async ({ username }) => ({ kind: 'device', deviceId: username }),
    authorize: () => true,
    link: () => undefined,
    async emit({ via, topic, payload, receivedAt, dup, retained }) {
      await spool.append({ via, principal: 'device:d', topic, payload, receivedAt, dup, retained });
      durable += 1;
    },
  };
  const mosquitto = where === 'embedded' ? null : await startMosquitto({ saves: where });
  const broker = mosquitto
    ? createExternalBroker(parseConfig(mqttExternalAdapter, { url: mosquitto.url, clientId: 'bench' }), context)
    : createMqttBroker(parseConfig(mqttAdapter, { host: '127.0.0.1', port: 0 }), context);
  await broker.start(new AbortController().signal);
  const publisher = spawn(process.execPath, [join(import.meta.dirname, 'load/publisher.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: publisher.stdout })[Symbol.asyncIterator]();
  const options = { port: broker.address().port, logins, messages: MESSAGES, window: WINDOW };
  publisher.stdin.write(`${JSON.stringify(options)}\n`);
  await lines.next();
  const began = performance.now();
  publisher.stdin.write('go\n');
  while (durable < MESSAGES) await new Promise((resolve) => setTimeout(resolve, 5));
  const tookMs = performance.now() - began;
  await lines.next();
  await broker.stop();
  await mosquitto?.stop();
  await spool.close();
  await rm(dir, { recursive: true, force: true });
  return MESSAGES / (tookMs / 1_000);
}

const SAVES = ['eachHalfMinute', 'eachFiveSeconds', 'eachSecond', 'eachChange'] as const satisfies readonly Saves[];
const embedded: number[] = [];
const rates = SAVES.map((saves) => ({ saves, seen: [] as number[] }));
for (let round = 0; round < ROUNDS; round += 1) {
  embedded.push(await run('embedded'));
  for (const { saves, seen } of rates) seen.push(await run(saves));
}
for (const { saves, seen } of rates) {
  print(`messages durable through Mosquitto, ${saves}`, median(seen), 'msg/s', median(embedded));
}

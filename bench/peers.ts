// The gateway beside what one would build first, in one run on one PostgreSQL: the bare durable pipeline, a Node-RED flow
// out of the box, and `mosquitto_sub | psql`. Rate = messages ÷ time until the last one is committed. The last two
// acknowledge before anything is stored.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../gateway/test/support/free-port.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';
import type { Inside } from './load/inside.ts';
import { createPrinter, measure, median, type Target } from './load/measure.ts';
import { freshDatabase, startBare, startOurs } from './load/pipelines.ts';
import { logins } from './load/street.ts';
import { startCopy } from './peers/copy.ts';
import { startNodeRed } from './peers/node-red.ts';
import type { Peer } from './peers/peer.ts';

const DEVICES = 500;
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 100_000);
/** Node-RED takes one INSERT a message; more would only take longer. */
const FEW = Math.round(MESSAGES / 10);
const WINDOW = 4;
const WANTED_TIMES = 10;
/** A pool of `pg` by itself. */
const POOL = 10;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 2);
const print = createPrinter('peers');
const UNKNOWN: Inside = { loopP50Ms: 0, loopP99Ms: 0, loopMaxMs: 0, cpuMs: 0, heapBytes: 0, externalBytes: 0 };

/** Mosquitto without the limits that would drop QoS 1 silently. */
async function startMosquitto() {
  const dir = await mkdtemp(join(tmpdir(), 'cgw-mosquitto-'));
  const port = await freePort();
  const config = `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n`;
  await writeFile(join(dir, 'm.conf'), config);
  const child = spawn('/usr/sbin/mosquitto', ['-c', join(dir, 'm.conf')], { stdio: 'ignore' });
  while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await rm(dir, { recursive: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

const cluster = await startPostgres({ fsync: true, settings: { shared_buffers: '512MB', max_wal_size: '8GB' } });
const load = { logins: logins(DEVICES), window: WINDOW };

async function rate(start: () => Promise<Target>, messages: number, warmUp: number): Promise<number> {
  const target = await start();
  try {
    if (warmUp > 0) await measure(target, { ...load, messages: warmUp });
    return (await measure(target, { ...load, messages, start: 1 })).rate;
  } finally {
    await target.stop();
  }
}

/** A peer behind Mosquitto. */
async function peer(
  name: string,
  count: string,
  start: (street: Awaited<ReturnType<typeof freshDatabase>>, port: number) => Promise<Peer>,
): Promise<Target> {
  const street = await freshDatabase(cluster, name, DEVICES);
  const mosquitto = await startMosquitto();
  const running = await start(street, mosquitto.port);
  const db = new Client({ connectionString: street.url });
  await db.connect();
  return {
    mqtt: mosquitto.port,
    mark: async () => undefined,
    tell: async () => UNKNOWN,
    committed: async () => Number((await db.query(count)).rows[0].n),
    databaseMs: () => 0,
    async stop() {
      await running.stop();
      await db.end();
      await mosquitto.stop();
    },
  };
}

type Name = 'ours' | 'bare' | 'red' | 'redPool' | 'copy';
const found: Record<Name, number[]> = { ours: [], bare: [], red: [], redPool: [], copy: [] };

const nodeRed = (name: string, connections: number) =>
  rate(
    () =>
      peer(name, 'select count(*) / 5 as n from reading', (street, port) => startNodeRed(street, port, connections)),
    FEW,
    FEW / 5,
  );
for (let round = 0; round < ROUNDS; round++) {
  const warmUp = MESSAGES / 5;
  found.bare.push(await rate(() => startBare(cluster, `bare_${round}`, DEVICES), MESSAGES, warmUp));
  found.ours.push(await rate(() => startOurs(cluster, `ours_${round}`, DEVICES), MESSAGES, warmUp));
  found.red.push(await nodeRed(`red_${round}`, 1));
  found.redPool.push(await nodeRed(`red_pool_${round}`, POOL));
  const copying = (street: { url: string }, port: number) => startCopy(street.url, port, MESSAGES);
  found.copy.push(await rate(() => peer(`copy_${round}`, 'select count(*) as n from said', copying), MESSAGES, 0));
}
await cluster.remove();
const ours = median(found.ours);
print('gateway, beside the bare durable pipeline (wanted 0.8)', ours, 'msg/s', median(found.bare));
print(
  `gateway, beside a Node-RED flow that inserts in order, one connection (wanted ${WANTED_TIMES})`,
  ours,
  'msg/s',
  median(found.red),
);
print(`gateway, beside the same flow with a pool of ${POOL}, in no order`, ours, 'msg/s', median(found.redPool));
print('gateway, beside mosquitto_sub | psql', ours, 'msg/s', median(found.copy));

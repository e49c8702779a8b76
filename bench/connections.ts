// What an idle device connection costs the gateway: its resident memory before and after 10,000 logins from another process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../gateway/test/support/postgres.ts';
import { firstLine, startGatewayProcess } from './load/gateway.ts';
import { createPrinter } from './load/measure.ts';
import { freshDatabase } from './load/pipelines.ts';
import { logins } from './load/street.ts';

const CONNECTIONS = Number(process.env.BENCH_CONNECTIONS ?? 10_000);
const WANTED_KIB = 20;
const SETTLE_MS = 20_000;
const QUIET_MS = 40_000;
const print = createPrinter('connections');

const cluster = await startPostgres({ fsync: true });
const { url } = await freshDatabase(cluster, 'connections', CONNECTIONS);
const gateway = await startGatewayProcess({ databaseUrl: url });
const residentKiB = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]);
try {
  const all = logins(CONNECTIONS);
  const connect = async (some: typeof all) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'load/idlers.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin?.write(`${JSON.stringify({ port: gateway.mqtt, logins: some })}\n`);
    const { tookMs } = await firstLine<{ tookMs: number }>(child, () => true);
    return { tookMs, child };
  };
  // The first hundred compile what a login runs through; then the gateway has compacted its heap, which is no connection's doing.
  const few = await connect(all.slice(0, 100));
  await sleep(QUIET_MS);
  const before = residentKiB();
  const started = performance.now();
  const many = await connect(all.slice(100));
  const atOnce = residentKiB();
  await sleep(SETTLE_MS);
  const after = residentKiB();
  const count = CONNECTIONS - 100;
  const open = await gateway.metric('cgw_mqtt_connections');
  print('open connections', open, '', CONNECTIONS);
  print('logins', count / (many.tookMs / 1_000), '1/s');
  print('resident memory a connection, right after the logins', (atOnce - before) / count, 'KiB', WANTED_KIB);
  print(`resident memory a connection, ${SETTLE_MS / 1_000} s later`, (after - before) / count, 'KiB', WANTED_KIB);
  print('seconds of the whole storm', (performance.now() - started - SETTLE_MS) / 1_000, 's');
  for (const { child } of [few, many]) {
    child.kill();
    await once(child, 'exit');
  }
} finally {
  await gateway.stop();
  await cluster.remove();
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { createLogger } from '../../gateway/src/log.ts';
import { openPostgres } from '../../gateway/src/store/postgres.ts';
import type { PostgresCluster } from '../../gateway/test/support/postgres.ts';
import { firstLine, startGatewayProcess } from './gateway.ts';
import type { Inside } from './inside.ts';
import type { Target } from './measure.ts';
import { serverProcessorMs } from './processor.ts';
import { seedDevices } from './street.ts';

const log = createLogger('error');

/** A database of its own in the cluster, with devices. */
export async function freshDatabase(cluster: PostgresCluster, name: string, devices: number) {
  const admin = new Client({ connectionString: cluster.url });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = new URL(cluster.url);
  url.pathname = `/${name}`;
  const db = openPostgres(url.href, { log });
  const seeded = await seedDevices(db, devices);
  await db.close();
  return { url: url.href, ...seeded };
}

/** The gateway on PostgreSQL. */
export async function startOurs(cluster: PostgresCluster, name: string, devices: number): Promise<Target> {
  const { url } = await freshDatabase(cluster, name, devices);
  const gateway = await startGatewayProcess({ databaseUrl: url });
  const db = new Client({ connectionString: url });
  await db.connect();
  return {
    mqtt: gateway.mqtt,
    mark: gateway.mark,
    tell: gateway.tell,
    committed: async () =>
      Number((await db.query('select coalesce(sum(stored), 0) as n from ingest_ledger')).rows[0].n),
    databaseMs: () => serverProcessorMs(cluster.pid() ?? 0),
    async stop() {
      await db.end();
      await gateway.stop();
    },
  };
}

/** `bare.ts` on PostgreSQL. */
export async function startBare(cluster: PostgresCluster, name: string, devices: number): Promise<Target> {
  const options = await freshDatabase(cluster, name, devices);
  const profile = process.env.BENCH_PROFILE;
  const flags = [
    ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
    '--import',
    new URL('./inside.ts', import.meta.url).href,
  ];
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'bare.ts')], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  });
  child.stdin?.write(`${JSON.stringify(options)}\n`);
  const { mqtt } = await firstLine<{ mqtt: number }>(child, () => true);
  const db = new Client({ connectionString: options.url });
  await db.connect();
  const ask = async (question: string) => {
    const answer = once(child, 'message');
    child.send(question);
    return (await answer)[0];
  };
  return {
    mqtt,
    mark: async () => void (await ask('mark')),
    tell: async () => (await ask('tell')) as Inside,
    // Everything is committed when it is acknowledged.
    committed: async () => Number((await db.query('select count(*) / 5 as n from reading')).rows[0].n),
    databaseMs: () => serverProcessorMs(cluster.pid() ?? 0),
    async stop() {
      await db.end();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

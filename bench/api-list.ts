// A page of the list of devices over HTTP, signed in, against a bare Fastify + pg route in a process of its own that sends
// the very statement our store sends. The second baseline also counts, as our list does.
import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createLogger } from '../gateway/src/log.ts';
import { asTx, type Session, sql } from '../gateway/src/store/database.ts';
import { createDeviceStore } from '../gateway/src/store/devices.ts';
import { migrate } from '../gateway/src/store/migrate.ts';
import { openPostgres } from '../gateway/src/store/postgres.ts';
import { startPostgres } from '../gateway/test/support/postgres.ts';
import { seedCity } from './load/city.ts';
import { ADMIN_PASSWORD, firstLine, startGatewayProcess } from './load/gateway.ts';
import { createPrinter, median } from './load/measure.ts';
import { processorMs, serverProcessorMs } from './load/processor.ts';

const DEVICES = Number(process.env.BENCH_DEVICES ?? 20_000);
const PAGE = 50;
const READERS = 8;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const WANTED = 0.6;
const print = createPrinter('api-list');

const cluster = await startPostgres({ fsync: true, settings: { shared_buffers: '512MB' } });
const db = openPostgres(cluster.url, { log: createLogger('error'), statementTimeoutMs: 600_000 });
await migrate(db);
await seedCity(db, DEVICES, 1_000, 1);
await sql(db.autocommit).script('analyze');

/** The statements of our own list: what counts, then the page. */
const statements: { text: string; values: readonly unknown[] }[] = [];
const session = sql(db.autocommit);
const recording: Session = {
  ...session,
  query: (text, params) => {
    statements.push({ text, values: [...(params ?? [])] });
    return session.query(text, params);
  },
};
await createDeviceStore().list(asTx(recording), { limit: PAGE }, { kind: 'all' });
await db.close();

async function bare(chosen: typeof statements): Promise<{ child: ChildProcess; url: string; pid: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load/bare-list.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin?.write(`${JSON.stringify({ url: cluster.url, statements: chosen })}\n`);
  const { http } = await firstLine<{ http: number }>(child, () => true);
  return { child, url: `http://127.0.0.1:${http}/devices`, pid: child.pid ?? 0 };
}

interface Run {
  readonly rate: number;
  readonly p95Ms: number;
  readonly cpuMs: number;
}

async function load(url: string, pid: number, headers: Record<string, string>): Promise<Run> {
  const agent = new Agent({ keepAlive: true, maxSockets: READERS });
  const times: number[] = [];
  const get = () =>
    new Promise<void>((resolve, reject) => {
      const started = performance.now();
      request(url, { agent, headers }, (response) => {
        response.resume().on('end', () => {
          times.push(performance.now() - started);
          response.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${response.statusCode}`));
        });
      })
        .on('error', reject)
        .end();
    });
  const cpu = () => processorMs(pid) + serverProcessorMs(cluster.pid() ?? 0);
  const before = cpu();
  const started = performance.now();
  const reader = async () => {
    while (performance.now() - started < SECONDS * 1_000) await get();
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  const tookMs = performance.now() - started;
  agent.destroy();
  times.sort((a, b) => a - b);
  return {
    rate: times.length / (tookMs / 1_000),
    p95Ms: times[Math.floor(times.length * 0.95)] ?? Number.NaN,
    cpuMs: (cpu() - before) / times.length,
  };
}

const gateway = await startGatewayProcess({ databaseUrl: cluster.url });
const api = `http://127.0.0.1:${gateway.http}/api/v1`;
const login = await fetch(`${api}/sessions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }),
});
const { token } = (await login.json()) as { token: string };
// Whoever sets up the gateway gives the first password away at once.
await fetch(`${api}/users/me/password`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  body: JSON.stringify({ currentPassword: ADMIN_PASSWORD, newPassword: `${ADMIN_PASSWORD}2` }),
});
const [count, page] = statements;
if (!count || !page) throw new Error('the list sends other statements than this benchmark knows');
const plain = await bare([page]);
const counting = await bare([count, page]);
const runs: Record<'ours' | 'plain' | 'counting', Run[]> = { ours: [], plain: [], counting: [] };
try {
  for (let round = 0; round <= ROUNDS; round++) {
    const ours = await load(`${api}/devices?limit=${PAGE}`, gateway.pid, { authorization: `Bearer ${token}` });
    const one = await load(plain.url, plain.pid, {});
    const two = await load(counting.url, counting.pid, {});
    // The first round compiles.
    if (round === 0) continue;
    runs.ours.push(ours);
    runs.plain.push(one);
    runs.counting.push(two);
  }
  const of = (which: keyof typeof runs, pick: (run: Run) => number) => median(runs[which].map(pick));
  const what = `page of ${PAGE} of ${DEVICES} devices`;
  for (const [name, which] of [['bare', 'plain'] as const, ['bare that counts', 'counting'] as const]) {
    print(
      `${what}, beside ${name}`,
      of('ours', (run) => run.rate),
      '1/s',
      of(which, (run) => run.rate),
    );
    print(
      `${what}, processor time with PostgreSQL, beside ${name}`,
      of('ours', (run) => run.cpuMs),
      'ms',
      of(which, (run) => run.cpuMs),
    );
  }
  print(
    `${what}, p95`,
    of('ours', (run) => run.p95Ms),
    'ms',
    of('counting', (run) => run.p95Ms),
  );
  print('wanted ratio of rates', WANTED, '');
} finally {
  plain.child.kill();
  counting.child.kill();
  await gateway.stop();
  await cluster.remove();
}

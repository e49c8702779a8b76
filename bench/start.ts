// From the spawn of the gateway's process to its ready line, and its memory when nothing happens: embedded (first and
// second start) and on PostgreSQL (second start). `--idle 60`: seconds of quiet before memory is read.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '../gateway/test/support/postgres.ts';
import { startGatewayProcess } from './load/gateway.ts';
import { createPrinter, median } from './load/measure.ts';
import { processorMs } from './load/processor.ts';

const { values } = parseArgs({
  options: { idle: { type: 'string', default: '20' }, starts: { type: 'string', default: '3' } },
});
const print = createPrinter('start');
const LATER = Number(values.starts);

/** Resident and proportional bytes of a process with its children, MiB. */
function memoryOf(pid: number): { rss: number; pss: number } {
  const own = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(own)?.[1] ?? 0);
  const total = { rss: kib('Rss') / 1_024, pss: kib('Pss') / 1_024 };
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean)) {
      const { rss, pss } = memoryOf(Number(child));
      total.rss += rss;
      total.pss += pss;
    }
  }
  return total;
}

interface Start {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly memory?: { readonly rss: number; readonly pss: number };
}

async function start(databaseUrl: string | null, dataDir: string, idleS: number): Promise<Start> {
  const gateway = await startGatewayProcess({ databaseUrl, dataDir });
  const cpuMs = processorMs(gateway.pid);
  try {
    if (idleS === 0) return { readyMs: gateway.readyMs, cpuMs };
    await sleep(idleS * 1_000);
    return { readyMs: gateway.readyMs, cpuMs, memory: memoryOf(gateway.pid) };
  } finally {
    await gateway.stop({ keep: true });
  }
}

async function series(name: string, databaseUrl: string | null): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cgw-bench-'));
  const tell = (which: string, { readyMs, cpuMs, memory }: Start) => {
    print(`${name}: ${which} start until ready`, readyMs / 1_000, 's');
    print(`${name}: ${which} start, processor time`, cpuMs / 1_000, 's');
    if (!memory) return;
    print(`${name}: resident memory after ${values.idle} s idle`, memory.rss, 'MiB');
    print(`${name}: proportional memory after ${values.idle} s idle`, memory.pss, 'MiB');
  };
  try {
    tell('first', await start(databaseUrl, dataDir, 0));
    const later: Start[] = [];
    for (let n = 1; n < LATER; n++) later.push(await start(databaseUrl, dataDir, 0));
    const last = await start(databaseUrl, dataDir, Number(values.idle));
    const all = [...later, last];
    tell('later', {
      readyMs: median(all.map((one) => one.readyMs)),
      cpuMs: median(all.map((one) => one.cpuMs)),
      ...(last.memory ? { memory: last.memory } : {}),
    });
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

await series('embedded', null);
const cluster = await startPostgres({ fsync: true });
try {
  await series('PostgreSQL', cluster.url);
} finally {
  await cluster.remove();
}

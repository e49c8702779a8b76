import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Inside } from './inside.ts';

export const SECRET_KEY = 'a-secret-key-of-the-benchmark-long-enough';
export const ADMIN_PASSWORD = 'Bench-2026-first!';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = fileURLToPath(new URL('../../tools/cli/cgw.ts', import.meta.url));
const INSIDE = new URL('./inside.ts', import.meta.url).href;

/** The gateway as `npm start` runs it, in a process of its own. */
export interface GatewayProcess {
  readonly pid: number;
  readonly http: number;
  readonly mqtt: number;
  readonly dataDir: string;
  /** Milliseconds from its spawn to its ready line. */
  readonly readyMs: number;
  mark(): Promise<void>;
  tell(): Promise<Inside>;
  /** Value of one line of `/metrics`; NaN when it is not there. */
  metric(name: string): Promise<number>;
  stop(options?: { readonly keep?: boolean }): Promise<void>;
}

export async function startGatewayProcess(options: {
  /** Null = the embedded database. */
  readonly databaseUrl: string | null;
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<GatewayProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'cgw-bench-')));
  // As the first step starts it; plain JavaScript, because any Node must be able to run that.
  const { NODE_FLAGS, COMPILE_CACHE, MALLOC_ARENAS } = (await import(join(ROOT, 'tools/setup/install.mjs'))) as {
    NODE_FLAGS: readonly string[];
    COMPILE_CACHE: string;
    MALLOC_ARENAS: string;
  };
  const env: NodeJS.ProcessEnv = {
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    MALLOC_ARENA_MAX: MALLOC_ARENAS,
    ...process.env,
    CGW_HTTP_PORT: '0',
    CGW_MQTT_PORT: '0',
    CGW_HTTP_HOST: '127.0.0.1',
    CGW_DATA_DIR: dataDir,
    CGW_SECRET_KEY: SECRET_KEY,
    CGW_ADMIN_PASSWORD: ADMIN_PASSWORD,
    CGW_LOG_LEVEL: 'error',
    ...(options.databaseUrl === null ? {} : { CGW_DATABASE_URL: options.databaseUrl }),
    ...options.env,
  };
  // `BENCH_PROFILE=<directory>`: a processor profile of every gateway started.
  const profile = process.env.BENCH_PROFILE;
  const flags = [...NODE_FLAGS, ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), '--import', INSIDE];
  const started = performance.now();
  const child = spawn(process.execPath, [...flags, CLI, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const { http, mqtt } = await firstLine<{ http: number; mqtt: number }>(child, (line) => line.includes('"ready"'));
  const readyMs = performance.now() - started;
  const ask = async (question: string) => {
    const answer = once(child, 'message');
    child.send(question);
    return (await answer)[0];
  };
  return {
    pid: child.pid ?? 0,
    http,
    mqtt,
    dataDir,
    readyMs,
    mark: async () => void (await ask('mark')),
    tell: async () => (await ask('tell')) as Inside,
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
    },
    async stop({ keep = false } = {}) {
      child.kill('SIGTERM');
      await once(child, 'exit');
      if (!keep) await rm(dataDir, { recursive: true });
    },
  };
}

/** The first line of its output that is accepted, as JSON; the rest of the output is let go. */
export async function firstLine<T>(child: ChildProcess, accept: (line: string) => boolean): Promise<T> {
  const { stdout } = child;
  if (!stdout) throw new Error('no output');
  const lines = createInterface({ input: stdout });
  const found = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      if (accept(line)) resolve(line);
    });
    lines.once('close', () => reject(new Error('the process ended without a word')));
  });
  return JSON.parse(found) as T;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ApiClient, login } from '../../../tools/simulator/api-client.ts';
import { createPgliteDirectory } from './databases.ts';
import { scratch } from './scratch.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** Most gateways of a test live for seconds: code of the embedded database is optimised only where it runs very often. */
const SHORT_LIFE = '--wasm-tiering-budget=300000000';
const CHEAP_HASHES = ['--import', join(import.meta.dirname, 'cheap-hashes.ts')];
const PASSWORD = 'Whole-path-2026!';
const NEXT_PASSWORD = 'Whole-path-2027!';

/** Half of a start is compiling; every process of a test run after the first finds it done. */
export const COMPILE_CACHE = join(tmpdir(), `cgw-test-compiled-${process.getuid?.() ?? 0}`);

/** A gateway as its user runs it: a process of its own, reached only through its sockets. */
export interface GatewayProcess {
  readonly pid: number;
  readonly http: number;
  readonly mqtt: number;
  readonly base: string;
  readonly dataDir: string;
  /** As `admin`; with the password of a data directory that was not made here. */
  api(password?: string): Promise<ApiClient>;
  /** Prometheus metrics as text. */
  metrics(): Promise<string>;
  readyz(): Promise<{ status: string; parts: { name: string; state: string; reason?: string }[] }>;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  readonly output: readonly string[];
}

export interface DataDir {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes an empty data directory that a test may use for several gateways after each other. */
export async function makeDataDir(): Promise<DataDir> {
  const path = await mkdtemp(join(scratch(), 'cgw-whole-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The same with an embedded database that is made and migrated, which takes a first start most of its time. */
export async function makeMigratedDataDir(): Promise<DataDir> {
  const dir = await makeDataDir();
  await createPgliteDirectory(join(dir.path, 'database'));
  return dir;
}

export async function startGateway(
  dataDir: string,
  env: Record<string, string> = {},
  /** `dearHashes`: of a data directory whose passwords were hashed by a real gateway. */
  { dearHashes = false } = {},
): Promise<GatewayProcess> {
  const hashes = dearHashes ? [] : CHEAP_HASHES;
  const child = spawn(
    ...withParent([process.execPath, SHORT_LIFE, ...hashes, join(ROOT, 'tools/cli/cgw.ts'), 'start']),
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        CGW_HTTP_PORT: '0',
        CGW_MQTT_PORT: '0',
        CGW_HTTP_HOST: '127.0.0.1',
        CGW_DATA_DIR: dataDir,
        CGW_ADMIN_PASSWORD: PASSWORD,
        CGW_ALLOWED_TARGETS: '127.0.0.0/8',
        CGW_LOG_LEVEL: 'warn',
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        ...env,
      },
    },
  );
  const output: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => keep(output, line));
  const { http, mqtt } = await whenReady(child, output);
  const base = `http://127.0.0.1:${http}`;
  return {
    pid: child.pid ?? 0,
    http,
    mqtt,
    base,
    dataDir,
    output,
    api: (password) => login(base, 'admin', password ?? PASSWORD, password ?? NEXT_PASSWORD),
    metrics: async () => (await fetch(`${base}/metrics`)).text(),
    readyz: async () => (await (await fetch(`${base}/readyz`)).json()) as Awaited<ReturnType<GatewayProcess['readyz']>>,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}

/** A gateway ends with the test that started it, even when that is killed itself. */
function withParent(command: readonly string[]): [string, string[]] {
  return ['setpriv', ['--pdeathsig=KILL', '--', ...command]];
}

function keep(output: string[], line: string): void {
  output.push(line);
  if (output.length > 500) output.shift();
}

function whenReady(child: ChildProcess, output: string[]): Promise<{ http: number; mqtt: number }> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) return reject(new Error('no output'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"msg":"ready"')) resolve(JSON.parse(line) as { http: number; mqtt: number });
      else keep(output, line);
    });
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}:\n${output.slice(-20).join('\n')}`)));
  });
}

/** The value of one sample of a metrics text, summed over its label sets. */
export function sample(metrics: string, name: string, labels = ''): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(name) && !line.startsWith('#') && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

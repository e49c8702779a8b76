import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FLEET_KEY } from './fleet-devices.ts';
import { freePort } from './free-port.ts';
import { COMPILE_CACHE, type DataDir, type GatewayProcess, makeDataDir, startGateway } from './gateway-process.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** One of several processes that are one gateway; it keeps its data directory and its address over its deaths. */
export interface Member {
  readonly name: string;
  readonly base: string;
  /** As the table of processes knows it. */
  id(): Promise<string>;
  /** The running process; throws while there is none. */
  running(): GatewayProcess;
  start(): Promise<GatewayProcess>;
  /** kill -9. */
  kill(): Promise<void>;
  /** `cgw spool adopt` on its directory. */
  adopt(): Promise<{ readonly code: number | null; readonly output: string }>;
  /** Ends it for good and removes its directory. */
  remove(): Promise<void>;
}

export interface ClusterOptions {
  readonly databaseUrl: string;
  readonly mqttUrl: string;
  readonly env?: Record<string, string>;
}

/** A process with some roles, not yet started. */
export async function createMember(name: string, roles: string, options: ClusterOptions): Promise<Member> {
  const dir: DataDir = await makeDataDir();
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const shared = {
    CGW_DATABASE_URL: options.databaseUrl,
    CGW_MQTT_URL: options.mqttUrl,
    CGW_SECRET_KEY: FLEET_KEY,
  };
  let process: GatewayProcess | undefined;
  return {
    name,
    base,
    id: async () => (await readFile(join(dir.path, 'node-id'), 'utf8')).trim(),
    running() {
      if (!process) throw new Error(`${name} does not run`);
      return process;
    },
    async start() {
      process = await startGateway(dir.path, {
        CGW_ROLES: roles,
        CGW_HTTP_PORT: String(port),
        CGW_NODE_URL: base,
        ...shared,
        ...options.env,
      });
      return process;
    },
    async kill() {
      await process?.kill();
      process = undefined;
    },
    async adopt() {
      const child = spawn(globalThis.process.execPath, [join(ROOT, 'tools/cli/cgw.ts'), 'spool', 'adopt', dir.path], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: globalThis.process.env.PATH ?? '',
          NODE_COMPILE_CACHE: COMPILE_CACHE,
          CGW_LOG_LEVEL: 'warn',
          ...shared,
        },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output += String(chunk)));
      await once(child, 'close');
      return { code: child.exitCode, output };
    },
    async remove() {
      await process?.kill();
      process = undefined;
      await dir.remove();
    },
  };
}

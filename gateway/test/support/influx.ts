import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { scratch } from './scratch.ts';

const PROGRAM = '/usr/bin/influxd';

/** Set in places without InfluxDB; CI has it. */
export const INFLUX_MISSING = !existsSync(PROGRAM);

/** A private InfluxDB 1.x in a temporary directory, on free ports of 127.0.0.1. */
export interface InfluxServer {
  readonly port: number;
  readonly version: string;
  /** `influx://127.0.0.1:<port>/<database>`, with a login when one is given. */
  url(database: string, login?: string): string;
  /** The first line of a statement's answer as JSON; for looking past the gateway. */
  ask(statement: string, database?: string): Promise<unknown>;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Frozen: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Kills it and removes its directory. */
  remove(): Promise<void>;
}

export interface InfluxSettings {
  /** Wants logins; the first user is made without one. */
  readonly auth?: boolean;
  /** Lines of `[http]`, e.g. `max-body-size = 10000`. */
  readonly http?: string;
  /** Lines of `[data]`. */
  readonly data?: string;
}

export async function startInflux(settings: InfluxSettings = {}): Promise<InfluxServer> {
  const directory = await mkdtemp(join(scratch(), 'cgw-influx-'));
  const [port, backupPort] = [await freePort(), await freePort()];
  const config = join(directory, 'influxdb.conf');
  await writeFile(config, configText(directory, port, backupPort, settings));
  let server: ChildProcess | undefined;
  let output = '';

  const ask = async (statement: string, database = ''): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/query`, {
      method: 'POST',
      body: new URLSearchParams({ q: statement, db: database, epoch: 'u' }),
    });
    return response.json();
  };
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/ping`).then(
      (response) => response.status === 204,
      () => false,
    );

  const start = async () => {
    if (server) return;
    // It goes when the test goes, even by kill -9.
    const child = spawn('setpriv', ['--pdeathsig=KILL', '--', PROGRAM, '-config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: directory },
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    });
    child.once('exit', () => {
      if (server === child) server = undefined;
    });
    server = child;
    const deadline = performance.now() + 30_000;
    while (!(await answers())) {
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`InfluxDB did not start:\n${output}`);
      }
      await sleep(25);
    }
  };
  const kill = async () => {
    const child = server;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };

  const influx: InfluxServer = {
    port,
    version: influxVersion(),
    url: (database, login) => `influx://${login === undefined ? '' : `${login}@`}127.0.0.1:${port}/${database}`,
    ask,
    start,
    kill,
    freeze: () => server?.kill('SIGSTOP'),
    thaw: () => server?.kill('SIGCONT'),
    async remove() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await start();
  } catch (error) {
    await influx.remove();
    throw error;
  }
  return influx;
}

export function influxVersion(): string {
  return execFileSync(PROGRAM, ['version'], { encoding: 'utf8' }).trim();
}

function configText(directory: string, port: number, backupPort: number, settings: InfluxSettings): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
dir = "${directory}/meta"
[data]
dir = "${directory}/data"
wal-dir = "${directory}/wal"
query-log-enabled = false
${settings.data ?? ''}
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
auth-enabled = ${settings.auth ?? false}
${settings.http ?? ''}
[monitor]
store-enabled = false
[logging]
level = "warn"
`;
}

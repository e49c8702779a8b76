import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import { scratch } from './scratch.ts';

export type StopMode = 'fast' | 'immediate';

/** A private PostgreSQL cluster in a temporary directory, on a unix socket and a free port of 127.0.0.1. */
export interface PostgresCluster {
  /** `postgres://postgres@127.0.0.1:<port>/postgres`; stays the same over restarts. */
  readonly url: string;
  /** The same cluster through its unix socket. */
  readonly socketUrl: string;
  readonly port: number;
  /** Process id of the postmaster, undefined while stopped. */
  pid(): number | undefined;
  start(): Promise<void>;
  /** `immediate` = no goodbye, crash recovery at the next start. */
  stop(mode?: StopMode): Promise<void>;
  restart(mode?: StopMode): Promise<void>;
  /** SIGKILL of the postmaster; its children notice and leave. */
  kill(): Promise<void>;
  /** Freezes or thaws every process of the cluster (SIGSTOP, SIGCONT): connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Stops it and removes its directory. */
  remove(): Promise<void>;
}

/** Directory of the newest installed PostgreSQL's programs, or the reason why there is none. */
export function findPostgres(): { bin: string } | { missing: string } {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).filter((name) => /^\d+$/.test(name)) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest && existsSync(join(root, newest, 'bin', 'initdb'))) return { bin: join(root, newest, 'bin') };
  return { missing: `no PostgreSQL server below ${root} (Debian: apt-get install postgresql)` };
}

export async function startPostgres(
  options: {
    /** Real fsync; off by default because tests only need speed. */ fsync?: boolean;
    settings?: Record<string, string>;
  } = {},
): Promise<PostgresCluster> {
  const found = findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  const { bin } = found;
  const user = processUser();
  const directory = mkdtempSync(join(scratch(), 'cgw-pg-'));
  if (user) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const as = user ? { uid: user.uid, gid: user.gid } : {};
  // PostgreSQL wants a working directory that its user may enter.
  const common = { ...as, cwd: directory, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', HOME: directory } };
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...common, stdio: 'pipe' },
  );

  const port = await freePort();
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: directory,
    max_connections: '100',
    fsync: options.fsync ? 'on' : 'off',
    max_wal_size: '2GB',
    ...options.settings,
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ReturnType<typeof spawn> | undefined;

  async function start(): Promise<void> {
    if (server) return;
    const child = spawnWithParent(join(bin, 'postgres'), args, user, common);
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    });
    child.once('exit', () => {
      if (server === child) server = undefined;
    });
    server = child;
    const deadline = performance.now() + 30_000;
    while (!(await answers(url))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        await kill();
        throw new Error(`PostgreSQL did not start:\n${output}`);
      }
      await sleep(25);
    }
  }

  async function signal(name: NodeJS.Signals): Promise<void> {
    const child = server;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill(name);
    await gone;
  }
  const stop = (mode: StopMode = 'fast') => signal(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  async function kill(): Promise<void> {
    await signal('SIGKILL');
    // The next start refuses while an orphaned backend still holds the shared memory.
    await sleep(50);
  }
  const signalAll = (name: NodeJS.Signals) => {
    if (!server?.pid) return;
    for (const pid of [server.pid, ...childrenOf(server.pid)]) {
      try {
        process.kill(pid, name);
      } catch (error) {
        // A backend may end between the listing and the signal.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };

  const cluster: PostgresCluster = {
    url,
    socketUrl: `postgres://postgres@/postgres?host=${encodeURIComponent(directory)}&port=${port}`,
    port,
    pid: () => server?.pid,
    start,
    stop,
    async restart(mode) {
      await stop(mode);
      await start();
    },
    kill,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async remove() {
      signalAll('SIGCONT');
      await stop('immediate');
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await start();
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return cluster;
}

/** PostgreSQL refuses to run as root, so root hands it to the user `postgres` that its package made. */
function processUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** The server goes when this process goes, even by `kill -9`: setpriv asks the kernel for a signal at our end. */
function spawnWithParent(
  program: string,
  args: string[],
  user: { uid: number; gid: number } | undefined,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): ReturnType<typeof spawn> {
  const identity = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
  const { cwd, env } = options;
  return spawn('setpriv', ['--pdeathsig=QUIT', ...identity, '--', program, ...args], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    // Not up yet; the caller watches the deadline.
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function childrenOf(pid: number): number[] {
  const text = execFileSync('ps', ['--no-headers', '-o', 'pid', '--ppid', String(pid)], { encoding: 'utf8' });
  return text.split('\n').filter(Boolean).map(Number);
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../gateway/test/support/free-port.ts';

const PROGRAM = '/usr/sbin/mosquitto';
const DYNSEC = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib']
  .map((dir) => `${dir}/mosquitto_dynamic_security.so`)
  .find(existsSync);

/** Whether a real Mosquitto with its dynamic-security plug-in is on this machine. */
export const mosquittoHere = existsSync(PROGRAM) && DYNSEC !== undefined;

export interface Mosquitto {
  readonly port: number;
  /** With the gateway's login, where there are logins. */
  readonly url: string;
  /** As a broken power supply would. */
  kill(): Promise<void>;
  /** As an administrator would: what it has is on the disk. */
  end(): Promise<void>;
  /** The same broker again, with what it kept. */
  restart(): Promise<void>;
  /** What the plug-in keeps: names of clients and roles, no secrets. */
  logins(): Promise<string>;
  stop(): Promise<void>;
}

/** How often it saves; `eachSecond` is as shipped. */
export type Saves = keyof typeof SAVES;
const SAVES = {
  eachChange: ['autosave_on_changes true', 'autosave_interval 1'],
  eachSecond: ['autosave_interval 1'],
  eachFiveSeconds: ['autosave_interval 5'],
  eachHalfMinute: ['autosave_interval 30'],
} as const;

/** A broker as `docker/mosquitto.conf` sets one up, on a free port of the loopback interface. */
export async function startMosquitto(
  options: { dynsec?: boolean; lines?: readonly string[]; saves?: Saves } = {},
): Promise<Mosquitto> {
  const dir = await mkdtemp(join(tmpdir(), 'mosquitto-'));
  const port = await freePort();
  const secured = options.dynsec === true;
  const file = join(dir, 'dynamic-security.json');
  if (secured) spawnSync('mosquitto_ctrl', ['dynsec', 'init', file, 'gateway', 'gateway secret/1']);
  await writeFile(
    join(dir, 'mosquitto.conf'),
    [
      `user ${userInfo().username}`,
      'per_listener_settings false',
      ...(secured
        ? ['allow_anonymous false', `plugin ${DYNSEC}`, `plugin_opt_config_file ${file}`]
        : ['allow_anonymous true']),
      `listener ${port} 127.0.0.1`,
      'max_queued_messages 0',
      'max_inflight_messages 1000',
      'persistence true',
      `persistence_location ${dir}/`,
      ...SAVES[options.saves ?? 'eachSecond'],
      'sys_interval 1',
      ...(options.lines ?? []),
      '',
    ].join('\n'),
  );
  let child = await run(dir, port);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return {
    port,
    url: secured
      ? `mqtt://gateway:${encodeURIComponent('gateway secret/1')}@127.0.0.1:${port}`
      : `mqtt://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
    async restart() {
      child = await run(dir, port);
    },
    logins: () => readFile(file, 'utf8'),
    async stop() {
      await end('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function run(dir: string, port: number): Promise<ChildProcess> {
  const child = spawn(PROGRAM, ['-c', join(dir, 'mosquitto.conf')], { stdio: 'ignore' });
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await answers(port)) return child;
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new Error('mosquitto does not listen');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (good: boolean) => {
      socket.destroy();
      resolve(good);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

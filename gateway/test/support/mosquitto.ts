import { spawn, spawnSync } from 'node:child_process';

/** Whether mosquitto's own clients are on this machine. */
export const mosquittoAvailable = spawnSync('mosquitto_pub', ['--help']).error === undefined;

export interface MqttLogin {
  readonly username: string;
  readonly password: string;
}

export interface Outcome {
  readonly code: number | null;
  /** Standard output and error together. */
  readonly output: string;
}

const LONGEST_MS = 20_000;

/** Runs one of mosquitto's clients to its end, as a device that is not ours. */
export function mosquitto(
  program: 'mosquitto_pub' | 'mosquitto_sub',
  port: number,
  login: MqttLogin,
  args: readonly string[],
): Promise<Outcome> {
  const access = ['-h', '127.0.0.1', '-p', String(port), '-u', login.username, '-P', login.password];
  const child = spawn(program, [...access, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    }),
  );
}

/** `mosquitto_pub -q 1`; resolves with its exit code and what it said. */
export function publish(port: number, login: MqttLogin, topic: string, payload: string): Promise<Outcome> {
  return mosquitto('mosquitto_pub', port, login, ['-q', '1', '-t', topic, '-m', payload]);
}

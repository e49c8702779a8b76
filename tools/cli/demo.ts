import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { login } from '../simulator/api-client.ts';
import { DEMO_SCRIPT, play } from '../simulator/script.ts';
import { buildStreet, DEMO_STREET } from '../simulator/street.ts';
import { createScreen, type Overview, summaryText } from './demo-screen.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The first login has to change its password, in a demo too. */
const FIRST_PASSWORD = 'Demo-First-2026!';
const PASSWORD = 'Demo-Street-2026!';
const REPORT_EVERY_MS = 5_000;
/** The fault script needs a little time after the last scene of a `--seed-only` run. */
const SEED_SECONDS = 20;

interface Ready {
  readonly http: number;
  readonly mqtt: number;
}

/** Gateway and street as two processes' worth of real sockets; ends by Ctrl-C, by --seconds, or when the gateway dies. */
export async function demo(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string' }, 'seed-only': { type: 'boolean', default: false } },
  });
  const seconds = values['seed-only'] ? SEED_SECONDS : readSeconds(values.seconds);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());

  const gateway = startGateway();
  const ended = new Promise<'gateway'>((resolve) => gateway.once('exit', () => resolve('gateway')));
  try {
    const ready = await Promise.race([whenReady(gateway), ended]);
    if (ready === 'gateway')
      throw new Error('the gateway ended before it was ready; its message stands above (网关启动失败)');
    const base = `http://127.0.0.1:${ready.http}`;
    const first = process.env.CGW_ADMIN_PASSWORD ?? FIRST_PASSWORD;
    const api = await login(base, 'admin', first, PASSWORD);
    await api.put('/settings', { groupHold: '5s', ticketStableFor: '20s' });
    const street = await buildStreet({
      api,
      mqttUrl: `mqtt://127.0.0.1:${ready.mqtt}`,
      size: DEMO_STREET,
      intervalMs: REPORT_EVERY_MS,
    });
    await street.start();
    const screen = createScreen({ url: base, user: 'admin', password: PASSWORD, mqtt: ready.mqtt });
    const end = play(street, DEMO_SCRIPT, screen.say);
    const timer = setInterval(() => {
      api.get<Overview>('/overview').then(screen.show, (error: unknown) => screen.say(String(error)));
    }, 1_000);
    const why = await Promise.race([ended, whenOver(seconds, stopping.signal)]);
    clearInterval(timer);
    end();
    if (why === 'gateway') throw new Error('the gateway ended while the demo was running (网关意外退出)');
    const overview = await api.get<Overview>('/overview');
    screen.close();
    console.log(summaryText(overview));
    await street.stop();
    return 0;
  } finally {
    await stop(gateway, ended);
  }
}

function startGateway(): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'tools/cli/cgw.ts'), 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The terminal's Ctrl-C reaches the whole group; the demo stops its gateway itself, after the street.
    detached: true,
    env: {
      CGW_DATA_DIR: join(ROOT, 'data/demo'),
      CGW_ADMIN_PASSWORD: FIRST_PASSWORD,
      CGW_ALLOWED_TARGETS: '127.0.0.0/8',
      CGW_HTTP_HOST: '127.0.0.1',
      CGW_LOG_LEVEL: 'error',
      ...process.env,
    },
  });
}

async function whenReady(gateway: ChildProcess): Promise<Ready> {
  if (!gateway.stdout) throw new Error('the gateway has no output');
  for await (const line of createInterface({ input: gateway.stdout })) {
    const message = readLine(line);
    if (message?.msg === 'ready') return message;
  }
  return new Promise(() => undefined);
}

function readLine(line: string): (Ready & { msg: string }) | undefined {
  try {
    return JSON.parse(line) as Ready & { msg: string };
  } catch {
    console.log(line);
    return undefined;
  }
}

function whenOver(seconds: number | undefined, signal: AbortSignal): Promise<'time' | 'signal'> {
  return new Promise((resolve) => {
    if (seconds !== undefined) setTimeout(() => resolve('time'), seconds * 1_000);
    signal.addEventListener('abort', () => resolve('signal'), { once: true });
  });
}

function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!(seconds > 0))
    throw new Error(`--seconds must be a number above 0, not '${text}' (--seconds 必须为大于 0 的数)`);
  return seconds;
}

async function stop(gateway: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (gateway.exitCode !== null || gateway.signalCode !== null) return;
  gateway.kill('SIGTERM');
  const timer = setTimeout(() => gateway.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bilingual } from '../../gateway/src/messages/index.ts';
import { type ApiClient, ApiError, login } from '../simulator/api-client.ts';
import { DEMO_SCRIPT, play } from '../simulator/script.ts';
import { buildStreet, DEMO_STREET, type Street } from '../simulator/street.ts';
import { hearNotices } from './demo-notices.ts';
import { readOutcome } from './demo-outcome.ts';
import { createScreen, type Now, type Overview, summaryText } from './demo-screen.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The first login has to change its password, in a demo too. */
const FIRST_PASSWORD = 'Demo-First-2026!';
const PASSWORD = 'Demo-Street-2026!';
const REPORT_EVERY_MS = 5_000;
/** Long enough for the first faults of the script to be seen by the gateway. */
const SEED_SECONDS = 20;
/** Settings under which faults, also those of a picture, show while somebody watches. */
const SOON = {
  groupHold: '5s',
  ticketStableFor: '20s',
  describeEvery: '15s',
  pictureEvery: '15s',
  pictureConfirm: '6s',
};

/** What ends a demo. */
type End = 'time' | 'signal' | 'gateway';

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
  const over = new AbortController();
  const end = (why: End) => over.abort(why);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end('signal'));

  console.log(bilingual('demo.starting'));
  const gateway = startGateway();
  gateway.once('exit', () => end('gateway'));
  const clear: (() => void)[] = [];
  let street: Street | undefined;
  try {
    const ready = await whenReady(gateway);
    const base = `http://127.0.0.1:${ready.http}`;
    const since = Date.now();
    const api = await enter(base);
    await api.put('/settings', SOON);
    street = await buildStreet({
      api,
      mqttUrl: `mqtt://127.0.0.1:${ready.mqtt}`,
      size: DEMO_STREET,
      intervalMs: REPORT_EVERY_MS,
      signal: over.signal,
    });
    await Promise.race([street.start(), aborted(over.signal)]);
    over.signal.throwIfAborted();
    const screen = createScreen({ url: base, user: 'admin', password: PASSWORD, mqtt: ready.mqtt });
    const notices = await hearNotices(api, screen.say);
    clear.push(notices.stop);
    clear.push(play(street, DEMO_SCRIPT, screen.say));
    const refresh = setInterval(() => {
      readNow(api).then(screen.show, (error: unknown) => screen.say(String(error)));
    }, 1_000);
    clear.push(() => clearInterval(refresh));
    if (seconds !== undefined) {
      const timer = setTimeout(() => end('time'), seconds * 1_000);
      clear.push(() => clearTimeout(timer));
    }
    await aborted(over.signal);
    for (const one of clear.splice(0)) one();
    if (over.signal.reason !== 'gateway') {
      const [overview, outcome] = [await api.get<Overview>('/overview'), await readOutcome(api, since)];
      screen.close();
      console.log(summaryText(overview, outcome));
    }
  } catch (error) {
    // Whatever fails because we are being stopped is no failure.
    if (over.signal.reason !== 'signal') throw over.signal.aborted ? new Error(bilingual('demo.gatewayEnded')) : error;
  } finally {
    for (const one of clear) one();
    await street?.stop();
    await stop(gateway);
  }
  if (over.signal.reason === 'gateway') throw new Error(bilingual('demo.gatewayEnded'));
  return 0;
}

function startGateway(): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, join(ROOT, 'tools/cli/cgw.ts'), 'start'], {
    // The channel tells the gateway of our end, also of one that we cannot tell of ourselves.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
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

/** Throws when the gateway ends first. */
async function whenReady(gateway: ChildProcess): Promise<Ready> {
  if (!gateway.stdout) throw new Error('the gateway has no output');
  const lines = createInterface({ input: gateway.stdout });
  const ready = await new Promise<Ready>((resolve, reject) => {
    lines.on('line', (line) => {
      const message = readLine(line);
      if (message?.msg === 'ready') resolve(message);
    });
    lines.once('close', () => reject(new Error(bilingual('demo.gatewayEnded'))));
  });
  return ready;
}

function readLine(line: string): (Ready & { msg: string }) | undefined {
  try {
    return JSON.parse(line) as Ready & { msg: string };
  } catch {
    console.log(line);
    return undefined;
  }
}

async function enter(base: string): Promise<ApiClient> {
  try {
    return await login(base, 'admin', process.env.CGW_ADMIN_PASSWORD ?? FIRST_PASSWORD, PASSWORD);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    const dir = process.env.CGW_DATA_DIR ?? join(ROOT, 'data/demo');
    throw new Error(bilingual('demo.otherPassword', { dir }), { cause: error });
  }
}

async function readNow(api: ApiClient): Promise<Now> {
  const [overview, faulty, tickets] = await Promise.all([
    api.get<Overview>('/overview'),
    api.get<{ items: Now['faulty'] }>('/devices?healthState=offline,flapping,stale,degraded&limit=50'),
    api.get<{ items: Now['tickets'] }>('/tickets?stage=discovered,filed,dispatched,handling,verifying&limit=50'),
  ]);
  return { overview, faulty: faulty.items, tickets: tickets.items };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!(seconds > 0)) throw new Error(bilingual('demo.seconds', { value: text }));
  return seconds;
}

async function stop(gateway: ChildProcess): Promise<void> {
  if (gateway.exitCode !== null || gateway.signalCode !== null) return;
  const ended = once(gateway, 'exit');
  gateway.kill('SIGTERM');
  const timer = setTimeout(() => gateway.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

import { mkdir } from 'node:fs/promises';
import { type Config, PROCESS_ROLES, readConfig } from './config.ts';
import { GatewayError, isGatewayError } from './errors.ts';
import { startGateway } from './main.ts';
import { bilingual } from './messages/index.ts';
import { withSecretFiles } from './secret-files.ts';

const RETRY_EVERY_MS = 2_000;
const RETRY_FOR_MS = 60_000;
const STOP_WITHIN_MS = 9_000;

/** The gateway as a process: environment in, one ready line out, a signal ends it. Resolves with the exit code. */
export async function runGateway(): Promise<number> {
  const ended = untilSignal();
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  try {
    const config = readConfig(withSecretFiles(process.env));
    refuseUnavailable(config);
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    gateway = await startWithPatience(() => startGateway(config), ended);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    console.error(error.message);
    return 1;
  }
  const { http, mqtt, adminPassword } = gateway;
  if (adminPassword) console.log(JSON.stringify({ msg: 'first login', user: 'admin', password: adminPassword }));
  console.log(JSON.stringify({ msg: 'ready', http, mqtt }));
  await ended;
  // A part that hangs must not keep the process; what is acknowledged is on the disk already.
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await gateway.stop();
  return 0;
}

/** What may be configured and this version does not do yet is said at the start, never ignored. */
export function refuseUnavailable(config: Config): void {
  const asked: Readonly<Record<string, boolean>> = {
    CGW_MQTT_URL: config.mqtt.url !== null,
    CGW_TIMESERIES_URL: config.timeseriesUrl !== null,
    CGW_ROLES: config.roles.length < PROCESS_ROLES.length,
    CGW_NODE_URL: config.nodeUrl !== null,
  };
  const [name] = Object.keys(asked).filter((one) => asked[one]);
  if (name) throw new GatewayError('INVALID_CONFIG', bilingual('config.unavailable', { name }));
}

/** A database that starts beside us may need a moment; anything else is the operator's to mend. */
async function startWithPatience<T>(start: () => Promise<T>, ended: Promise<unknown>): Promise<T> {
  const giveUpAt = performance.now() + RETRY_FOR_MS;
  let stopped = false;
  void ended.then(() => {
    stopped = true;
  });
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (stopped || !isGatewayError(error, 'UNAVAILABLE') || performance.now() > giveUpAt) throw error;
      console.error(`${error.message}; trying again (稍后重试)`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_EVERY_MS));
    }
  }
}

/**
 * A terminal sends Ctrl-C to every process of the command, and the first step hands it on once more: the second one must
 * not cut the stop short. A starter that speaks to us by IPC (the demo) takes us with it, however it dies.
 */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
    process.once('disconnect', () => resolve());
    // A listener would keep the process alive after its stop.
    process.channel?.unref();
  });
}

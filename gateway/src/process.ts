import { mkdir } from 'node:fs/promises';
import { compactOnceQuiet, ownHeap } from './compaction.ts';
import { readConfig } from './config.ts';
import { GatewayError, isGatewayError } from './errors.ts';
import { startGateway } from './main.ts';
import { withSecretFiles } from './secret-files.ts';

const RETRY_EVERY_MS = 2_000;
const RETRY_FOR_MS = 60_000;
const STOP_WITHIN_MS = 9_000;

/** The gateway as a process: environment in, one ready line out, a signal ends it. Resolves with the exit code. */
export async function runGateway(): Promise<number> {
  const ended = untilSignal();
  try {
    let config = readConfig(withSecretFiles(process.env));
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    for (let first = true; ; first = false) {
      const gateway = await startWithPatience(() => startGateway(config), ended);
      const { http, mqtt, adminPassword } = gateway;
      if (adminPassword) console.log(JSON.stringify({ msg: 'first login', user: 'admin', password: adminPassword }));
      if (first) {
        console.log(JSON.stringify({ msg: 'ready', http, mqtt }));
        compactOnceQuiet(ownHeap());
      }
      const lost = await Promise.race([ended.then(() => false), gateway.lost.then(() => true)]);
      // A part that hangs must not keep the process; what is acknowledged is on the disk already.
      const giveUp = setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
      await gateway.stop();
      clearTimeout(giveUp);
      if (!lost) return 0;
      // Nothing of what it believed while it led is to be trusted: it begins anew, where it was reached before.
      config = { ...config, http: { ...config.http, port: http } };
    }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    console.error(error.message);
    return 1;
  }
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

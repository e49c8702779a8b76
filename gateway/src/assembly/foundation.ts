import { join } from 'node:path';
import { createTargetGuard } from '../../../adapters/index.ts';
import { createSecrets, loadSecretKey } from '../access/access.ts';
import { createReadiness } from '../api/readiness.ts';
import { refuseUnfinished } from '../backup/restore.ts';
import { createSystemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { loadDeviceTypes } from '../registry/device-types.ts';
import { openStore } from '../store/index.ts';

const DEVICE_SCHEMAS = join(import.meta.dirname, '../../../device-schemas');

export type Foundation = Awaited<ReturnType<typeof layFoundation>>;

/** What every part stands on. */
export async function layFoundation(config: Config) {
  refuseUnfinished(config.dataDir);
  const log = createLogger(config.logLevel);
  const clock = createSystemClock();
  const metrics = createMetrics();
  const readiness = createReadiness({ clock, essential: ['broker'], onChange: metrics.ready });
  /** What may be dialled for cameras and webhooks; adapters make their own from the same setting. */
  const guard = createTargetGuard({ allowed: config.allowedTargets ?? [] });
  const secrets = createSecrets(await loadSecretKey(config));
  const types = await loadDeviceTypes(DEVICE_SCHEMAS);
  const store = await openStore({
    url: config.databaseUrl ?? undefined,
    dataDir: config.dataDir,
    log,
    clock,
    signer: secrets,
  });
  return { config, log, clock, metrics, readiness, guard, secrets, types, store, db: store.db };
}

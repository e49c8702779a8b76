import { join } from 'node:path';
import { createTargetGuard } from '../../../adapters/index.ts';
import { createSecrets, loadSecretKey } from '../access/access.ts';
import { createReadiness } from '../api/readiness.ts';
import { refuseUnfinished } from '../backup/restore.ts';
import { createRoom } from '../capacity/room.ts';
import { createSystemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Part } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { claimDirectory } from '../nodes/identity.ts';
import { createNodes } from '../nodes/nodes.ts';
import { createQuestions } from '../nodes/questions.ts';
import { loadDeviceTypes } from '../registry/device-types.ts';
import { createFence } from '../store/fence.ts';
import { openStore } from '../store/index.ts';
import { createInflux } from '../timeseries/influx.ts';
import { createStandingReport } from './standing.ts';

const DEVICE_SCHEMAS = join(import.meta.dirname, '../../../device-schemas');

/** What there is one leader of. */
export const LEADING = 'monitor';

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
  /** Where readings are, unless in the database. */
  const influx = config.timeseriesUrl === null ? undefined : createInflux(config.timeseriesUrl, log);
  const place = await claimDirectory(config.dataDir);
  const store = await openStore({
    url: config.databaseUrl ?? undefined,
    dataDir: config.dataDir,
    node: place.id,
    log,
    clock,
    signer: secrets,
    readings: influx?.reads,
  }).catch(async (error) => {
    await place.release();
    throw error;
  });
  const { bus } = store;
  const fence = createFence(store.db, (tx, epoch) => store.leadership.fence(tx, LEADING, epoch));
  const { db } = fence;
  const nodes = createNodes({
    store: store.nodes,
    db,
    clock,
    log,
    self: { id: place.id, roles: config.roles },
    takenOver: place.takenOver,
    alone: db.kind === 'pglite',
    hints: {
      publish: () => bus.publish('nodes', null),
      subscribe: (listener) => bus.subscribe('nodes', listener, listener),
    },
    // Two that share a directory would drain one spool twice; the newer one has it.
    onReplaced: () => process.kill(process.pid, 'SIGTERM'),
  });
  /** Cameras are shared by the processes that do video. */
  const share = { mine: (device: DeviceKey) => nodes.mine(device, 'video'), changed: nodes.changed };
  const questions = createQuestions({ nodes, bus, role: 'video', log });
  /** First to start and last to stop. */
  const ground: readonly Part[] = [
    { name: 'data directory', stop: place.release },
    { name: 'store', stop: store.close },
    { name: 'time series', stop: async () => influx?.close() },
    { name: 'processes', start: nodes.start, stop: nodes.stop },
    { name: 'questions', ...questions },
    createStandingReport({ log, metrics, readiness }, nodes),
  ];
  return {
    config,
    log,
    clock,
    metrics,
    readiness,
    guard,
    secrets,
    types,
    store,
    db,
    fence,
    influx,
    nodes,
    /** Whether files may still be written, by how full the disk is. */
    room: createRoom(),
    share,
    questions,
    ground,
  };
}

import { join } from 'node:path';
import { createTargetGuard } from '../../../../adapters/index.ts';
import { createSecrets } from '../../../src/access/access.ts';
import { createReadiness } from '../../../src/api/readiness.ts';
import { createCare } from '../../../src/assembly/care.ts';
import type { DataPath } from '../../../src/assembly/data-path.ts';
import type { Foundation } from '../../../src/assembly/foundation.ts';
import { createIdentity } from '../../../src/assembly/identity.ts';
import { createOwnPath } from '../../../src/assembly/own-path.ts';
import { createRoles } from '../../../src/assembly/roles.ts';
import { createRoom } from '../../../src/capacity/room.ts';
import { createManualClock, createSystemClock, type ManualClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config.ts';
import type { Transactor, Tx } from '../../../src/domain/tx.ts';
import { GatewayError } from '../../../src/errors.ts';
import { createLogger, type LogLevel } from '../../../src/log.ts';
import { createMetrics } from '../../../src/metrics.ts';
import { createNodes } from '../../../src/nodes/nodes.ts';
import { createQuestions } from '../../../src/nodes/questions.ts';
import { loadDeviceTypes } from '../../../src/registry/device-types.ts';
import { openStore } from '../../../src/store/index.ts';
import { createPgliteDirectory, createTestDatabase, type Engine } from '../databases.ts';
import { makeDataDir } from '../gateway-process.ts';

const DEVICE_SCHEMAS = join(import.meta.dirname, '../../../../device-schemas');
const MASTER_KEY = 'a-master-key-of-at-least-32-characters';

/** What one database and everything beside it is, however many gateways are started on it. */
export type World = Pick<Foundation, 'config' | 'secrets' | 'types' | 'store' | 'guard'> & {
  /** Connection string of PostgreSQL; undefined when the database is embedded. */
  readonly url: string | undefined;
  close(): Promise<void>;
};

/** An empty store of the product on an engine. */
export async function createWorld(engine: Engine): Promise<World> {
  const data = await makeDataDir();
  const database = engine === 'postgres' ? await createTestDatabase('postgres') : undefined;
  if (!database) await createPgliteDirectory(join(data.path, 'database'));
  const world = await openWorld(data.path, database?.url);
  // The street and its duty matrix, as the first start makes them.
  await compose(world, createManualClock(), { sing: async () => 0 }).registry.load();
  return {
    ...world,
    async close() {
      await world.close();
      await database?.close();
      await data.remove();
    },
  };
}

/** A store that is there already, as a process that was killed left it. */
export async function openWorld(dataDir: string, url: string | undefined): Promise<World> {
  const config = readConfig({ CGW_DATA_DIR: dataDir, CGW_LOG_LEVEL: process.env.ACCEPTANCE_LOG ?? 'silent' });
  const secrets = createSecrets(MASTER_KEY);
  const log = createLogger('error');
  const store = await openStore({ url, dataDir, log, clock: createSystemClock(), signer: secrets });
  const types = await loadDeviceTypes(DEVICE_SCHEMAS);
  const guard = createTargetGuard({ allowed: ['127.0.0.0/8'] });
  return { config, secrets, types, store, guard, url, close: store.close };
}

/** What the surroundings of a gateway are like. */
export interface Surroundings {
  /** Rejects, or says nothing, when our own broker is broken. */
  sing(withinMs: number): Promise<number>;
  /** Watches or breaks what a transaction does; see the tests that kill. */
  readonly around?: (work: (tx: Tx) => Promise<unknown>, run: Transactor['transaction']) => Promise<unknown>;
}

/** monitor → tickets → notify as the product joins them, driven by a clock of the test. */
export function compose(world: World, clock: ManualClock, surroundings: Surroundings) {
  const { config, store } = world;
  const log = createLogger(config.logLevel as LogLevel);
  let dead = false;
  const alive = () => {
    if (dead) throw new GatewayError('UNAVAILABLE', 'database: the process is gone');
  };
  const { around } = surroundings;
  // A process that was killed writes nothing more, whatever is still under way in it.
  const db: Foundation['db'] = {
    ...store.db,
    async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
      alive();
      const guarded = async (tx: Tx) => {
        const result = await work(tx);
        alive();
        return result;
      };
      return around ? ((await around(guarded, store.db.transaction)) as T) : store.db.transaction(guarded);
    },
    get autocommit() {
      alive();
      return store.db.autocommit;
    },
  };
  const self = { id: 'only', roles: config.roles };
  const nodes = createNodes({ store: store.nodes, db, clock, log, self, alone: true });
  const base: Foundation = {
    ...world,
    log,
    clock: { ...clock, resync: () => 0 },
    metrics: createMetrics(),
    readiness: createReadiness({ clock, essential: [] }),
    db,
    nodes,
    room: createRoom(),
    share: { mine: () => true, changed: nodes.changed },
    questions: createQuestions({ nodes, bus: store.bus, role: 'video', log }),
    ground: [],
    influx: undefined,
    fence: { db, asLeader: (_epoch, work) => work() },
  };
  const identity = createIdentity(base, {
    reactions: {
      onRetired: (tx, keys, reason) => care.tickets.voidForDevices(tx, keys, reason),
      disconnect: async () => undefined,
      probeNow: () => undefined,
    },
    deliver: async () => undefined,
    notices: (tx, notices) => care.outbox.add(tx, notices),
  });
  const spool = { status: () => ({ oldestUndrainedAt: null, level: 'ok' }) };
  const ownPath = createOwnPath({
    clock,
    spool,
    ping: store.db.ping,
    sing: surroundings.sing,
    lastAnswerAt: () => null,
    interfaces: () => ({}),
  });
  const roles = createRoles(base, {
    monitor: () => care.monitor,
    backlog: () => ({ undrained: 0, oldestUndrainedAt: null }),
  });
  const care = createCare(base, identity, { ownPath, spool } as unknown as DataPath, roles, {
    // Nobody can be probed: what devices send has to prove what they are.
    probeNow: () => Promise.reject(new GatewayError('UNPROCESSABLE', 'no connection to probe')),
    inspect: async () => undefined,
    picturesBefore: async () => new Map(),
  });
  const { monitor } = care;

  return {
    ...care,
    registry: identity.registry,
    inTransaction: (work: (tx: Tx) => Promise<void>) => db.transaction(work),
    async start() {
      await identity.registry.load();
      await care.startRules();
      care.sender.start();
      await monitor.start();
      for (const path of ['mqtt', 'rtsp']) monitor.pathUp(path);
    },
    async stop() {
      for (const path of ['mqtt', 'rtsp']) monitor.pathDown(path, 'shutdown');
      await monitor.stop();
      await care.sender.stop();
    },
    /** As `kill -9`: nothing is written any more. */
    async kill() {
      dead = true;
      await Promise.all([monitor.stop().catch(() => undefined), care.sender.stop().catch(() => undefined)]);
    },
  };
}

export type Composition = ReturnType<typeof compose>;

import { join } from 'node:path';
import { createSystemClock } from '../../src/clock.ts';
import { createLogger } from '../../src/log.ts';
import type { Database } from '../../src/store/database.ts';
import { openPglite } from '../../src/store/pglite.ts';
import { createPgliteDirectory, createTestDatabase, type Engine } from './databases.ts';
import { FLEET_KEY } from './fleet-devices.ts';
import { makeDataDir } from './gateway-process.ts';

/** What a gateway needs to run as a process on either engine, with a look into its tables. */
export interface GatewayStore {
  readonly dataDir: string;
  readonly env: Record<string, string>;
  /** The embedded database has one owner: look only while no gateway runs on it. */
  inspect<T>(work: (db: Database) => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

/** A migrated, empty store; `prepare` fills it before the first start. */
export async function createGatewayStore(
  engine: Engine,
  prepare: (db: Database) => Promise<void>,
): Promise<GatewayStore> {
  const dataDir = await makeDataDir();
  const store = engine === 'postgres' ? await onPostgres(dataDir) : await onPglite(dataDir);
  await store.inspect(prepare);
  return store;
}

type DataDir = Awaited<ReturnType<typeof makeDataDir>>;

async function onPostgres(dataDir: DataDir): Promise<GatewayStore> {
  const database = await createTestDatabase('postgres');
  return {
    dataDir: dataDir.path,
    env: { CGW_SECRET_KEY: FLEET_KEY, CGW_DATABASE_URL: database.url ?? '' },
    inspect: (work) => work(database.db),
    async remove() {
      await database.close();
      await dataDir.remove();
    },
  };
}

async function onPglite(dataDir: DataDir): Promise<GatewayStore> {
  const directory = await createPgliteDirectory(join(dataDir.path, 'database'));
  return {
    dataDir: dataDir.path,
    env: { CGW_SECRET_KEY: FLEET_KEY },
    async inspect(work) {
      const db = await openPglite(directory, { log: createLogger('error'), clock: createSystemClock(), fsync: false });
      return work(db).finally(() => db.close());
    },
    remove: dataDir.remove,
  };
}

import { createBus } from './bus.ts';
import { createIngestStore } from './ingest.ts';
import { migrate } from './migrate.ts';
import { createDatabase, type DatabaseConfig } from './open.ts';

export type { DatabaseConfig } from './open.ts';
export type Store = Awaited<ReturnType<typeof openStore>>;

/** Opens the database, brings its schema up to date and hands out the families of statements. */
export async function openStore(config: DatabaseConfig) {
  const db = await createDatabase(config);
  try {
    const applied = await migrate(db);
    if (applied.length > 0) config.log.info({ versions: applied }, 'database schema brought up to date');
  } catch (error) {
    await db.close();
    throw error;
  }
  const bus = createBus(db, { url: config.url, log: config.log });
  return {
    db,
    bus,
    ingest: createIngestStore(),
    async close() {
      await bus.close();
      await db.close();
    },
  };
}

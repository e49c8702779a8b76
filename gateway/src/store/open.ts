import { join } from 'node:path';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Database } from './database.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

export interface DatabaseConfig {
  /** CGW_DATABASE_URL; absent = embedded in `dataDir`. */
  readonly url?: string | undefined;
  /** CGW_DATA_DIR; the embedded database lives in `database/` below it. */
  readonly dataDir: string;
  /** Of one statement on PostgreSQL, in milliseconds; absent = what serving people needs. */
  readonly statementTimeoutMs?: number;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Opens the configured engine. Tables come from {@link file://./migrate.ts}. */
export async function createDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.url !== undefined) {
    const { log, statementTimeoutMs } = config;
    return openPostgres(config.url, { log, ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }) });
  }
  return openPglite(join(config.dataDir, 'database'), { log: config.log, clock: config.clock });
}

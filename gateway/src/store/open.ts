import { join } from 'node:path';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Database } from './database.ts';
import { connectionName } from './leadership-session.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

export interface DatabaseConfig {
  /** CGW_DATABASE_URL; absent = embedded in `dataDir`. */
  readonly url?: string | undefined;
  /** CGW_DATA_DIR; the embedded database lives in `database/` below it. */
  readonly dataDir: string;
  /** Of one statement on PostgreSQL, in milliseconds; absent = what serving people needs. */
  readonly statementTimeoutMs?: number;
  /** Under which the connections of this process stand in PostgreSQL, so that all of a dead one's can be ended. */
  readonly node?: string;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Opens the configured engine. Tables come from {@link file://./migrate.ts}. */
export async function createDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.url !== undefined) {
    const { log, node, statementTimeoutMs } = config;
    return openPostgres(config.url, {
      log,
      ...(node !== undefined && { name: connectionName(node) }),
      ...(statementTimeoutMs !== undefined && { statementTimeoutMs }),
    });
  }
  return openPglite(join(config.dataDir, 'database'), { log: config.log, clock: config.clock });
}

import { type BrowserContext, chromium } from 'playwright-core';
import type { Actor } from '../../gateway/src/domain/actor.ts';
import { createLogger } from '../../gateway/src/log.ts';
import type { Database } from '../../gateway/src/store/database.ts';
import { migrate } from '../../gateway/src/store/migrate.ts';
import { openPostgres } from '../../gateway/src/store/postgres.ts';
import { startPostgres } from '../../gateway/test/support/postgres.ts';
import { CITY_NOW, seedCity } from '../load/city.ts';
import { seedLists } from '../load/city-lists.ts';
import { standGateway } from '../load/standing.ts';

const READER: Actor = {
  kind: 'user',
  // One of the city's people: the console asks who it is.
  id: 'u1',
  name: 'u1',
  role: 'admin',
  rights: 'all',
  scope: { kind: 'all' },
  address: null,
};
const FLAGS = ['--no-sandbox', '--disable-dev-shm-usage', '--no-first-run', '--enable-precise-memory-info'];

/** A gateway over a city of many devices, and a browser in which an administrator is signed in. */
export interface ConsoleCity {
  readonly base: string;
  readonly db: Database;
  readonly devices: number;
  window(): Promise<BrowserContext>;
  end(): Promise<void>;
}

export async function openCity(devices: number): Promise<ConsoleCity> {
  const cluster = await startPostgres({ settings: { shared_buffers: '512MB', work_mem: '16MB' } });
  const db = openPostgres(cluster.url, { log: createLogger('error'), statementTimeoutMs: 600_000 });
  await migrate(db);
  await seedCity(db, devices, Math.round(devices / 5), 30);
  await seedLists(db, devices);
  const gateway = await standGateway(cluster.url, CITY_NOW, { all: READER });
  await gateway.api.listen({ host: '127.0.0.1', port: 0 });
  const address = gateway.api.server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway does not listen');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  return {
    base: `http://127.0.0.1:${address.port}`,
    db,
    devices,
    window: () =>
      browser.newContext({
        viewport: { width: 1920, height: 1080 },
        extraHTTPHeaders: { authorization: 'Bearer all' },
      }),
    async end() {
      await browser.close();
      await gateway.close();
      await db.close();
      await cluster.remove();
    },
  };
}

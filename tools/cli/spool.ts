import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Environment, readConfig } from '../../gateway/src/config.ts';
import { startGateway } from '../../gateway/src/main.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';
import { withSecretFiles } from '../../gateway/src/secret-files.ts';

const LOOK_MS = 1_000;
/** Messages may still come from the broker's queue for this process; so often nothing must be left. */
const EMPTY_LOOKS = 3;

/**
 * `cgw spool adopt <dir>`: takes the place of a dead ingest process until its disk has nothing more to give. It is the same
 * process as before to the database, so each message counts once; its directory is refused while somebody uses it.
 */
export async function adoptSpool(args: readonly string[], env: Environment = process.env): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  const [dataDir, ...more] = positionals;
  if (dataDir === undefined || more.length > 0 || !existsSync(join(dataDir, 'spool'))) {
    throw new TypeError(bilingual('spool.cli.directory', { path: dataDir ?? '' }));
  }
  const place = { CGW_DATA_DIR: dataDir, CGW_ROLES: 'ingest', CGW_HTTP_HOST: '127.0.0.1', CGW_HTTP_PORT: '0' };
  const config = readConfig(withSecretFiles({ ...env, ...place }));
  const gateway = await startGateway(config);
  try {
    const headers = config.metricsToken ? { authorization: `Bearer ${config.metricsToken}` } : {};
    for (let empty = 0; empty < EMPTY_LOOKS; ) {
      // What waits at the broker for this process comes in the first second; after that others are to get it.
      if (empty === 1) await gateway.retire();
      const metrics = await (await fetch(`http://127.0.0.1:${gateway.http}/metrics`, { headers })).text();
      const left = Number(/^cgw_spool_records (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
      if (left === 0) empty += 1;
      else console.error(bilingual('spool.cli.left', { left }));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } finally {
    await gateway.stop();
  }
  console.log(bilingual('spool.cli.done', { path: dataDir }));
  return 0;
}

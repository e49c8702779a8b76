import { spawnSync } from 'node:child_process';
import { pgliteTemplate } from './databases.ts';
import { COMPILE_CACHE } from './gateway-process.ts';
import { GST_PACKAGES, gstAvailable } from './gst-rtsp-server.ts';
import { pahoAvailable } from './paho.ts';
import { findPostgres, startPostgres } from './postgres.ts';
import { makeScratch } from './scratch.ts';

const runs = (command: string, flag: string) => spawnSync(command, [flag], { stdio: 'ignore' }).error === undefined;

/** Real peers the tests need; a test whose peer is missing skips itself. */
const PEERS = [
  { packages: 'mosquitto-clients', here: () => runs('mosquitto_pub', '--help') },
  { packages: 'python3-paho-mqtt', here: pahoAvailable },
  { packages: 'ffmpeg', here: () => runs('ffmpeg', '-version') },
  { packages: 'openssl', here: () => runs('openssl', 'version') },
  { packages: GST_PACKAGES, here: gstAvailable },
];

/** Says aloud what will be skipped and why; in CI nothing may be. */
function checkPeers(): void {
  const missing = PEERS.filter(({ here }) => !here()).map(({ packages }) => packages);
  if (missing.length === 0) return;
  const message = `missing Debian packages: ${missing.join(' ')}`;
  if (process.env.CI) throw new Error(`no test may be skipped here; ${message}`);
  process.stderr.write(`Tests against these peers are skipped; ${message}\n`);
}

/** Starts what the whole test run shares: one PostgreSQL cluster and compiled code, handed on by the environment. */
export default async function setup(): Promise<() => Promise<void>> {
  checkPeers();
  // For every program a test starts: half of a short one's work is compiling.
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
  const { remove } = makeScratch();
  const found = findPostgres();
  if ('missing' in found) {
    if (process.env.CI) throw new Error(`the tests need a real PostgreSQL: ${found.missing}`);
    process.stderr.write(`PostgreSQL tests are skipped: ${found.missing}\n`);
    process.env.CGW_TEST_POSTGRES_MISSING = found.missing;
    return async () => remove();
  }
  // A fresh machine has none yet: made once here, not by each of the first test files at the same time.
  if (process.env.CI) await pgliteTemplate();
  const cluster = await startPostgres();
  process.env.CGW_TEST_POSTGRES_URL = cluster.url;
  return async () => {
    await cluster.remove();
    remove();
  };
}

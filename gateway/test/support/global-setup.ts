import { findPostgres, startPostgres } from './postgres.ts';

/** Starts what the whole test run shares: one PostgreSQL cluster, handed on by the environment. */
export default async function setup(): Promise<() => Promise<void>> {
  const found = findPostgres();
  if ('missing' in found) {
    if (process.env.CI) throw new Error(`the tests need a real PostgreSQL: ${found.missing}`);
    process.stderr.write(`PostgreSQL tests are skipped: ${found.missing}\n`);
    process.env.CGW_TEST_POSTGRES_MISSING = found.missing;
    return async () => undefined;
  }
  const cluster = await startPostgres();
  process.env.CGW_TEST_POSTGRES_URL = cluster.url;
  return () => cluster.remove();
}

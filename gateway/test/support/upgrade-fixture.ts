import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

const FOLDER = join(import.meta.dirname, '../fixtures/upgrade');

/** What must be there after an upgrade as it was before; each statement answers one number. */
export const FACTS = {
  devices: 'select count(*)::int from device',
  readings: 'select count(*)::int from reading',
  tickets: 'select count(*)::int from ticket',
  ticketSteps: 'select count(*)::int from ticket_history',
  incidents: 'select count(*)::int from incident',
  events: 'select count(*)::int from device_event',
  pictures: 'select count(*)::int from picture',
  people: 'select count(*)::int from app_user',
  audit: 'select max(seq)::int from audit',
  drained: 'select coalesce(sum(drained), 0)::int from ingest_ledger',
  migrations: 'select max(version)::int from schema_migration',
} as const;
export type FactName = keyof typeof FACTS;

export interface UpgradeFacts extends Readonly<Record<FactName, number>> {
  /** Commit that made it. */
  readonly release: string;
  readonly password: string;
  /** Messages acknowledged, kept in the spool and not in the database; all of `device`. */
  readonly undrained: number;
  readonly device: string;
  /** A reading `garbage-01 nh3` of the old release: epoch milliseconds and value. */
  readonly point: readonly [number, number];
}

/** The newest release there is a data directory of: the last that was made. */
export function upgradeFixture(): {
  facts: UpgradeFacts;
  /** Unpacks the data directory; without its embedded database when there is another. */
  unpack(dir: string, options?: { withoutDatabase?: boolean }): Promise<void>;
  /** Statements that make the same database in PostgreSQL. */
  postgres(): string;
} {
  const made = readdirSync(FOLDER).map((name) => join(FOLDER, name));
  const read = (dir: string) => JSON.parse(readFileSync(join(dir, 'facts.json'), 'utf8')) as UpgradeFacts;
  const newest = made.sort((a, b) => read(a).migrations - read(b).migrations).at(-1);
  if (newest === undefined) throw new Error(`no fixture in ${FOLDER}; see tools/upgrade-fixture/README.md`);
  const plain = (name: string) => zstdDecompressSync(readFileSync(join(newest, name)));
  return {
    facts: read(newest),
    async unpack(dir, { withoutDatabase = false } = {}) {
      await mkdir(dir, { recursive: true });
      execFileSync('tar', ['-x', '--no-same-owner', '-C', dir], { input: plain('data.tar.zst'), maxBuffer: 2 ** 30 });
      if (withoutDatabase) await rm(join(dir, 'database'), { recursive: true });
    },
    postgres: () => plain('postgres.sql.zst').toString(),
  };
}

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { type Session, sql } from './database.ts';

export const MIGRATIONS_DIRECTORY = new URL('./migrations/', import.meta.url);

/** `NNNN_name.sql`; once released a file is never edited. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}

/** Any fixed number: all gateways must agree on it and nobody else in the database use it. */
const LOCK_KEY = 7_411_201_607;

const CREATE_TABLE = `create table if not exists schema_migration (
  version    integer primary key,
  name       text not null,
  sha256     text not null,
  applied_at timestamptz not null default now()
)`;

/** Reads the numbered files; in their order; refuses doubles and names that do not fit. */
export async function readMigrations(directory: URL = MIGRATIONS_DIRECTORY): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  if (names.length === 0) throw new GatewayError('INTERNAL', `no migrations in ${directory.pathname}`);
  const migrations = await Promise.all(
    names.map(async (name) => {
      const match = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name);
      if (!match) throw new GatewayError('INTERNAL', `migration ${name}: the name must be like 0007_add_sites.sql`);
      const text = (await readFile(new URL(name, directory), 'utf8')).replaceAll('\r\n', '\n');
      const sha256 = createHash('sha256').update(text).digest('hex');
      return { version: Number(match[1]), name: name.slice(0, -'.sql'.length), sha256, text };
    }),
  );
  const twice = migrations.find((migration, index) => migration.version === migrations[index - 1]?.version);
  if (twice) throw new GatewayError('INTERNAL', `migration ${twice.name}: its number is used twice`);
  return migrations;
}

/**
 * Brings the schema up to date and returns the versions applied now. Each file runs in a transaction together with its
 * own row, under a lock held to its end: two starters take turns, and a kill leaves whole files only.
 */
export async function migrate(db: Transactor, migrations?: readonly Migration[]): Promise<number[]> {
  const files = migrations ?? (await readMigrations());
  const applied: number[] = [];
  for (;;) {
    const version = await applyNext(db, files);
    if (version === undefined) return applied;
    applied.push(version);
  }
}

async function applyNext(db: Transactor, files: readonly Migration[]): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const session = sql(tx);
    await session.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await session.query(CREATE_TABLE);
    const { rows } = await session.query<{ version: number; name: string; sha256: string }>(
      'select version, name, sha256 from schema_migration order by version',
    );
    refuseForeignHistory(rows, files);
    const next = files[rows.length];
    if (!next) return undefined;
    await apply(session, next);
    return next.version;
  });
}

async function apply(session: Session, migration: Migration): Promise<void> {
  // Building an index on a large table may take its time.
  await session.query('set local statement_timeout = 0');
  try {
    await session.script(migration.text);
  } catch (error) {
    throw new GatewayError('INTERNAL', `migration ${migration.name} failed: ${(error as Error).message}`, {
      cause: error,
    });
  }
  await session.query('insert into schema_migration (version, name, sha256) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.sha256,
  ]);
}

function refuseForeignHistory(
  applied: readonly { version: number; name: string; sha256: string }[],
  files: readonly Migration[],
): void {
  for (const [index, row] of applied.entries()) {
    const file = files[index];
    if (!file) {
      throw new GatewayError(
        'INVALID_CONFIG',
        `the database is newer than this program (it has migration ${row.name}); start the newer version, or restore a backup`,
      );
    }
    if (row.version !== file.version || row.sha256 !== file.sha256) {
      throw new GatewayError(
        'INVALID_CONFIG',
        `migration ${file.name} was changed after it had been applied to this database (as ${row.name}); ` +
          'restore the released file and put the change into a new migration',
      );
    }
  }
}

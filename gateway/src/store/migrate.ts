import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../adapters/adapter.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { type Database, type Session, sql } from './database.ts';
import { sqlState } from './pg-errors.ts';

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

export interface MigrateOptions {
  readonly log?: Pick<Logger, 'info' | 'warn'>;
  /** How long a step waits for a table somebody works on, milliseconds; behind it everybody else waits too. */
  readonly lockWaitMs?: number;
  /** Between two tries, in which the others get their turn. */
  readonly pauseMs?: number;
  readonly tries?: number;
}

/** Three seconds in which others wait, then two in which they do not; for five minutes. */
const USUAL = { lockWaitMs: 3_000, pauseMs: 2_000, tries: 60 };
const SAY_EVERY_MS = 10_000;
const ASK_EVERY_MS = 250;
const LOCK_NOT_AVAILABLE = '55P03';

/** First line of a file whose statements run one by one, outside of any transaction, and may be run again. */
const OUTSIDE = /^-- outside a transaction\b/;

/**
 * Brings the schema up to date and returns the versions applied now. Each file runs in a transaction together with its
 * own row, under a lock held to its end: two starters take turns, and a kill leaves whole files only. A step never waits
 * long for a table that is in use: it lets go, says who is in the way, and tries again.
 */
export async function migrate(
  db: Transactor & { readonly kind?: Database['kind'] },
  migrations?: readonly Migration[],
  options: MigrateOptions = {},
): Promise<number[]> {
  const files = migrations ?? (await readMigrations());
  const { lockWaitMs, pauseMs, tries } = { ...USUAL, ...options };
  const applied: number[] = [];
  let told = Number.NEGATIVE_INFINITY;
  for (let left = tries; ; ) {
    try {
      const version = await applyNext(db, files, lockWaitMs);
      if (version === undefined) return applied;
      if (version === 'busy') {
        if (performance.now() - told > SAY_EVERY_MS) {
          options.log?.info({}, 'another process is bringing the database schema up to date; waiting for it');
          told = performance.now();
        }
        await sleep(ASK_EVERY_MS);
        continue;
      }
      applied.push(version);
      left = tries;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      const others = await whoWorks(db);
      left -= 1;
      if (left <= 0) {
        throw new GatewayError('UNAVAILABLE', `${(error as Error).message}; transactions in the way: ${others}`, {
          cause: error,
        });
      }
      options.log?.warn({ others }, 'a change of the schema waits for somebody else’s transaction');
      await sleep(pauseMs);
    }
  }
}

async function applyNext(
  db: Transactor & { readonly kind?: Database['kind'] },
  files: readonly Migration[],
  lockWaitMs: number,
): Promise<number | undefined | 'busy'> {
  return db.transaction(async (tx) => {
    const session = sql(tx);
    const { rows: locked } = await session.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      LOCK_KEY,
    ]);
    if (!locked[0]?.mine) return 'busy';
    await session.query(CREATE_TABLE);
    const { rows } = await session.query<{ version: number; name: string; sha256: string }>(
      'select version, name, sha256 from schema_migration order by version',
    );
    refuseForeignHistory(rows, files);
    const next = files[rows.length];
    if (!next) return undefined;
    // Building an index on a large table may take its time; the connection of a migration has none of its own either.
    await session.query('set local statement_timeout = 0');
    await session.query('set local idle_in_transaction_session_timeout = 0');
    await session.query(`set local lock_timeout = ${Math.round(lockWaitMs)}`);
    await apply(session, next, db.kind === 'postgres' ? sql(db.autocommit) : undefined);
    await session.query('set local lock_timeout = 0');
    return next.version;
  });
}

async function apply(session: Session, migration: Migration, outside: Session | undefined): Promise<void> {
  try {
    if (!OUTSIDE.test(migration.text)) await session.script(migration.text);
    // The embedded engine has one session and nobody beside it who would have to wait.
    else if (outside === undefined) await session.script(migration.text.replaceAll(/ concurrently\b/gi, ''));
    else for (const statement of statementsOf(migration.text)) await outside.query(statement);
  } catch (error) {
    const message = `migration ${migration.name} failed: ${(error as Error).message}`;
    throw new GatewayError(isLockTimeout(error) ? 'UNAVAILABLE' : 'INTERNAL', message, { cause: error });
  }
  await session.query('insert into schema_migration (version, name, sha256) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.sha256,
  ]);
}

/** Statements of a file that runs outside a transaction; each ends with its line. */
function statementsOf(text: string): string[] {
  return text
    .replaceAll(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function isLockTimeout(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (sqlState(at) === LOCK_NOT_AVAILABLE) return true;
  return false;
}

/** The oldest transactions beside ours: the first of them is what everybody waits for. */
async function whoWorks(db: Transactor): Promise<string> {
  const { rows } = await sql(db.autocommit).query<{ who: string }>(
    `select concat('pid ', pid, ' (', coalesce(nullif(application_name, ''), usename), ', ', state, ', ',
         round(extract(epoch from clock_timestamp() - xact_start)), ' s): ', left(regexp_replace(query, '[[:space:]]+', ' ', 'g'), 120)) as who
     from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
     order by xact_start limit 3`,
  );
  return rows.map(({ who }) => who).join('; ') || 'none any more';
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

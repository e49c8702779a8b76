import { createHash, randomUUID } from 'node:crypto';
import { cpSync, existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { createSystemClock } from '../../src/clock.ts';
import { createLogger } from '../../src/log.ts';
import { type Database, sql } from '../../src/store/database.ts';
import { migrate, readMigrations } from '../../src/store/migrate.ts';
import { openPglite } from '../../src/store/pglite.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { scratch } from './scratch.ts';

export type Engine = 'postgres' | 'pglite';

export interface TestDatabase {
  readonly db: Database;
  /** Connection string of a PostgreSQL database; undefined with PGlite. */
  readonly url?: string;
  /** Closes the engine and removes the database. */
  close(): Promise<void>;
}

/** Why PostgreSQL tests cannot run here; undefined when they can. In CI that is a failure, at a desk a skip. */
export const POSTGRES_MISSING = process.env.CGW_TEST_POSTGRES_MISSING;

/** Both engines, as far as they are here: `describe.each(ENGINES)('… on %s', (engine) => …)`. */
export const ENGINES: readonly Engine[] = POSTGRES_MISSING === undefined ? ['pglite', 'postgres'] : ['pglite'];

const log = createLogger('error');

/** An empty, migrated database of its own; call it once per test file (`beforeAll`) or per test. */
export async function createTestDatabase(engine: Engine): Promise<TestDatabase> {
  return engine === 'postgres' ? createPostgresDatabase() : createPgliteDatabase();
}

/** The maintenance URL of the shared cluster. */
export function sharedPostgresUrl(): string {
  const url = process.env.CGW_TEST_POSTGRES_URL;
  if (url === undefined) throw new Error(POSTGRES_MISSING ?? 'the global set-up of the tests did not run');
  return url;
}

async function createPostgresDatabase(): Promise<TestDatabase> {
  const admin = sharedPostgresUrl();
  const template = await postgresTemplate(admin);
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await execute(admin, `create database ${name} template ${template}`);
  const url = databaseUrl(admin, name);
  const db = openPostgres(url, { log });
  return {
    db,
    url,
    async close() {
      await db.close();
      await execute(admin, `drop database ${name} with (force)`);
    },
  };
}

/** Made by the first file that asks; a lock in the cluster makes the others wait for it. */
async function postgresTemplate(admin: string): Promise<string> {
  const name = `template_${await migrationsHash()}`;
  const client = new Client({ connectionString: admin });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(1)');
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) {
      const making = `${name}_making`;
      await client.query(`drop database if exists ${making} with (force)`);
      await client.query(`create database ${making}`);
      const db = openPostgres(databaseUrl(admin, making), { log });
      await migrate(db).finally(() => db.close());
      await client.query(`alter database ${making} rename to ${name}`);
    }
    return name;
  } finally {
    await client.end();
  }
}

/** Directory of an embedded database, migrated and not opened; the caller removes it. */
export async function createPgliteDirectory(at?: string): Promise<string> {
  const template = await pgliteTemplate();
  const directory = at ?? (await mkdtemp(join(scratch(), 'cgw-pglite-')));
  cpSync(join(template, 'directory'), directory, { recursive: true });
  return directory;
}

/** The same as it is before any migration: a third of the files. */
export async function createBarePgliteDirectory(): Promise<string> {
  const template = await pgliteTemplate();
  await holdPgliteCode();
  const directory = await mkdtemp(join(scratch(), 'cgw-pglite-'));
  cpSync(join(template, 'bare'), directory, { recursive: true });
  return directory;
}

/** In memory: a directory is a thousand files to copy and to remove, which takes longer than most tests. */
async function createPgliteDatabase(): Promise<TestDatabase> {
  const image = join(await pgliteTemplate(), 'image.tar');
  await holdPgliteCode();
  const db = await openPglite(null, { log, clock: createSystemClock(), image });
  return { db, close: () => db.close() };
}

let pgliteCode: Promise<unknown> | undefined;

/** Threads share what one of them compiled, as long as the process holds it: the second opening takes half the work. */
async function holdPgliteCode(): Promise<void> {
  const wasm = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), 'pglite.wasm');
  // Node has it; its types stand in the browser's library only.
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { compile(bytes: Uint8Array): Promise<unknown> } };
  pgliteCode ??= readFile(wasm).then((bytes) => WebAssembly.compile(bytes));
  await pgliteCode;
}

/**
 * initdb takes PGlite four seconds, so a migrated database is kept between runs, named by what went into it: as a
 * directory, and packed for a start in memory.
 */
export async function pgliteTemplate(): Promise<string> {
  const cache = join(tmpdir(), `cgw-test-templates-${process.getuid?.() ?? 0}`);
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const template = join(cache, await migrationsHash());
  if (existsSync(template)) return template;
  const making = await mkdtemp(join(cache, 'making-'));
  const [bare, directory] = [join(making, 'bare'), join(making, 'directory')];
  const options = { log, clock: createSystemClock(), fsync: false };
  await (await openPglite(bare, options)).close();
  await dropTemplates(join(bare, 'current'));
  await cp(bare, directory, { recursive: true });
  const db = await openPglite(directory, options);
  await migrate(db).finally(() => db.close());
  await pack(join(directory, 'current'), join(making, 'image.tar'));
  await rename(making, template).catch(async (error: NodeJS.ErrnoException) => {
    // Another test process was faster.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(making, { recursive: true, force: true });
  });
  await removeOld(cache, template);
  return template;
}

/** These databases only serve `create database`, and are two thirds of the files. */
async function dropTemplates(dataDir: string): Promise<void> {
  const engine = await PGlite.create({ dataDir });
  await engine.exec("update pg_database set datistemplate = false where datname like 'template%'");
  for (const name of ['template0', 'template1']) await engine.exec(`drop database ${name}`);
  await engine.close();
}

async function pack(dataDir: string, image: string): Promise<void> {
  const engine = await PGlite.create({ dataDir });
  await writeFile(image, new Uint8Array(await (await engine.dumpDataDir('none')).arrayBuffer()));
  await engine.close();
}

/** Keeps a handful: other checkouts on this machine may use theirs right now. */
async function removeOld(cache: string, current: string): Promise<void> {
  const names = (await readdir(cache)).filter((name) => !name.startsWith('making-'));
  if (names.length <= 20) return;
  for (const name of names) {
    if (join(cache, name) !== current) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function migrationsHash(): Promise<string> {
  const hash = createHash('sha256');
  // The engine's version and how it makes a directory.
  for (const file of ['../../../package.json', '../../src/store/pglite-thread.ts', './databases.ts']) {
    hash.update(await readFile(new URL(file, import.meta.url)));
  }
  for (const migration of await readMigrations()) hash.update(migration.name).update(migration.sha256);
  return hash.digest('hex').slice(0, 16);
}

function databaseUrl(admin: string, name: string): string {
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return url.toString();
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Versions of what is behind a database, for the output of a suite. */
export async function engineVersions(db: Database): Promise<string> {
  const { rows } = await sql(db.autocommit).query<{ version: string }>(
    `select 'PostgreSQL ' || current_setting('server_version') ||
       coalesce((select ', TimescaleDB ' || extversion from pg_extension where extname = 'timescaledb'), '') as version`,
  );
  return rows[0]?.version ?? 'unknown';
}

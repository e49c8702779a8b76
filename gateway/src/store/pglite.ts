import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { type DirectoryLock, lockDirectory } from '../directory-lock.ts';
import { GatewayError } from '../errors.ts';
import type { Task } from '../schedule.ts';
import { asTx, type Database, type Session, sql, transactionSession } from './database.ts';
import { mapDatabaseError } from './pg-errors.ts';
import { querySession } from './pg-session.ts';
import { pgTypes } from './pg-types.ts';
import {
  copySnapshot,
  copyTree,
  finishSnapshot,
  openDirectory,
  type PgliteDirectory,
  pgliteDirectory,
} from './pglite-directory.ts';
import { ProtocolStream } from './pglite-stream.ts';
import { planUpkeep, type UpkeepIntervals } from './pglite-upkeep.ts';
import { type PgliteThread, startPgliteThread } from './pglite-worker.ts';

export interface PgliteOptions extends UpkeepIntervals {
  readonly log: Logger;
  readonly clock: Clock;
  /** Snapshots kept. Default 3. */
  readonly keepSnapshots?: number;
  /** Off only in tests, which cannot cut the power. Default on. */
  readonly fsync?: boolean;
  /** Only in memory: file with a data directory as PGlite packs it, to begin with. Default: an empty database. */
  readonly image?: string;
}

export interface PgliteDatabase extends Database {
  readonly kind: 'pglite';
  /** CHECKPOINT and fsync now. */
  checkpoint(): Promise<void>;
  /** Checkpoint and copy now; statements wait meanwhile. */
  snapshot(): Promise<void>;
}

const SESSION_SETTINGS = "set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'iso_8601'";

/**
 * Opens the embedded database in a directory of its own (null = in memory, for tests). PGlite survives `kill -9` but
 * never fsyncs; checkpoints and snapshots here bound what a power cut can cost.
 */
export async function openPglite(root: string | null, options: PgliteOptions): Promise<PgliteDatabase> {
  if (root === null) return createDatabase(await startPgliteThread(null, options.image), undefined, options);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(root);
  try {
    const directory = pgliteDirectory(root, options.fsync ?? true);
    const { thread, recovered } = await openDirectory(directory, {
      log: options.log,
      now: options.clock.now(),
      check: async (opened) => {
        const client = await connect(opened, options.log);
        await client.query('select 1');
        if (lock.afterMachineCrash) await readEverything(client, options.log);
      },
    });
    return await createDatabase(thread, { directory, lock, recovered }, options);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Place {
  readonly directory: PgliteDirectory;
  readonly lock: DirectoryLock;
  readonly recovered: Database['recovered'];
}

async function createDatabase(
  first: PgliteThread,
  place: Place | undefined,
  options: PgliteOptions,
): Promise<PgliteDatabase> {
  const { log, clock } = options;
  const exclusive = createMutex();
  const transactions = new AsyncLocalStorage<{ open: boolean }>();
  const listeners = new Set<(takenAt: number) => void>();
  let engine: { thread: PgliteThread; client: Client } | undefined = {
    thread: first,
    client: await connect(first, log),
  };
  let closed = false;
  watch(first);

  function watch(thread: PgliteThread): void {
    void thread.ended.then(() => {
      if (engine?.thread !== thread || closed) return;
      engine = undefined;
      log.error({}, 'embedded database ended unexpectedly, it is opened again on next use');
    });
  }

  /** The session, reopened when the thread died: its data directory is as after a kill, which PostgreSQL recovers. */
  async function session(): Promise<Client> {
    if (closed) throw new GatewayError('UNAVAILABLE', 'database: closed');
    if (!engine) {
      if (!place) throw new GatewayError('UNAVAILABLE', 'in-memory database is gone');
      const thread = await startPgliteThread(place.directory.current);
      engine = { thread, client: await connect(thread, log) };
      watch(thread);
    }
    return engine.client;
  }

  /** The one session belongs to one caller at a time. */
  function alone<T>(work: (client: Client) => Promise<T>): Promise<T> {
    if (transactions.getStore()?.open) {
      // Waiting for the session that we ourselves hold would last for ever.
      return Promise.reject(
        new GatewayError('INTERNAL', 'a statement outside the running transaction was awaited in it'),
      );
    }
    return exclusive(async () => {
      try {
        return await work(await session());
      } catch (error) {
        throw mapDatabaseError(error);
      }
    });
  }

  async function checkpoint(): Promise<void> {
    await alone((client) => client.query('checkpoint'));
    if (place) await place.directory.sync(place.directory.current);
  }

  async function snapshot(): Promise<void> {
    if (!place) return;
    const takenAt = await alone(async (client) => {
      await client.query('checkpoint');
      const now = clock.now();
      await copySnapshot(place.directory, now);
      return now;
    });
    await finishSnapshot(place.directory, takenAt, options.keepSnapshots ?? 3);
    for (const listener of listeners) listener(takenAt);
  }

  /** As a snapshot, but beside them and opened at once. */
  async function copyForReading(root: PgliteDirectory): Promise<Database> {
    const path = join(root.root, 'reading');
    await rm(path, { recursive: true, force: true });
    const remove = () => rm(path, { recursive: true, force: true });
    try {
      await alone(async (client) => {
        await client.query('checkpoint');
        await copyTree(root.current, path);
      });
      const copy = await createDatabase(await startPgliteThread(path), undefined, options);
      return { ...copy, close: () => copy.close().finally(remove) };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  const autocommit: Session = {
    query: (text, params) => alone((client) => querySession(client).query(text, params)),
    script: (text) => alone((client) => querySession(client).script(text)),
    inTransaction: (work) => database.transaction((tx) => work(sql(tx))),
  };
  const tasks: Task[] = place
    ? await planUpkeep(place.directory, { session: autocommit, checkpoint, snapshot }, options)
    : [];

  const database: PgliteDatabase = {
    kind: 'pglite',
    ...(place?.recovered ? { recovered: place.recovered } : {}),
    ...(place ? { checkpointed: { subscribe }, copyForReading: () => copyForReading(place.directory) } : {}),
    autocommit: asTx(autocommit),
    transaction: (work) =>
      alone(async (client) => {
        const state = { open: true };
        await client.query('begin');
        try {
          const { session, settle } = transactionSession(querySession(client));
          const result = await transactions.run(state, async () => {
            const answer = await work(asTx(session));
            await settle();
            return answer;
          });
          await client.query('commit');
          return result;
        } catch (error) {
          if (engine?.client === client) await client.query('rollback');
          throw error;
        } finally {
          state.open = false;
        }
      }),
    ping: () => alone(async (client) => void (await client.query('select 1'))),
    checkpoint,
    snapshot,
    async close() {
      if (closed) return;
      for (const task of tasks) await task.stop();
      await exclusive(async () => {
        closed = true;
        await engine?.client.end();
        await engine?.thread.close();
        if (place) await place.directory.sync(place.directory.current);
      });
      await place?.lock.release();
    },
  };
  return database;

  function subscribe(listener: (takenAt: number) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}

async function connect(thread: PgliteThread, log: Logger): Promise<Client> {
  const client = new Client({
    user: 'postgres',
    database: 'postgres',
    stream: () => new ProtocolStream((message) => thread.execute(message)),
    types: pgTypes,
  });
  // The query under way gets the same error; without a listener it would end the process.
  client.on('error', (error) => log.warn({ error }, 'embedded database session lost'));
  await client.connect();
  await client.query(SESSION_SETTINGS);
  return client;
}

/** Reads every table once, so that pages that never reached the disk are found by their checksums. */
async function readEverything(client: Client, log: Logger): Promise<void> {
  log.warn({}, 'the machine stopped without warning last time: checking the embedded database');
  const tables = await client.query<{ name: string }>(
    "select oid::regclass::text as name from pg_class where relkind in ('r', 'm', 't') order by 1",
  );
  for (const { name } of tables.rows) await client.query(`select count(*) from ${name}`);
}

function createMutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = last.then(work, work);
    last = run.catch(() => undefined);
    return run;
  };
}

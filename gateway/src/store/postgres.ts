import { Pool, type PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';
import { asTx, type Database, type Session, sql, transactionSession } from './database.ts';
import { isConnectionError, mapDatabaseError } from './pg-errors.ts';
import { queryKept } from './pg-kept.ts';
import { querySession } from './pg-session.ts';
import { pgTypes } from './pg-types.ts';

export interface PostgresOptions {
  readonly log: Logger;
  /** Name of the connections as the server lists them. */
  readonly name?: string;
  /** Server-side limit of one statement in milliseconds; migrations lift it. Default 30,000. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for a connection, in milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Extra time the client gives a silent server before it drops the connection, in milliseconds. Default 5,000. */
  readonly hungServerMs?: number;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** Limit of one statement of `patient`, in milliseconds. Default one hour, or what the others have if that is more. */
  readonly patienceMs?: number;
}

/** Makes the pool; connects on first use, so a database that is down is UNAVAILABLE and not a failed start. */
export function openPostgres(url: string, options: PostgresOptions): Database {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const hungServerMs = options.hungServerMs ?? 5_000;
  const patienceMs = options.patienceMs ?? Math.max(3_600_000, statementTimeoutMs);
  const pool = new Pool({
    connectionString: url,
    application_name: options.name ?? 'chengyun-gateway',
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    client_encoding: 'UTF8',
    options: '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex',
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs * 2,
    // A frozen server keeps the socket open and never sends its own timeout.
    query_timeout: statementTimeoutMs + hungServerMs,
    types: pgTypes,
  });
  // Without this listener a restart of the server ends the process: idle clients report it here.
  pool.on('error', (error) => options.log.warn({ error }, 'database connection lost'));
  let closed = false;
  const patients = new Set<PoolClient>();

  const lease = async (): Promise<PoolClient> => {
    if (closed) throw new GatewayError('UNAVAILABLE', 'database: closed');
    try {
      return await pool.connect();
    } catch (error) {
      throw mapDatabaseError(error);
    }
  };

  const once = async <T>(work: (session: Session, client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await lease();
    const guard = guardClient(client);
    try {
      return await work(sessionOf(client), client);
    } catch (error) {
      guard.broken ||= isConnectionError(error);
      throw mapDatabaseError(error);
    } finally {
      guard.release();
    }
  };

  /** The limit holds for the connection, since some procedures refuse to stand in a transaction of ours. */
  const patiently = async <T>(work: (session: Session, client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await lease();
    const guard = guardClient(client);
    patients.add(client);
    try {
      await client.query(`set statement_timeout = ${patienceMs}`);
      const result = await work(querySession(client, patienceMs + hungServerMs), client);
      await client.query('reset statement_timeout');
      return result;
    } catch (error) {
      // Whatever it was: nobody else shall get a connection with our patience.
      guard.broken = true;
      throw mapDatabaseError(error);
    } finally {
      patients.delete(client);
      guard.release();
    }
  };

  const database: Database = {
    kind: 'postgres',
    autocommit: asTx({
      query: (text, params, options) =>
        once((session, client) => (options?.kept ? queryKept(client, text, params) : session.query(text, params))),
      script: (text) => once((session) => session.script(text)),
      copyIn: (statement, data) => once((session) => session.copyIn?.(statement, data) ?? Promise.resolve()),
      inTransaction: (work) => database.transaction((tx) => work(sql(tx))),
    }),
    async transaction(work) {
      const client = await lease();
      const guard = guardClient(client);
      try {
        await client.query('begin');
        const { session, settle } = transactionSession(sessionOf(client));
        const result = await work(asTx(session));
        await settle();
        await client.query('commit');
        return result;
      } catch (error) {
        if (!guard.broken) {
          await client.query('rollback').catch((rollbackError: unknown) => {
            guard.broken = true;
            options.log.warn({ error: rollbackError }, 'rollback failed, connection dropped');
          });
        }
        throw mapDatabaseError(error);
      } finally {
        guard.release();
      }
    },
    patient: {
      autocommit: asTx({
        query: (text, params) => patiently((session) => session.query(text, params)),
        script: (text) => patiently((session) => session.script(text)),
      }),
      transaction: (work) =>
        patiently(async (session, client) => {
          await client.query('begin');
          try {
            const result = await work(asTx(session));
            await client.query('commit');
            return result;
          } catch (error) {
            await client.query('rollback');
            throw error;
          }
        }),
    },
    ping: () => once(async (session) => void (await session.query('select 1'))),
    async close() {
      if (closed) return;
      closed = true;
      // Upkeep goes on at the next start; the others are waited for.
      await Promise.all([...patients].map((client) => client.end().catch(() => undefined)));
      await pool.end();
    },
  };
  return database;
}

/** A leased client that dies reports through 'error'; unheard that ends the process, pooled again it fails the next. */
function guardClient(client: PoolClient): { broken: boolean; release(): void } {
  const onError = () => {
    guard.broken = true;
  };
  client.on('error', onError);
  const guard = {
    broken: false,
    release() {
      client.off('error', onError);
      client.release(guard.broken);
    },
  };
  return guard;
}

function sessionOf(client: PoolClient): Session {
  return {
    ...querySession(client),
    copyIn: (statement, data) =>
      new Promise((resolve, reject) => {
        const stream = client.query(copyFrom(statement));
        stream.on('error', reject);
        stream.once('finish', () => resolve());
        stream.end(typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
      }),
  };
}

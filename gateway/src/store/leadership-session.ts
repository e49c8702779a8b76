import { Client } from 'pg';
import type { Leader, LeaderSession } from '../domain/leadership.ts';
import { mapDatabaseError } from './pg-errors.ts';
import { pgTypes } from './pg-types.ts';

/** Any fixed pair: all gateways must agree on it and nobody else in the database use it. */
const LOCK = '7411, 201608';
const HOLDER = `pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.classid = 7411 and l.objid = 201608 and l.objsubid = 2 and l.granted
    and l.database = (select oid from pg_database where datname = current_database())`;
/** A server that takes longer is as good as away. */
const ANSWER_WITHIN_MS = 3_000;
const MAX_NAME_BYTES = 63;
const NAME = 'chengyun-gateway';
const MAX_NODE = MAX_NAME_BYTES - NAME.length - 1;

/** Name under which a process's connections stand in the server, so that all of a dead one's can be ended. */
export function connectionName(node: string): string {
  return `${NAME} ${node.slice(0, MAX_NODE)}`;
}

/**
 * One connection that asks for the lock and keeps it for as long as it lives. The server notices a killed process at
 * once; a frozen one, or one behind a cut cable, by the silence of this connection.
 */
export async function openLeaderSession(url: string, node: string): Promise<LeaderSession> {
  const client = new Client({
    connectionString: url,
    application_name: connectionName(node),
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    keepAlive: true,
    types: pgTypes,
  });
  // Unheard it would end the process; the next question finds the connection gone.
  client.on('error', () => undefined);
  const ask = async <R extends object>(text: string, params: readonly unknown[] = []): Promise<readonly R[]> => {
    try {
      return (await client.query<R & Record<string, unknown>>(text, [...params])).rows;
    } catch (error) {
      throw mapDatabaseError(error);
    }
  };
  try {
    await client.connect();
  } catch (error) {
    throw mapDatabaseError(error);
  }
  let held = false;
  return {
    async tryLock() {
      // A lock asked for again is counted twice; it is held as long as this connection answers the questions after this.
      if (held) return true;
      const [row] = await ask<{ ok: boolean }>(`select pg_try_advisory_lock(${LOCK}) as ok`);
      held = row?.ok === true;
      return held;
    },
    async leader(role) {
      const [row] = await ask<Leader>('select epoch, node, since from leadership where role = $1', [role]);
      return row;
    },
    async takeOver(role) {
      const [before] = await ask<Leader>('select epoch, node, since from leadership where role = $1', [role]);
      // What a frozen one left open holds locks that its successor needs, and the fence it passed.
      if (before && before.node !== node)
        await ask(
          'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()',
          [connectionName(before.node)],
        );
      const [row] = await ask<{ epoch: number }>(
        `insert into leadership as l (role, epoch, node) values ($1, 1, $2)
         on conflict (role) do update set epoch = l.epoch + 1, node = excluded.node, since = now()
         returning epoch`,
        [role, node],
      );
      return row?.epoch ?? 1;
    },
    async evictSilent(silentMs) {
      const rows = await ask<{ ended: boolean }>(
        `select pg_terminate_backend(a.pid) as ended from ${HOLDER}
           and a.pid <> pg_backend_pid() and clock_timestamp() - a.state_change > $1 * interval '1 millisecond'`,
        [silentMs],
      );
      return rows.some(({ ended }) => ended);
    },
    async close() {
      // A server that does not answer would hold up a polite goodbye.
      const goodbye = client.end().catch(() => undefined);
      await Promise.race([goodbye, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    },
  };
}

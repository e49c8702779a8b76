import type { Leader } from '../domain/leadership.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { sql } from './database.ts';
import { openLeaderSession } from './leadership-session.ts';
import { ms } from './time.ts';

/** Who may judge: a lock held by a connection of its own, and the epoch that fences everybody before. */
export function createLeadershipStore(url: string | undefined) {
  return {
    /** Refuses a transaction of somebody who no longer leads. A takeover waits for whoever passed and has not committed. */
    async fence(tx: Tx, role: string, epoch: number): Promise<void> {
      const { rowCount } = await sql(tx).query(
        'select 1 from leadership where role = $1 and epoch = $2::bigint for share',
        [role, epoch],
      );
      if (rowCount === 0) throw new GatewayError('UNAVAILABLE', 'fenced: another process leads');
    },

    async leader(tx: Tx, role: string): Promise<Leader | undefined> {
      const { rows } = await sql(tx).query<Leader>('select epoch, node, since from leadership where role = $1', [role]);
      return rows[0];
    },

    /** What the leader says of itself, for the processes that answer for it. */
    async say(tx: Tx, role: string, epoch: number, status: unknown): Promise<void> {
      await sql(tx).query(
        `insert into leadership_status as s (role, epoch, status) values ($1, $2::bigint, $3::jsonb)
         on conflict (role) do update set epoch = excluded.epoch, status = excluded.status, said_at = now()
         where s.epoch <= excluded.epoch`,
        [role, epoch, JSON.stringify(status)],
      );
    },

    /** What it said last, and how long ago (ms). */
    async said(tx: Tx, role: string): Promise<{ readonly status: unknown; readonly agoMs: number } | undefined> {
      const { rows } = await sql(tx).query<{ status: unknown; agoMs: number }>(
        `select status, ${ms('now() - said_at')} as "agoMs" from leadership_status where role = $1`,
        [role],
      );
      return rows[0];
    },

    /** The value all processes share; the first to ask writes its own down. */
    async agree(tx: Tx, name: string, value: string): Promise<string> {
      await sql(tx).query('insert into cluster_fact (name, value) values ($1, $2) on conflict do nothing', [
        name,
        value,
      ]);
      const { rows } = await sql(tx).query<{ value: string }>('select value from cluster_fact where name = $1', [name]);
      return rows[0]?.value ?? value;
    },

    async open(node: string) {
      if (url === undefined) throw new GatewayError('INTERNAL', 'an embedded database has one process');
      return openLeaderSession(url, node);
    },
  };
}

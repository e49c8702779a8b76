import type { NodeRow } from '../domain/node.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at, ms } from './time.ts';

interface Found {
  id: string;
  session: string;
  roles: NodeRow['roles'];
  url: string | null;
  startedAt: number;
  seenAt: number;
  silentMs: number;
  left: boolean;
  undrained: number;
  oldestUndrainedAt: number | null;
}

const COLUMNS = `id, session, roles, url, started_at as "startedAt", seen_at as "seenAt",
  ${ms('clock_timestamp() - seen_at')} as "silentMs", left_at is not null as left,
  undrained::float8 as undrained, oldest_undrained_at as "oldestUndrainedAt"`;

/** The processes of this gateway. All times are the database's, so that no process is judged by another one's clock. */
export function createNodeStore() {
  return {
    async list(tx: Tx): Promise<readonly NodeRow[]> {
      const { rows } = await sql(tx).query<Found>(`select ${COLUMNS} from node order by id`);
      return rows;
    },

    /** Takes the row, whoever had it. */
    async enter(tx: Tx, { id, session, roles, url }: Pick<NodeRow, 'id' | 'session' | 'roles' | 'url'>): Promise<void> {
      await sql(tx).query(
        `insert into node as n (id, session, roles, url, started_at, seen_at)
         values ($1, $2, $3::text[], $4, clock_timestamp(), clock_timestamp())
         on conflict (id) do update set session = excluded.session, roles = excluded.roles, url = excluded.url,
           started_at = excluded.started_at, seen_at = excluded.seen_at, left_at = null`,
        [id, session, roles, url],
      );
    },

    /** A sign of life; false when another process has taken the row meanwhile. */
    async beat(
      tx: Tx,
      beat: Pick<NodeRow, 'id' | 'session' | 'url' | 'undrained' | 'oldestUndrainedAt'>,
    ): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `update node set seen_at = clock_timestamp(), url = $3, undrained = $4, oldest_undrained_at = ${at('$5')}, left_at = null
         where id = $1 and session = $2`,
        [beat.id, beat.session, beat.url, beat.undrained, beat.oldestUndrainedAt],
      );
      return rowCount === 1;
    },

    async leave(tx: Tx, beat: Pick<NodeRow, 'id' | 'session' | 'undrained' | 'oldestUndrainedAt'>): Promise<void> {
      await sql(tx).query(
        `update node set seen_at = clock_timestamp(), left_at = clock_timestamp(), undrained = $3,
           oldest_undrained_at = ${at('$4')} where id = $1 and session = $2`,
        [beat.id, beat.session, beat.undrained, beat.oldestUndrainedAt],
      );
    },

    /**
     * A number that no other process has, the smallest free one; kept over restarts, and free again when the process is
     * forgotten.
     */
    async slot(tx: Tx, id: string): Promise<number> {
      for (;;) {
        const { rows } = await sql(tx).query<{ slot: number }>(
          `select substr(name, 11)::int as slot from cluster_fact where name like 'node slot %' and value = $1`,
          [id],
        );
        if (rows[0]) return rows[0].slot;
        await sql(tx).query(
          `insert into cluster_fact (name, value)
           select 'node slot ' || n, $1 from generate_series(0, 9999) n
           where not exists (select from cluster_fact where name = 'node slot ' || n)
           order by n limit 1 on conflict do nothing`,
          [id],
        );
      }
    },

    /** What this process had to drain, another one did; nobody has to wait for it any more. */
    async drained(tx: Tx, id: string): Promise<void> {
      await sql(tx).query(
        'update node set undrained = 0, oldest_undrained_at = null, left_at = clock_timestamp() where id = $1',
        [id],
      );
    },

    /** Rows of processes that are gone for `ms` and owe nothing. */
    async forget(tx: Tx, goneMs: number): Promise<void> {
      await sql(tx).query(
        `delete from node where undrained = 0 and seen_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
           and (left_at is not null or not 'ingest' = any (roles))`,
        [goneMs],
      );
      await sql(tx).query(
        "delete from cluster_fact where name like 'node slot %' and value not in (select id from node)",
      );
    },
  };
}

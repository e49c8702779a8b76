import type { EvidenceSource, WrittenEvidence } from '../domain/evidence-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { ms } from './time.ts';

/** What processes tell the one that judges. A batch is one row: what is in it, the database need not know. */
export function createEvidenceStore() {
  return {
    async write(tx: Tx, source: string, body: string): Promise<void> {
      await sql(tx).query('insert into evidence (source, body) values ($1, $2)', [source, body]);
    },

    async read(tx: Tx, without: readonly number[], limit: number): Promise<readonly WrittenEvidence[]> {
      const { rows } = await sql(tx).query<WrittenEvidence>(
        'select id, body from evidence where id <> all($1::bigint[]) order by id limit $2',
        [without, limit],
      );
      return rows;
    },

    async remove(tx: Tx, ids: readonly number[]): Promise<void> {
      await sql(tx).query('delete from evidence where id = any($1::bigint[])', [ids]);
    },

    async forget(tx: Tx, olderMs: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        "delete from evidence where written < now() - $1::float8 * interval '1 millisecond'",
        [olderMs],
      );
      return rowCount;
    },

    async tell(tx: Tx, sources: readonly EvidenceSource[]): Promise<void> {
      await sql(tx).query(
        `insert into evidence_source (source, path, node, heard_to, deaf, undrained)
         select s, p, n, to_timestamp(h / 1000), d, u
         from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::bigint[]) as t (s, p, n, h, d, u)
         on conflict (source, path) do update set node = excluded.node, heard_to = excluded.heard_to,
           deaf = excluded.deaf, undrained = excluded.undrained, told_at = now()`,
        [
          sources.map(({ source }) => source),
          sources.map(({ path }) => path),
          sources.map(({ node }) => node),
          sources.map(({ heardTo }) => heardTo),
          sources.map(({ deaf }) => deaf),
          sources.map(({ undrained }) => undrained),
        ],
      );
    },

    async sources(tx: Tx): Promise<readonly (EvidenceSource & { readonly awayMs: number })[]> {
      const { rows } = await sql(tx).query<EvidenceSource & { awayMs: number }>(
        `select source, path, node, heard_to as "heardTo", deaf, undrained, ${ms('now() - told_at')} as "awayMs"
         from evidence_source order by source, path`,
      );
      return rows;
    },

    async withdraw(tx: Tx, source: string, path: string): Promise<void> {
      await sql(tx).query('delete from evidence_source where source = $1 and path = $2', [source, path]);
    },
  };
}

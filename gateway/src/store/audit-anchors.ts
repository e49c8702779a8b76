import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

interface SeriesRow {
  readonly series: string;
  readonly place: string;
  readonly firstN: number;
  readonly n: number;
  readonly lineHash: string;
  readonly at: number;
  readonly signature: string;
}

/** How far the anchor files of each data directory reach. */
export function createAuditAnchorStore() {
  return {
    async anchorSeries(tx: Tx): Promise<SeriesRow[]> {
      const { rows } = await sql(tx).query<SeriesRow>(
        `select series, place, first_n as "firstN", n, line_hash as "lineHash", at, signature from audit_anchor
         order by at desc`,
      );
      return rows;
    },
    async putAnchorSeries(tx: Tx, row: SeriesRow): Promise<void> {
      await sql(tx).query(
        `insert into audit_anchor (series, place, first_n, n, line_hash, at, signature)
         values ($1, $2, $3::bigint, $4::bigint, $5, ${at('$6')}, $7)
         on conflict (series) do update set place = excluded.place, first_n = excluded.first_n, n = excluded.n,
           line_hash = excluded.line_hash, at = excluded.at, signature = excluded.signature`,
        [row.series, row.place, row.firstN, row.n, row.lineHash, row.at, row.signature],
      );
    },
  };
}

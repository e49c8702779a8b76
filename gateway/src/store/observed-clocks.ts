import type { BlindInterval, BlindRun } from '../domain/health-rows.ts';
import type { ObservedMark } from '../domain/observed-clock.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** Clocks of the ingest paths, and when a path was blind. */
export function createObservedClockStore() {
  return {
    async marks(tx: Tx): Promise<ReadonlyMap<string, ObservedMark>> {
      const { rows } = await sql(tx).query<{ path: string; observed: number; wall: number }>(
        'select path, observed, wall from observed_clock',
      );
      return new Map(rows.map(({ path, observed, wall }) => [path, { observed, wall }]));
    },

    /** A clock never goes back, whoever writes it last. */
    async saveMarks(tx: Tx, marks: ReadonlyMap<string, ObservedMark>): Promise<void> {
      const all = [...marks];
      await sql(tx).query(
        `insert into observed_clock as c (path, observed, wall)
         select p, o, to_timestamp(w / 1000) from unnest($1::text[], $2::bigint[], $3::float8[]) as m (p, o, w)
         on conflict (path) do update set observed = excluded.observed, wall = excluded.wall
         where excluded.observed >= c.observed`,
        [all.map(([path]) => path), all.map(([, mark]) => mark.observed), all.map(([, mark]) => mark.wall)],
      );
    },

    async saveBlind(tx: Tx, intervals: readonly BlindInterval[]): Promise<void> {
      // The same beginning may stand twice in a batch (begun and ended); the ended one wins.
      const last = new Map(intervals.map((interval) => [`${interval.path}|${interval.from}`, interval]));
      for (const interval of intervals)
        if (interval.to !== null) last.set(`${interval.path}|${interval.from}`, interval);
      const rows = [...last.values()];
      await sql(tx).query(
        `insert into blind_interval as b (path, from_at, to_at, reason)
         select p, to_timestamp(f / 1000), to_timestamp(t / 1000), r
         from unnest($1::text[], $2::float8[], $3::float8[], $4::text[]) as i (p, f, t, r)
         on conflict (path, from_at) do update set to_at = greatest(b.to_at, excluded.to_at)`,
        [
          rows.map((row) => row.path),
          rows.map((row) => row.from),
          rows.map((row) => row.to),
          rows.map((row) => row.reason),
        ],
      );
    },

    async closeBlind(tx: Tx, but: string): Promise<void> {
      await sql(tx).query(
        `update blind_interval b set to_at = greatest(b.from_at, c.wall)
         from observed_clock c where c.path = b.path and b.to_at is null and b.reason <> $1`,
        [but],
      );
    },

    async blindFor(tx: Tx, reason: string, since: number): Promise<readonly BlindRun[]> {
      const { rows } = await sql(tx).query<BlindRun>(
        `select distinct on (b.path) b.path, b.from_at as "from", b.to_at is null as open,
           extract(epoch from s.till - b.from_at) * 1000 - coalesce((
             select sum(extract(epoch from least(coalesce(d.to_at, s.till), s.till) - d.from_at)) * 1000 from blind_interval d
             where d.path = b.path and d.reason = 'downtime' and d.from_at between b.from_at and s.till), 0) as "ranMs"
         from blind_interval b join observed_clock c on c.path = b.path
           cross join lateral (select greatest(b.from_at, coalesce(b.to_at, c.wall)) as till) s
         where b.reason = $1 and (b.to_at is null or b.to_at > to_timestamp($2::float8 / 1000))
         order by b.path, b.from_at desc`,
        [reason, since],
      );
      return rows.map((row) => ({ ...row, ranMs: Number(row.ranMs) }));
    },
  };
}

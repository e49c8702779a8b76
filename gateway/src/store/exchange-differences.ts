import type { Difference } from '../domain/exchange.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { type ExchangeScope, retracts, sourceOf } from './exchange-sources.ts';
import { createParams } from './scope.ts';
import { at } from './time.ts';

/** Objects looked at in one statement. */
const CHUNK = 2_000;
/** What a subscriber refused is tried again after this long, or when it changed. */
const REFUSED_FOR = 3_600_000;

interface Of extends ExchangeScope {
  readonly id: string;
}

/** What is to be sent is what differs from what a subscriber has, so nothing can fall between two positions. */
export function createExchangeDifferences() {
  async function chunk(tx: Tx, of: Of, after: string, now: number, columns: string, limit = '') {
    const params = createParams();
    const source = sourceOf(of, params, after, CHUNK);
    const subscription = params.add(of.id);
    const from = params.add(after);
    const refusedSince = at(params.add(now - REFUSED_FOR));
    // Ids are compared by the database alone, whatever its collation says.
    const join = retracts(of.dataSet) ? 'full' : 'left';
    return sql(tx).query<Record<string, unknown>>(
      `with source as materialized (${source}),
         window_end as materialized (select case when count(*) = ${CHUNK} then max(object) end as hi from source),
         held as (select s.* from exchange_sent s, window_end w
           where s.subscription_id = ${subscription} and s.object > ${from}::text and (w.hi is null or s.object <= w.hi)),
         hashed as (select object, data::text as data, md5(data::text) as hash from source),
         differing as (select coalesce(c.object, s.object) as object, c.hash, c.data,
             coalesce(s.refused_hash = coalesce(c.hash, '') and s.refused_at > ${refusedSince}, false) as refused
           from hashed c ${join} join held s on s.object = c.object where c.hash is distinct from s.hash)
       select ${columns} from window_end w left join differing f on true ${limit}`,
      params.values,
    );
  }

  return {
    /** One step: what differs among the next objects, and where the step after begins; null = that was all. */
    async differences(
      tx: Tx,
      of: Of,
      after: string,
      now: number,
      limit: number,
    ): Promise<{ items: Difference[]; next: string | null }> {
      const { rows } = await chunk(
        ...([tx, of, after, now] as const),
        'w.hi, f.object, f.hash, f.data, f.refused',
        `and not f.refused order by f.object limit ${Math.trunc(limit) + 1}`,
      );
      const found = rows.filter(({ object }) => object !== null) as unknown as (Difference & { hi: string | null })[];
      const items = found.slice(0, limit).map(({ object, hash, data }) => ({ object, hash, data }));
      const more = found.length > limit ? (items.at(-1)?.object ?? null) : null;
      return { items, next: more ?? (rows[0]?.hi as string | null | undefined) ?? null };
    },

    /** How much it lacks; what it refused counts. */
    async backlog(tx: Tx, of: Of, now: number): Promise<number> {
      let after: string | null = '';
      let sum = 0;
      while (after !== null) {
        const { rows }: { rows: Record<string, unknown>[] } = await chunk(
          ...([tx, of, after, now] as const),
          'w.hi, count(f.object)::int as n',
          'group by w.hi',
        );
        sum += Number(rows[0]?.n ?? 0);
        after = (rows[0]?.hi as string | null | undefined) ?? null;
      }
      return sum;
    },

    /** The newest of a data set as a subscriber with this scope would get it. */
    async sample(tx: Tx, of: ExchangeScope): Promise<unknown> {
      const params = createParams();
      const { rows } = await sql(tx).query<{ data: unknown }>(sourceOf(of, params, '', 1), params.values);
      return rows[0]?.data ?? null;
    },
  };
}

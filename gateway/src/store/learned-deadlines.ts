import type { DeviceKey } from '../domain/device.ts';
import type { LearnedRow } from '../domain/health-rows.ts';
import type { LearnedDeadline } from '../domain/learned-deadline.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

interface Row {
  readonly device: DeviceKey;
  readonly gaps: string;
  readonly samples: number;
  readonly offlineAfter: number | null;
  readonly median: number | null;
  readonly p99: number | null;
  readonly base: number | null;
  readonly baseAt: number | null;
}

/** What was learned of the devices' own rhythms. */
export function createLearnedDeadlineStore() {
  return {
    async learned(tx: Tx, after: DeviceKey, limit: number): Promise<readonly LearnedRow[]> {
      const { rows } = await sql(tx).query<Row>(
        `select device, encode(gaps, 'base64') as gaps, samples::float8 as samples, offline_after::float8 as "offlineAfter",
           median::float8 as median, p99::float8 as p99, base::float8 as base,
           (extract(epoch from base_at) * 1000)::float8 as "baseAt"
         from learned_deadline where device > $1 order by device limit $2`,
        [after, limit],
      );
      return rows.map((row) => ({
        device: row.device,
        gaps: Buffer.from(row.gaps, 'base64'),
        samples: row.samples,
        learned: learnedOf(row),
      }));
    },

    async saveLearned(tx: Tx, rows: readonly LearnedRow[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `insert into learned_deadline (device, gaps, samples, offline_after, median, p99, base, base_at)
         select d.key, decode(n.g, 'base64'), n.s, n.o, n.m, n.p, n.b, to_timestamp(n.t / 1000)
         from unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
           $8::float8[]) as n (d, g, s, o, m, p, b, t)
         join device d on d.key = n.d
         order by d.key
         on conflict (device) do update set gaps = excluded.gaps, samples = excluded.samples,
           offline_after = excluded.offline_after, median = excluded.median, p99 = excluded.p99, base = excluded.base,
           base_at = excluded.base_at`,
        [
          rows.map((row) => row.device),
          rows.map((row) => Buffer.from(row.gaps).toString('base64')),
          rows.map((row) => row.samples),
          rows.map((row) => row.learned?.offlineAfter ?? null),
          rows.map((row) => row.learned?.median ?? null),
          rows.map((row) => row.learned?.p99 ?? null),
          rows.map((row) => row.learned?.base ?? null),
          rows.map((row) => row.learned?.baseAt ?? null),
        ],
      );
    },
  };
}

function learnedOf({ offlineAfter, median, p99, base, baseAt }: Row): LearnedDeadline | null {
  if (offlineAfter === null || median === null || p99 === null || base === null || baseAt === null) return null;
  return { offlineAfter, median, p99, base, baseAt };
}

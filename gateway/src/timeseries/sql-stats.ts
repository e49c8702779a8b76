import { type Database, type Session, sql } from '../store/database.ts';
import type { SeriesEngine } from './series-engine.ts';
import { dayName } from './sql-days.ts';
import type { PartSize, TimeSeriesStats } from './timeseries.ts';

const DAY_MS = 86_400_000;
const NOTHING: PartSize = { rows: 0, bytes: 0 };

interface DayRow extends PartSize {
  /** Days since 1970. */
  readonly day: number;
  readonly compressed: boolean;
}

/** Sizes as the engine estimates them: nothing is counted. */
export async function seriesStats(
  db: Database,
  kind: SeriesEngine['kind'],
  now: number,
): Promise<TimeSeriesStats & Required<Pick<TimeSeriesStats, 'parts'>>> {
  const session = sql(db.autocommit);
  const days = kind === 'partitions' ? await partitionSizes(session) : await chunkSizes(session);
  const of = (name: string) => (kind === 'partitions' ? tableSize(session, name) : viewSize(session, name));
  return {
    ...sum(days),
    oldestDay: days[0] === undefined ? null : dayName(days[0].day),
    days: new Set(days.map(({ day }) => day)).size,
    parts: {
      raw: sum(days.filter(({ compressed }) => !compressed)),
      compressed: sum(days.filter(({ compressed }) => compressed)),
      hourly: await of('reading_hourly'),
      daily: await of('reading_daily'),
      rowsPerDay: rowsPerDay(days, now),
    },
  };
}

async function chunkSizes(session: Session): Promise<DayRow[]> {
  // Of a compressed day only the extension knows how many rows went in.
  const { rows } = await session.query<DayRow>(
    `select floor(extract(epoch from c.range_start) / 86400)::int as day, c.is_compressed as compressed,
       s.total_bytes::float8 as bytes,
       (coalesce(z.numrows_pre_compression, 0) + case when r.reltuples > 0 then r.reltuples
         when c.is_compressed then 0 else pg_relation_size(r.oid) / 85 end)::float8 as rows
     from timescaledb_information.chunks c
     join chunks_detailed_size('reading') s on s.chunk_schema = c.chunk_schema and s.chunk_name = c.chunk_name
     join pg_class r on r.oid = format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
     join _timescaledb_catalog.chunk k on k.schema_name = c.chunk_schema and k.table_name = c.chunk_name
     left join _timescaledb_catalog.compression_chunk_size z on z.chunk_id = k.id
     where c.hypertable_schema = 'public' and c.hypertable_name = 'reading' order by c.range_start`,
  );
  return rows;
}

async function tableSize(session: Session, name: string): Promise<PartSize> {
  const { rows } = await session.query<PartSize>(
    `select (case when c.reltuples < 0 then pg_relation_size(c.oid) / 130 else c.reltuples end)::float8 as rows,
       pg_total_relation_size(c.oid)::float8 as bytes
     from pg_class c where c.oid = $1::regclass`,
    [name],
  );
  return rows[0] ?? NOTHING;
}

async function viewSize(session: Session, name: string): Promise<PartSize> {
  const { rows } = await session.query<PartSize>(
    `select (case when m.rows > 0 then m.rows else m.bytes / 160 end)::float8 as rows, m.bytes::float8 as bytes
     from (select approximate_row_count(c.name) as rows, coalesce(hypertable_size(c.name), 0) as bytes
       from (select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)::regclass as name
         from timescaledb_information.continuous_aggregates where view_name = $1) c) m`,
    [name],
  );
  return rows[0] ?? NOTHING;
}

async function partitionSizes(session: Session): Promise<DayRow[]> {
  // A partition never analysed has no row count; 85 bytes is a numeric reading with its row header.
  const { rows } = await session.query<DayRow>(
    `select (substring(c.relname from 9)::date - '1970-01-01'::date)::int as day, false as compressed,
       (case when c.reltuples < 0 then pg_relation_size(c.oid) / 85 else c.reltuples end)::float8 as rows,
       pg_total_relation_size(c.oid)::float8 as bytes
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'reading'::regclass and c.relname ~ '^reading_\\d{8}$' order by 1`,
  );
  return rows;
}

function sum(parts: readonly PartSize[]): PartSize {
  const rows = parts.reduce((total, part) => total + part.rows, 0);
  return { rows: Math.round(rows), bytes: parts.reduce((total, part) => total + part.bytes, 0) };
}

function rowsPerDay(days: readonly DayRow[], now: number): number | null {
  const today = Math.floor(now / DAY_MS);
  const whole = days.filter(({ day }) => day < today).slice(-7);
  // The first of them may have begun in the afternoon.
  const counted = whole.length > 1 ? whole.slice(whole[0] === days[0] ? 1 : 0) : whole;
  return counted.length === 0 ? null : Math.round(sum(counted).rows / counted.length);
}

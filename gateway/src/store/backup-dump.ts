import type { Tx } from '../domain/tx.ts';
import { type Database, type Session, sql } from './database.ts';

/** Rows a fetch takes at most, and how many bytes it aims at. */
const MOST_ROWS = 1_000;
const FIRST_ROWS = 16;
const BATCH_BYTES = 1024 * 1024;

export const TABLES = `
  select c.relname as name, array(select quote_ident(a.attname) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relname <> 'schema_migration'
    and (c.relkind in ('r', 'p') or c.relkind = 'v' and c.relname in ('reading_hourly', 'reading_daily'))
  order by c.relname`;
const SCHEMA = 'select version, name, sha256 from schema_migration order by version';
const SEQUENCES = `select sequencename as name, last_value as last from pg_sequences where schemaname = 'public' order by 1`;
const PARTITIONS = `
  select p.relname as parent, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
  from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
  where c.relispartition and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1, 2`;

/** TimescaleDB keeps days elsewhere (its sums are views, above); in a backup they look like everybody's. */
const HYPERTABLE = "select 1 from pg_class where oid = to_regclass('reading') and relkind = 'r'";
const CHUNKS = `
  select distinct 'reading' as parent, to_char(range_start, '"reading_"YYYYMMDD') as name,
    format('FOR VALUES FROM (%L) TO (%L)', range_start, range_end) as bound
  from timescaledb_information.chunks where hypertable_schema = 'public' and hypertable_name = 'reading' order by 2`;

/** Where backups are taken from: a copy of the embedded database, or a transaction of PostgreSQL that sees one moment. */
export function createBackupSource(db: Database) {
  return {
    async atOneMoment<T>(work: (view: ReturnType<typeof viewOf>) => Promise<T>): Promise<T> {
      const copy = await db.copyForReading?.();
      try {
        return await (copy ?? db).transaction((tx) => inOneMoment(tx, db.kind, work));
      } finally {
        await copy?.close();
      }
    },
  };
}

async function inOneMoment<T>(tx: Tx, engine: string, work: (view: ReturnType<typeof viewOf>) => Promise<T>) {
  const session = sql(tx);
  await session.query('set transaction isolation level repeatable read, read only');
  await session.query('set local statement_timeout = 0');
  await session.query('set local idle_in_transaction_session_timeout = 0');
  return work(viewOf(session, engine));
}

function viewOf(session: Session, engine: string) {
  const all = async <R extends object>(query: string) => (await session.query<R>(query)).rows;
  return {
    engine,
    async facts() {
      const hypertable = (await all(HYPERTABLE)).length > 0;
      const [head] = await all<{ seq: number }>('select seq from audit_head');
      return {
        schema: await all<{ version: number; name: string; sha256: string }>(SCHEMA),
        sequences: await all<{ name: string; last: number | null }>(SEQUENCES),
        partitions: await all<{ parent: string; name: string; bound: string }>(hypertable ? CHUNKS : PARTITIONS),
        auditSeq: head?.seq ?? 0,
      };
    },
    tables: () => all<{ name: string; columns: string[] }>(TABLES),
    async *rows(table: string): AsyncGenerator<readonly string[]> {
      await session.query(`declare backup no scroll cursor for select t::text as line from "${table}" t`);
      for (let count = FIRST_ROWS; ; ) {
        const rows = (await all<{ line: string }>(`fetch ${count} from backup`)).map(({ line }) => line);
        if (rows.length > 0) yield rows;
        if (rows.length < count) break;
        const bytes = rows.reduce((sum, line) => sum + line.length, 1);
        count = Math.max(1, Math.min(MOST_ROWS, count * 4, Math.floor((count * BATCH_BYTES) / bytes)));
      }
      await session.query('close backup');
    },
  };
}

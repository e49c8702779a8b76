import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { TABLES } from './backup-dump.ts';
import { type Database, type Session, sql } from './database.ts';
import { type Migration, migrate, readMigrations } from './migrate.ts';

interface Contents {
  readonly takenAt: string;
  readonly gateway: string;
  readonly schema: readonly { readonly version: number; readonly name: string; readonly sha256: string }[];
  readonly sequences: readonly { readonly name: string; readonly last: number | null }[];
  readonly partitions: readonly { readonly parent: string; readonly name: string; readonly bound: string }[];
}

interface Loader {
  rows(table: string, columns: readonly string[], rows: readonly string[]): Promise<void>;
}

const ANYTHING = `
  select c.relname as name from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S') order by 1 limit 1`;
const FOREIGN_KEYS = `
  select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
  from pg_constraint
  where contype = 'f' and conparentid = 0 and connamespace = 'public'::regnamespace order by 1, 2`;
const TRIGGERED = `
  select distinct t.tgrelid::regclass::text as table from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where not t.tgisinternal and c.relnamespace = 'public'::regnamespace order by 1`;

/** Puts the rows of a backup into an empty database. */
export function createBackupTarget(db: Database) {
  return {
    /** One transaction from the first table to the last check: a kill at any moment leaves the database empty. */
    async load(contents: Contents, fill: (loader: Loader) => Promise<Readonly<Record<string, number>>>): Promise<void> {
      const files = await readMigrations();
      const before = knownSchema(files, contents);
      await db.transaction(async (tx) => {
        const session = sql(tx);
        await session.query('set local statement_timeout = 0');
        await session.query('set local idle_in_transaction_session_timeout = 0');
        const { rows } = await session.query<{ name: string }>(ANYTHING);
        if (rows[0]) throw new GatewayError('CONFLICT', bilingual('backup.databaseNotEmpty', { table: rows[0].name }));
        const here = { transaction: <T>(work: (inner: typeof tx) => Promise<T>) => work(tx), autocommit: tx };
        await migrate(here, before);
        const tighten = await loosen(session);
        await makePartitions(session, contents);
        const expected = await fill({ rows: (table, columns, lines) => insertRows(session, table, columns, lines) });
        for (const { name, last } of contents.sequences) {
          if (last !== null) await session.query('select setval($1::regclass, $2::bigint)', [`"${name}"`, last]);
        }
        await tighten();
        await compareCounts(session, expected);
        // The run that made this backup had not ended in it.
        if ('backup_run' in expected) await session.query("delete from backup_run where state = 'running'");
        await migrate(here, files);
      });
    },
    close: () => db.close(),
  };
}

/** The migrations the backup was taken after; each must be one this program knows. */
function knownSchema(files: readonly Migration[], { schema, gateway }: Contents): Migration[] {
  const unknown = schema.find(
    (row, index) => files[index]?.version !== row.version || files[index].sha256 !== row.sha256,
  );
  if (unknown) {
    throw new GatewayError(
      'BACKUP_UNREADABLE',
      bilingual('backup.otherSchema', { name: unknown.name, version: gateway }),
    );
  }
  return files.slice(0, schema.length);
}

/**
 * Rows come table by table, whatever refers to what, and as they were: so no foreign key, no trigger and none of what the
 * migrations put there. Answers how to set it all up again, which checks every foreign key.
 */
async function loosen(session: Session): Promise<() => Promise<void>> {
  const keys = (await session.query<{ table: string; name: string; definition: string }>(FOREIGN_KEYS)).rows;
  const triggered = (await session.query<{ table: string }>(TRIGGERED)).rows;
  const tables = (await session.query<{ name: string }>(TABLES)).rows;
  for (const key of keys) await session.query(`alter table ${key.table} drop constraint ${key.name}`);
  for (const { table } of triggered) await session.query(`alter table ${table} disable trigger user`);
  await session.query(`truncate ${tables.map(({ name }) => `"${name}"`).join(', ')}`);
  return async () => {
    for (const { table } of triggered) await session.query(`alter table ${table} enable trigger user`);
    for (const { table, name, definition } of keys) {
      await session.query(`alter table ${table} add constraint ${name} ${definition}`);
    }
  };
}

async function makePartitions(session: Session, { partitions }: Contents): Promise<void> {
  for (const { parent, name, bound } of partitions) {
    const { rows } = await session.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      `"${name}"`,
    ]);
    if (!rows[0]?.there) await session.query(`create table "${name}" partition of "${parent}" ${bound}`);
  }
}

async function insertRows(session: Session, table: string, columns: readonly string[], lines: readonly string[]) {
  const names = columns.join(', ');
  await session.query(
    `insert into "${table}" (${names}) overriding system value select ${names} from unnest($1::text[]::"${table}"[])`,
    [lines],
  );
}

async function compareCounts(session: Session, expected: Readonly<Record<string, number>>): Promise<void> {
  for (const [table, count] of Object.entries(expected)) {
    const { rows } = await session.query<{ n: number }>(`select count(*) as n from "${table}"`);
    if (rows[0]?.n !== count) {
      throw new GatewayError(
        'INTERNAL',
        bilingual('backup.countsDiffer', { table, expected: count, found: rows[0]?.n ?? 0 }),
      );
    }
  }
}

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createLogger } from '../log.ts';
import { sql } from './database.ts';
import { type Migration, migrate, readMigrations } from './migrate.ts';
import { openPostgres } from './postgres.ts';
import { dumpSchema, SCHEMA_SNAPSHOT } from './schema-dump.ts';

const file = (version: number, text: string): Migration => ({
  version,
  name: `000${version}_step`,
  sha256: `sha of ${text}`,
  text,
});
const ONE = file(1, 'create table one (id int); insert into one values (1);');
const TWO = file(2, 'create table two (id int);');

describe('migration files', () => {
  it('are numbered without a gap', async () => {
    const migrations = await readMigrations();
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });
});

describe.each(ENGINES)('migrations on %s', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
  });
  afterAll(() => test?.close());
  const tables = async () => {
    const { rows } = await sql(test.db.autocommit).query<{ name: string }>(
      "select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
    );
    return rows.map(({ name }) => name);
  };

  it('make the schema that was reviewed', async () => {
    expect(await dumpSchema(test.db)).toBe(await readFile(SCHEMA_SNAPSHOT, 'utf8'));
  });

  describe('of an empty database', () => {
    beforeEach(() => sql(test.db.autocommit).script('drop schema public cascade; create schema public'));

    it('run once each, in order', async () => {
      expect(await migrate(test.db, [ONE])).toEqual([1]);
      expect(await migrate(test.db, [ONE, TWO])).toEqual([2]);
      expect(await migrate(test.db, [ONE, TWO])).toEqual([]);
      expect(await tables()).toEqual(['one', 'schema_migration', 'two']);
    });

    it('that fail leave the steps before and nothing of their own', async () => {
      const broken = file(2, 'create table half (id int); select 1 / 0;');
      await expect(migrate(test.db, [ONE, broken])).rejects.toThrow('migration 0002_step failed: division by zero');
      expect(await tables()).toEqual(['one', 'schema_migration']);
      expect(await migrate(test.db, [ONE, TWO])).toEqual([2]);
    });

    it('are refused when an applied one was edited', async () => {
      await migrate(test.db, [ONE]);
      const edited = { ...ONE, sha256: 'other' };
      await expect(migrate(test.db, [edited, TWO])).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
        message: expect.stringContaining('0001_step was changed after it had been applied'),
      });
      expect(await tables()).not.toContain('two');
    });

    it('are refused when the database is newer than the program', async () => {
      await migrate(test.db, [ONE, TWO]);
      await expect(migrate(test.db, [ONE])).rejects.toThrow('the database is newer than this program');
    });

    it('started twice at once run once', async () => {
      const other = test.url === undefined ? test.db : openPostgres(test.url, { log: createLogger('error') });
      try {
        const files = Array.from({ length: 8 }, (_, n) => file(n + 1, `create table t${n} (id int)`));
        const [mine, theirs] = await Promise.all([migrate(test.db, files), migrate(other, files)]);
        expect([...mine, ...theirs].sort()).toEqual(files.map(({ version }) => version));
      } finally {
        if (other !== test.db) await other.close();
      }
    });

    it('of a file outside a transaction are applied, and once more after a cut', async () => {
      const outside = file(
        2,
        '-- outside a transaction\ndrop index concurrently if exists late;\n-- why\ncreate index concurrently late on one (id);\n',
      );
      expect(await migrate(test.db, [ONE])).toEqual([1]);
      // What a cut leaves: the index, perhaps broken, and no row.
      await sql(test.db.autocommit).script('create index late on one (id)');
      expect(await migrate(test.db, [ONE, outside])).toEqual([2]);
      const { rows } = await sql(test.db.autocommit).query(
        "select 1 from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = 'late' and i.indisvalid",
      );
      expect(rows).toHaveLength(1);
    });

    if (engine === 'postgres') {
      const altering = file(2, 'alter table one add column more int;');
      /** While `work` runs, somebody has read table `one` in a transaction that goes on until `stop`. */
      const whileRead = async (work: (stop: () => Promise<void>) => Promise<void>) => {
        const { promise: over, resolve: stop } = Promise.withResolvers<void>();
        const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
        const ended = test.db.transaction(async (tx) => {
          await sql(tx).query('select id from one');
          begin();
          await over;
        });
        const end = () => {
          stop();
          return ended;
        };
        await begun;
        await work(end).finally(end);
      };

      it('let go of a table that is in use, say who is in the way, and take their turn later', async () => {
        await migrate(test.db, [ONE]);
        await whileRead(async (stop) => {
          const told: object[] = [];
          const log = { info: () => undefined, warn: (fields: object) => void told.push(fields) };
          const migrated = migrate(test.db, [ONE, altering], { log, lockWaitMs: 50, pauseMs: 100 });
          migrated.catch(() => undefined);
          await expect.poll(() => told.length, { timeout: 10_000 }).toBeGreaterThan(0);
          expect(told[0]).toMatchObject({ others: expect.stringMatching(/pid \d+ \(.*select id from one/) });
          // While it waits for its next try, whoever comes is served.
          await sql(test.db.autocommit).query('insert into one values (2)');
          await stop();
          expect(await migrated).toEqual([2]);
        });
      });

      it('give up with the reason when the table stays in use', async () => {
        await migrate(test.db, [ONE]);
        await whileRead(async () => {
          await expect(
            migrate(test.db, [ONE, altering], { lockWaitMs: 20, pauseMs: 10, tries: 2 }),
          ).rejects.toMatchObject({
            code: 'UNAVAILABLE',
            message: expect.stringMatching(/migration 0002_step failed: .*lock timeout.*transactions in the way: pid/),
          });
        });
      });

      it('cut off in the middle start again', async () => {
        const slow = file(2, 'create table half (id int); select pg_sleep(60);');
        const cut = migrate(test.db, [ONE, slow]);
        cut.catch(() => undefined);
        const kill = async () =>
          (
            await sql(test.db.autocommit).query(
              "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()",
            )
          ).rowCount;
        await expect.poll(kill, { timeout: 10_000 }).toBe(1);
        await expect(cut).rejects.toMatchObject({ code: 'INTERNAL' });
        expect(await tables()).toEqual(['one', 'schema_migration']);
        expect(await migrate(test.db, [ONE, TWO])).toEqual([2]);
      });
    }
  });
});

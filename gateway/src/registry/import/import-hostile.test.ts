import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { bestStretch, fuzz, nastyText } from '../../../test/support/fuzz.ts';
import { createTestRegistry, seedTestOrganisations, TEST_TYPES, testActor } from '../../../test/support/registry.ts';
import { isGatewayError } from '../../errors.ts';
import { readCsv } from '../../sheets/csv-read.ts';
import { SheetFault } from '../../sheets/fault.ts';
import { DEFAULT_LIMITS, MAX_FILE } from '../../sheets/table.ts';
import { sql } from '../../store/database.ts';
import { createImportStore } from '../../store/imports.ts';
import { COLUMNS } from './columns.ts';
import { createImportFiles } from './files.ts';
import type { ImportDeps } from './ports.ts';
import { type ImportResult, importFile, importTable } from './run.ts';

const admin = testActor();
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const tableOf = (rows: readonly (readonly string[])[]) =>
  Buffer.from(rows.map((cells) => cells.map(quoted).join(',')).join('\n'));

// One engine, PostgreSQL where it is: it works beside this process, so that what is measured is the import itself.
describe.each(ENGINES.slice(-1))('a table of a stranger on %s', (engine) => {
  let database: TestDatabase;
  let deps: ImportDeps;
  let registry: ReturnType<typeof createTestRegistry>;
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
    registry = createTestRegistry(database.db);
    await registry.directory.load(database.db.autocommit);
    deps = {
      ...registry.deps,
      imports: createImportStore(),
      typeNames: {
        list: () => [...TEST_TYPES.keys()].map((id) => ({ id, title: { zh: id, en: id }, adapter: 'rtsp' })),
      },
      timeZone: 'Asia/Shanghai',
    };
  }, 60_000);
  afterAll(() => database?.close());

  /** The counts, or the code of the refusal; anything else is a bug. */
  const run = async (file: Uint8Array, dryRun: boolean) => {
    try {
      const table = readCsv(file, { ...DEFAULT_LIMITS });
      const { created, updated, unchanged, errorCount } = await importTable(admin, table, { dryRun }, deps);
      return { created, updated, unchanged, errorCount };
    } catch (error) {
      if (error instanceof SheetFault) return error.message;
      if (!isGatewayError(error) || error.status >= 500) throw error;
      return error.code;
    }
  };
  const written = async () => {
    const { rows } = await sql(database.db.autocommit).query<{ devices: number; all: string }>(
      `select (select count(*)::int from device) as devices,
         concat_ws('/', (select md5(string_agg(d::text, '|' order by d.key)) from device d), (select count(*) from audit),
           (select count(*) from device_history), (select count(*) from camera)) as all`,
    );
    return { devices: rows[0]?.devices ?? 0, all: rows[0]?.all };
  };

  it('reaches the database as a whole or not at all, and a dry run says which', async () => {
    const known: Readonly<Record<string, fc.Arbitrary<string>>> = {
      name: fc.oneof({ weight: 3, arbitrary: fc.constant('东门') }, nastyText()),
      type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...TEST_TYPES.keys()) }, nastyText()),
    };
    const optional = COLUMNS.map(({ path }) => path).filter((path) => !(path in known));
    const plain = fc.constantFrom(
      '',
      '',
      '',
      '1',
      'a=b',
      '2026-1-1',
      'hood-a',
      '甲厂',
      'rtsp://10.0.0.1/1',
      '00:11:22:aa:bb:cc',
    );
    const table = fc.subarray(optional, { maxLength: 3 }).chain((more) => {
      const header = [...Object.keys(known), ...more];
      const cell = fc.oneof({ weight: 3, arbitrary: plain }, nastyText());
      const row = fc.tuple(...header.map((path) => known[path] ?? cell));
      return fc.array(row, { minLength: 1, maxLength: 6 }).map((rows) => tableOf([header, ...rows]));
    });
    const seen = { refused: 0, written: 0 };
    await fuzz(
      table,
      async (file) => {
        const before = await written();
        const said = await run(file, true);
        expect(await written()).toEqual(before);
        const done = await run(file, false);
        const after = await written();
        expect(done).toEqual(said);
        if (typeof done === 'string' || done.errorCount > 0) {
          seen.refused += 1;
          expect(after).toEqual(before);
        } else {
          seen.written += 1;
          expect(after.devices - before.devices).toBe(done.created);
        }
      },
      { count: 60 },
    );
    expect(Math.min(seen.refused, seen.written)).toBeGreaterThan(9);
  }, 60_000);

  const paths = COLUMNS.map(({ path }) => path);
  const rowsOf = (cells: number, length: number) => Math.min(20_000, Math.floor(MAX_FILE / (cells * (length + 3) + 1)));
  const many = (count: number, row: (index: number) => readonly string[]) =>
    Array.from({ length: count }, (_, i) => row(i));
  it.runIf(engine === 'postgres').each<[string, readonly string[], readonly (readonly string[])[]]>([
    ['wrong in every cell', paths, many(rowsOf(paths.length, 1), () => paths.map(() => 'x'))],
    ['of long cells', paths, many(rowsOf(paths.length, 4_000), () => paths.map(() => '='.repeat(4_000)))],
    [
      'of one chain',
      ['id', 'name', 'type', 'parentId'],
      many(20_000, (i) => [`d${i}`, 'x', 'generic/camera', `d${i - 1}`]),
    ],
    ['of the same device', ['serial', 'name', 'type'], many(20_000, () => ['1', 'x', 'generic/camera'])],
  ])(
    'as large as it may be, %s, holds nobody up',
    async (_, header, rows) => {
      const file = tableOf([header, ...rows]);
      const before = await written();
      let token = '';
      // Of one owner's files the latest are kept.
      registry.clock.advance(60_000);
      const stretch = await bestStretch(async () => {
        const done = await importFile(admin, file, { dryRun: false }, deps).catch((error: unknown) => error);
        if (isGatewayError(done)) expect(done.code).toBe('INVALID_INPUT');
        else {
          expect(done).toMatchObject({ created: 0, errorsFile: { token: expect.any(String) } });
          token = (done as ImportResult).errorsFile?.token ?? '';
        }
      });
      console.info(`${rows.length} rows: ${stretch.toFixed(0)} ms of processor time in one stretch`);
      expect(stretch).toBeLessThan(100);
      expect(await written()).toEqual(before);
      if (token === '') return;
      // It comes back whole, every row with what is wrong in it.
      const { bytes } = await createImportFiles(deps).take(admin, token);
      expect(readCsv(bytes, DEFAULT_LIMITS).rows).toHaveLength(rows.length + 1);
    },
    120_000,
  );
});

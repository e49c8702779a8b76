import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { type Session, sql } from './database.ts';
import { isUniqueViolation, sqlState } from './pg-errors.ts';

describe.each(ENGINES)('the database on %s', (engine) => {
  let test: TestDatabase;
  let session: Session;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
    session = sql(test.db.autocommit);
  });
  afterAll(() => test?.close());

  it('gives values of the same JavaScript types', async () => {
    const { rows } = await session.query(`select
      42::int8 as big, 9007199254740993::int8 as huge, 1.5::numeric as exact, true as yes, null::text as nothing,
      timestamptz '2026-11-23 08:00:00.123456+08' as at, timestamptz '0044-03-15 00:00:00+00 BC' as caesar,
      timestamptz 'infinity' as forever, array[timestamptz '1970-01-01 00:00:01+00', null] as times,
      date '2026-02-03' as day, interval '90 s' as span, '\\x00ff'::bytea as bytes,
      '{"a":[1]}'::jsonb as doc, array[1, 2]::int8[] as list, array['a,b', null] as words`);
    expect(rows[0]).toEqual({
      big: 42,
      huge: 9007199254740993n,
      exact: 1.5,
      yes: true,
      nothing: null,
      at: Date.UTC(2026, 10, 23) + 123.456,
      caesar: new Date('-000043-03-15T00:00:00Z').getTime(),
      forever: Number.POSITIVE_INFINITY,
      times: [1000, null],
      day: '2026-02-03',
      span: 'PT1M30S',
      bytes: Buffer.from([0, 255]),
      doc: { a: [1] },
      list: [1, 2],
      words: ['a,b', null],
    });
  });

  it('takes bytes, arrays and fractional milliseconds as parameters', async () => {
    const at = Date.UTC(2026, 10, 23) + 0.001;
    const { rows } = await session.query(
      'select $1::bytea as bytes, $2::int[] as list, to_timestamp($3::float8 / 1000.0) as at, $4::jsonb as doc',
      [new Uint8Array([1, 2, 0]), [3, 4], at, JSON.stringify({ 名: '充电柜' })],
    );
    expect(rows[0]).toEqual({ bytes: Buffer.from([1, 2, 0]), list: [3, 4], at, doc: { 名: '充电柜' } });
  });

  it('rolls back a rejected transaction and goes on', async () => {
    await session.query('create table mark (id int primary key)');
    const failed = test.db.transaction(async (tx) => {
      await sql(tx).query('insert into mark values (1)');
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect((await session.query('select * from mark')).rows).toEqual([]);
  });

  it('says which constraint a row hit, and that the statement is at fault', async () => {
    await session.query('create table once (id int constraint only_once primary key)');
    const error = await session.query('insert into once values (1), (1)').catch((e: unknown) => e);
    expect(sqlState(error)).toBe('23505');
    expect(isUniqueViolation(error, 'only_once')).toBe(true);
    expect(isUniqueViolation(error, 'other')).toBe(false);
  });

  it('keeps transactions of many callers apart', async () => {
    await session.query('create table counter (n int)');
    await session.query('insert into counter values (0)');
    await Promise.all(
      Array.from({ length: 20 }, () =>
        test.db.transaction(async (tx) => {
          const { rows } = await sql(tx).query<{ n: number }>('select n from counter for update');
          await sql(tx).query('update counter set n = $1', [(rows[0]?.n ?? 0) + 1]);
        }),
      ),
    );
    expect((await session.query('select n from counter')).rows).toEqual([{ n: 20 }]);
  });
});

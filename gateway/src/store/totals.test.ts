import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { asTx, type Session, sql } from './database.ts';
import { totalOf } from './totals.ts';

describe.each(ENGINES)('how many a list has, on %s', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
    await sql(test.db.autocommit).script('create table thing as select n from generate_series(1, 11000) n');
  });
  afterAll(() => test?.close());

  it('is exact up to 10,000, beyond it is not told, and far beyond it is not counted at each look', async () => {
    let counted = 0;
    const session = sql(test.db.autocommit);
    const query: Session['query'] = (text, params, options) => {
      counted++;
      return session.query(text, params, options);
    };
    const tx = asTx({ ...session, query });
    const total = (most: number) => totalOf(tx, 'from thing where n <= $1', [most]);
    expect([await total(0), await total(9_999), await total(10_000)]).toEqual([0, 9_999, 10_000]);
    expect([await total(10_001), await total(10_999), await total(11_000)]).toEqual([null, null, null]);
    expect(counted).toBe(6);
    expect([await total(11_000), await total(10_999), await total(10_000)]).toEqual([null, null, 10_000]);
    expect(counted).toBe(8);
    // Another look, another database: what is known of one says nothing of the other.
    expect(await totalOf(test.db.autocommit, 'from thing where n <= $1 and n > 10', [11_000])).toBeNull();
    expect(await total(11_000)).toBeNull();
    expect(counted).toBe(8);
  });
});

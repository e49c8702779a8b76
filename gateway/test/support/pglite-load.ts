import { createSystemClock } from '../../src/clock.ts';
import { createLogger } from '../../src/log.ts';
import { sql } from '../../src/store/database.ts';
import { openPglite } from '../../src/store/pglite.ts';

/**
 * Child process of the kill test: `node pglite-load.ts <directory>` writes batches of ten rows to table `load` for ever
 * and says on stdout how many were committed.
 */
const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: pglite-load.ts <directory>');
const db = await openPglite(directory, { log: createLogger('error'), clock: createSystemClock() });
await sql(db.autocommit).script('create table if not exists load (n int primary key, filler text)');
const { rows } = await sql(db.autocommit).query<{ n: number }>('select count(*)::int as n from load');
for (let n = rows[0]?.n ?? 0; ; n += 10) {
  await db.transaction(async (tx) => {
    for (const half of [0, 5]) {
      await sql(tx).query("insert into load select g, repeat('x', 500) from generate_series($1::int, $1::int + 4) g", [
        n + half,
      ]);
    }
  });
  process.stdout.write(`${n + 10}\n`);
}

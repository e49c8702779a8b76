import { createManualClock } from '../../src/clock.ts';
import { createLogger } from '../../src/log.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { createSqlTimeSeries } from '../../src/timeseries/sql.ts';
import { mortalDatabase } from './mortal-database.ts';

/** Sums up the readings of a database and kills itself (-9) where the statement begins that holds these words. */
const [url = '', words = '', now = '0', dayStart = '0'] = process.argv.slice(2);

const db = mortalDatabase(
  openPostgres(url, { log: createLogger('error') }),
  (statement) => statement.includes(words),
  () => {
    process.kill(process.pid, 'SIGKILL');
    throw new Error('killed');
  },
);
await createSqlTimeSeries({ db, clock: createManualClock(Number(now)), dayStart: Number(dayStart) }).rollUp();

import { createSystemClock } from '../../gateway/src/clock.ts';
import { type Environment, readConfig } from '../../gateway/src/config.ts';
import { dayStartOf } from '../../gateway/src/domain/zoned-time.ts';
import { GatewayError } from '../../gateway/src/errors.ts';
import { createLogger } from '../../gateway/src/log.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';
import { openPostgres } from '../../gateway/src/store/postgres.ts';
import { convertToTimescale } from '../../gateway/src/timeseries/timescale-convert.ts';

/** A day of a large city may take this long. */
const STATEMENT_MS = 24 * 3_600_000;

/** `cgw timescale`: moves readings from daily partitions to a hypertable; 0 = they are there. The gateway must be stopped. */
export async function timescale(_args: readonly string[], env: Environment = process.env): Promise<number> {
  const config = readConfig(env);
  if (config.databaseUrl === null) throw new GatewayError('INVALID_CONFIG', bilingual('timescale.needsPostgres'));
  const clock = createSystemClock();
  const db = openPostgres(config.databaseUrl, { log: createLogger('error'), statementTimeoutMs: STATEMENT_MS });
  try {
    const days = await convertToTimescale(db, {
      dayStart: dayStartOf(config.timeZone, clock.now()),
      now: clock.now(),
      onDay: (day, left) => console.error(bilingual('timescale.day', { day, left })),
    });
    console.log(bilingual('timescale.done', { days }));
    return 0;
  } finally {
    await db.close();
  }
}

import { PROCESS_ROLES } from '../config.ts';
import { dayStartOf } from '../domain/zoned-time.ts';
import { createInfluxTimeSeries } from '../timeseries/influx.ts';
import { createSqlTimeSeries, type SqlTimeSeriesOptions } from '../timeseries/sql.ts';
import type { TimeSeriesStore } from '../timeseries/timeseries.ts';
import type { Foundation } from './foundation.ts';

/** Readings in InfluxDB where one is named, else in the database. */
export function createReadings(
  { config, influx, db, clock, log }: Foundation,
  unitOf: NonNullable<SqlTimeSeriesOptions['unitOf']>,
): TimeSeriesStore {
  if (!influx)
    return createSqlTimeSeries({ db, clock, log, unitOf, dayStart: dayStartOf(config.timeZone, clock.now()) });
  // With roles split there may be several processes that drain.
  const alone = config.roles.length === PROCESS_ROLES.length;
  return createInfluxTimeSeries({ influx, db, clock, log, unitOf, alone });
}

import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Database } from '../store/database.ts';
import { type RollUpOptions, rollUp } from './rollup-job.ts';
import type { SeriesEngine } from './series-engine.ts';
import { createReadingDays, dayName } from './sql-days.ts';
import { findEngine } from './sql-engine.ts';
import { createMetricKeys } from './sql-keys.ts';
import { queryLatest, querySeries } from './sql-query.ts';
import { retain } from './sql-retention.ts';
import { byOneProcess } from './sql-rollup.ts';
import { seriesStats } from './sql-stats.ts';
import { createReadingWriter } from './sql-write.ts';
import type { TimeSeriesStore } from './timeseries.ts';

export interface SqlTimeSeriesOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log?: Logger;
  /** UCUM unit of a device's metric by its type, kept beside the readings; undefined = none known. */
  readonly unitOf?: (device: DeviceKey, metric: string) => string | undefined;
  /** Milliseconds after midnight UTC at which a day begins where people look at it; whole hours. Default 0. */
  readonly dayStart?: number;
}

/** Readings as narrow rows in the gateway's own database: daily partitions, or a hypertable where TimescaleDB is. */
export function createSqlTimeSeries(options: SqlTimeSeriesOptions): Required<TimeSeriesStore> {
  const { db, clock, dayStart = 0 } = options;
  const keys = createMetricKeys(db, options.unitOf ?? (() => undefined));
  const days = createReadingDays(db);
  let kind: SeriesEngine['kind'] | undefined;
  let found: Promise<SeriesEngine> | undefined;
  const engine = async () => {
    found ??= findEngine(db, { days, dayStart, log: options.log }).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    const here = await found;
    kind = here.kind;
    return here;
  };
  const sumUp = async (here: SeriesEngine, limits: RollUpOptions) => {
    const done = await rollUp(db, clock, here, dayStart, limits);
    await here.compress?.(clock.now(), limits.signal);
    return done;
  };
  return {
    transactional: true,
    async prepare(readings) {
      await engine();
      await keys.prepare(readings);
      if (kind === 'partitions') await days.prepare(readings);
    },
    write: createReadingWriter(keys, days, () => kind),
    query: (query) => querySeries(db, query),
    latest: (device) => queryLatest(db, device),
    rollUp: async (limits = {}) => {
      const here = await engine();
      return (await byOneProcess(db, () => sumUp(here, limits))) ?? false;
    },
    async retention(policy) {
      const here = await engine();
      const dropped = await byOneProcess(db, async () => {
        // What is not summed up yet stays, so this comes first.
        await sumUp(here, {});
        return retain(db, here, policy, clock.now());
      });
      return { droppedDays: (dropped ?? []).map(dayName) };
    },
    stats: async () => seriesStats(db, (await engine()).kind, clock.now()),
  };
}

import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { ReadingsElsewhere } from '../domain/readings-elsewhere.ts';
import type { Database } from '../store/database.ts';
import { createInfluxClient, type InfluxClient } from './influx-client.ts';
import { createInfluxDatabase, type InfluxDatabase } from './influx-database.ts';
import { createInfluxDays } from './influx-days.ts';
import { createDeviceIds, type DeviceIds } from './influx-devices.ts';
import { createLook } from './influx-look.ts';
import { latestInflux, queryInflux } from './influx-query.ts';
import { createInfluxReads } from './influx-reads.ts';
import { createInfluxWriter } from './influx-write.ts';
import { createMetricKeys } from './sql-keys.ts';
import type { TimeSeriesStore } from './timeseries.ts';

/** The way to one InfluxDB; asks nothing before it must. */
export interface Influx {
  readonly client: InfluxClient;
  readonly database: InfluxDatabase;
  readonly ids: DeviceIds;
  /** For the statements of the gateway's own database. */
  readonly reads: ReadingsElsewhere;
  close(): void;
}

/** Throws INVALID_CONFIG when the address names no database. */
export function createInflux(url: string, log: Logger): Influx {
  const client = createInfluxClient(url);
  const database = createInfluxDatabase(client, log);
  const ids = createDeviceIds();
  return { client, database, ids, reads: createInfluxReads(client, database, ids), close: client.close };
}

export interface InfluxTimeSeriesOptions {
  readonly influx: Influx;
  /** Who sends which metric, and its unit, stays in the gateway's own database. */
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** UCUM unit of a device's metric by its type; undefined = none known. */
  readonly unitOf?: (device: DeviceKey, metric: string) => string | undefined;
  /** No other process writes readings. */
  readonly alone: boolean;
}

/** Readings as points of InfluxDB 1.x, tagged with the device's id and the metric. */
export function createInfluxTimeSeries(options: InfluxTimeSeriesOptions): TimeSeriesStore {
  const { db, clock, log } = options;
  const { client, database, ids } = options.influx;
  const keys = createMetricKeys(db, options.unitOf ?? (() => undefined));
  const days = createInfluxDays(client, database, log);
  const look = createLook(client, database, { alone: options.alone, clock });
  const write = createInfluxWriter({ client, database, ids, look });
  const deps = { client, database, db, ids };
  return {
    transactional: false,
    async prepare(readings) {
      await keys.prepare(readings);
      await ids.load(
        db.autocommit,
        readings.map(({ device }) => device),
      );
    },
    write: (_, readings) => write(readings),
    query: (query) => queryInflux(deps, query),
    latest: (device) => latestInflux(deps, device),
    async retention(policy) {
      return { droppedDays: await days.drop(policy, clock.now()) };
    },
    stats: () => days.stats(clock.now()),
  };
}

import { describe } from 'vitest';
import { createTestDatabase } from '../../test/support/databases.ts';
import { INFLUX_MISSING, influxVersion, startInflux } from '../../test/support/influx.ts';
import { createManualClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import type { Database } from '../store/database.ts';
import { CONTRACT_NOW, deviceMaker, timeSeriesContract } from './contract.ts';
import { createInflux, createInfluxTimeSeries, type Influx } from './influx.ts';

const log = createLogger('silent');

function createStore(influx: Influx, db: Database, alone: boolean) {
  return createInfluxTimeSeries({
    influx,
    db,
    log,
    alone,
    clock: createManualClock(Math.floor(CONTRACT_NOW)),
    unitOf: (_, metric) => (metric === 'power' ? 'W' : undefined),
  });
}

const makeDevice = deviceMaker('dev.x-');

async function open() {
  const server = await startInflux();
  const { db, close } = await createTestDatabase('pglite');
  const influx = createInflux(server.url('contract'), log);
  return {
    store: createStore(influx, db, false),
    other: createStore(influx, db, false),
    db,
    version: async () => server.version,
    device: () => makeDevice(db),
    async close() {
      influx.close();
      await server.remove();
      await close();
    },
  };
}

describe.skipIf(INFLUX_MISSING)('InfluxDB 1.x', () => {
  timeSeriesContract(INFLUX_MISSING ? 'InfluxDB' : influxVersion(), open);
});

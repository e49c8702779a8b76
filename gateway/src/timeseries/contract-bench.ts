import type { DeviceKey } from '../domain/device.ts';
import type { Reading, Value } from '../domain/reading.ts';
import type { Transactor } from '../domain/tx.ts';
import { type Database, sql } from '../store/database.ts';
import type { TimeSeriesStore } from './timeseries.ts';

export interface ContractSubject {
  readonly store: TimeSeriesStore;
  readonly db: Transactor;
  /** A second store on the same data, as another process would have. */
  readonly other: TimeSeriesStore;
  /** Name and version of the engine that answers. */
  version(): Promise<string>;
  /** Makes a device to write for. */
  device(): Promise<DeviceKey>;
  close(): Promise<void>;
}

/** Makes devices whose ids begin alike; what an id may hold differs between engines. */
export function deviceMaker(prefix: string): (db: Database) => Promise<DeviceKey> {
  let made = 0;
  return async (db) => {
    const { rows } = await sql(db.autocommit).query<{ key: DeviceKey }>(
      "insert into device (id, type, name, lifecycle) values ($1, 'generic/test', 'test', 'active') returning key",
      [`${prefix}${++made}`],
    );
    return rows[0]?.key ?? 0;
  };
}

export const DAY = 86_400_000;
/** Today of the subject's clock, 08:00:00.000001 UTC. */
export const CONTRACT_NOW = Date.UTC(2026, 10, 23, 8) + 0.001;

/** What the tests of the contract write and read with; `subject` is the store under test once it is open. */
export type ContractBench = ReturnType<typeof createContractBench>;

export function createContractBench(current: () => ContractSubject) {
  const reading = (device: DeviceKey, metric: string, time: number, value: Value): Reading => ({
    device,
    metric,
    time,
    value,
    receivedAt: time + 5,
  });
  const save = async (readings: Reading[], store = current().store) => {
    await store.prepare(readings);
    return current().db.transaction((tx) => store.write(tx, readings));
  };
  const raw = async (device: DeviceKey, extra: object = {}) => {
    const page = await current().store.query({
      device,
      from: CONTRACT_NOW - 30 * DAY,
      to: CONTRACT_NOW + DAY,
      limit: 1000,
      ...extra,
    });
    return Object.fromEntries(page.series.map((series) => [series.metric, series.points]));
  };
  return {
    get subject() {
      return current();
    },
    reading,
    save,
    raw,
  };
}

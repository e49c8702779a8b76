import type { Clock } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Reading, Value } from '../domain/reading.ts';
import type { InfluxClient } from './influx-client.ts';
import type { InfluxDatabase } from './influx-database.ts';
import { devicesAre, metricTag, micros, pointValue, VALUE_FIELDS } from './influx-lines.ts';

export interface StoredReading {
  readonly value: Value;
  /** Microseconds. */
  readonly receivedAt: number;
}

export interface Wanted {
  readonly reading: Reading;
  readonly deviceId: string;
}

/** What stands under the times of readings that are about to be written; InfluxDB itself would overwrite it. */
export interface Look {
  /** By {@link pointName}. */
  before(wanted: readonly Wanted[]): Promise<ReadonlyMap<string, StoredReading>>;
  /** These are stored now. */
  after(written: readonly Wanted[]): void;
}

/** Readings further apart are looked for apart, so that one late reading does not fetch all that came since. */
const SPAN_US = 10_000_000;
const DEVICES_A_STATEMENT = 500;
const STATEMENTS_A_REQUEST = 50;
/** Older ones tell little of where a device stands now. */
const RECENT_US = 3_600_000_000;

export function pointName(deviceId: string, metric: string, time: number): string {
  return `${deviceId}\n${metric}\n${time}`;
}

/**
 * A look costs more than the write, so a process that alone writes the readings remembers the newest time of every
 * device: what is newer cannot be there. Beside other writers every batch is looked for.
 */
export function createLook(
  client: InfluxClient,
  database: InfluxDatabase,
  { alone, clock }: { readonly alone: boolean; readonly clock: Clock },
): Look {
  /** No reading of the device lies after this, microseconds. */
  const newest = new Map<DeviceKey, number>();

  const statementsFor = (table: string, wanted: readonly Wanted[]): string[] => {
    const sorted = wanted
      .map(({ reading, deviceId }) => ({ time: micros(reading.time), deviceId }))
      .sort((a, b) => a.time - b.time);
    const statements: string[] = [];
    for (let start = 0; start < sorted.length; ) {
      const first = sorted[start]?.time ?? 0;
      let end = start;
      while (end < sorted.length && (sorted[end]?.time ?? 0) - first <= SPAN_US) end++;
      const span = sorted.slice(start, end);
      const time = `time >= ${first}u and time <= ${span.at(-1)?.time ?? first}u`;
      for (const ids of slices([...new Set(span.map(({ deviceId }) => deviceId))], DEVICES_A_STATEMENT)) {
        statements.push(
          `select ${VALUE_FIELDS}, receivedAt from ${table} where ${devicesAre(ids)} and ${time} group by device, metric`,
        );
      }
      start = end;
    }
    return statements;
  };

  /** Where the devices stand that are met for the first time. */
  const learn = async (table: string, wanted: readonly Wanted[]) => {
    const since = micros(clock.now()) - RECENT_US;
    const met = new Map<DeviceKey, { id: string; time: number }>();
    for (const { reading, deviceId } of wanted) {
      const time = micros(reading.time);
      if (newest.has(reading.device) || time < since) continue;
      const before = met.get(reading.device);
      if (!before || before.time < time) met.set(reading.device, { id: deviceId, time });
    }
    for (const some of slices([...met], DEVICES_A_STATEMENT)) {
      const from = Math.min(...some.map(([, { time }]) => time));
      const condition = `${devicesAre(some.map(([, { id }]) => id))} and time >= ${from}u`;
      const [tables] = await client.query([`select last(receivedAt) from ${table} where ${condition} group by device`]);
      const last = new Map(tables?.map(({ tags, rows }) => [tags.device, Number(rows[0]?.[0])]));
      for (const [key, { id, time }] of some) newest.set(key, last.get(id) ?? time - 1);
    }
  };

  return {
    async before(wanted) {
      const unsure = alone
        ? wanted.filter(({ reading }) => !(micros(reading.time) > (newest.get(reading.device) ?? Number.NaN)))
        : wanted;
      const stored = new Map<string, StoredReading>();
      if (unsure.length === 0) return stored;
      const table = await database.readings();
      for (const statements of slices(statementsFor(table, unsure), STATEMENTS_A_REQUEST)) {
        for (const { tags, rows } of (await client.query(statements)).flat()) {
          for (const [time, value, flag, text, receivedAt] of rows) {
            stored.set(pointName(tags.device ?? '', tags.metric ?? '', Number(time)), {
              value: pointValue(value, flag, text),
              receivedAt: Number(receivedAt),
            });
          }
        }
      }
      if (alone) await learn(table, unsure);
      return stored;
    },
    after(written) {
      for (const { reading } of written) {
        const before = newest.get(reading.device);
        if (before !== undefined) newest.set(reading.device, Math.max(before, micros(reading.time)));
      }
    },
  };
}

/** {@link pointName} of a reading. */
export function nameOf({ reading, deviceId }: Wanted): string {
  return pointName(deviceId, metricTag(reading.metric), micros(reading.time));
}

export function slices<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
}

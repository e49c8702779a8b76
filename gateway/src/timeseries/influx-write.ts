import type { Reading } from '../domain/reading.ts';
import { isGatewayError } from '../errors.ts';
import { type InfluxClient, Refused } from './influx-client.ts';
import type { InfluxDatabase } from './influx-database.ts';
import type { DeviceIds } from './influx-devices.ts';
import { lineOf, micros } from './influx-lines.ts';
import { type Look, nameOf, type StoredReading, type Wanted } from './influx-look.ts';
import { refusal } from './refusal.ts';
import type { WriteOutcome } from './timeseries.ts';

const MOST_LINES = 5_000;
const LEAST_LINES = 50;
/** A request longer than the server's usual limit of 25 MB would be refused whole. */
const MOST_CHARACTERS = 4_000_000;

interface Entry extends Wanted {
  readonly index: number;
}

interface Outcome {
  duplicates: number[];
  conflicts: { index: number; stored: Reading['value'] }[];
  poison: { index: number; detail: string }[];
}

/**
 * InfluxDB overwrites: the first value of a (device, metric, time) stays only because it is looked for before. A stored
 * reading of the same receive time is this very message, written by an attempt whose transaction never came to its end:
 * it is written again and counts as new, so that an interrupted batch is accounted for as if nothing had happened.
 */
export function createInfluxWriter(deps: {
  readonly client: InfluxClient;
  readonly database: InfluxDatabase;
  readonly ids: DeviceIds;
  readonly look: Look;
}) {
  const { client, database, ids, look } = deps;
  /** Lines a request, fewer after one that took too long. */
  let room = MOST_LINES;

  const sendSome = async (entries: readonly Entry[], policy: string, outcome: Outcome): Promise<void> => {
    const lines = entries.map(({ reading, deviceId }) => lineOf(reading, deviceId));
    try {
      await client.write(lines, policy);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const [only] = entries;
      if (entries.length === 1 && only) {
        outcome.poison.push({ index: only.index, detail: explain(error) });
        return;
      }
      // What was right in the refused batch may be stored already; the same again does no harm.
      const half = entries.length >> 1;
      await sendSome(entries.slice(0, half), policy, outcome);
      await sendSome(entries.slice(half), policy, outcome);
    }
  };

  const send = async (entries: readonly Entry[], outcome: Outcome): Promise<void> => {
    try {
      const policy = await database.policy();
      for (let start = 0; start < entries.length; ) {
        const end = endOf(entries, start, room);
        await sendSome(entries.slice(start, end), policy, outcome);
        start = end;
        room = Math.min(MOST_LINES, room * 2);
      }
    } catch (error) {
      if (isGatewayError(error) && error.extra.reason === 'TIMESERIES_SLOW') room = Math.max(LEAST_LINES, room >> 2);
      throw error;
    }
  };

  return async function write(readings: readonly Reading[]): Promise<WriteOutcome> {
    const outcome: Outcome = { duplicates: [], conflicts: [], poison: [] };
    const entries: Entry[] = [];
    for (const [index, reading] of readings.entries()) {
      const deviceId = ids.get(reading.device);
      const detail = refusal(reading) ?? (deviceId === undefined ? `no device has key ${reading.device}` : undefined);
      if (detail !== undefined || deviceId === undefined) outcome.poison.push({ index, detail: detail ?? '' });
      else entries.push({ index, reading, deviceId });
    }
    try {
      const stored = await look.before(entries);
      const fresh = sortOut(entries, stored, outcome);
      await send(fresh, outcome);
      look.after(fresh);
    } catch (error) {
      database.forget();
      throw error;
    }
    outcome.duplicates.sort((a, b) => a - b);
    outcome.poison.sort((a, b) => a.index - b.index);
    return outcome;
  };
}

/** What is to be written: the first of each point unless another message stored it before. */
function sortOut(entries: readonly Entry[], stored: ReadonlyMap<string, StoredReading>, outcome: Outcome): Entry[] {
  const standing = new Map<string, Reading['value']>();
  const fresh: Entry[] = [];
  for (const entry of entries) {
    const name = nameOf(entry);
    const { reading, index } = entry;
    const there = stored.get(name);
    if (!standing.has(name) && there && there.receivedAt !== micros(reading.receivedAt))
      standing.set(name, there.value);
    const first = standing.get(name);
    if (first === undefined) {
      standing.set(name, reading.value);
      fresh.push(entry);
    } else if (first === reading.value) outcome.duplicates.push(index);
    else outcome.conflicts.push({ index, stored: first });
  }
  return fresh;
}

function endOf(entries: readonly Entry[], start: number, room: number): number {
  let characters = 0;
  let end = start;
  while (end < entries.length && end - start < room && characters < MOST_CHARACTERS) {
    const value = entries[end]?.reading.value;
    characters += 120 + (typeof value === 'string' ? value.length : 0);
    end++;
  }
  return end;
}

function explain({ status, message }: Refused): string {
  if (status === 413) return 'longer than the max-body-size of InfluxDB';
  if (message.includes('beyond retention policy'))
    return `older than InfluxDB keeps readings (retention policy): ${message}`;
  if (message.includes('max-values-per-tag')) return `InfluxDB is full by its setting max-values-per-tag: ${message}`;
  if (message.includes('max-series-per-database'))
    return `InfluxDB is full by its setting max-series-per-database: ${message}`;
  return message;
}

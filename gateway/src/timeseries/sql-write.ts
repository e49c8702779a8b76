import type { Reading, Value } from '../domain/reading.ts';
import type { Tx } from '../domain/tx.ts';
import { type Session, sql } from '../store/database.ts';
import { COPY_COLUMNS, encodeRows, flagBits } from './copy-rows.ts';
import { refusal } from './refusal.ts';
import { markLate, openFrom } from './rollup-marks.ts';
import type { SeriesEngine } from './series-engine.ts';
import type { ReadingDays } from './sql-days.ts';
import type { MetricKeys } from './sql-keys.ts';
import type { WriteOutcome } from './timeseries.ts';

const UNIQUE_VIOLATION = '23505';
/** No partition for the row, or the partition we named is gone: retention was faster. */
const DAY_MISSING = /^(23514|42P01)$/;
/** Data the engine refuses: class 22, check and not-null violations. */
const REFUSED_DATA = /^(22...|23502|23514)$/;

/** Late readings may touch many compressed batches, and TimescaleDB by itself refuses more than 100,000 rows of them. */
const ANY_NUMBER = 'set local timescaledb.max_tuples_decompressed_per_dml_transaction = 0';

/** Arrays of one batch as a row set; times travel as microseconds, the unit PostgreSQL rounds to. */
const ROWS = `unnest($1::float8[], $2::float8[], $3::int[], $4::int[], $5::float8[], $6::bool[], $7::smallint[], $8::text[])`;
const VALUES = `to_timestamp(time_us / 1000000::float8), to_timestamp(received_us / 1000000::float8), device, metric, num, bool, flags, txt`;
const ROW_NAMES = 'time_us, received_us, device, metric, num, bool, flags, txt';

interface Outcome {
  duplicates: number[];
  conflicts: { index: number; stored: Value }[];
  poison: { index: number; detail: string }[];
}

/**
 * Writes batches: a plain COPY (or INSERT) first, because checking for conflicts row by row costs a third of the speed;
 * a batch that hits a stored reading is repeated with the check, and a refused row is found by halving.
 */
export function createReadingWriter(
  keys: MetricKeys,
  days: ReadingDays,
  kindOf: () => SeriesEngine['kind'] | undefined,
) {
  let spare: Buffer | undefined;
  // Redeliveries come in runs; while they last, the plain attempt would only fail.
  let expectDuplicates = false;

  const keyOf = (metric: string): number => {
    const key = keys.get(metric);
    if (key === undefined) throw new Error(`metric ${metric} was not prepared`);
    return key;
  };

  async function copy(session: Session, readings: readonly Reading[], skip: ReadonlySet<number>): Promise<void> {
    const encoded = encodeRows(readings, keyOf, spare, skip);
    spare = undefined;
    const table = days.only(readings) ?? 'reading';
    await session.copyIn?.(`copy ${table} (${COPY_COLUMNS}) from stdin (format binary)`, encoded.data);
    spare = encoded.buffer;
  }

  async function insertPlain(session: Session, readings: readonly Reading[], skip: ReadonlySet<number>): Promise<void> {
    if (session.copyIn) return copy(session, readings, skip);
    const rows = skip.size === 0 ? readings : readings.filter((_, index) => !skip.has(index));
    await session.query(
      `insert into reading (${COPY_COLUMNS}) select ${VALUES} from ${ROWS} as r (${ROW_NAMES})`,
      columnsOf(rows, keyOf),
    );
  }

  /** Inserts what is not there yet and sorts out the rest. */
  async function insertChecked(session: Session, readings: readonly Reading[], indexes: number[], outcome: Outcome) {
    const rows = indexes.map((index) => readings[index] as Reading);
    const inserted = await session.query<{ positions: number[] | null }>(
      `with r as (
           select to_timestamp(time_us / 1000000::float8) as time, to_timestamp(received_us / 1000000::float8) as received_at,
             device, metric, num, bool, flags, txt, n
           from ${ROWS} with ordinality as r (${ROW_NAMES}, n)),
         one as (select distinct on (device, metric, time) * from r order by device, metric, time, n),
         ins as (
           insert into reading (${COPY_COLUMNS}) select ${COPY_COLUMNS} from one
           on conflict (device, metric, time) do nothing returning device, metric, time)
         select array_agg((one.n - 1)::int) as positions from one join ins using (device, metric, time)`,
      columnsOf(rows, keyOf),
    );
    const fresh = new Set(inserted.rows[0]?.positions ?? []);
    if (fresh.size === rows.length) return;
    const old = indexes.filter((_, position) => !fresh.has(position));
    const stored = await storedValues(
      session,
      old.map((index) => readings[index] as Reading),
      keyOf,
    );
    for (const [position, index] of old.entries()) {
      const value = stored.get(position);
      // Gone again already (retention) counts as what the caller was told the first time: stored.
      if (value === undefined || value === readings[index]?.value) outcome.duplicates.push(index);
      else outcome.conflicts.push({ index, stored: value });
    }
  }

  async function writeChecked(session: Session, readings: readonly Reading[], indexes: number[], outcome: Outcome) {
    try {
      await inSavepoint(session, () => insertChecked(session, readings, indexes, outcome));
    } catch (error) {
      const state = stateOf(error);
      if (!REFUSED_DATA.test(state)) throw error;
      const [index] = indexes;
      if (indexes.length === 1 && index !== undefined) {
        outcome.poison.push({ index, detail: error instanceof Error ? error.message : state });
        return;
      }
      const half = indexes.length >> 1;
      await writeChecked(session, readings, indexes.slice(0, half), outcome);
      await writeChecked(session, readings, indexes.slice(half), outcome);
    }
  }

  return async function write(tx: Tx, readings: readonly Reading[]): Promise<WriteOutcome> {
    const session = sql(tx);
    const outcome: Outcome = { duplicates: [], conflicts: [], poison: [] };
    const skip = new Set<number>();
    for (let index = 0; index < readings.length; index++) {
      const detail = refusal(readings[index] as Reading);
      if (detail === undefined) continue;
      skip.add(index);
      outcome.poison.push({ index, detail });
    }
    if (skip.size === readings.length) return outcome;

    const kind = kindOf();
    const open = await openFrom(session);
    if (kind === 'hypertable' && readings.some(({ time }) => time < open)) await session.query(ANY_NUMBER);
    const plain = expectDuplicates
      ? UNIQUE_VIOLATION
      : await attempt(session, () => insertPlain(session, readings, skip));
    if (plain === undefined) {
      await markLate(session, readings, open, (index) => !skip.has(index));
      return outcome;
    }
    if (kind !== 'hypertable' && DAY_MISSING.test(plain)) await days.repair(session, readings);
    const indexes = [...readings.keys()].filter((index) => !skip.has(index));
    await writeChecked(session, readings, indexes, outcome);
    expectDuplicates = outcome.duplicates.length + outcome.conflicts.length > 0;
    outcome.poison.sort((a, b) => a.index - b.index);
    const known = new Set([
      ...outcome.duplicates,
      ...[...outcome.conflicts, ...outcome.poison].map(({ index }) => index),
    ]);
    await markLate(session, readings, open, (index) => !known.has(index));
    return outcome;
  };
}

/** Undefined when `work` went well, else the SQLSTATE of a refusal that leaves the transaction usable. */
async function attempt(session: Session, work: () => Promise<void>): Promise<string | undefined> {
  try {
    await inSavepoint(session, work);
    return undefined;
  } catch (error) {
    const state = stateOf(error);
    if (state === UNIQUE_VIOLATION || DAY_MISSING.test(state) || REFUSED_DATA.test(state)) return state;
    throw error;
  }
}

async function inSavepoint(session: Session, work: () => Promise<void>): Promise<void> {
  await session.query('savepoint readings');
  try {
    await work();
  } catch (error) {
    // Without a SQLSTATE the connection is gone, and with it the transaction.
    if (stateOf(error) !== '') await session.query('rollback to savepoint readings');
    throw error;
  }
  await session.query('release savepoint readings');
}

async function storedValues(
  session: Session,
  readings: readonly Reading[],
  keyOf: (metric: string) => number,
): Promise<Map<number, Value>> {
  const { rows } = await session.query<{ n: number; num: number | null; bool: boolean | null; txt: string | null }>(
    `select (q.n - 1)::int as n, r.num, r.bool, r.txt
     from unnest($1::float8[], $2::int[], $3::int[]) with ordinality as q (time_us, device, metric, n)
     join reading r on r.device = q.device and r.metric = q.metric and r.time = to_timestamp(q.time_us / 1000000::float8)`,
    [
      readings.map((reading) => Math.round(reading.time * 1000)),
      readings.map((reading) => reading.device),
      readings.map((reading) => keyOf(reading.metric)),
    ],
  );
  return new Map(rows.map((row) => [row.n, row.num ?? row.bool ?? row.txt ?? '']));
}

/** The batch as array literals: the driver would quote and escape every element. */
function columnsOf(readings: readonly Reading[], keyOf: (metric: string) => number): string[] {
  let time = '';
  let received = '';
  let device = '';
  let metric = '';
  let num = '';
  let bool = '';
  let flags = '';
  let txt = '';
  let separator = '{';
  for (const reading of readings) {
    const { value } = reading;
    time += separator + Math.round(reading.time * 1000);
    received += separator + Math.round(reading.receivedAt * 1000);
    device += separator + reading.device;
    metric += separator + keyOf(reading.metric);
    num += separator + (typeof value === 'number' ? (Object.is(value, -0) ? '-0' : value) : 'NULL');
    bool += separator + (typeof value === 'boolean' ? value : 'NULL');
    flags += separator + flagBits(reading);
    txt += separator + (typeof value === 'string' ? quoted(value) : 'NULL');
    separator = ',';
  }
  return [time, received, device, metric, num, bool, flags, txt].map((column) => `${column}}`);
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** SQLSTATE, or '' for anything that is no refusal by the engine. */
function stateOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9][0-9A-Z]{4}$/.test(code) ? code : '';
}

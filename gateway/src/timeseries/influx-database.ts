import type { Logger } from '../../../adapters/adapter.ts';
import { type InfluxClient, Refused, type Table, unavailable } from './influx-client.ts';
import { FIELD_TYPES, identifier, READING } from './influx-lines.ts';

/** Retention policy of the readings: days of their own, none dropped before the gateway says so. */
export const RAW_POLICY = 'cgw_raw';
const DAYS_OF_THEIR_OWN = 'duration inf replication 1 shard duration 1d';

/** The database inside InfluxDB, made when it is missing. */
export interface InfluxDatabase {
  /** The policy the readings are in; asks the server once, and again after `forget`. Rejects with UNAVAILABLE. */
  policy(): Promise<string>;
  /** `"policy"."reading"`, for queries. */
  readings(): Promise<string>;
  /** After a failure: the server may have been replaced by an empty one. */
  forget(): void;
  /** Asks the server anew. */
  ping(): Promise<void>;
}

export function createInfluxDatabase(client: InfluxClient, log: Logger): InfluxDatabase {
  const { address } = client;
  const database = identifier(address.database);
  let known: string | undefined;
  let warned = false;

  const ask = async (statement: string): Promise<readonly Table[]> => {
    const [tables] = await client.query([statement]);
    return tables ?? [];
  };

  const make = async (statement: string) => {
    try {
      await ask(statement);
    } catch (error) {
      if (error instanceof Refused) throw unavailable('TIMESERIES_DENIED', 'influx.denied', address, error.message);
      throw error;
    }
  };

  const policies = async (): Promise<Record<string, unknown>[]> => {
    const [table] = await ask(`show retention policies on ${database}`).catch(async (error: unknown) => {
      if (!(error instanceof Refused) || !error.message.includes('database not found')) throw error;
      await make(`create database ${database} with ${DAYS_OF_THEIR_OWN} name "${RAW_POLICY}"`);
      log.info({ database: address.database }, 'database made in InfluxDB');
      return ask(`show retention policies on ${database}`);
    });
    // VictoriaMetrics answers every statement with the names of its databases.
    if (!table?.columns.includes('shardGroupDuration')) {
      throw unavailable('TIMESERIES_NO_QUERIES', 'influx.noQueries', address);
    }
    return recordsOf(table);
  };

  const choose = async (): Promise<string> => {
    const found = await policies();
    if (found.some(({ name }) => name === RAW_POLICY)) return RAW_POLICY;
    try {
      await make(`create retention policy "${RAW_POLICY}" on ${database} ${DAYS_OF_THEIR_OWN}`);
      return RAW_POLICY;
    } catch (error) {
      const own = found.find((policy) => policy.default === true)?.name;
      if (typeof own !== 'string') throw error;
      if (!warned) log.warn({ error, policy: own }, 'readings go to the default retention policy, which is not ours');
      warned = true;
      return own;
    }
  };

  const checkFields = async (policy: string) => {
    const [table] = await ask(`show field keys on ${database} from ${identifier(policy)}.${READING}`);
    const wrong = (table ? recordsOf(table) : []).filter(({ fieldKey, fieldType }) => {
      const wanted = FIELD_TYPES[String(fieldKey)];
      return wanted !== undefined && wanted !== fieldType;
    });
    if (wrong.length === 0) return;
    const detail = wrong.map(({ fieldKey, fieldType }) => `${String(fieldKey)} ${String(fieldType)}`).join(', ');
    throw unavailable('TIMESERIES_FOREIGN_FIELDS', 'influx.foreignFields', address, detail);
  };

  const policy = async (): Promise<string> => {
    if (known !== undefined) return known;
    const chosen = await choose();
    await checkFields(chosen);
    known = chosen;
    return chosen;
  };

  return {
    policy,
    readings: async () => `${identifier(await policy())}.${READING}`,
    forget() {
      known = undefined;
    },
    async ping() {
      if (known === undefined) await policy();
      else await policies();
    },
  };
}

/** Rows of a table by the names of its columns. */
export function recordsOf({ columns, rows }: Table): Record<string, unknown>[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
}

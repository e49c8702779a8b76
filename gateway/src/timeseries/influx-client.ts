import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { InfluxDB } from 'influx';
import { GatewayError } from '../errors.ts';
import { bilingual, type MessageKey } from '../messages/index.ts';

/** Where the readings are: `influx://user:password@host:8086/database`, `influxs://` for TLS. */
export interface InfluxAddress {
  readonly secure: boolean;
  /** IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** One group of an answer; cells stand in the order of `columns`. */
export interface Table {
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface InfluxClient {
  readonly address: InfluxAddress;
  /** Answers of the statements, one list of groups each; times in microseconds. Rejects with UNAVAILABLE or Refused. */
  query(statements: readonly string[]): Promise<Table[][]>;
  /** Lines of line protocol, times in microseconds. Rejects with UNAVAILABLE or Refused. */
  write(lines: readonly string[], policy: string): Promise<void>;
  close(): void;
}

/** InfluxDB understood and said no; the same again would be refused again. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refused';
    this.status = status;
  }
}

const ANSWER_WITHIN_MS = 10_000;
/** No point is ever looked for in one request longer than this. */
const GIVE_UP_MS = 30_000;
const DEFAULT_PORT = 8086;
/** The library would take a host out of service for seconds; whoever asks here paces itself. */
const AT_ONCE = { getDelay: () => 0, next: () => AT_ONCE, reset: () => AT_ONCE };

/** Throws INVALID_CONFIG when the address names no database. */
export function parseInfluxUrl(text: string): InfluxAddress {
  const url = URL.parse(text);
  const database = decoded(url?.pathname.slice(1) ?? '');
  const user = decoded(url?.username ?? '');
  const password = decoded(url?.password ?? '');
  if (!url || !database || database.includes('/') || user === undefined || password === undefined) {
    throw new GatewayError('INVALID_CONFIG', bilingual('influx.url', { name: 'CGW_TIMESERIES_URL' }));
  }
  return {
    secure: url.protocol === 'influxs:',
    host: url.hostname,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user,
    password,
    database,
  };
}

/** Speaks to one InfluxDB 1.x through `influx`; what goes wrong comes out in the gateway's own words. */
export function createInfluxClient(url: string): InfluxClient {
  const address = parseInfluxUrl(url);
  const agent = new (address.secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 8 });
  const influx = new InfluxDB({
    database: address.database,
    username: address.user,
    password: address.password,
    hosts: [
      {
        host: address.host,
        port: address.port,
        protocol: address.secure ? 'https' : 'http',
        options: { agent },
      },
    ],
    pool: { maxRetries: 0, requestTimeout: ANSWER_WITHIN_MS, backoff: AT_ONCE },
  });
  const named = (error: unknown) => inOurWords(error, address);
  return {
    address,
    async query(statements) {
      if (statements.length === 0) return [];
      const aborting = new AbortController();
      const asked = influx.queryRaw(statements.join(';'), {
        precision: 'u',
        method: 'POST',
        signal: aborting.signal,
      });
      const answer = await inTime(asked).catch((error: unknown) => {
        aborting.abort();
        throw named(error);
      });
      return tablesOf(answer, statements.length, address);
    },
    async write(lines, policy) {
      // Encoded by us: the library's own escaping changes a text that holds \'.
      const body = [{ measurement: lines.join('\n') }];
      await inTime(influx.writePoints(body, { precision: 'u', retentionPolicy: policy })).catch((error: unknown) => {
        throw named(error);
      });
    },
    close: () => agent.destroy(),
  };
}

export function unavailable(reason: string, key: MessageKey, address: InfluxAddress, detail = ''): GatewayError {
  const { host, port, database } = address;
  return new GatewayError('UNAVAILABLE', bilingual(key, { host: `${host}:${port}`, database, detail }), {
    extra: { reason },
  });
}

/** A connection that breaks in the middle of an answer settles nothing in the library. */
function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Request timed out')), GIVE_UP_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The library's errors hold the request with its credentials, so none of them is handed on. */
function inOurWords(error: unknown, address: InfluxAddress): Error {
  const status = (error as { res?: { statusCode?: unknown } | null } | null)?.res?.statusCode;
  const text = error instanceof Error ? error.message : String(error);
  if (status === 401 || status === 403) {
    return unavailable('TIMESERIES_DENIED', 'influx.denied', address, bodyOf(text));
  }
  if (status === 400 || status === 413) return new Refused(status, bodyOf(text));
  const timedOut = /timed out|ETIMEDOUT|aborted/i.test(text);
  return unavailable(timedOut ? 'TIMESERIES_SLOW' : 'TIMESERIES_UNREACHABLE', 'influx.away', address, bodyOf(text));
}

/** `A 400 Bad Request error occurred: {"error":"…"}` → what the server said. */
function bodyOf(text: string): string {
  const said = /error occurred: (.*)$/s.exec(text)?.[1]?.trim() ?? text;
  const found = /^\{"error":\s*"((?:[^"\\]|\\.)*)"/s.exec(said)?.[1];
  return (found === undefined ? said : found.replaceAll('\\"', '"')).slice(0, 300);
}

function tablesOf(answer: unknown, statements: number, address: InfluxAddress): Table[][] {
  const { results } = answer as { results?: readonly RawResult[] };
  if (!Array.isArray(results)) throw unavailable('TIMESERIES_NO_QUERIES', 'influx.noQueries', address);
  const tables = (results as readonly RawResult[]).map((result) => {
    if (result.error !== undefined) throw new Refused(400, result.error);
    // A limit of the server that cuts answers short would make readings vanish without a word.
    if (result.partial || result.series?.some((one) => one.partial)) {
      throw unavailable('TIMESERIES_CUT_SHORT', 'influx.cutShort', address);
    }
    return (result.series ?? []).map(({ tags, columns, values }) => ({
      tags: tags ?? {},
      columns,
      rows: values ?? [],
    }));
  });
  if (tables.length !== statements) throw unavailable('TIMESERIES_NO_QUERIES', 'influx.noQueries', address);
  return tables;
}

interface RawResult {
  readonly error?: string;
  readonly partial?: boolean;
  readonly series?: readonly {
    readonly tags?: Readonly<Record<string, string>>;
    readonly columns: readonly string[];
    readonly values?: readonly (readonly unknown[])[];
    readonly partial?: boolean;
  }[];
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

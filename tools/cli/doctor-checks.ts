import { existsSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { type Config, PROCESS_ROLES } from '../../gateway/src/config.ts';
import { isGatewayError } from '../../gateway/src/errors.ts';
import { createLogger } from '../../gateway/src/log.ts';
import { bilingual, type MessageKey } from '../../gateway/src/messages/index.ts';
import { createInflux } from '../../gateway/src/timeseries/influx.ts';
import { externalBroker } from './doctor-broker.ts';
import type { Finding } from './doctor-finding.ts';

const LEAST_NODE = 24;
const LEAST_POSTGRES = 150_000;
/** A full spool (1 GiB) and the embedded database with its snapshots. */
const LEAST_FREE_GIB = 4;
const GIB = 1024 ** 3;
const CONNECT_TIMEOUT_MS = 5_000;

export async function checkMachine(config: Config): Promise<readonly Finding[]> {
  const folder = await dataDirectory(resolve(config.dataDir));
  return [
    node(process.versions.node),
    ...folder,
    await database(config.databaseUrl),
    ...(await readings(config.timeseriesUrl)),
    ...(await externalBroker(config.mqtt.url, config.roles.length < PROCESS_ROLES.length)),
    ...(await certificates(config)),
    program('ffmpeg', 'doctor.ffmpeg'),
    program('ffprobe', 'doctor.ffmpeg'),
    program('setpriv', 'doctor.setpriv'),
    program('postgres', 'doctor.postgres', '/usr/lib/postgresql'),
  ];
}

export function node(version: string): Finding {
  const enough = Number.parseInt(version, 10) >= LEAST_NODE;
  return finding(enough ? 'ok' : 'bad', enough ? 'doctor.node' : 'doctor.nodeOld', { version, least: LEAST_NODE });
}

/** The directory itself or, before the first start, the nearest one above it that exists. */
export async function dataDirectory(path: string): Promise<Finding[]> {
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    if (!(await stat(existing)).isDirectory()) return [finding('bad', 'doctor.notDirectory', { path: existing })];
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return [finding('bad', 'doctor.notWritable', { path: existing })];
  }
  const { bavail, bsize } = await statfs(existing);
  const free = (bavail * bsize) / GIB;
  const space = { free: free.toFixed(1), least: LEAST_FREE_GIB };
  return [
    finding('ok', 'doctor.writable', { path }),
    finding(free < LEAST_FREE_GIB ? 'info' : 'ok', free < LEAST_FREE_GIB ? 'doctor.diskLow' : 'doctor.disk', space),
  ];
}

export async function database(url: string | null): Promise<Finding> {
  if (url === null) return finding('ok', 'doctor.databaseEmbedded');
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  // A server that goes away between two answers must not end the doctor; the query below tells of it.
  client.on('error', (error) => console.error(error.message));
  try {
    await client.connect();
    const { rows } = await client.query<{ number: string; version: string }>(
      "select current_setting('server_version_num') as number, current_setting('server_version') as version",
    );
    const version = rows[0]?.version ?? '?';
    const enough = Number(rows[0]?.number) >= LEAST_POSTGRES;
    return finding(enough ? 'ok' : 'bad', enough ? 'doctor.database' : 'doctor.databaseOld', { version });
  } catch (error) {
    const { message, code = '' } = error as Error & { code?: string };
    return finding('bad', 'doctor.databaseDown', { reason: message || code });
  } finally {
    await client.end();
  }
}

/** The database inside InfluxDB is made by the asking, as at the first start. */
export async function readings(url: string | null): Promise<Finding[]> {
  if (url === null) return [];
  let influx: ReturnType<typeof createInflux> | undefined;
  try {
    influx = createInflux(url, createLogger('silent'));
    await influx.database.ping();
    const { host, port, database: name } = influx.client.address;
    return [finding('ok', 'doctor.series', { server: `${host}:${port}/${name}` })];
  } catch (error) {
    // The gateway starts without it and keeps what comes in its spool.
    const level = isGatewayError(error, 'INVALID_CONFIG') ? 'bad' : 'info';
    return [{ level, text: error instanceof Error ? error.message : String(error) }];
  } finally {
    influx?.close();
  }
}

async function certificates(config: Config): Promise<Finding[]> {
  const { tls } = config.mqtt;
  if (!tls) return [];
  const files = await Promise.all(
    [tls.certFile, tls.keyFile].map(async (path) => {
      try {
        await access(path, constants.R_OK);
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        return finding('bad', 'doctor.unreadable', { path });
      }
    }),
  );
  return files.filter((each) => each !== undefined);
}

function program(name: string, key: 'doctor.ffmpeg' | 'doctor.setpriv' | 'doctor.postgres', folder?: string): Finding {
  const onPath = (process.env.PATH ?? '').split(delimiter).some((each) => existsSync(join(each, name)));
  const found = onPath || (folder !== undefined && existsSync(folder));
  return found ? finding('ok', 'doctor.found', { name }) : finding('info', key);
}

function finding(level: Finding['level'], key: MessageKey, values: Record<string, string | number> = {}): Finding {
  return { level, text: bilingual(key, values) };
}

import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';
import { type Database, sql } from './database.ts';

/** Short hints between gateway processes that share a database ("devices changed"). Never the truth: one may be lost. */
export interface Bus {
  /** Reaches every subscriber, this process included. `payload` is JSON of at most about 7,900 bytes. */
  publish(channel: string, payload: unknown): Promise<void>;
  /** `missed` is called when hints may have been lost (the connection was away): look at the tables again. */
  subscribe(channel: string, listener: (payload: unknown) => void, missed?: () => void): () => void;
  close(): Promise<void>;
}

/** All channels share one PostgreSQL channel, so that LISTEN is said once and survives any subscription. */
const PG_CHANNEL = 'chengyun_gateway';
const RECONNECT_MS = 1_000;
const PROBE_EVERY_MS = 15_000;
const PROBE_TIMEOUT_MS = 5_000;
/** PostgreSQL refuses 8,000 bytes and more. */
const PAYLOAD_BYTES = 7_999;

interface Subscription {
  readonly channel: string;
  readonly listener: (payload: unknown) => void;
  readonly missed: (() => void) | undefined;
}

/** LISTEN/NOTIFY when `url` names a PostgreSQL, otherwise an emitter: embedded means one process. */
export function createBus(db: Database, options: { url?: string | undefined; log: Logger }): Bus {
  const { url, log } = options;
  const subscriptions = new Set<Subscription>();

  const guarded = (work: () => void, channel: string) => {
    try {
      work();
    } catch (error) {
      log.error({ channel, error }, 'bus listener failed');
    }
  };
  const deliver = (text: string) => {
    const { channel, payload } = JSON.parse(text) as { channel: string; payload: unknown };
    for (const each of [...subscriptions]) {
      if (each.channel === channel) guarded(() => each.listener(payload), channel);
    }
  };
  const missed = () => {
    for (const each of [...subscriptions]) guarded(() => each.missed?.(), each.channel);
  };
  const wire = url === undefined ? createEmitterWire(deliver) : createNotifyWire(db, url, log, deliver, missed);

  return {
    async publish(channel, payload) {
      const text = JSON.stringify({ channel, payload });
      if (Buffer.byteLength(text) > PAYLOAD_BYTES) {
        throw new GatewayError('PAYLOAD_TOO_LARGE', `bus message on ${channel} exceeds ${PAYLOAD_BYTES} bytes`);
      }
      await wire.send(text);
    },
    subscribe(channel, listener, missedListener) {
      const subscription = { channel, listener, missed: missedListener };
      subscriptions.add(subscription);
      return () => subscriptions.delete(subscription);
    },
    close: () => wire.close(),
  };
}

interface Wire {
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

function createEmitterWire(deliver: (text: string) => void): Wire {
  const emitter = new EventEmitter();
  emitter.on('message', deliver);
  return {
    async send(text) {
      // Later, as from another process: nobody may rely on being called inside publish.
      setImmediate(() => emitter.emit('message', text));
    },
    async close() {
      emitter.removeAllListeners();
    },
  };
}

function createNotifyWire(
  db: Database,
  url: string,
  log: Logger,
  deliver: (text: string) => void,
  missed: () => void,
): Wire {
  const ending = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: ending.signal }).catch(() => undefined);

  /** One connection from LISTEN to its end. */
  async function listen(first: boolean): Promise<void> {
    const client = new Client({
      connectionString: url,
      application_name: 'chengyun-gateway bus',
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
      query_timeout: PROBE_TIMEOUT_MS,
      keepAlive: true,
    });
    const lost = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    client.on('notification', (message) => deliver(message.payload ?? '{}'));
    try {
      await client.connect();
      await client.query(`listen ${PG_CHANNEL}`);
      if (!first) missed();
      // A frozen server keeps the socket open, so silence alone proves nothing.
      while (!ending.signal.aborted) {
        const gone = await Promise.race([lost.then(() => true), pause(PROBE_EVERY_MS).then(() => false)]);
        if (gone) break;
        await client.query('select 1');
      }
    } finally {
      // A server that does not answer would hold up a polite goodbye.
      await Promise.race([client.end().catch(() => undefined), sleep(1_000, undefined, { ref: false })]);
    }
  }

  const running = (async () => {
    for (let first = true; !ending.signal.aborted; first = false) {
      try {
        await listen(first);
      } catch (error) {
        if (!ending.signal.aborted) log.warn({ error }, 'bus connection failed');
      }
      if (!ending.signal.aborted) await pause(RECONNECT_MS);
    }
  })();

  return {
    async send(text) {
      await sql(db.autocommit).query('select pg_notify($1, $2)', [PG_CHANNEL, text]);
    },
    async close() {
      ending.abort();
      await running;
    },
  };
}

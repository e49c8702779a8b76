import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { AdapterError, type CameraConnection, type ProbeReason } from '../adapter.ts';
import { locate, type RtspLocation } from './location.ts';
import type { RelayDeps } from './relay-camera.ts';
import { createFraming, type RtspMessage } from './relay-framing.ts';
import { type RelayLimits, RelaySession } from './relay-session.ts';

export interface RelayAccess {
  /** `rtsp://127.0.0.1:port/token`: leads to one camera, carries no login. */
  readonly url: string;
  /** Ends the connection to the camera; may be called twice. */
  close(): void;
  /** Why the camera refused the newest connection; null while nothing speaks against it. */
  failure(): ProbeReason | null;
  /** Short technical detail of the failure, never a credential; empty without one. */
  detail(): string;
  /** Bytes received from the camera. */
  bytes(): number;
}

/**
 * A door on loopback to cameras for programs that must not know a camera's login: what they are given on their command
 * line is a URL with a random token. Dials only permitted addresses, follows no redirect, media over TCP only.
 */
export interface RtspRelay {
  /** Throws AdapterError: TARGET_NOT_ALLOWED (no rtsp URL), STOPPED. `signal` closes the access. */
  open(connection: CameraConnection, options: { signal: AbortSignal }): Promise<RelayAccess>;
  stats(): { readonly open: number; readonly sessions: number };
  /** Ends every session within a second or so and stops listening. */
  close(): Promise<void>;
}

export interface RelayOptions extends RelayDeps, Partial<RelayLimits> {
  /** Milliseconds a token lives without a client. */
  readonly unusedMs?: number;
}

const DEFAULTS: RelayLimits = { connectMs: 5_000, answerMs: 5_000, idleMs: 10_000, stallMs: 60_000, tearDownMs: 1_000 };
const UNUSED_MS = 30_000;
const CLIENT_CAPS = { headerBytes: 16 * 1024, bodyBytes: 4 * 1024 };
/** Time for the first request: a local connection that says nothing is cut. */
const GREETING_MS = 5_000;
/** Connections that have not yet named a token. */
const MAX_STRANGERS = 64;

interface Door {
  readonly location: RtspLocation;
  readonly url: string;
  /** The last session is over at the camera, too. */
  ended: Promise<void>;
  session: RelaySession | undefined;
  failure: ProbeReason | null;
  detail: string;
  bytes: number;
  unused: NodeJS.Timeout | undefined;
}

export function createRtspRelay(options: RelayOptions): RtspRelay {
  const limits: RelayLimits = { ...DEFAULTS, ...options };
  const unusedMs = options.unusedMs ?? UNUSED_MS;
  const doors = new Map<string, Door>();
  const ends = new Set<Promise<void>>();
  const strangers = new Set<Socket>();
  let listening: Promise<{ server: Server; port: number }> | undefined;
  let stopped = false;

  const listen = async () => {
    const server = createServer(greet);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('error', (error) => options.log.error({ error }, 'the RTSP relay cannot accept'));
    return { server, port: (server.address() as AddressInfo).port };
  };

  const greet = (client: Socket) => {
    let session: { readonly relayed: RelaySession; readonly ready: Promise<void> } | undefined;
    client.on('error', () => client.destroy());
    if (stopped || strangers.size >= MAX_STRANGERS) return client.destroy();
    client.setNoDelay(true);
    strangers.add(client);
    const greeting = setTimeout(() => client.destroy(), GREETING_MS);
    const leave = () => {
      clearTimeout(greeting);
      strangers.delete(client);
    };
    const read = createFraming(
      {
        message: (message) => {
          if (!session) {
            leave();
            session = claim(message.start, client);
          }
          if (session) ask(session, message);
          else client.end('RTSP/1.0 404 Not Found\r\n\r\n');
        },
        frames: (run) => session?.relayed.frames(run),
      },
      CLIENT_CAPS,
    );
    client.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch (error) {
        options.log.debug({ error }, 'a local client of the RTSP relay does not speak RTSP');
        client.destroy();
      }
    });
    client.on('close', () => {
      leave();
      void session?.relayed.end();
    });
  };

  // Cameras have few sessions: the next one begins when the last has been given back.
  const ask = ({ relayed, ready }: { relayed: RelaySession; ready: Promise<void> }, message: RtspMessage) =>
    void ready.then(() => relayed.request(message));

  /** The session of a client that named a token nobody else uses now. */
  const claim = (start: string, client: Socket) => {
    const token = /^\S+ rtsp:\/\/127\.0\.0\.1:\d+\/([\w-]+)/.exec(start)?.[1] ?? '';
    const door = doors.get(token);
    if (!door || door.session) return undefined;
    clearTimeout(door.unused);
    door.failure = null;
    door.detail = '';
    const session = new RelaySession(options, limits, client, {
      location: door.location,
      prefix: door.url,
      onFailure: (reason, detail) => {
        if (door.failure !== null) return;
        door.failure = reason;
        door.detail = detail;
      },
      onBytes: (count) => {
        door.bytes += count;
      },
    });
    door.session = session;
    const ready = door.ended;
    client.once('close', () => {
      door.session = undefined;
      if (doors.has(token)) expire(token, door);
      const end = session.end().finally(() => ends.delete(end));
      ends.add(end);
      door.ended = end;
    });
    return { relayed: session, ready };
  };

  const expire = (token: string, door: Door) => {
    clearTimeout(door.unused);
    door.unused = setTimeout(() => shut(token), unusedMs);
  };
  const shut = (token: string) => {
    const door = doors.get(token);
    if (!door) return;
    doors.delete(token);
    clearTimeout(door.unused);
    void door.session?.end();
  };

  return {
    async open(connection, { signal }) {
      signal.throwIfAborted();
      const location = locate(connection);
      if (typeof location === 'string') throw new AdapterError('TARGET_NOT_ALLOWED', location, { retry: false });
      listening ??= listen();
      const { port } = await listening;
      signal.throwIfAborted();
      if (stopped) throw new AdapterError('STOPPED', 'the RTSP relay was closed', { retry: false });
      const token = randomBytes(16).toString('base64url');
      const url = `rtsp://127.0.0.1:${port}/${token}`;
      const door: Door = {
        location,
        url,
        ended: Promise.resolve(),
        session: undefined,
        failure: null,
        detail: '',
        bytes: 0,
        unused: undefined,
      };
      doors.set(token, door);
      expire(token, door);
      const close = () => {
        signal.removeEventListener('abort', close);
        shut(token);
      };
      signal.addEventListener('abort', close, { once: true });
      return { url, close, failure: () => door.failure, detail: () => door.detail, bytes: () => door.bytes };
    },
    stats: () => ({ open: doors.size, sessions: [...doors.values()].filter((door) => door.session).length }),
    async close() {
      stopped = true;
      for (const token of [...doors.keys()]) shut(token);
      for (const client of strangers) client.destroy();
      const opened = await listening;
      if (opened) await new Promise<void>((resolve) => opened.server.close(() => resolve()));
      await Promise.all(ends);
    },
  };
}

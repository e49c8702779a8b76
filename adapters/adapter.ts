import type { Static, TSchema } from 'typebox';

/**
 * The one interface between a protocol and the gateway. An adapter owns its sockets; it knows no database,
 * no HTTP server and no sibling adapter. What it needs arrives as {@link AdapterContext}.
 */
export interface Adapter<C extends TSchema = TSchema> {
  /** Folder name; also the value of `adapter:` in a device-type file. */
  readonly name: string;
  /** TypeBox schema of the configuration, validated before `create()`; docs and forms derive from it. */
  readonly config: C;
  /** Builds a connection without side effects: no socket, no file, no timer before `start()`. */
  create(config: Static<C>, ctx: AdapterContext): Connection;
}

export interface Connection {
  /** Opens the sockets. Throws {@link AdapterError} saying whether a retry makes sense. */
  start(signal: AbortSignal): Promise<void>;
  /** Closes everything. Once resolved, the context is never called again. */
  stop(): Promise<void>;
  readonly probe?: Probe;
  readonly discover?: Discover;
  /** Delivers a message to one device; rejects when the device is not reachable now. */
  send?(deviceId: string, topic: string, payload: Uint8Array): Promise<void>;
  /** Ends the live session of a device whose rights were cut; also takes `vendor:<id>` and `key:<key id>`. */
  disconnect?(deviceId: string, reason: string): Promise<void>;
}

export interface AdapterContext {
  readonly log: Logger;
  readonly clock: Clock;
  /** Checks credentials; fails closed (a {@link Refusal}) when it cannot know. */
  authenticate(credentials: Credentials): Promise<Principal | Refusal>;
  /** Topic right by deny-by-default rules, from memory only. */
  authorize(principal: Principal, action: TopicAction, topic: string): boolean;
  /** A session went up or down: a fact with a reason, not a verdict on the device. */
  link(event: LinkEvent): void;
  /**
   * Hands one message over. Resolves when it is DURABLE in the spool. Rejects with {@link AdapterError} only for what
   * needs no decoding (size, topic right, spool full); refusals found later go to quarantine and the error topic.
   */
  emit(message: Message): Promise<void>;
}

export type TopicAction = 'publish' | 'subscribe' | 'receive';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Client id as the peer sent it, before prefixing. */
  readonly clientId: string;
  readonly remoteAddress: string;
}

/** Who speaks on a connection. `broker` is an external broker that vouches for its own clients. */
export type Principal =
  | { readonly kind: 'device'; readonly deviceId: string }
  | {
      readonly kind: 'vendor';
      readonly vendorId: string;
      /** The key it logged in with; its end ends this session and no other. */
      readonly keyId?: string;
    }
  | { readonly kind: 'broker'; readonly name: string };

export interface Refusal {
  readonly refused: 'ACCESS_ENDED' | 'BAD_CREDENTIALS' | 'LIFECYCLE' | 'LOCKED' | 'UNAVAILABLE' | 'ZOMBIE';
  readonly detail: string;
}

export interface Message {
  /** Ingest path, e.g. `mqtt`; each path has its own observed clock. */
  readonly via: string;
  readonly principal: Principal;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Gateway clock, epoch milliseconds. */
  readonly receivedAt: number;
  /** MQTT DUP flag. */
  readonly dup: boolean;
  /** Retained copies are no evidence of life. */
  readonly retained: boolean;
  /** Set when the adapter itself refuses the message with this code: it is recorded, not decoded; the payload may be empty. */
  readonly refused?: string;
}

export interface LinkEvent {
  readonly principal: Principal;
  readonly via: string;
  readonly state: 'up' | 'down';
  /** `disconnect` is a clean goodbye; everything else is unclean. */
  readonly reason:
    | 'connected'
    | 'disconnect'
    | 'closed'
    | 'keepAliveTimeout'
    | 'will'
    | 'takenOver'
    | 'cut'
    | 'shutdown';
  /** Epoch milliseconds, gateway clock. */
  readonly at: number;
  /** Distinguishes sessions, so that a late `down` of an old session never beats the new `up`. */
  readonly session: string;
}

/** What to probe. `connection` is the device's own connection record with its secret already decrypted. */
export interface ProbeTarget {
  readonly deviceId: string;
  readonly connection: CameraConnection;
}

export type CameraConnection =
  | {
      readonly protocol: 'rtsp';
      readonly url: string;
      readonly username?: string;
      readonly password?: string;
      /**
       * The login goes out by Digest only, because the host is one the camera named and nobody registered. Set while
       * running, never part of a device's record; absent = false.
       */
      readonly digestOnly?: boolean;
    }
  | {
      readonly protocol: 'onvif';
      readonly host: string;
      readonly port?: number;
      readonly tls?: boolean;
      readonly username?: string;
      readonly password?: string;
    };

/**
 * Stateless and re-entrant; never throws for what the peer did, only for trouble of our own (no free socket, a
 * programming error) or an abort. `deadline` is the whole budget in milliseconds from the call, name lookup included.
 */
export type Probe = (target: ProbeTarget, options: { deadline: number; signal: AbortSignal }) => Promise<ProbeResult>;

export interface ProbeResult {
  readonly ok: boolean;
  /** Why the target is judged so; `ok` only together with `ok: true`. */
  readonly reason: ProbeReason;
  /** Short technical detail for the evidence list; never a credential. */
  readonly detail: string;
  /** Round trip of the whole probe in milliseconds. */
  readonly rttMs: number;
  /** What the peer said of itself, e.g. `{ codec: 'H264' }`. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

export type ProbeReason =
  | 'ok'
  | 'hostUnreachable'
  | 'portClosed'
  | 'timeout'
  | 'wrongPassword'
  | 'noSuchStream'
  | 'sessionLimit'
  | 'serverError'
  | 'notRtsp'
  | 'notOnvif'
  | 'connectionLost'
  | 'targetNotAllowed';

/** Finds devices on the network; yields as they answer, ends at the deadline. */
export type Discover = (options: { deadline: number; signal: AbortSignal }) => AsyncIterable<DiscoveredDevice>;

export interface DiscoveredDevice {
  readonly address: string;
  readonly name?: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** A failure of an adapter's own doing. Branch on `code` and `retry`, never on the text. */
export class AdapterError extends Error {
  readonly code: string;
  readonly retry: boolean;
  constructor(code: string, message: string, options: { retry: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AdapterError';
    this.code = code;
    this.retry = options.retry;
  }
}

/** Structured logging: object first, constant message second. Known secrets are redacted by the implementation. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

export interface Clock {
  /** Wall time of the gateway in epoch milliseconds; follows the monotonic clock between announced steps. */
  now(): number;
  /** Milliseconds from an arbitrary origin, never going back; for timeouts and durations. */
  monotonic(): number;
}

import type { Clock, Message } from '../../../adapters/adapter.ts';
import { principalText, type SpoolEntry, type SpoolPort } from './ports.ts';
import { wholeMicroseconds } from './timing.ts';

export interface IntakeLimits {
  /** Bytes; a larger message is acknowledged and recorded as refused. */
  readonly maxPayload: number;
  /** Messages a second and principal, and the burst above it. */
  readonly rate: number;
  readonly burst: number;
  /** A vendor login speaks for many devices; its allowance is this many times a device's. */
  readonly vendorFactor: number;
}

export const DEFAULT_LIMITS: IntakeLimits = { maxPayload: 256 * 1024, rate: 200, burst: 1_000, vendorFactor: 50 };

/** What vendors' logins may send; the registry keeps account. */
export interface VendorAllowance {
  /** Messages a second over a vendor's login, and the burst above it. */
  rateOf(vendorId: string): { readonly rate: number; readonly burst: number };
  /** Counts one message; false when the day's allowance is used up. */
  take(vendorId: string): boolean;
  /** Counts one that was refused. */
  refused(vendorId: string): void;
}

export interface Intake {
  /** Resolves when the message is durable: as it came, or as the record that it was refused. */
  accept(message: Message): Promise<void>;
  /** Puts a quarantined message back in front of the decoder under its first receive time. */
  replay(entry: SpoolEntry): Promise<void>;
}

/** Token bucket and last receive time of one principal. */
interface Peer {
  readonly name: string;
  rate: number;
  burst: number;
  tokens: number;
  filledAt: number;
  lastReceived: number;
  /** Forgotten by name; a new one stands in its place. */
  forgotten: boolean;
}

const EMPTY = new Uint8Array(0);
/** One microsecond, the resolution of stored times. */
const STEP_MS = 0.001;
const IDLE_PEERS = 20_000;

/**
 * The step between a protocol and the spool: gives every message its place in time and refuses what is over the limits.
 * Nothing is decoded here, so an acknowledgement never waits for more than one fsync.
 */
export function createIntake(options: {
  spool: Pick<SpoolPort, 'append'>;
  clock: Clock;
  limits?: Partial<IntakeLimits>;
  vendors?: VendorAllowance;
  /**
   * Fraction of a millisecond that is this process's own: two processes that hear a device in the same millisecond must not
   * give two of its messages the same time.
   */
  apartMs?: () => number;
  /** A message is durable, this many milliseconds after it came. */
  received: (tookMs: number) => void;
}): Intake {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { apartMs = () => 0 } = options;
  const peers = new Map<string, Peer>();
  /** A session hands in the same principal with each of its messages. */
  const known = new WeakMap<Message['principal'], Peer>();

  const peerOf = (message: Message): Peer => {
    const before = known.get(message.principal);
    if (before && !before.forgotten && message.principal.kind === 'device') return before;
    const name = principalText(message.principal);
    let peer = peers.get(name);
    if (!peer) {
      if (peers.size >= IDLE_PEERS) forgetIdle(peers, options.clock.now());
      const factor = message.principal.kind === 'device' ? 1 : limits.vendorFactor;
      const burst = limits.burst * factor;
      peer = {
        name,
        rate: limits.rate * factor,
        burst,
        tokens: burst,
        filledAt: message.receivedAt,
        lastReceived: 0,
        forgotten: false,
      };
      peers.set(name, peer);
    }
    known.set(message.principal, peer);
    if (options.vendors && message.principal.kind === 'vendor') {
      // An administrator may have changed it since the last message.
      const { rate, burst } = options.vendors.rateOf(message.principal.vendorId);
      if (rate !== peer.rate || burst !== peer.burst) Object.assign(peer, { rate, burst, tokens: burst });
    }
    return peer;
  };

  /** The rate first: what it refuses does not use up the day. */
  const overRate = (peer: Peer, message: Message, at: number): string | undefined => {
    if (!takeToken(peer, at)) return 'RATE_EXCEEDED';
    if (!options.vendors || message.principal.kind !== 'vendor') return undefined;
    return options.vendors.take(message.principal.vendorId) ? undefined : 'QUOTA_EXCEEDED';
  };

  return {
    async accept(message) {
      const peer = peerOf(message);
      const receivedAt = wholeMicroseconds(Math.max(message.receivedAt + apartMs(), peer.lastReceived + STEP_MS));
      peer.lastReceived = receivedAt;
      const refused =
        message.refused ??
        (message.payload.byteLength > limits.maxPayload ? 'PAYLOAD_TOO_LARGE' : overRate(peer, message, receivedAt));
      if (refused && message.principal.kind === 'vendor') options.vendors?.refused(message.principal.vendorId);
      const entry: SpoolEntry = {
        via: message.via,
        principal: peer.name,
        topic: message.topic,
        payload: refused ? EMPTY : message.payload,
        receivedAt,
        dup: message.dup,
        retained: message.retained,
      };
      await options.spool.append(refused ? { ...entry, refused } : entry);
      options.received(options.clock.now() - message.receivedAt);
    },
    async replay(entry) {
      await options.spool.append({ ...entry, retained: true });
      options.received(0);
    },
  };
}

function takeToken(peer: Peer, now: number): boolean {
  const gained = ((now - peer.filledAt) / 1_000) * peer.rate;
  if (gained > 0) {
    peer.tokens = Math.min(peer.burst, peer.tokens + gained);
    peer.filledAt = now;
  }
  if (peer.tokens < 1) return false;
  peer.tokens -= 1;
  return true;
}

/** A peer silent for a minute has a full bucket and a receive time in the past: nothing is lost by forgetting it. */
function forgetIdle(peers: Map<string, Peer>, now: number): void {
  for (const [name, peer] of peers) {
    if (now - peer.lastReceived <= 60_000) continue;
    peer.forgotten = true;
    peers.delete(name);
  }
}

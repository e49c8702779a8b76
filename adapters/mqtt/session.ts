import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { LinkEvent, Message, Principal } from '../adapter.ts';
import type { Place } from './admission.ts';
import type { BrokerClient, ConnectPacket, Will } from './aedes-types.ts';
import type { PacketGuard } from './guard.ts';

/** A message whose acknowledgement is withheld until the spool takes it. */
export interface Held {
  readonly message: Message;
  /** `clock.monotonic()` of the first refusal. */
  readonly since: number;
  settle(error: Error | null): void;
}

/** One network connection from accept to close. `principal` is set once its login was accepted. */
export interface Session {
  /** Distinguishes sessions in link events. */
  readonly id: string;
  readonly address: string;
  readonly guard: PacketGuard;
  readonly place: Place;
  client: BrokerClient | undefined;
  username: string;
  /** As the peer sent it. */
  clientId: string;
  /** From CONNECT to the end of the login. */
  password: Buffer | undefined;
  principal: Principal | undefined;
  will: Will | undefined;
  /** CONNECT asked to keep the session; it ends with the connection all the same. */
  askedForSession: boolean;
  /** Seconds; 0 = the client asked for none. */
  keepalive: number;
  /** Told as up, so its end must be told too. */
  up: boolean;
  /** Why it ends, when somebody knew before the socket closed. */
  reason: LinkEvent['reason'] | undefined;
  /** A refused subscription was logged for this connection. */
  refusalLogged: boolean;
  held: Held[];
  retry: NodeJS.Timeout | undefined;
  /** Packets seen at the last look, and since when none was completed. */
  seenPackets: number;
  stuckSince: number | undefined;
}

/** No other process and no earlier life of this one has it. */
const RUN = randomBytes(12).toString('base64url');
let made = 0;

export function createSession(address: string, guard: PacketGuard, place: Place): Session {
  made += 1;
  return {
    id: `${RUN}.${made}`,
    address,
    guard,
    place,
    client: undefined,
    username: '',
    clientId: '',
    password: undefined,
    principal: undefined,
    will: undefined,
    askedForSession: false,
    keepalive: 0,
    up: false,
    reason: undefined,
    refusalLogged: false,
    held: [],
    retry: undefined,
    seenPackets: 0,
    stuckSince: undefined,
  };
}

const SESSION = Symbol('session');
type Carrier = object & { [SESSION]?: Session };

/** A socket carries its session, and a client of aedes its socket: no table holds either. */
export function carrySession(socket: object, session: Session): void {
  (socket as Carrier)[SESSION] = session;
}

export function sessionOf(from: Socket | { readonly conn: object }): Session | undefined {
  return (('conn' in from ? from.conn : from) as Carrier)[SESSION];
}

/**
 * Notes what CONNECT says, and bends it to this broker's rules: the client id carries the user name (with its length, so that
 * no two pairs look alike), sessions end with their connection, and nothing is ever retained.
 */
export function adoptConnect(session: Session, packet: ConnectPacket): void {
  session.username = packet.username ?? '';
  session.clientId = packet.clientId;
  session.keepalive = packet.keepalive;
  session.will = packet.will;
  session.password = packet.password;
  packet.password = undefined;
  session.askedForSession = !packet.clean;
  if (packet.will) packet.will.retain = false;
  packet.clean = true;
  packet.clientId = `${session.username.length}:${session.username}:${packet.clientId || session.id}`;
}

/** No NUL and nothing that was not UTF-8 [MQTT-1.5.3-1, -2]; the parser turns the latter into U+FFFD. */
export function isCleanText(text: string): boolean {
  return !text.includes('\0') && !text.includes('\ufffd');
}

/** Rules for names in PUBLISH and wills [MQTT-3.3.2-2]. */
export function isTopicName(topic: string): boolean {
  return (
    topic.length > 0 && !topic.startsWith('$') && !topic.includes('+') && !topic.includes('#') && isCleanText(topic)
  );
}

/** A filter anybody could be granted: no `$…` and no wildcard in the first level. */
export function isGrantableFilter(filter: string): boolean {
  return filter.length > 0 && !/^[$+#]/.test(filter) && isCleanText(filter);
}

export function sameDevice(principal: Principal | undefined, target: string): boolean {
  if (principal?.kind === 'device') return principal.deviceId === target;
  if (principal?.kind !== 'vendor') return false;
  return `vendor:${principal.vendorId}` === target || `key:${principal.keyId}` === target;
}

import { type AdapterContext, AdapterError, type Message } from '../adapter.ts';
import type { Will } from './aedes-types.ts';
import type { MqttConfig } from './config.ts';
import { isStandIn } from './guard.ts';
import { isTopicName, type Session } from './session.ts';
import type { MqttStats } from './stats.ts';

type Done = (error?: Error | null) => void;

interface Packet {
  readonly topic: string;
  payload: Buffer | string;
  readonly qos: number;
  readonly dup: boolean;
  retain: boolean;
}

/** From a PUBLISH to its acknowledgement: `done` is called when the message is durable, so PUBACK and PUBREC come after. */
export interface Inbound {
  publish(session: Session, packet: Packet, done: Done): void;
  will(session: Session, will: Will, done: Done): void;
  /** The session ended: what is held for it will never be acknowledged. */
  release(session: Session): void;
  /** Takes nothing more, and resolves when nothing is on its way any longer. */
  stop(): Promise<void>;
}

const EMPTY = Buffer.alloc(0);
/** First pause before the spool is asked again; doubled up to the second. */
const RETRY_MS = 100;
const RETRY_MAX_MS = 1_000;

export function createInbound(config: MqttConfig, ctx: AdapterContext, stats: MqttStats): Inbound {
  let stopping = false;
  let pending = 0;
  let idle: (() => void) | undefined;
  const holding = new Set<Session>();

  const leave = () => {
    pending -= 1;
    if (pending === 0) idle?.();
  };

  const count = (message: Message, qos: number) => {
    if (message.refused !== undefined) stats.oversized += 1;
    if (qos === 1) stats.qos1 += 1;
    else if (qos === 0) stats.qos0 += 1;
    else stats.qos2 += 1;
  };

  const refuse = (session: Session, packet: Packet, done: Done) => {
    stats.topicsRefused += 1;
    ctx.log.warn(
      { username: session.username, address: session.address, topic: packet.topic.slice(0, 200) },
      'publish refused: no right to this topic',
    );
    done(new AdapterError('TOPIC_NOT_ALLOWED', 'no right to publish to this topic', { retry: false }));
  };

  /** A third of the keepalive: the client must still get its PINGRESP, which waits behind the withheld PUBACK. */
  const holdMs = (session: Session) =>
    session.keepalive > 0 ? Math.min(config.holdMs, (session.keepalive * 1_000) / 3) : config.holdMs;

  const hold = (session: Session, message: Message, settle: (error: Error | null) => void) => {
    stats.held += 1;
    session.held.push({ message, since: ctx.clock.monotonic(), settle });
    holding.add(session);
    if (!session.retry) retryLater(session, RETRY_MS);
  };

  const retryLater = (session: Session, pause: number) => {
    session.retry = setTimeout(() => {
      void retryHeld(session, pause);
    }, pause);
  };

  /** In order, one at a time: a full spool is not asked by everything that waits for it. */
  const retryHeld = async (session: Session, pause: number) => {
    for (let head = session.held[0]; head && !stopping; head = session.held[0]) {
      try {
        await ctx.emit(head.message);
      } catch (error) {
        if (session.held[0] !== head) return;
        if (isSpoolFull(error) && ctx.clock.monotonic() - head.since + pause < holdMs(session)) {
          retryLater(session, Math.min(RETRY_MAX_MS, pause * 2));
          return;
        }
        stats.heldTooLong += 1;
        ctx.log.warn(
          { username: session.username, held: session.held.length },
          'the spool took nothing in time; closing',
        );
        giveUp(session, asError(error));
        return;
      }
      if (session.held[0] !== head) return;
      session.held.shift();
      head.settle(null);
    }
    session.retry = undefined;
    holding.delete(session);
  };

  const giveUp = (session: Session, error: Error) => {
    clearTimeout(session.retry);
    session.retry = undefined;
    holding.delete(session);
    for (const held of session.held.splice(0)) held.settle(error);
  };

  const emit = (session: Session, message: Message, qos: number, done: Done) => {
    pending += 1;
    const settle = (error: Error | null) => {
      leave();
      if (error === null) count(message, qos);
      done(error);
    };
    // Behind a held message, so that a device's order stays its order.
    if (session.held.length > 0) {
      hold(session, message, settle);
      return;
    }
    ctx.emit(message).then(
      () => settle(null),
      (error: unknown) => {
        if (isSpoolFull(error) && !stopping && session.up) hold(session, message, settle);
        else settle(asError(error));
      },
    );
  };

  return {
    publish(session, packet, done) {
      const { principal } = session;
      // While stopping nothing is taken and nothing answered: the client sends again to our successor.
      if (stopping) return;
      if (!principal || !isTopicName(packet.topic) || !ctx.authorize(principal, 'publish', packet.topic)) {
        refuse(session, packet, done);
        return;
      }
      packet.retain = false;
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      const message = toMessage(ctx, principal, packet, payload);
      // aedes keeps a QoS 2 packet until PUBREL; its payload is durable elsewhere by then.
      if (packet.qos === 2) packet.payload = EMPTY;
      const kept = isStandIn(payload) ? { ...message, payload: EMPTY, refused: 'PAYLOAD_TOO_LARGE' } : message;
      emit(session, kept, packet.qos, done);
    },
    will(session, will, done) {
      const { principal, reason } = session;
      // Our own stop and a cut of rights are no news about the device.
      if (stopping || !principal || reason === 'shutdown' || reason === 'cut') return done(null);
      if (!isTopicName(will.topic) || !ctx.authorize(principal, 'publish', will.topic)) {
        stats.willsLost += 1;
        return done(null);
      }
      const message = toMessage(ctx, principal, { ...will, dup: false }, will.payload);
      const kept = (error: unknown) => {
        leave();
        if (error === null) stats.wills += 1;
        else {
          stats.willsLost += 1;
          ctx.log.warn({ error, username: session.username, topic: will.topic }, 'a will could not be kept');
        }
        done(null);
      };
      pending += 1;
      // Nobody will send it again, so it may wait as long as a message of a living client.
      const until = ctx.clock.monotonic() + config.holdMs;
      const attempt = (pause: number) => {
        ctx.emit(message).then(
          () => kept(null),
          (error: unknown) => {
            if (!isSpoolFull(error) || stopping || ctx.clock.monotonic() + pause > until) kept(error);
            else setTimeout(() => (stopping ? kept(error) : attempt(Math.min(RETRY_MAX_MS, pause * 2))), pause);
          },
        );
      };
      attempt(RETRY_MS);
    },
    release(session) {
      giveUp(session, new AdapterError('CONNECTION_CLOSED', 'the connection closed', { retry: true }));
    },
    async stop() {
      stopping = true;
      for (const session of [...holding]) {
        giveUp(session, new AdapterError('STOPPING', 'the broker stops', { retry: true }));
      }
      if (pending === 0) return;
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    },
  };
}

function toMessage(
  ctx: AdapterContext,
  principal: NonNullable<Session['principal']>,
  packet: { readonly topic: string; readonly dup: boolean },
  payload: Uint8Array,
): Message {
  return {
    via: 'mqtt',
    principal,
    topic: packet.topic,
    payload,
    receivedAt: ctx.clock.now(),
    dup: packet.dup,
    // A publisher's RETAIN flag is a wish, not a retained copy; this broker retains nothing.
    retained: false,
  };
}

/** By code and not by class: the error comes from whatever stands behind `emit`. */
function isSpoolFull(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'SPOOL_FULL';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

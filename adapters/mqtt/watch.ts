import { Socket } from 'node:net';
import type { AdapterContext } from '../adapter.ts';
import { carrySession, type Session, sessionOf } from './session.ts';
import type { MqttStats } from './stats.ts';

/**
 * aedes pulls with `read(null)`: the guard sits in that call, so a packet is judged before anything is buffered for it. One
 * function reads for all sockets.
 */
export function createWatch({ ctx, stats }: { ctx: AdapterContext; stats: MqttStats }) {
  function read(this: Socket, size?: number) {
    const chunk: Buffer | null = Socket.prototype.read.call(this, size);
    const session = sessionOf(this);
    if (chunk === null || !session) return chunk;
    const { guard } = session;
    if (guard.fault) return null;
    const seen = guard.take(chunk);
    if (guard.fault) {
      if (guard.fault === 'MALFORMED') stats.malformed += 1;
      else stats.packetsTooLarge += 1;
      ctx.log.warn({ username: session.username, address: session.address, fault: guard.fault }, 'mqtt packet refused');
      this.destroy();
    }
    return seen;
  }
  return (socket: Socket, session: Session): void => {
    carrySession(socket, session);
    socket.read = read;
  };
}

/** Who has been sending one packet for too long; keepalive cannot see it when the client asked for none. */
export function* stuckSessions(sessions: Iterable<Session>, now: number, limitMs: number): Iterable<Session> {
  for (const session of sessions) {
    const { guard } = session;
    if (!guard.partial || guard.packets !== session.seenPackets) {
      session.seenPackets = guard.packets;
      session.stuckSince = guard.partial ? now : undefined;
    } else if (session.stuckSince === undefined) {
      session.stuckSince = now;
    } else if (now - session.stuckSince >= limitMs && session.held.length === 0) {
      yield session;
    }
  }
}

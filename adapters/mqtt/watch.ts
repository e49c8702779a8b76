import type { Socket } from 'node:net';
import type { AdapterContext } from '../adapter.ts';
import type { Session } from './session.ts';
import type { MqttStats } from './stats.ts';

/** aedes pulls with `read(null)`: the guard sits in that call, so a packet is judged before anything is buffered for it. */
export function watchSocket(socket: Socket, session: Session, deps: { ctx: AdapterContext; stats: MqttStats }): void {
  const { guard } = session;
  const { ctx, stats } = deps;
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read(size);
    if (chunk === null || guard.fault) return null;
    const seen = guard.take(chunk);
    if (guard.fault) {
      if (guard.fault === 'MALFORMED') stats.malformed += 1;
      else stats.packetsTooLarge += 1;
      ctx.log.warn({ username: session.username, address: session.address, fault: guard.fault }, 'mqtt packet refused');
      socket.destroy();
    }
    return seen;
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

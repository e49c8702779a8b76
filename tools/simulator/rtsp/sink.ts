import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Where a player's packets go. */
export interface PacketSink {
  send(packets: readonly Buffer[]): void;
  /** Bytes the viewer has not taken yet. */
  backlog(): number;
  /** The viewer is too slow for too long. */
  giveUp(): void;
  close(): void;
}

/** RTP inside the RTSP connection. */
export function interleavedSink(socket: Socket, channel: number): PacketSink {
  return {
    send(packets) {
      if (socket.destroyed) return;
      const frames = packets.flatMap((packet) => {
        const prefix = Buffer.from([0x24, channel, 0, 0]);
        prefix.writeUInt16BE(packet.length, 2);
        return [prefix, packet];
      });
      socket.write(Buffer.concat(frames));
    },
    backlog: () => socket.writableLength,
    giveUp: () => socket.destroy(),
    // The connection belongs to the conversation.
    close: () => undefined,
  };
}

/** RTP over UDP to the viewer's own address only. No sender reports: players get along without. */
export async function udpSink(viewer: Socket, clientPort: number): Promise<{ sink: PacketSink; serverPort: number }> {
  const address = viewer.remoteAddress ?? '127.0.0.1';
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', () => viewer.destroy());
  socket.bind(0, viewer.localAddress);
  await once(socket, 'listening');
  let open = true;
  const sink: PacketSink = {
    send(packets) {
      for (const packet of packets) if (open) socket.send(packet, clientPort, address);
    },
    backlog: () => socket.getSendQueueSize(),
    giveUp: () => viewer.destroy(),
    close() {
      if (open) socket.close();
      open = false;
    },
  };
  return { sink, serverPort: socket.address().port };
}

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What a hostile or broken camera does once it is connected to. */
export const MISCONDUCT = {
  silent: () => undefined,
  trickle: (socket: Socket) => {
    socket.write('RTSP/1.0 200 OK\r\n');
    repeat(socket, 100, () => socket.write('X'));
  },
  endlessHeader: (socket: Socket) => {
    socket.write('RTSP/1.0 200 OK\r\n');
    pump(socket, Buffer.from(`X-Pad: ${'x'.repeat(1_000)}\r\n`.repeat(64)));
  },
  hugeBody: (socket: Socket) => {
    socket.write('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2000000000\r\n\r\n');
    pump(socket, Buffer.alloc(65_536, 'a'));
  },
  noise: (socket: Socket) => pump(socket, Buffer.alloc(65_536, 0x24)),
  hangsUp: (socket: Socket) => socket.destroy(),
  /** Describes a stream, plays it, and sends not one frame. */
  playsNothing: (socket: Socket) => answer(socket, () => undefined),
  /** Sends packets that are no H.264. */
  playsRubbish: (socket: Socket) =>
    answer(socket, () => {
      let sequence = 0;
      repeat(socket, 20, () => socket.write(packet(sequence++)));
    }),
  refuses: (socket: Socket) => socket.on('data', () => socket.write('RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n')),
  hasNoSuchStream: (socket: Socket) => answer(socket, () => undefined, 'RTSP/1.0 404 Not Found'),
} satisfies Record<string, (socket: Socket) => unknown>;
export type Misconduct = keyof typeof MISCONDUCT;

export interface Peer {
  readonly url: string;
  readonly connections: () => number;
  stop(): Promise<void>;
}

export async function startPeer(misconduct: Misconduct): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
    MISCONDUCT[misconduct](socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    connections: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const SDP = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=peer', 't=0 0', 'm=video 0 RTP/AVP 96', 'c=IN IP4 0.0.0.0'],
  ...['a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1', 'a=control:track1', ''],
].join('\r\n');

/** Enough of RTSP for one player. */
function answer(socket: Socket, onPlay: () => void, describe = 'RTSP/1.0 200 OK'): void {
  socket.on('data', (chunk: Buffer) => {
    for (const request of chunk.toString('latin1').split('\r\n\r\n')) {
      const [, method] = /^([A-Z]+) /.exec(request) ?? [];
      const sequence = /^CSeq: (\d+)/im.exec(request)?.[1];
      if (method === undefined || sequence === undefined) continue;
      const extra: Record<string, string> = {
        OPTIONS: 'Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n',
        DESCRIBE: `Content-Type: application/sdp\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`,
        SETUP: 'Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n',
        PLAY: 'Session: 1\r\n\r\n',
      };
      const status = method === 'DESCRIBE' ? describe : 'RTSP/1.0 200 OK';
      const rest = status.includes('200') ? (extra[method] ?? '\r\n') : '\r\n';
      socket.write(`${status}\r\nCSeq: ${sequence}\r\n${rest}`);
      if (method === 'PLAY') onPlay();
    }
  });
}

function packet(sequence: number): Buffer {
  const head = Buffer.from([0x24, 0, 0, 44, 0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  head.writeUInt16BE(sequence & 0xffff, 6);
  head.writeUInt32BE(sequence * 9_000, 8);
  return Buffer.concat([head, Buffer.alloc(32, 0x65)]);
}

function repeat(socket: Socket, everyMs: number, work: () => void): void {
  const timer = setInterval(work, everyMs);
  socket.once('close', () => clearInterval(timer));
}

function pump(socket: Socket, chunk: Buffer): void {
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write);
  write();
}

// Cameras as lean as they come, in a process of their own: each port answers OPTIONS and DESCRIBE with Digest, or is dead
// (accepts and stays silent). Prints one JSON line {"ports":[…]} and ends with its stdin.
import { createServer, type Server, type Socket } from 'node:net';

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=camera',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0IAKeKQFAe2AtwEBAaQeJEV,aM48gA==',
  'a=control:trackID=1',
  '',
].join('\r\n');
const HEAD = 'WWW-Authenticate: Digest realm="camera", nonce="8b5c1f0a2d", qop="auth"\r\n';

function answer(request: string): string {
  const cseq = /CSeq: *(\d+)/i.exec(request)?.[1] ?? '0';
  if (request.startsWith('OPTIONS')) return `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n`;
  if (!/^Authorization:/im.test(request)) return `RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseq}\r\n${HEAD}\r\n`;
  return `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nContent-Type: application/sdp\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`;
}

function serve(socket: Socket): void {
  let pending = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
      socket.write(answer(pending.slice(0, end)));
      pending = pending.slice(end + 4);
    }
  });
}

function silent(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.resume();
}

const [alive = 1, dead = 0] = process.argv.slice(2).map(Number);
const servers = await Promise.all(
  Array.from(
    { length: alive + dead },
    (_, n) =>
      new Promise<Server>((resolve) => {
        const server: Server = createServer({ noDelay: true }, n < alive ? serve : silent);
        server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => resolve(server));
      }),
  ),
);
console.log(JSON.stringify({ ports: servers.map((server) => (server.address() as { port: number }).port) }));
process.stdin.on('end', () => process.exit(0)).resume();

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A peer that answers request after request with fixed bytes; for tests only. */
export interface RawServer {
  readonly port: number;
  /** Every request as it came in. */
  readonly requests: string[];
  readonly connections: number;
  url(path?: string): string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** `answer` gets the request's text and number (0 = first of all connections); returning nothing answers nothing. */
export async function rawServer(
  answer: (request: string, number: number, socket: Socket) => string | Buffer | undefined,
  onConnect: (socket: Socket) => void = () => undefined,
): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    onConnect(socket);
    let pending = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const request = pending.slice(0, end + 4);
        pending = pending.slice(end + 4);
        requests.push(request);
        const bytes = answer(request, requests.length - 1, socket);
        if (bytes !== undefined && !socket.destroyed) socket.write(bytes);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    get connections() {
      return connections;
    },
    url: (path = '/cam') => `rtsp://127.0.0.1:${port}${path}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The answers of a captured conversation, with CRLF and the body's true length. */
export function captured(name: string): string[] {
  const text = readFileSync(new URL(`./testdata/${name}.txt`, import.meta.url), 'utf8');
  return text.split('----\n').map((answer) => {
    const [head = '', body = ''] = answer.split('\n\n', 2).map((part) => part.trimEnd().replaceAll('\n', '\r\n'));
    const full = body === '' ? '' : `${body}\r\n`;
    return `${head}\r\n${full === '' ? '' : `Content-Length: ${Buffer.byteLength(full)}\r\n`}\r\n${full}`;
  });
}

export const OK_SDP = 'v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n';

export function respond(status: string, headers: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return `RTSP/1.0 ${status}\r\n${[...headers, ...length].map((line) => `${line}\r\n`).join('')}\r\n${body}`;
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { cameraCertificate } from './certificate.ts';

const MAX_REQUEST_BYTES = 1024 * 1024;

/** The web server of a device: it can be cut off and comes back at the same port. */
export interface Listener {
  readonly port: number;
  open(): Promise<void>;
  /** Cuts every connection. */
  close(): Promise<void>;
  /** This connection's answer may never end; {@link cutStuck} ends it. */
  hold(socket: Socket): void;
  cutStuck(): void;
}

export function createListener(options: {
  host: string;
  port: number;
  tls: boolean;
  serve: RequestListener;
}): Listener {
  const { host, tls, serve } = options;
  const sockets = new Set<Socket>();
  const stuck = new Set<Socket>();
  let { port } = options;
  let server: Server | undefined;
  return {
    get port() {
      return port;
    },
    async open() {
      if (server) return;
      const made = tls ? createTlsServer(await cameraCertificate(), serve) : createServer(serve);
      server = made;
      made.on('connection', (socket: Socket) => {
        sockets.add(socket);
        // Cut connections are what this server is for.
        socket.on('error', () => socket.destroy());
        socket.on('close', () => sockets.delete(socket));
      });
      made.listen(port, host);
      await once(made, 'listening');
      port = (made.address() as AddressInfo).port;
    },
    async close() {
      const closing = server;
      server = undefined;
      const closed = closing && new Promise<void>((resolve) => closing.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    hold(socket) {
      stuck.add(socket);
      socket.once('close', () => stuck.delete(socket));
    },
    cutStuck() {
      for (const socket of stuck) socket.destroy();
    },
  };
}

export function reply(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/soap+xml; charset=utf-8',
    'Content-Length': Buffer.byteLength(xml),
  });
  response.end(xml);
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) throw new Error('request too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

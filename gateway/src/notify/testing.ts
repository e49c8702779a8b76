import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Notice } from '../domain/notice.ts';

/** A request as the receiver of a test saw it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  url(path?: string): string;
  readonly received: Received[];
  /** Answers from now on; the default is 204. */
  answer(how: (response: ServerResponse, request: Received) => void): void;
  /** Ends the server and every connection; the port stays its own for `restart`. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/** A real HTTP server on loopback that misbehaves on demand. For tests of channels and of the sender. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let how = (response: ServerResponse, _request: Received): void => {
    response.writeHead(204).end();
  };
  let port = 0;
  let server: Server;
  const listen = async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
        received.push(one);
        how(response, one);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    port = (server.address() as AddressInfo).port;
  };
  await listen();
  return {
    url: (path = '/hook') => `http://127.0.0.1:${port}${path}`,
    received,
    answer(next) {
      how = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    restart: listen,
  };
}

export function exampleNotice(more: Partial<Notice> = {}): Notice {
  return {
    key: 'tk_1:3',
    subject: 'tk_1',
    event: 'firing',
    ticketId: 'tk_1',
    ticketNo: '20261123-0001',
    incidentId: 'i1',
    fault: 'offline',
    component: null,
    severity: 'major',
    priority: 'urgent',
    lifeSafety: false,
    late: false,
    drill: false,
    stage: 'dispatched',
    module: 'charging',
    orgId: 'hood',
    siteId: 's1',
    siteName: '一号车棚',
    handlerOrgId: 'unit',
    assigneeId: 'li',
    devices: [{ id: 'd1', name: '充电柜1' }],
    deviceCount: 1,
    reason: 'keepAliveTimeout',
    advice: { zh: '检查电源' },
    at: Date.UTC(2026, 10, 23, 2),
    ...more,
  };
}

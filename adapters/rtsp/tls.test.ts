import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probe } from './testing-prober.ts';
import { OK_SDP, rawServer, respond } from './testing-server.ts';

/** A camera behind TLS with the self-signed certificate cameras ship with. */
const file = (name: string) => readFileSync(new URL(`./testdata/${name}`, import.meta.url));
const sockets = new Set<Socket>();
const server = createServer({ key: file('tls-key.pem'), cert: file('tls-cert.pem') }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', () => socket.write(respond('200 OK', [], OK_SDP)));
});
server.on('connection', (socket) => sockets.add(socket));
let port = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('rtsps', () => {
  it('is online behind a self-signed certificate', async () => {
    expect(await probe(`rtsps://127.0.0.1:${port}/cam`)).toMatchObject({ ok: true, facts: { codec: 'H264' } });
  });

  it('is refused behind a self-signed certificate when certificates are verified', async () => {
    const result = await probe(`rtsps://127.0.0.1:${port}/cam`, { config: { verifyTls: true } });
    expect(result).toMatchObject({ reason: 'notRtsp', detail: 'TLS failed: DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('names a peer that speaks no TLS', async () => {
    await using plain = await rawServer(
      () => undefined,
      (socket) => socket.write('RTSP/1.0 400 Bad Request\r\n\r\n'),
    );
    const result = await probe(`rtsps://127.0.0.1:${plain.port}/cam`);
    expect(result.reason).toBe('notRtsp');
    expect(result.detail).toMatch(/^TLS failed/);
  });

  it('is a timeout when the handshake is never answered', async () => {
    await using silent = await rawServer(() => undefined);
    const result = await probe(`rtsps://127.0.0.1:${silent.port}/cam`, { deadline: 200 });
    expect(result).toMatchObject({ reason: 'timeout' });
  });

  it('asked in plain is named', async () => {
    const result = await probe(`rtsp://127.0.0.1:${port}/cam`, { deadline: 500 });
    expect(['notRtsp', 'connectionLost']).toContain(result.reason);
    expect(result.ok).toBe(false);
  });
});
